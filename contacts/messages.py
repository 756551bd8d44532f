"""A message to one client: its words, what keeps it from being sent, the link that opens it, or the mail that goes out.

Whatever a browser says, the legal gate and the words are judged here, at the moment of the act.
"""

import datetime
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from email.utils import formataddr, parseaddr
from typing import Final, Required, TypedDict, Unpack

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from brazil.names import folded
from clients import versions
from clients.models import Client, Phone, Purpose
from contacts import adapters, consequences, correspondent, deliveries, gate_facts, links, logs, offers, sms, wording
from contacts.correspondent import KINDS, OFFERS, Correspondent
from contacts.models import (
    ContactLog,
    ContactOutcome,
    MessageChannel,
    MessageTemplate,
    PlanMembership,
    Task,
)
from jobs import outbox
from jobs.models import OutboxMessage
from people.models import Notification, User
from people.notifications import notify

SENT = "sent"
# As long as the notice with "Desfazer" stands, and a little more.
REGRET = datetime.timedelta(seconds=10)
# How much the gate holds a purpose back.
STRICTNESS: Final[Mapping[str, int]] = {Purpose.SURVEY: 0, Purpose.SERVICE: 1, Purpose.ANY: 2, Purpose.OFFER: 2}


class NotReadyError(Exception):
    """The message may not go out; `reasons` are sentences for people."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


@dataclass(frozen=True, kw_only=True)
class Draft:
    """What is on the screen: words that may still be edited, and where they would go."""

    to: Correspondent
    by: User
    channel: str
    # The purpose that the writer says.
    asked: str = ""
    template: MessageTemplate | None = None
    phone: Phone | None = None
    subject: str = ""
    body: str = ""
    membership: PlanMembership | None = None
    task: Task | None = None
    # What the variables say.
    values: wording.Values

    @property
    def client(self) -> Client:
        return self.to.client

    @property
    def phones(self) -> list[Phone]:
        return [] if self.is_mail else self.to.phones_for(self.channel)

    @property
    def purpose(self) -> str:
        """The company's words decide while they stand as they are; one's own, or changed ones, may only be stricter."""
        free = self._free_purpose
        if self.template is None:
            return free
        if self.template.owner_id is None and not self.is_rewritten:
            return self.template.purpose
        return max(self.template.purpose, free, key=lambda purpose: STRICTNESS[purpose])

    @property
    def _free_purpose(self) -> str:
        """That of the plan, or of the promise that is kept; whoever writes freely may only be stricter."""
        if self.membership is not None:
            return self.membership.plan.purpose
        keeps_promise = self.task is not None and self.task.kind == Task.Kind.CALLBACK
        is_service = self.asked != Purpose.OFFER and (keeps_promise or self.to.is_served)
        return Purpose.SERVICE if is_service else Purpose.OFFER

    @property
    def is_rewritten(self) -> bool:
        """Other words than those of the template; signs, case and accents are no words."""
        texts = ((self.body, self.template.body), (self.subject, self.template.subject)) if self.template else ()
        return any(self._words(mine) != self._words(theirs) for mine, theirs in texts)

    def _words(self, text: str) -> list[str]:
        return re.findall(r"\w+", folded(wording.put_in(text, self.values).text))

    @property
    def why_offer(self) -> str:
        """What one is told where the template alone would have been something else."""
        if self.template is None or self.template.purpose in OFFERS or self.purpose not in OFFERS:
            return ""
        if self.template.owner_id is not None:
            return _("Conta como oferta: o modelo é seu, e o cliente não tem contrato em vigor nem retorno combinado.")
        return _("Com o texto alterado conta como oferta. Com o texto do modelo, não contaria.")

    @property
    def is_first_offer(self) -> bool:
        """An offer that must say who writes and how to stop: none has gone out by this channel yet."""
        return wording.needs_notice(self.channel, self.purpose) and self.channel not in self.to.offered

    @property
    def is_mail(self) -> bool:
        return self.channel == MessageChannel.EMAIL

    @property
    def leaves_by_itself(self) -> bool:
        """Through the outbox; else the seller's own phone opens."""
        return self.is_mail or adapters.is_configured(self.channel)


