"""Background work of contacts."""

from django.utils.translation import gettext_lazy as _

from contacts import block_lists, block_loading
from contacts.models.rules import BlockListLoad
from jobs.registry import handler
from jobs.running import Run


@handler(block_lists.LOAD_JOB, label=_("Carregar lista de bloqueio"))
def load_block_list(run: Run) -> None:
    load = BlockListLoad.objects.select_related("block_list", "created_by").filter(pk=run.payload["load"]).first()
    if load is not None and load.state == BlockListLoad.State.WAITING:
        block_loading.load(load, run)
