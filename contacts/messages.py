"""A message to one client: its words, what keeps it from being sent, the link that opens it, or the mail that goes out.

Whatever a browser says, the legal gate and the words are judged here, at the moment of the act.
"""

import datetime
from dataclasses import dataclass
from email.utils import formataddr, parseaddr
from typing import TypedDict, Unpack

from django.conf import settings
from django.db import transaction
from django.db.models import Case, IntegerField, Q, QuerySet, When
from django.utils import timezone
from django.utils.translation import gettext as _

from clients import versions
from clients.models import Client, Email, Phone, Purpose
from contacts import adapters, gate_facts, links, logs, sms, wording
from contacts.models import (
    ContactLog,
    ContactOutcome,
    Direction,
    LogChannel,
    MessageChannel,
    MessageTemplate,
    PlanMembership,
    Task,
)
from jobs import outbox
from jobs.models import OutboxMessage
from people.models import Notification, User
from people.notifications import notify

KIND = "contact_email"
SENT = "sent"
# As long as the notice with "Desfazer" stands, and a little more.
REGRET = datetime.timedelta(seconds=10)
OFFERS = (Purpose.OFFER, Purpose.ANY)


class NotReadyError(Exception):
    """The message may not go out; `reasons` are sentences for people."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is on the screen: words that may still be edited, and where they would go."""

    client: Client
    by: User
    channel: str
    purpose: str
    template: MessageTemplate | None = None
    phone: Phone | None = None
    subject: str = ""
    body: str = ""
    membership: PlanMembership | None = None
    task: Task | None = None
    # Read once: the phones that take the channel, and what the variables say.
    phones: list[Phone]
    values: wording.Values

    @property
    def is_mail(self) -> bool:
        return self.channel == MessageChannel.EMAIL


@dataclass(frozen=True, kw_only=True)
class Judged:
    """With any reason the message stays here. `href` opens WhatsApp or SMS; `log_url` asks on return how it went."""

    subject: str
    text: str
    to: str
    reasons: list[str]
    length: sms.SmsLength | None = None
    href: str = ""
    log_url: str = ""

    @property
    def is_ready(self) -> bool:
        return not self.reasons


# --- Beginning ----------------------------------------------------------------------------------------


def templates_for(user: User, channel: str, *, purpose: str = "", occasion: str = "") -> QuerySet[MessageTemplate]:
    """The company's and one's own; with a purpose only its words, those of the occasion first."""
    found = MessageTemplate.objects.filter(Q(owner=None) | Q(owner=user), channel=channel, is_active=True)
    if purpose:
        found = found.filter(purpose__in=(purpose, Purpose.ANY))
    first = Case(When(occasion=occasion, then=0), default=1, output_field=IntegerField())
    return found.order_by(first, "name", "pk")


def phones_for(client: Client, channel: str) -> list[Phone]:
    """Those in use that take the channel, the primary one first."""
    phones = client.phones.filter(status=Phone.Status.OK)
    if channel == MessageChannel.SMS:
        return [phone for phone in phones if phone.kind != Phone.Kind.LANDLINE]
    return [phone for phone in phones if phone.takes_whatsapp]


def usable_email(client: Client) -> Email | None:
    return client.emails.filter(status=Email.Status.OK).first()


def usual_channel(client: Client) -> str:
    if phones_for(client, MessageChannel.WHATSAPP):
        return MessageChannel.WHATSAPP
    return MessageChannel.EMAIL if usable_email(client) else MessageChannel.WHATSAPP


class About(TypedDict, total=False):
    """What a message is written from and for. `purpose` is what the writer says; see `_purpose`."""

    template: MessageTemplate | None
    purpose: str
    phone: Phone | None
    membership: PlanMembership | None
    task: Task | None


def begin(client: Client, user: User, *, channel: str, **about: Unpack[About]) -> Draft:
    """The words of the template for this client; the first offer also says who writes and how to stop."""
    template, phone = about.get("template"), about.get("phone")
    purpose = _purpose(client, about)
    phones = [] if channel == MessageChannel.EMAIL else phones_for(client, channel)
    values = wording.values_for(client, user)
    body = subject = ""
    if template is not None:
        subject = wording.put_in(template.subject, values).text
        body = wording.put_in(template.body, values).text
        if wording.needs_notice(channel, purpose) and is_first_offer(client, channel):
            body = wording.with_notice(body)
    return Draft(
        client=client,
        by=user,
        channel=channel,
        purpose=purpose,
        template=template,
        phone=phone if phone in phones else next(iter(phones), None),
        subject=subject,
        body=body,
        membership=about.get("membership"),
        task=about.get("task"),
        phones=phones,
        values=values,
    )


def _purpose(client: Client, about: About) -> str:
    """That of the words, of the plan, or of the promise that is kept; whoever writes freely may only be stricter."""
    template, membership, task = about.get("template"), about.get("membership"), about.get("task")
    if template is not None:
        return template.purpose
    if membership is not None:
        return membership.plan.purpose
    if about.get("purpose") == Purpose.OFFER:
        return Purpose.OFFER
    keeps_promise = task is not None and task.kind == Task.Kind.CALLBACK
    return gate_facts.purpose_for(client, answers_request=keeps_promise)


# --- Judging ------------------------------------------------------------------------------------------


