"""What a mail provider tells later: addresses that do not exist, complaints, unsubscriptions."""

import re
from collections.abc import Callable, Mapping
from typing import Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from brazil.emails import parse_email
from clients import consents
from clients.models import Channel, Client, Purpose
from contacts import consequences
from contacts.mail_providers import MailEvent, MailReport
from jobs import outbox
from jobs.models import OutboxMessage
from people.models import Notification
from people.notifications import notify

BOUNCED: Final = OutboxMessage.Receipt.BOUNCED
# As jobs.outbox.name_of writes it.
_OUR_NAME = re.compile(r"<\w+\.(\d{1,18})\.\d{14}@")


def hear(report: MailReport) -> None:
    """Writes down what is told, with whoever has the address. Hearing twice changes nothing."""
    # Not in one transaction with the clients: the end of a message locks its row first and its client after.
    if report.event == MailEvent.GONE and (message := _message_of(report)):
        outbox.confirm(message, BOUNCED, error=_("O endereço não existe."))
    _tell_holders(parse_email(report.address).normalized, _ACTS[report.event])


def _message_of(report: MailReport) -> OutboxMessage | None:
    """The message that it tells of, where the provider kept the name we gave the mail."""
    named = _OUR_NAME.match(report.message_id)
    message = OutboxMessage.objects.filter(pk=named[1]).first() if named else None
    return message if message is not None and outbox.name_of(message) == report.message_id else None


@transaction.atomic
def _tell_holders(address: str, act: Callable[[Client, str], None]) -> None:
    for client in _holders(address):
        act(client, address)


def _holders(address: str) -> QuerySet[Client]:
    """Locked in the order of their ids, as everywhere."""
    everyone = Client.objects.unscoped(reason="whoever has the address that a provider speaks of")
    having = everyone.filter(emails__address=address).select_related("owner")
    return having.order_by("pk").select_for_update(of=("self",))


def _gone(client: Client, address: str) -> None:
    consequences.came_back(client, address, by=None)


def _complained(client: Client, _address: str) -> None:
    """No mail any more, whatever for: the next complaint costs all clients the delivery of theirs."""
    if client.opt_outs.filter(channel=Channel.EMAIL, purpose=Purpose.ANY, by=None).exists():
        return
    _opt_out(client, Purpose.ANY, _("Marcou o e-mail como spam"))
    if client.owner is not None:
        text = _("%(client)s marcou um e-mail como spam. Nenhum e-mail sai mais para este cliente; use outro canal.")
        said = text % {"client": client.display_name}
        notify(client.owner, Notification.Kind.SYSTEM, said, url=client.get_absolute_url())


def _unsubscribed(client: Client, _address: str) -> None:
    for purpose in (Purpose.OFFER, Purpose.SURVEY):
        _opt_out(client, purpose, _("Cancelou o recebimento no provedor de e-mail"))


def _opt_out(client: Client, purpose: Purpose, reason: str) -> None:
    """In nobody's name: the client has none here, and the provider is no person."""
    consents.opt_out(client, channel=Channel.EMAIL, purpose=purpose, reason=reason, by=None)


_ACTS: Mapping[MailEvent, Callable[[Client, str], None]] = {
    MailEvent.GONE: _gone,
    MailEvent.COMPLAINED: _complained,
    MailEvent.UNSUBSCRIBED: _unsubscribed,
}