@dataclass(frozen=True, kw_only=True)
class Judged:
    """With any reason the message stays here; those in `standing` no words can change. `href` opens WhatsApp or SMS;
    `log_url` asks on return how it went."""

    subject: str
    text: str
    to: str
    reasons: list[str]
    standing: list[str]
    length: sms.SmsLength | None = None
    href: str = ""
    log_url: str = ""

    @property
    def is_ready(self) -> bool:
        return not self.reasons


# --- Beginning ----------------------------------------------------------------------------------------


def templates_of(user: User) -> list[MessageTemplate]:
    """The company's and one's own, for every channel."""
    mine = Q(owner=None) | Q(owner=user)
    return list(MessageTemplate.objects.filter(mine, is_active=True).order_by("name", "pk"))


class About(TypedDict, total=False):
    """What a message is written from and for. `purpose` is what the writer says; see `Draft.purpose`."""

    template: MessageTemplate | None
    purpose: str
    phone: Phone | None
    membership: PlanMembership | None
    task: Task | None


def begin(to: Correspondent, user: User, *, channel: str, **about: Unpack[About]) -> Draft:
    """The words of the template for this client; the first offer also says who writes and how to stop."""
    template, phone = about.get("template"), about.get("phone")
    draft = Draft(
        to=to,
        by=user,
        channel=channel,
        asked=about.get("purpose", ""),
        template=template,
        membership=about.get("membership"),
        task=about.get("task"),
        values=wording.values_from(to.client, user, person=to.person, deal=to.deal),
    )
    draft = replace(draft, phone=phone if phone in draft.phones else next(iter(draft.phones), None))
    if template is None:
        return draft
    subject, body = (wording.put_in(text, draft.values).text for text in (template.subject, template.body))
    draft = replace(draft, subject=subject, body=body)
    return replace(draft, body=wording.with_notice(body)) if draft.is_first_offer else draft


# --- Judging ------------------------------------------------------------------------------------------


def judge(draft: Draft, *, at: datetime.datetime | None = None) -> Judged:
    """The text as it would go out now, everything that stands against it, and otherwise its link."""
    body, subject = wording.put_in(draft.body, draft.values), wording.put_in(draft.subject, draft.values)
    text = body.text.strip()
    to = _address(draft)
    standing = list(filter(None, [_barrier(draft, to, at)]))
    reasons = [*standing, *dict.fromkeys([*subject.missing, *body.missing]), *_gaps(draft, text)]
    is_open = not reasons and not draft.leaves_by_itself
    return Judged(
        subject=" ".join(subject.text.split()),
        text=text,
        to=to,
        reasons=reasons,
        standing=standing,
        length=sms.measure(text) if draft.channel == MessageChannel.SMS else None,
        href=adapters.ByHand(draft.channel).send_text(to, text, key="").link if is_open else "",
        log_url=_log_url(draft) if is_open else "",
    )


def _address(draft: Draft) -> str:
    if draft.is_mail:
        email = draft.to.usable_email
        return email.address if email else ""
    return draft.phone.e164 if draft.phone else ""


def _barrier(draft: Draft, to: str, at: datetime.datetime | None) -> str:
    """No address, or a rule."""
    if not to:
        return _nowhere(draft)
    verdict = gate_facts.check(draft.client, channel=draft.channel, purpose=draft.purpose, at=at, number=to)
    return "" if verdict.allowed else verdict.text


def _gaps(draft: Draft, text: str) -> list[str]:
    found = []
    if not text:
        found.append(_("A mensagem está vazia. Escolha um modelo ou escreva o texto."))
    if draft.is_mail and not draft.subject.strip():
        found.append(_("O e-mail está sem assunto. Escreva um."))
    if text and draft.is_first_offer:
        found += wording.notice_faults(text)
    return found


