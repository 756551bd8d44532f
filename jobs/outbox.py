"""Messages that leave once: a row in the transaction of what caused it, claimed before it is sent (RELIABILITY 1.5).

What the server refused is tried again later; what may have left is `UNKNOWN` and waits for a person.
"""

import datetime
import logging
import smtplib
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from email.utils import parseaddr
from functools import partial
from typing import Any, Self

from django.conf import settings
from django.core import mail
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs import queue, registry
from jobs.models import OutboxMessage
from people import activity
from people.models import User

logger = logging.getLogger(__name__)

State = OutboxMessage.State
RETRIES = tuple(datetime.timedelta(minutes=minutes) for minutes in (1, 5, 30, 2 * 60, 8 * 60, 24 * 60))
BUDGET_SECONDS = 60.0
SEND_TASK = "jobs.tasks.send"
# A message that leaves later than this waits for the tick: brokers keep no long promises.
LONGEST_COUNTDOWN = 60.0
HOUR = datetime.timedelta(hours=1)
BOUNCED = OutboxMessage.Receipt.BOUNCED
# Refusals of a recipient that no later try changes: no such box, not here, no such name.
NO_BOX = (550, 551, 553)

type Listener = Callable[[OutboxMessage], None]
type Sender = Callable[[OutboxMessage], "Ending"]
type Bar = Callable[[OutboxMessage], "Ending | None"]
type Finisher = Callable[[OutboxMessage], None]


@dataclass(frozen=True)
class Kind:
    label: registry.Text
    ended: Listener | None = None
    send: Sender | None = None
    barred: Bar | None = None
    complete: Finisher | None = None


_kinds: dict[str, Kind] = {}


def register(
    kind: str,
    *,
    label: registry.Text,
    ended: Listener | None = None,
    send: Sender | None = None,
    barred: Bar | None = None,
    complete: Finisher | None = None,
) -> None:
    """`ended` hears of each message that was sent, gave up or became uncertain, in the transaction that says so.

    `send` hands the message to a provider; without it the message is a mail. `barred` says at the last moment how it
    ends if it may not leave now. `complete` puts into the message in hand what the base must not keep (a secret
    address); it is never saved. Apps register their kinds in `tasks.py`, which is loaded when Django starts.
    """
    _kinds[kind] = Kind(label, ended, send, barred, complete)


def label_of(kind: str) -> registry.Text:
    return _kinds[kind].label if kind in _kinds else kind


def choices() -> list[tuple[str, registry.Text]]:
    return sorted(((name, kind.label) for name, kind in _kinds.items()), key=lambda pair: str(pair[1]))


# --- Asking -------------------------------------------------------------------------------------------


def put(  # noqa: PLR0913  (a letter has that many parts)
    kind: str,
    *,
    key: str,
    to: str,
    subject: str,
    body: str,
    html: str = "",
    reply_to: str = "",
    headers: Mapping[str, str] | None = None,
    subject_id: int | None = None,
    by: User | None = None,
    due_at: datetime.datetime | None = None,
) -> OutboxMessage:
    """One message to one address, in the caller's transaction; the same key again is the same message."""
    if kind not in _kinds:
        raise registry.UnknownKindError(kind)
    message, is_new = OutboxMessage.objects.get_or_create(
        dedupe_key=key,
        defaults={
            "kind": kind,
            "recipient": to,
            "subject": " ".join(subject.split()),
            "body": body,
            "html": html,
            "reply_to": reply_to,
            "headers": dict(headers or {}),
            "subject_id": subject_id,
            "created_by": by,
            "due_at": due_at or timezone.now(),
        },
    )
    if is_new:
        wake(message.due_at)
    return message


def cancel(message_id: int) -> bool:
    """Takes back what has not begun to leave; False when it is too late."""
    waiting = OutboxMessage.objects.filter(pk=message_id, state=State.QUEUED)
    return bool(waiting.update(state=State.CANCELLED, ended_at=timezone.now()))


def wake(due_at: datetime.datetime) -> None:
    """Once this is committed, asks the workers to send; what is due much later is seen by the tick."""
    wait = max(0.0, (due_at - timezone.now()).total_seconds())
    if wait <= LONGEST_COUNTDOWN:
        transaction.on_commit(partial(queue.nudge, SEND_TASK, countdown=wait))


# --- Sending ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ending:
    """How a try ended. QUEUED: it is tried again, if tries are left; with `until` it waits for that moment and no try
    was made. `is_away`: no use in going on now."""

    state: str
    error: str = ""
    is_away: bool = False
    until: datetime.datetime | None = None
    reference: str = ""
    receipt: str = ""


def relay(*, budget: float = BUDGET_SECONDS) -> int:
    """Sends what is due, one claim at a time; how many it claimed. Ends early when the mail server is away."""
    deadline, count = time.monotonic() + budget, 0
    with Mailer() as mailer:
        while time.monotonic() < deadline and (message := claim()) is not None:
            ending = _send(message, mailer)
            settle(message, ending)
            count += 1
            if ending.is_away:
                break
    return count


