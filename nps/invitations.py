"""Asking one client: the invitation, what becomes of it, and the link that somebody hands over.

The client's row is locked first and the rules are judged under that lock: two people cannot ask at once.
"""

import datetime
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from clients import versions
from clients.models import Client
from contacts.adapters import ByHand
from contracts.nightly import Chunks
from nps import eligibility, letters, tokens
from nps.eligibility import BY_PROVIDER, Candidate, Terms, Way
from nps.events import BY_HAND
from nps.models import Invitation, Survey, SurveyChannel
from people import activity
from people.models import User

State: Final = Invitation.State
OPEN: Final = (State.WAITING, State.ASKED)


class NotAskedError(Exception):
    """A rule says no; `why` is its sentence."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


def invite_candidate(candidate: Candidate, terms: Terms, way: Way, *, by: User | None = None) -> Invitation:
    """One more invitation for a client whom the rules let pass, about the event that they found."""
    event = candidate.event
    about: dict[str, Any] = {}
    if event is not None:
        about = {"contract_id": event.contract_id, "log_id": event.log_id, "product_id": event.product_id}
    return invite(terms.survey, candidate.client, way, terms.on, by=by, **about)


def invite(
    survey: Survey, client: Client, way: Way, on: datetime.date, *, by: User | None = None, **about: Any
) -> Invitation:
    """It waits for its letter. Attributed to whoever has the client that day; of the token the base keeps its digest.

    The caller has asked the rules; `about` are the columns of what a transactional survey asks about.
    """
    nonce = tokens.new_nonce()
    return Invitation.objects.create(
        survey=survey,
        client=client,
        channel=way.channel,
        address=way.address,
        nonce=nonce,
        digest=tokens.digest_of(tokens.token_from(nonce)),
        owner_id=client.owner_id,
        team_id=client.team_id,
        uf=client.uf,
        portfolio_class=client.portfolio_class,
        asked_on=on,
        expires_on=on + datetime.timedelta(days=survey.valid_days),
        by=by,
        **about,
    )


def take_turns() -> None:
    """Until the transaction ends nobody else asks: two clients may share an address, whose rows are locked apart."""
    list(Survey.objects.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))


# --- What becomes of it --------------------------------------------------------------------------------


def everyone() -> QuerySet[Invitation]:
    return Invitation.objects.unscoped(reason="the course of an invitation, whoever its client is")


def asked(invitation: Invitation, at: datetime.datetime) -> None:
    """Its letter left. An answer that came first stands."""
    mine = everyone().filter(pk=invitation.pk)
    mine.filter(delivered_at=None).update(delivered_at=at)
    mine.filter(state__in=(State.WAITING, State.FAILED)).update(state=State.ASKED)


def failed(invitation: Invitation) -> None:
    """Nobody was asked, so what it would have asked about is free again."""
    mine = everyone().filter(pk=invitation.pk, state__in=OPEN)
    mine.update(state=State.FAILED, delivered_at=None, contract=None, log=None)


def expire(on: datetime.date, run: Chunks) -> int:
    """Those whose last day has passed."""
    with run.chunk():
        return everyone().filter(state__in=OPEN, expires_on__lt=on).update(state=State.EXPIRED)


# --- By hand -------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Handed:
    """`link` opens WhatsApp or SMS with the words in it, or is the address itself. Shown once."""

    invitation: Invitation
    link: str

    @property
    def is_to_copy(self) -> bool:
        return self.invitation.channel == SurveyChannel.LINK


@transaction.atomic
def hand_over(survey: Survey, client: Client, *, channel: str, by: User) -> Handed:
    """Raises NotAskedError."""
    if channel not in eligibility.hand_channels(survey):
        raise NotAskedError(_("Esta pesquisa não é entregue à mão por este canal."))
    invitation = _ask_by_hand(survey, client, channel=channel, by=by)
    activity.record("survey_handed_over", client, by=by, survey=survey.pk, channel=channel)
    token = tokens.token_of(invitation)
    if channel not in BY_PROVIDER:
        return Handed(invitation, tokens.url_of(token))
    words = letters.with_token(letters.message(survey, client, channel), token)
    return Handed(invitation, ByHand(channel).send_text(invitation.address, words, key="").link)


@transaction.atomic
def by_phone(survey: Survey, client: Client, *, by: User) -> Invitation:
    """For an answer that somebody hears and writes down at once. Raises NotAskedError."""
    if survey.is_anonymous:
        raise NotAskedError(_("Uma pesquisa anônima não é respondida por telefone."))
    return _ask_by_hand(survey, client, channel=SurveyChannel.PHONE, by=by)


def _ask_by_hand(survey: Survey, client: Client, *, channel: str, by: User) -> Invitation:
    terms = Terms.of(survey, timezone.localdate(), reach=BY_HAND)
    locked = versions.lock(client.pk)
    take_turns()
    (candidate,) = eligibility.read([locked], terms)
    if why := eligibility.refusal(candidate, terms) or eligibility.refused_by(candidate, terms, channel):
        raise NotAskedError(why)
    address = eligibility.address_for(candidate, terms, channel) if channel != SurveyChannel.LINK else ""
    invitation = invite_candidate(candidate, terms, Way(channel, address), by=by)
    asked(invitation, timezone.now())
    invitation.refresh_from_db()
    return invitation
