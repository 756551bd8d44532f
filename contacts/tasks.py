"""Background work of contacts."""

from django.utils.translation import gettext_lazy as _

from contacts import block_lists, block_loading, deliveries, messages
from contacts.correspondent import KINDS
from contacts.models import BlockList, MessageChannel
from contacts.models.rules import BlockListLoad
from jobs import outbox
from jobs.registry import handler
from jobs.running import Run

LABELS = {
    MessageChannel.EMAIL: _("E-mail a cliente"),
    MessageChannel.WHATSAPP: _("WhatsApp a cliente"),
    MessageChannel.SMS: _("SMS a cliente"),
}
for channel, label in LABELS.items():
    send = None if channel == MessageChannel.EMAIL else deliveries.hand_over
    kind = KINDS[channel]
    outbox.register(kind, label=label, ended=messages.conclude, send=send, barred=deliveries.barred)


@handler(block_lists.LOAD_JOB, label=_("Carregar lista de bloqueio"))
def load_block_list(run: Run) -> None:
    load = BlockListLoad.objects.select_related("block_list", "created_by").filter(pk=run.payload["load"]).first()
    if load is not None and load.state == BlockListLoad.State.WAITING:
        block_loading.load(load, run)


@handler(block_lists.REMOVE_JOB, label=_("Remover lista de bloqueio"))
def remove_block_list(run: Run) -> None:
    block_list = BlockList.objects.filter(pk=run.payload["list"]).first()
    if block_list is not None:
        with run.fenced():
            block_lists.remove(block_list, by=run.job.created_by)
