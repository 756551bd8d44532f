"""Whom the day need not read: of those who have nothing but the common reasons, only the best of each share can get in.

Lateness, a chance of coming back and the interval of the tier are ranked by the database as `portfolio.agenda` would
(a test holds both together). Everybody else is always read: promises, plans, renewals, birthdays, whoever was left
undone before, and who rests or was put off, as that is told.
"""

from typing import Any, Final

from django.contrib.postgres.fields import ArrayField
from django.db.models import (
    Case,
    Count,
    DateField,
    Exists,
    F,
    Field,
    FloatField,
    Func,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Value,
    When,
    Window,
)
from django.db.models.functions import Cast, Coalesce, Greatest, Least, RowNumber

from clients.models import PortfolioClass
from core.statements import Later
from portfolio.agenda import INACTIVE, PLAN_OVERDUE, PLAN_TODAY, RISK, SECOND
from portfolio.models import Postponement

# Of each share, the densest and the heaviest of so many are taken to the gate: far more than a day holds.
POOL: Final = 50


def given(name: str, kind: Field[Any, Any] | None = None) -> Cast:
    """A value that is told when the clients are asked for."""
    return Cast(Later(name), kind or IntegerField())


GREETED: Final = Q(born=given("born")) | Q(born=given("born_too"))
OVERDUE: Final = Q(overdue__gte=0)


def sifted(clients: QuerySet[Any]) -> Any:
    """With `unread`: how many of the same owner and share are left out."""
    told = clients.annotate(first=_first(), second=_second())
    told = told.annotate(
        share=Case(
            When(_is_always_read(), then=Value(0)),
            When(portfolio_class=PortfolioClass.INACTIVE, first__gt=0, then=Value(1)),
            When(first__gte=F("second"), then=Value(2)),
            default=Value(3),
        ),
        score=_rounded(_factor() * (Greatest("first", "second") + SECOND * Least("first", "second")), 2),
    )
    own = [F("owner"), F("share")]
    place = Window(RowNumber(), own, [F("score").desc(), F("pk").asc()])
    more = Window(Count("pk", filter=Q(score__gt=0)), own) - POOL
    ranked = told.annotate(
        place=Case(When(share=0, then=Value(0)), default=place),
        unread=Case(When(share=0, then=Value(0)), default=Greatest(more, Value(0))),
    )
    return ranked.filter(place__lte=POOL)


def _is_always_read() -> Any:
    off = Postponement.objects.unscoped(reason="only whether there is one").filter(client=OuterRef("pk"))
    put_off = off.filter(undone_at=None, until_on__gt=given("on", DateField()))
    certain = Q(pk__among=Later("due")) | Q(portfolio_class=PortfolioClass.RENEWAL) | GREETED
    return certain | Q(last_on__gte=given("recent", DateField())) | Exists(put_off)


def _first() -> Any:
    """Lateness, or the chance of coming back; nobody has both."""
    return _rounded(Coalesce(RISK * (1 - F("chance")), INACTIVE * F("p_alive"), 0.0), 2)


def _second() -> Any:
    late = PLAN_OVERDUE * Least(1.0, Cast("overdue", FloatField()) / F("every"))
    return Case(When(OVERDUE, then=_rounded(Greatest(Value(float(PLAN_TODAY)), late), 2)), default=Value(0.0))


def _factor() -> Any:
    """A pace on a border has not passed it."""
    monthly = F("value") / 12.0 - 1e-9
    passed = Func(monthly, given("borders", ArrayField(FloatField())), function="width_bucket")
    return _rounded(0.5 + Coalesce(passed, 0) / 100.0, 4)


def _rounded(points: Any, places: int) -> Func:
    """As Python does: what is equal there must be so here."""
    return Func(points, template=f"round((%(expressions)s)::numeric, {places})::float8", output_field=FloatField())
