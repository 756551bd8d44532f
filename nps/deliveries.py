"""Letters of surveys on their way: through the outbox, with the token put in at the last moment."""

import datetime
from typing import Final

from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Purpose
from contacts import consequences, deliveries, gate_facts, wording
from contacts.gate import verdict
from jobs import outbox
from jobs.models import OutboxMessage
from jobs.outbox import Ending
from nps import invitations, letters, pace, refusals, tokens
from nps.eligibility import ASKED_AS
from nps.letters import Letter
from nps.models import Case, Invitation, SurveyChannel
from nps.pace import KINDS

CHANNELS: Final = {kind: channel for channel, kind in KINDS.items()}
State: Final = OutboxMessage.State


def send(invitation: Invitation, *, due_at: datetime.datetime) -> OutboxMessage:
    return _put(invitation, due_at, is_reminder=False)


def remind(invitation: Invitation, *, due_at: datetime.datetime) -> OutboxMessage:
    return _put(invitation, due_at, is_reminder=True)


def _put(invitation: Invitation, due_at: datetime.datetime, *, is_reminder: bool) -> OutboxMessage:
    letter = _letter(invitation, is_reminder)
    return outbox.put(
        KINDS[invitation.channel],
        key=_reminder_key(invitation.pk) if is_reminder else f"survey:{invitation.pk}",
        to=invitation.address,
        subject=letter.subject,
        body=letter.body,
        html=letter.html,
        headers=letter.headers,
        subject_id=invitation.pk,
        due_at=due_at,
    )


def _letter(invitation: Invitation, is_reminder: bool) -> Letter:
    survey, client, channel = invitation.survey, invitation.client, invitation.channel
    if channel == SurveyChannel.EMAIL:
        return letters.mail(survey, client, is_reminder=is_reminder)
    return Letter("", letters.message(survey, client, channel, is_reminder=is_reminder))


def _reminder_key(pk: int) -> str:
    return f"survey:{pk}:reminder"


def invitation_of(message: OutboxMessage) -> Invitation | None:
    found = invitations.everyone().select_related("survey", "client")
    return found.filter(pk=message.subject_id or 0).first()


# --- As it leaves --------------------------------------------------------------------------------------


def barred(message: OutboxMessage) -> Ending | None:
    """What has come between since the night wrote it: an answer, the end, a wish, a case."""
    invitation = invitation_of(message)
    if invitation is None:
        return Ending(State.FAILED, _("O convite desta mensagem não existe mais."))
    now = timezone.now()
    if why := _over(invitation, timezone.localdate(now)) or _unopenable(invitation):
        return Ending(State.FAILED, why)
    if until := pace.later(message, now):
        return Ending(State.QUEUED, _("Espera a sua vez no horário das pesquisas."), until=until)
    facts = gate_facts.facts_of([invitation.client_id], at=now)[invitation.client_id]
    rules = gate_facts.rules_on(timezone.localdate(now))
    said = verdict(
        facts,
        rules,
        channel=ASKED_AS[invitation.channel],
        purpose=Purpose.SURVEY,
        at=now,
        number=invitation.address,
    )
    return deliveries.ending_by(said, now)


def _over(invitation: Invitation, today: datetime.date) -> str:
    if invitation.is_answered:
        return _("O cliente já respondeu.")
    if invitation.state == Invitation.State.EXPIRED or invitation.has_expired(today):
        return _("O convite venceu antes do envio.")
    if not invitation.survey.is_active:
        return _("A pesquisa foi parada antes do envio.")
    running = Case.objects.unscoped(reason="the client of a letter that leaves").filter(closed_at=None)
    if running.filter(client=invitation.client_id).exists():
        return _("O cliente tem um caso em aberto.")
    return ""


def _unopenable(invitation: Invitation) -> str:
    try:
        tokens.token_of(invitation)
    except StopIteration:
        return _("A chave da instalação mudou, e o link deste convite não pode mais ser escrito.")
    return ""


def complete(message: OutboxMessage) -> None:
    """Puts the token into the message in hand, which is never saved so."""
    invitation = invitation_of(message)
    if invitation is None:
        return
    token = tokens.token_of(invitation)
    message.body = letters.with_token(message.body, token)
    message.html = letters.with_token(message.html, token)
    message.headers = {name: letters.with_token(value, token) for name, value in message.headers.items()}


def hand_over(message: OutboxMessage) -> Ending:
    """To the provider of its channel."""
    return deliveries.hand_to(CHANNELS[message.kind], message)


def answered(message: OutboxMessage, text: str) -> None:
    """Whoever answers SAIR wants no surveys. A score that is typed there is none: the page takes it."""
    invitation = invitation_of(message)
    if invitation is not None and wording.means_stop(text):
        refusals.stop(invitation)


def conclude(message: OutboxMessage) -> None:
    """What its end means for the invitation. A reminder that failed changes nothing: the question was put before."""
    invitation = invitation_of(message)
    if invitation is None:
        return
    if message.receipt == OutboxMessage.Receipt.BOUNCED:
        consequences.came_back(invitation.client, invitation.address, by=None)
    if message.dedupe_key == _reminder_key(invitation.pk):
        return
    if message.state == State.SENT:
        invitations.asked(invitation, message.ended_at or timezone.now())
    elif message.state == State.FAILED:
        invitations.failed(invitation)