def _nowhere(draft: Draft) -> str:
    if draft.is_mail:
        return _("O cliente não tem e-mail em uso. Cadastre um.")
    if draft.channel == MessageChannel.SMS:
        return _("O cliente não tem celular em uso. Cadastre um.")
    return _("O cliente não tem telefone com WhatsApp em uso. Cadastre um.")


def _log_url(draft: Draft) -> str:
    more = {"plano": draft.membership, "tarefa": draft.task}
    ids = {name: record.pk for name, record in more.items() if record is not None}
    phone = draft.phone.pk if draft.phone else None
    return links.log_url(
        draft.client.pk, channel=draft.channel, phone=phone, purpose=draft.purpose, resultado=SENT, **ids
    )


# --- Sending ------------------------------------------------------------------------------------------


@transaction.atomic
def send(draft: Draft, *, at: datetime.datetime | None = None) -> ContactLog:
    """The contact and its message in one transaction; it leaves after `REGRET`. Raises NotReadyError."""
    client = versions.lock(draft.client.pk)
    draft = replace(draft, to=correspondent.read(client))
    judged = judge(draft, at=at)
    if not judged.is_ready:
        raise NotReadyError(judged.reasons)
    log = logs.record(
        client,
        by=draft.by,
        channel=draft.channel,
        outcome=ContactOutcome.objects.get(code=SENT),
        purpose=draft.purpose,
        phone=None if draft.is_mail else draft.phone,
        used=judged.to,
        note="\n\n".join(filter(None, (judged.subject, judged.text))),
        membership=draft.membership,
        task=draft.task,
    )
    kind = KINDS[draft.channel]
    outbox.put(
        kind,
        key=f"{kind}:{log.pk}",
        to=judged.to,
        subject=judged.subject,
        subject_id=log.pk,
        by=draft.by,
        due_at=timezone.now() + REGRET,
        **(_letter(log, judged.text) if draft.is_mail else {"body": judged.text}),
    )
    return log


class Letter(TypedDict, total=False):
    body: Required[str]
    reply_to: str
    headers: dict[str, str]


def _letter(log: ContactLog, text: str) -> Letter:
    """The seller's name over the company's address; an offer also says how to be left alone."""
    address = parseaddr(settings.DEFAULT_FROM_EMAIL)[1]
    headers = {"From": formataddr((f"{log.by.name} · {settings.COMPANY_NAME}", address))}
    if log.purpose in OFFERS:
        stop_url = offers.stop_url(log)
        headers["List-Unsubscribe"] = f"<{stop_url}>, <mailto:{log.by.email}?subject=SAIR>"
        headers["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
        text = "\n\n".join((text, _("Para não receber mais ofertas por e-mail: %(url)s") % {"url": stop_url}))
    return {"body": text, "reply_to": log.by.email, "headers": headers}


@transaction.atomic
def take_back(log: ContactLog, *, by: User) -> bool:
    """Cancels a message that has not begun to leave, and undoes its contact. False when it is too late."""
    versions.lock(log.client_id)
    message = deliveries.message_of(log)
    if message is None or not outbox.cancel(message.pk):
        return False
    logs.undo(log, by=by)
    return True


def conclude(message: OutboxMessage) -> None:
    """What became of a message that does not wait any more."""
    if message.state == OutboxMessage.State.FAILED:
        give_up(message)
    else:
        deliveries.take_place(message)


@transaction.atomic
def give_up(message: OutboxMessage) -> None:
    """A message that failed is no contact that was made: who wrote it hears of it, and a dead address is marked."""
    log = deliveries.log_of(message)
    if log is None:
        return
    text = _("A mensagem para %(client)s (%(channel)s) não saiu. %(reason)s Registre o retorno ou confira o cadastro.")
    if message.receipt == OutboxMessage.Receipt.BOUNCED:
        consequences.bounced(log)
        text = _("O e-mail para %(client)s voltou. %(reason)s Não será mais usado até alguém corrigir o endereço.")
    said = {"client": log.client.display_name, "channel": log.get_channel_display(), "reason": message.error}
    notify([log.by], kind=Notification.Kind.SYSTEM, text=text % said, url=log.client.get_absolute_url())