def judge(draft: Draft, *, at: datetime.datetime | None = None) -> Judged:
    """The text as it would go out now, everything that stands against it, and otherwise its link."""
    body, subject = wording.put_in(draft.body, draft.values), wording.put_in(draft.subject, draft.values)
    text = body.text.strip()
    to = _address(draft)
    reasons = [*dict.fromkeys([*subject.missing, *body.missing]), *_gaps(draft, text, to)]
    if to:
        verdict = gate_facts.check(draft.client, channel=draft.channel, purpose=draft.purpose, at=at, number=to)
        reasons += [] if verdict.allowed else [verdict.text]
    is_open = not reasons and not draft.is_mail
    return Judged(
        subject=" ".join(subject.text.split()),
        text=text,
        to=to,
        reasons=reasons,
        length=sms.measure(text) if draft.channel == MessageChannel.SMS else None,
        href=adapters.ByHand(draft.channel).send_text(to, text, key="").link if is_open else "",
        log_url=_log_url(draft) if is_open else "",
    )


def _address(draft: Draft) -> str:
    if draft.is_mail:
        email = usable_email(draft.client)
        return email.address if email else ""
    return draft.phone.e164 if draft.phone else ""


def _gaps(draft: Draft, text: str, to: str) -> list[str]:
    found = []
    if not to:
        found.append(_nowhere(draft))
    if not text:
        found.append(_("A mensagem está vazia. Escolha um modelo ou escreva o texto."))
    if draft.is_mail and not draft.subject.strip():
        found.append(_("O e-mail está sem assunto. Escreva um."))
    if wording.needs_notice(draft.channel, draft.purpose) and is_first_offer(draft.client, draft.channel):
        found += wording.notice_faults(text)
    return found


def _nowhere(draft: Draft) -> str:
    if draft.is_mail:
        return _("O cliente não tem e-mail em uso. Cadastre um.")
    if draft.channel == MessageChannel.SMS:
        return _("O cliente não tem celular em uso. Cadastre um.")
    return _("O cliente não tem telefone com WhatsApp em uso. Cadastre um.")


def is_first_offer(client: Client, channel: str) -> bool:
    """No offer has gone out to the client by this channel yet."""
    offers = client.contact_logs.filter(channel=channel, direction=Direction.OUT, purpose__in=OFFERS, undone_at=None)
    return not offers.exists()


def _log_url(draft: Draft) -> str:
    more = {"plano": draft.membership, "tarefa": draft.task}
    ids = {name: record.pk for name, record in more.items() if record is not None}
    phone = draft.phone.pk if draft.phone else None
    return links.log_url(
        draft.client.pk, channel=draft.channel, phone=phone, purpose=draft.purpose, resultado=SENT, **ids
    )


# --- Mail ---------------------------------------------------------------------------------------------


@transaction.atomic
def send_mail(draft: Draft, *, at: datetime.datetime | None = None) -> ContactLog:
    """The contact and its mail in one transaction; it leaves after `REGRET`. Raises NotReadyError."""
    client = versions.lock(draft.client.pk)
    judged = judge(draft, at=at)
    if not judged.is_ready:
        raise NotReadyError(judged.reasons)
    log = logs.record(
        client,
        by=draft.by,
        channel=LogChannel.EMAIL,
        outcome=ContactOutcome.objects.get(code=SENT),
        purpose=draft.purpose,
        used=judged.to,
        note=f"{judged.subject}\n\n{judged.text}",
        membership=draft.membership,
        task=draft.task,
    )
    outbox.put(
        KIND,
        key=f"{KIND}:{log.pk}",
        to=judged.to,
        subject=judged.subject,
        body=judged.text,
        reply_to=draft.by.email,
        headers=headers_of(draft),
        subject_id=log.pk,
        by=draft.by,
        due_at=timezone.now() + REGRET,
    )
    return log


def headers_of(draft: Draft) -> dict[str, str]:
    """The seller's name over the company's address; an offer also says how to be left alone."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    headers = {"From": formataddr((f"{draft.by.name} · {settings.COMPANY_NAME}", address))}
    if draft.purpose in OFFERS:
        headers["List-Unsubscribe"] = f"<mailto:{draft.by.email}?subject=SAIR>"
    return headers


@transaction.atomic
def take_back(log: ContactLog, *, by: User) -> bool:
    """Cancels a mail that has not begun to leave, and undoes its contact. False when it is too late."""
    versions.lock(log.client_id)
    message = OutboxMessage.objects.filter(kind=KIND, subject_id=log.pk).first()
    if message is None or not outbox.cancel(message.pk):
        return False
    logs.undo(log, by=by)
    return True


def tell_seller(message: OutboxMessage) -> None:
    """A mail that gave up is no contact that was made: whoever wrote it hears of it."""
    if message.state != OutboxMessage.State.FAILED:
        return
    logged = ContactLog.objects.unscoped(reason="the log of this mail").select_related("client", "by")
    log = logged.filter(pk=message.subject_id or 0).first()
    if log is None:
        return
    text = _("O e-mail para %(client)s não saiu. %(reason)s Registre o retorno ou confira o endereço.")
    notify(
        [log.by],
        kind=Notification.Kind.SYSTEM,
        text=text % {"client": log.client.display_name, "reason": message.error},
        url=log.client.get_absolute_url(),
    )