def _send(message: OutboxMessage, mailer: "Mailer") -> Ending:
    kind = _kinds.get(message.kind)
    if kind and kind.barred and (ending := kind.barred(message)):
        return ending
    if kind and kind.complete:
        kind.complete(message)
    send = kind.send if kind else None
    if send is None:
        return mailer.send(message)
    try:
        return send(message)
    except Exception as error:  # A provider that broke off may have taken it.
        logger.warning("Message %s: %s in try %s.", message.pk, type(error).__name__, message.attempts)
        return Ending(State.UNKNOWN, _("A conexão caiu durante o envio."))


def claim() -> OutboxMessage | None:
    """Takes the next message that is due. Committed before anything is sent: a sender that dies sends it no more."""
    now = timezone.now()
    with transaction.atomic(durable=True):
        if _is_capped(now):
            return None
        due = OutboxMessage.objects.filter(state=State.QUEUED, due_at__lte=now).order_by("due_at", "pk")
        message = due.select_for_update(skip_locked=True).first()
        if message is None:
            return None
        message.state, message.claimed_at, message.attempts = State.SENDING, now, message.attempts + 1
        message.save(update_fields=["state", "claimed_at", "attempts"])
    return message


def _is_capped(now: datetime.datetime) -> bool:
    cap = settings.OUTBOX_PER_HOUR
    return bool(cap) and OutboxMessage.objects.filter(claimed_at__gt=now - HOUR).count() >= cap


class Mailer:
    """One connection for all messages of a relay; opened for the first one and again after a failure."""

    def __init__(self) -> None:
        self._backend: Any = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._close()

    def send(self, message: OutboxMessage) -> Ending:
        try:
            self._open()
        except Exception as error:  # Whatever keeps us from the server, the message has not left.
            logger.warning("Mail server away (%s): messages wait.", type(error).__name__)
            self._close()
            return Ending(State.QUEUED, _("O servidor de e-mail não atendeu."), is_away=True)
        try:
            self._backend.send_messages([letter(message)])
        except Exception as error:
            session = getattr(self._backend, "connection", None)
            # A backend that cannot tell may have delivered.
            ending = judge(error, in_data=getattr(session, "in_data", True))
            logger.warning("Message %s: %s in try %s.", message.pk, type(error).__name__, message.attempts)
            self._close()
            return ending
        return Ending(State.SENT)

    def _open(self) -> None:
        if self._backend is None:
            self._backend = mail.mailers.default
            self._backend.open()

    def _close(self) -> None:
        backend, self._backend = self._backend, None
        if backend is not None:
            with suppress(Exception):  # The message's own end is known by now.
                backend.close()


def name_of(message: OutboxMessage) -> str:
    """The same in every try, so that a server that knows it may drop the second one; providers may tell it later."""
    host = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].rpartition("@")[2]
    return f"<{message.kind}.{message.pk}.{message.created_at:%Y%m%d%H%M%S}@{host}>"


def letter(message: OutboxMessage) -> mail.EmailMultiAlternatives:
    built = mail.EmailMultiAlternatives(
        subject=message.subject,
        body=message.body,
        to=[message.recipient],
        reply_to=[message.reply_to] if message.reply_to else None,
        headers={**message.headers, "Message-ID": name_of(message)},
    )
    if message.html:
        built.attach_alternative(message.html, "text/html")
    return built


def judge(error: Exception, *, in_data: bool) -> Ending:
    """What an error of sending means. Its text is never kept: servers quote addresses in it."""
    if isinstance(error, ValueError):
        return Ending(State.FAILED, _("O endereço ou o assunto não pode ir em um e-mail. Confira o cadastro."))
    code = code_of(error)
    if no_such_box(error):
        return Ending(State.FAILED, _("O endereço não existe (código %(code)s).") % {"code": code}, receipt=BOUNCED)
    if 500 <= code < 600:
        return Ending(State.FAILED, _("O servidor de e-mail recusou a mensagem (código %(code)s).") % {"code": code})
    if 400 <= code < 500:
        return Ending(State.QUEUED, _("O servidor de e-mail adiou a mensagem (código %(code)s).") % {"code": code})
    if in_data or isinstance(error, smtplib.SMTPDataError):
        return Ending(State.UNKNOWN, _("A conexão caiu durante o envio."))
    return Ending(State.QUEUED, _("A conexão caiu antes do envio."))


def no_such_box(error: Exception) -> bool:
    """The recipient was refused for good, and not for what the server thinks of us or of the text (5.7.x)."""
    if not isinstance(error, smtplib.SMTPRecipientsRefused):
        return False
    return all(code in NO_BOX and b"5.7." not in text for code, text in error.recipients.values())


