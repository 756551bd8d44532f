"""What the page of a client says of surveys: the last answers, the case that runs, who introduced whom."""

import datetime
from dataclasses import dataclass
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Value
from django.db.models.functions import Coalesce, JSONObject, NullIf
from django.utils.dateparse import parse_date
from django.utils.translation import gettext as _

from core.addresses import address
from core.statements import Later
from core.templatetags.formats import day
from nps import periods
from nps.models import Answer, Case, Group, Referral, Standing
from people.models import User
from people.roles import Permission
from people.visibility import sight_of

MOST_ANSWERS: Final = 3
VISIBLE: Final = "of a visible client"


def subqueries() -> dict[str, Any]:
    """What `of` reads, as parts of the statement about the client."""
    answers = Answer.objects.unscoped(reason=VISIBLE).filter(client=OuterRef("pk"))
    cases = Case.objects.unscoped(reason=VISIBLE).filter(client=OuterRef("pk"), closed_at=None)
    given = Referral.objects.unscoped(reason=VISIBLE).filter(client=OuterRef("pk"))
    came = Referral.objects.unscoped(reason=VISIBLE).filter(prospect=OuterRef("pk"))
    said = JSONObject(
        score="score", comment="comment", on="answered_on", by="by_id", case="case__pk", left_out="left_out_by_id"
    )
    standing = Standing.objects.unscoped(reason=VISIBLE).filter(client=OuterRef("pk"))
    return {
        "is_detractor": Exists(standing.filter(detractor_until__gte=Later("on"))),
        "survey_answers": ArraySubquery(answers.order_by("-answered_on", "-pk").values(row=said)[:MOST_ANSWERS]),
        "survey_cases": ArraySubquery(cases.order_by("pk").values(row=JSONObject(pk="pk", due_on="due_on"))[:1]),
        "survey_referrals": ArraySubquery(given.order_by("pk").values("pk")),
        "referred_by_rows": ArraySubquery(
            came.values(
                row=JSONObject(
                    pk="client_id",
                    name=Coalesce(NullIf("client__social_name", Value("")), "client__name"),
                    owner="client__owner_id",
                    team="client__team_id",
                )
            )
        ),
    }


@dataclass(frozen=True)
class Said:
    """One answer; without `is_told` its score is not yet this reader's to know."""

    on: datetime.date
    is_told: bool
    score: int
    comment: str
    is_by_staff: bool

    @property
    def group(self) -> str:
        return str(Group.of(self.score).label)

    @property
    def when_told(self) -> str:
        return periods.when_told()


@dataclass(frozen=True)
class RunningCase:
    pk: int
    due_on: datetime.date | None


@dataclass(frozen=True)
class Referrer:
    """Who introduced the client; nameless to whom that client is hidden."""

    name: str = ""
    url: str = ""


@dataclass(frozen=True)
class Satisfaction:
    answers: list[Said]
    case: RunningCase | None
    # Until when no offers are made; empty where they may be.
    pause: str
    referrals: int
    referred_by: Referrer | None
    may_write_down: bool


def of(client: Any, *, user: User, on: datetime.date) -> Satisfaction:
    """For the client as the page reads it, with `subqueries`."""
    case = next((RunningCase(row["pk"], parse_date(row["due_on"])) for row in client.survey_cases), None)
    return Satisfaction(
        answers=[_said(row, user) for row in client.survey_answers],
        case=case,
        pause=_pause(client.offers_paused_until, on),
        referrals=len(client.survey_referrals),
        referred_by=next((_referrer(row, user) for row in client.referred_by_rows), None),
        may_write_down=user.may(Permission.SURVEY) and client.owner_id != user.pk,
    )


def _pause(until: datetime.date | None, on: datetime.date) -> str:
    if until is None or until < on:
        return ""
    if until == datetime.date.max:
        return _("Sem ofertas enquanto o caso estiver aberto.")
    return _("Sem ofertas até %(day)s.") % {"day": day(until)}


def _said(row: dict[str, Any], user: User) -> Said:
    """Of whoever is unhappy the case tells at once."""
    on = datetime.date.fromisoformat(row["on"])
    is_unhappy = row["case"] is not None and row["score"] in Group.DETRACTOR.scores
    is_told = is_unhappy or periods.is_told(user, on)
    return Said(on, is_told, row["score"], row["comment"], row["by"] is not None)


def _referrer(row: dict[str, Any], user: User) -> Referrer:
    if not sight_of(user).holds(row["owner"], row["team"]):
        return Referrer()
    return Referrer(row["name"], address("portfolio:client_detail", row["pk"]))


def last_said(group: str, *, told_to: User) -> QuerySet[Standing, Any]:
    """Ids of the clients whose last answer was of this group, as far as the reader may know."""
    scores = Group(group).scores
    last = Standing.objects.unscoped(reason="narrows clients that a scoped query finds")
    told = last.filter(answer__answered_on__lte=periods.last_told(told_to))
    return told.filter(answer__score__gte=scores.start, answer__score__lt=scores.stop).values("client")
