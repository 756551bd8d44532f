"""Surveys of the tests: one that runs, invitations with their tokens, answers as the page would leave them."""

import datetime
import itertools
from typing import Any

from django.utils import timezone

from clients.models import Client
from nps import tokens
from nps.models import Answer, Invitation, Survey, SurveyChannel
from people.models import User

_numbers = itertools.count(1)


def make_survey(by: User, **fields: Any) -> Survey:
    """A running relational survey by e-mail."""
    fields.setdefault("name", f"Pesquisa {next(_numbers)}")
    fields.setdefault("is_active", True)
    return Survey.objects.create(created_by=by, **fields)


def make_invitation(client: Client, survey: Survey, **fields: Any) -> Invitation:
    """Asked today, attributed to whoever owns the client; `asked_on` moves its end too."""
    nonce = tokens.new_nonce()
    asked_on = fields.setdefault("asked_on", timezone.localdate())
    defaults = {
        "channel": SurveyChannel.EMAIL,
        "state": Invitation.State.ASKED,
        "nonce": nonce,
        "digest": tokens.digest_of(tokens.token_from(nonce)),
        "owner": client.owner,
        "team": client.team,
        "uf": client.uf,
        "portfolio_class": client.portfolio_class,
        "expires_on": asked_on + datetime.timedelta(days=survey.valid_days),
    }
    return Invitation.objects.create(client=client, survey=survey, **{**defaults, **fields})


def token_for(invitation: Invitation) -> str:
    return tokens.token_of(invitation)


def make_answer(client: Client, survey: Survey, score: int, **fields: Any) -> Answer:
    """With its invitation, unless the survey is anonymous: then it names nobody. Nothing follows from it."""
    at = fields.pop("answered_at", timezone.now())
    defaults = {
        "channel": SurveyChannel.EMAIL,
        "owner": client.owner,
        "team": client.team,
        "uf": client.uf,
        "portfolio_class": client.portfolio_class,
        "answered_on": timezone.localdate(at),
        "answered_at": None if survey.is_anonymous else at,
    }
    if not survey.is_anonymous:
        asked_on = defaults["answered_on"]
        invitation = fields.pop("invitation", None) or make_invitation(client, survey, asked_on=asked_on)
        Invitation.objects.unscoped(reason="test").filter(pk=invitation.pk).update(state=Invitation.State.ANSWERED)
        invitation.state = Invitation.State.ANSWERED
        defaults |= {"client": client, "invitation": invitation}
    return Answer.objects.create(survey=survey, score=score, **{**defaults, **fields})