def code_of(error: Exception) -> int:
    """The answer of the server; 0 when there was none."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next((code for code, _text in error.recipients.values()), 0)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else 0


def settle(message: OutboxMessage, ending: Ending) -> None:
    """Writes how a try ended, unless the row is in other hands by now: the moment of the claim is the fence."""
    with transaction.atomic():
        held = OutboxMessage.objects.select_for_update().filter(pk=message.pk, claimed_at=message.claimed_at)
        row = held.filter(state__in=(State.SENDING, State.UNKNOWN)).first()
        if row is not None:
            _end(row, ending)


def _end(row: OutboxMessage, ending: Ending) -> None:
    now = timezone.now()
    row.state, row.error, row.reference, row.receipt = ending.state, ending.error, ending.reference, ending.receipt
    if ending.until is not None:
        row.due_at, row.attempts = ending.until, row.attempts - 1
    elif ending.state == State.QUEUED and row.attempts <= len(RETRIES):
        row.due_at = now + RETRIES[row.attempts - 1]
    else:
        row.state = State.FAILED if ending.state == State.QUEUED else ending.state
        row.ended_at = now
    row.save(update_fields=["state", "error", "reference", "receipt", "due_at", "ended_at", "attempts"])
    if row.ended_at:
        _tell(row)


def _tell(row: OutboxMessage) -> None:
    """What a listener gets wrong must not make a message that left look as if it were still leaving."""
    listener = _kinds[row.kind].ended if row.kind in _kinds else None
    if listener is None:
        return
    try:
        with transaction.atomic():
            listener(row)
    except Exception:
        logger.exception("Message %s (%s): its end could not be told.", row.pk, row.kind)


def sweep() -> int:
    """Messages whose sender died: whether they left nobody knows, so a person decides. How many."""
    stale = OutboxMessage.objects.filter(state=State.SENDING, claimed_at__lt=timezone.now() - settings.OUTBOX_LEASE)
    with transaction.atomic():
        rows = list(stale.select_for_update(skip_locked=True).order_by("pk"))
        for row in rows:
            _end(row, Ending(State.UNKNOWN, _("O processo foi interrompido durante o envio.")))
    return len(rows)


def is_due() -> bool:
    return OutboxMessage.objects.filter(state=State.QUEUED, due_at__lte=timezone.now()).exists()


# --- What a provider tells -----------------------------------------------------------------------------

_RECEIPTS: list[str] = OutboxMessage.Receipt.values


def sent_as(reference: str, kind: str) -> OutboxMessage | None:
    """The message a provider speaks of, by its own reference or by the key it was given."""
    named = OutboxMessage.objects.filter(Q(reference=reference) | Q(dedupe_key=reference), kind=kind)
    return named.first() if reference else None


@transaction.atomic
def confirm(message: OutboxMessage, receipt: str = OutboxMessage.Receipt.NONE, *, error: str = "") -> None:
    """It left, and got that far; with `error` it did not arrive after all. Receipts only go forward."""
    row = OutboxMessage.objects.select_for_update().get(pk=message.pk)
    before = row.state
    if row.state not in (State.SENDING, State.UNKNOWN, State.SENT):
        return
    row.state, row.error, row.ended_at = State.FAILED if error else State.SENT, error, row.ended_at or timezone.now()
    row.receipt = max(row.receipt, receipt, key=_RECEIPTS.index)
    row.save(update_fields=["state", "error", "ended_at", "receipt"])
    if row.state != before:
        _tell(row)


# --- What a person decides ----------------------------------------------------------------------------


def mark_sent(message: OutboxMessage, *, by: User) -> bool:
    """An uncertain message did leave. False when its state has changed meanwhile."""
    return _decide(message, State.SENT, "message_marked_sent", by=by, allowed=(State.UNKNOWN,))


def send_again(message: OutboxMessage, *, by: User) -> bool:
    """A message that did not leave, or that may leave twice: the person knows."""
    return _decide(message, State.QUEUED, "message_sent_again", by=by, allowed=(State.UNKNOWN, State.FAILED))


@transaction.atomic
def _decide(message: OutboxMessage, state: str, verb: str, *, by: User, allowed: tuple[str, ...]) -> bool:
    row = OutboxMessage.objects.select_for_update().filter(pk=message.pk, state__in=allowed).first()
    if row is None:
        return False
    now = timezone.now()
    row.state, row.error, row.due_at = state, "", now
    # What left did so when it was tried, not when a person says so.
    row.ended_at, row.attempts = (row.ended_at or now, row.attempts) if state == State.SENT else (None, 0)
    row.save(update_fields=["state", "error", "due_at", "ended_at", "attempts"])
    activity.record(verb, row, by=by)
    if state == State.QUEUED:
        wake(now)
    else:
        _tell(row)
    return True
