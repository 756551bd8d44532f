"""The class of a client right after a write, and the numbers behind it for screens.

`refresh` belongs into the transaction of the write: a sale, a contract, "não renova", a merge, another sector.
"""

import datetime
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from django.db import connection, transaction
from django.db.models import (
    Case,
    DateField,
    F,
    FilteredRelation,
    FloatField,
    Func,
    IntegerField,
    Q,
    QuerySet,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Floor, Greatest
from django.utils import timezone

from clients.models import Client, PortfolioClass
from contracts.evaluation import Evaluation, Question, Written, read, write
from contracts.models import ClassChange, ClassificationSettings, SectorCycle
from contracts.sectors import last_night, stored_means

# Missed nights that a write lives through first; a longer gap is a long stop, not a missed night.
MISSED_NIGHTS = 7

LOCK = """
SELECT kept.evaluated_for FROM clients_client client
LEFT JOIN contracts_clientcycle kept ON kept.client_id = client.id
WHERE client.id = ANY(%s) ORDER BY client.id FOR NO KEY UPDATE OF client
"""


def refresh(client_ids: Iterable[int], *, on: datetime.date | None = None) -> Written:
    """Recomputes statistics and class of these clients from purchases and contracts, with the last stored m.

    Evaluates for `on` (today), never for a day before the last night or before what these clients were evaluated
    for. Locks the clients in the order of their ids: call it as the last step of the write's transaction.
    """
    ids = sorted(set(client_ids))
    if not ids:
        return Written()
    with transaction.atomic():
        evaluated = lock(ids)
        night = last_night()
        day = max(filter(None, (on or timezone.localdate(), night, evaluated)))
        numbers = ClassificationSettings.current()
        question = Question(on=day, means=stored_means(numbers), numbers=numbers, recompute=True, is_late=False)
        written = Written()
        for missed in _missed(night, day):
            # As that night would have seen them: from what was kept, not from the write of today.
            late = replace(question.about(ids).seen_from(missed), recompute=False, is_late=True)
            written = written.plus(write(late, cause=ClassChange.Cause.NIGHT))
        return written.plus(write(question.about(ids), cause=ClassChange.Cause.WRITE, stamp=True))


def lock(ids: list[int]) -> datetime.date | None:
    """Holds the clients and says the latest day one of them was evaluated for."""
    with connection.cursor() as cursor:
        cursor.execute(LOCK, [ids])
        return max((row[0] for row in cursor.fetchall() if row[0]), default=None)


def _missed(night: datetime.date | None, day: datetime.date) -> list[datetime.date]:
    """Nights that should have run between the last one and today: their changes come before today's."""
    if night is None or (day - night).days - 1 > MISSED_NIGHTS:
        return []
    return [night + datetime.timedelta(days=ahead) for ahead in range(1, (day - night).days)]


def evaluate(client: Client, *, on: datetime.date | None = None) -> Evaluation:
    """What the rule says about one client on a day, read from the raw rows; writes nothing."""
    day = on or timezone.localdate()
    numbers = ClassificationSettings.current()
    question = Question(
        on=day,
        known=timezone.localdate(),
        means=stored_means(numbers, until=day),
        numbers=numbers,
        recompute=True,
    )
    (found,) = read(question.about([client.pk]))
    return found


# --- The numbers for screens: the same database functions over the stored statistics -------------------


GIVEN = ("on", "night_on", "company_mean", "shrinkage", "factor", "floor", "cap")


class Formula(Func):
    """A function of the migration `cycle_expressions`."""

    output_field = FloatField()

    def __init__(self, name: str, *arguments: Any, **extra: Any) -> None:
        super().__init__(*arguments, function=f"contracts_{name}", **extra)


class Days(Func):
    """The days from one date to another."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()


def with_numbers(clients: QuerySet[Client], on: datetime.date) -> Any:
    """Annotates mean_days, recency_days, span_days, age_days, cycle_days, limit_days, p_buys, health and
    next_change_on: empty where a client has no purchase day; health is empty for prospects."""
    return numbered(clients, {name: Value(value) for name, value in given(on).items()})


def given(on: datetime.date) -> dict[str, Any]:
    """What the numbers of every client are computed with, by the names in GIVEN."""
    numbers = ClassificationSettings.current()
    night = SectorCycle.objects.filter(sector=None).order_by("-on").values_list("on", "used_days").first()
    # Before the first night there is no sector's mean either.
    night_on, company_mean = night or (datetime.date.min, numbers.default_mean_days)
    own = (numbers.shrinkage, numbers.factor, numbers.floor_days, numbers.cap_days)
    return dict(zip(GIVEN, (on, night_on, company_mean, *own), strict=True))


def numbered(clients: QuerySet[Client], values: Mapping[str, Any]) -> Any:
    """`with_numbers` with expressions in place of what is `given`."""
    first_on, last_on, gaps = F("cycle__first_on"), F("cycle__last_on"), F("cycle__gaps")
    # Never before the last purchase day: what is kept may come from a night that ran ahead.
    today = Greatest(Cast(values["on"], DateField()), last_on)
    fixed, floor, cap = (_whole(value) for value in (F("cycle__fixed_limit_days"), values["floor"], values["cap"]))
    shrinkage, factor = Cast(values["shrinkage"], FloatField()), Cast(values["factor"], FloatField())
    return (
        _with_mean(clients, values)
        .annotate(recency_days=Days(today, last_on), span_days=Days(last_on, first_on), age_days=Days(today, first_on))
        .annotate(cycle_days=Formula("cycle_days", gaps, F("span_days"), F("mean_days"), shrinkage))
        .annotate(limit_days=Formula("limit_days", F("cycle_days"), fixed, factor, floor, cap))
        .annotate(p_buys=Formula("p_buys", gaps, F("span_days"), F("age_days"), F("mean_days"), F("limit_days")))
        .annotate(health=_health(), next_change_on=_next_change())
    )


def _health() -> Case:
    """0 to 100, half rounded up; a prospect has none."""
    rounded = Cast(Floor(F("p_buys") * 100 + 0.5), IntegerField())
    return Case(When(~Q(portfolio_class=PortfolioClass.PROSPECT), then=rounded), output_field=IntegerField())


def _next_change() -> Func:
    parts = F("class_reason"), F("cycle__last_on"), F("limit_days"), F("cycle__contract_change_on")
    return Formula("next_change", *parts, output_field=DateField())


def _with_mean(clients: QuerySet[Client], values: Mapping[str, Any]) -> Any:
    """The sector's mean of the last night, else the company's."""
    of_night = FilteredRelation("sector__cycles", condition=Q(sector__cycles__on=values["night_on"]))
    company = Cast(values["company_mean"], FloatField())
    mean = Coalesce(F("sector_of_night__used_days"), company, output_field=FloatField())
    return clients.annotate(sector_of_night=of_night).annotate(mean_days=mean)


def _whole(value: Any) -> Cast:
    return Cast(value, IntegerField())
