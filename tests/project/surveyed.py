"""What a client of the walk said in surveys, and what followed from it."""

import datetime

from django.utils import timezone

from clients.models import Client
from nps import tokens
from nps.models import Answer, Case, CaseNote, Invitation, Referral, Survey
from people.models import User
from tests.project.canaries import Canaries


def surveyed(make: Canaries, label: str, client: Client, *, by: User) -> dict[str, int]:
    """The ids by kind. The answer is of the month before: sellers may read it."""
    survey, _is_new = Survey.objects.get_or_create(name="Relacional", defaults={"created_by": by, "is_active": True})
    told = timezone.localdate().replace(day=1) - datetime.timedelta(days=1)
    nonce = tokens.new_nonce()
    asked = Invitation.objects.create(
        survey=survey,
        client=client,
        channel="email",
        address=make.email(label, "survey e-mail"),
        state=Invitation.State.ANSWERED,
        nonce=nonce,
        digest=tokens.digest_of(tokens.token_from(nonce)),
        owner=client.owner,
        team=client.team,
        portfolio_class=client.portfolio_class,
        asked_on=told,
        expires_on=told + datetime.timedelta(days=30),
    )
    answer = Answer.objects.create(
        survey=survey,
        invitation=asked,
        client=client,
        score=3,
        comment=make.word(label, "survey comment"),
        channel="email",
        owner=client.owner,
        team=client.team,
        portfolio_class=client.portfolio_class,
        answered_on=told,
        flags=["same_device"],
    )
    case = Case.objects.create(client=client, answer=answer, due_on=told, action=make.word(label, "case action"))
    CaseNote.objects.create(case=case, by=by, text=make.word(label, "case note"))
    Referral.objects.create(
        client=client,
        answer=answer,
        name=make.word(label, "referral name"),
        phone=make.phone(label, "referral phone"),
        email=make.email(label, "referral e-mail"),
    )
    return {"answer": answer.pk, "case": case.pk}
