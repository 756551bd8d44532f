"""Messages that a provider sends for us: handed over by the outbox, and what it tells of them later."""

import datetime
from collections.abc import Callable
from dataclasses import replace
from typing import Final

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients import consents
from clients.models import Purpose
from contacts import adapters, gate_facts, pulse, wording
from contacts.adapters import DeliveryState, StatusReport
from contacts.consequences import REFUSABLE
from contacts.correspondent import KINDS, OFFERS
from contacts.gate import Verdict, verdict
from contacts.models import ContactLog, MessageChannel
from jobs import outbox
from jobs.models import OutboxMessage
from jobs.outbox import Ending
from people.models import Notification
from people.notifications import notify

CHANNELS: Final = {kind: channel for channel, kind in KINDS.items()}
PROVIDED: Final = (MessageChannel.WHATSAPP.value, MessageChannel.SMS.value)
State, Receipt = OutboxMessage.State, OutboxMessage.Receipt
RECEIPTS: Final = {
    DeliveryState.ACCEPTED: Receipt.NONE,
    DeliveryState.DELIVERED: Receipt.DELIVERED,
    DeliveryState.READ: Receipt.READ,
    DeliveryState.ANSWERED: Receipt.ANSWERED,
}
LONGEST_REASON: Final = 200
# Over a weekend with a holiday; words that are older should be read again by who wrote them.
LONGEST_WAIT: Final = datetime.timedelta(days=4)
# Who is told what a client answers to other kinds of messages, by channel: apps above add theirs.
type Answered = Callable[[OutboxMessage, str], None]
OTHERS: Final[dict[str, dict[str, Answered]]] = {channel: {} for channel in PROVIDED}
HARDLY_A_WAIT: Final = datetime.timedelta(minutes=5)


def log_of(message: OutboxMessage) -> ContactLog | None:
    """The contact that the message is."""
    logged = ContactLog.objects.unscoped(reason="the log of this message").select_related("client", "by")
    return logged.filter(pk=message.subject_id or 0).first()


def message_of(log: ContactLog) -> OutboxMessage | None:
    """The message that a contact is."""
    return OutboxMessage.objects.filter(kind=KINDS.get(log.channel, ""), subject_id=log.pk).first()


def leaves_as_written(log: ContactLog) -> bool:
    """Whether the contact, or the first one that it corrects, is a message that left or will leave."""
    while log.corrects is not None:
        log = log.corrects
    message = message_of(log)
    return message is not None and message.state not in (State.FAILED, State.CANCELLED)


@transaction.atomic
def take_place(message: OutboxMessage) -> None:
    """A contact takes place when its message leaves: one that waited counts from then on, and so does what corrects
    it. Within `HARDLY_A_WAIT` the moment stays the one that its writer saw."""
    log = log_of(message)
    if log is None or message.ended_at is None or message.ended_at - log.started_at < HARDLY_A_WAIT:
        return
    told = [log]
    for one in told:
        told.extend(one.corrections.all())
    same = log.client.contact_logs.filter(pk__in=[one.pk for one in told], started_at=log.started_at)
    same.update(started_at=message.ended_at)
    pulse.refresh([log.client_id])


def hold_back(log: ContactLog) -> bool:
    """Keeps the message that a contact is from leaving; False when it has left, or may have."""
    message = message_of(log)
    if message is None or outbox.cancel(message.pk):
        return True
    message.refresh_from_db(fields=["state"])
    return message.state in (State.FAILED, State.CANCELLED)


def barred(message: OutboxMessage) -> Ending | None:
    """What keeps the message here: its contact is gone, or a rule has closed since it was written. It waits for one
    that opens soon by itself, such as the hours of offers."""
    log = log_of(message)
    if log is None or log.undone_at is not None:
        return Ending(State.FAILED, _("O contato desta mensagem não existe mais."))
    now = timezone.now()
    return ending_by(verdict_on(log, now), now)


def ending_by(said: Verdict, now: datetime.datetime) -> Ending | None:
    if said.allowed:
        return None
    why = said.text[:LONGEST_REASON]
    if said.until is not None and said.until <= now + LONGEST_WAIT:
        return Ending(State.QUEUED, why, until=said.until)
    return Ending(State.FAILED, why)


def hand_over(message: OutboxMessage) -> Ending:
    """To the provider of its channel."""
    return hand_to(CHANNELS[message.kind], message)


def hand_to(channel: str, message: OutboxMessage) -> Ending:
    try:
        adapter = adapters.messages_by(channel)
        handed = adapter.send_text(message.recipient, message.body, key=message.dedupe_key)
    except adapters.RefusedError:
        return Ending(State.FAILED, _("O provedor recusou a mensagem."))
    except adapters.AwayError:
        return Ending(State.QUEUED, _("O provedor não atendeu."))
    if handed.is_by_hand:
        return Ending(State.FAILED, _("Nenhum provedor está configurado para este canal."))
    return Ending(State.SENT, reference=handed.reference)


def verdict_on(log: ContactLog, now: datetime.datetime) -> Verdict:
    """The attempts that the gate counts hold this very message, which is left out: others made since it was written
    keep it waiting."""
    facts = gate_facts.facts_of([log.client_id], at=now, numbers={log.client_id: [log.used]})[log.client_id]
    return verdict(
        replace(facts, offers=tuple(moment for moment in facts.offers if moment != log.started_at)),
        gate_facts.rules_on(timezone.localdate(now)),
        channel=log.channel,
        purpose=log.purpose,
        at=now,
        number=log.used,
    )


@transaction.atomic
def hear(channel: str, report: StatusReport) -> bool:
    """Writes down what a provider tells; False where it speaks of no message of ours. Hearing twice changes nothing."""
    answered = {KINDS[channel]: _answered, **OTHERS[channel]}
    message = next(filter(None, (outbox.sent_as(report.reference, kind) for kind in answered)), None)
    if message is None:
        return False
    if report.state == DeliveryState.FAILED:
        outbox.confirm(message, error=_("O provedor não conseguiu entregar."))
        return True
    outbox.confirm(message, RECEIPTS[report.state])
    if report.state == DeliveryState.ANSWERED and message.receipt != Receipt.ANSWERED:
        answered[message.kind](message, report.text)
    return True


def _answered(message: OutboxMessage, text: str) -> None:
    """Who wrote hears of it; SAIR and the like close the channel by themselves."""
    log = log_of(message)
    if log is None:
        return
    said = _("%(client)s respondeu à sua mensagem.")
    if wording.means_stop(text):
        purpose = Purpose.OFFER if log.purpose in OFFERS else Purpose.ANY
        reason = _("Respondeu à mensagem pedindo para parar")
        consents.opt_out(log.client, channel=REFUSABLE[log.channel], purpose=purpose, reason=reason, by=log.by)
        said = _("%(client)s pediu para não receber mais mensagens. O pedido já está registrado.")
    told = said % {"client": log.client.display_name}
    notify([log.by], kind=Notification.Kind.SYSTEM, text=told, url=log.client.get_absolute_url())
