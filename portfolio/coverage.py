"""Who of each portfolio is not covered by contacts this month: counted every night, listed by a filter."""

import calendar
import datetime
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.db.models import Count, Q, QuerySet

from clients.models import Client
from contacts import intervals
from contracts.models import Tier
from contracts.nightly import Chunks, PlainChunks
from core.days import midnight
from people.models import User
from people.visibility import sight_of
from portfolio.models import Coverage

TIERS = (Tier.A, Tier.B, Tier.C, Tier.D)
# A day is needed while it is the newest of its month: with it months can be compared.
KEPT_MONTHS = 13


def month_of(day: datetime.date) -> tuple[datetime.date, datetime.date]:
    """First and last day."""
    return day.replace(day=1), day.replace(day=calendar.monthrange(day.year, day.month)[1])


def uncovered(day: datetime.date) -> Q:
    """Due by the end of the month and not contacted in it; over clients `with_intervals`."""
    first, last = month_of(day)
    begun = midnight(first)
    silent = Q(pulse__isnull=True) | Q(pulse__last_at__lt=begun)
    return Q(interval_due_on__lte=last) & silent


def uncovered_among(clients: QuerySet[Any], day: datetime.date) -> QuerySet[Any]:
    found: QuerySet[Any] = intervals.with_intervals(clients, day).filter(uncovered(day))
    return found


def overdue_among(clients: QuerySet[Any], day: datetime.date) -> QuerySet[Any]:
    """Those whose interval is over."""
    found: QuerySet[Any] = intervals.with_intervals(clients, day).filter(overdue_days__gt=0)
    return found


# --- The night -----------------------------------------------------------------------------------------


def count_everybody(day: datetime.date, run: Chunks | None = None) -> dict[str, int]:
    """A step of the night: writes the day anew, forgets the other days of its month and months long gone."""
    first, last = month_of(day)
    begun = midnight(first)
    everybody = Client.objects.unscoped(reason="the night counts everybody").filter(deceased_on=None)
    counted = (
        intervals.with_intervals(everybody, day)
        .filter(interval_days__isnull=False)
        .order_by()
        .values("owner", "team", "cycle__tier")
        .annotate(
            clients=Count("pk"),
            contacted=Count("pk", filter=Q(pulse__last_at__gte=begun)),
            reached=Count("pk", filter=Q(pulse__reached_at__gte=begun)),
            uncovered=Count("pk", filter=uncovered(day)),
        )
    )
    rows = [_row(day, row) for row in counted]
    with (run or PlainChunks()).chunk():
        Coverage.objects.filter(on__gte=first, on__lte=last).delete()
        Coverage.objects.filter(on__lt=_months_before(first, KEPT_MONTHS)).delete()
        Coverage.objects.bulk_create(rows)
    return {"uncovered": sum(row.uncovered for row in rows)}


def _row(day: datetime.date, counted: dict[str, Any]) -> Coverage:
    # Of an owner the team says nothing more: a portfolio is one row per tier.
    return Coverage(
        on=day,
        owner_id=counted["owner"],
        team_id=counted["team"],
        tier=counted["cycle__tier"],
        **{name: counted[name] for name in ("clients", "contacted", "reached", "uncovered")},
    )


def _months_before(first: datetime.date, months: int) -> datetime.date:
    years, month = divmod(first.month - 1 - months, 12)
    return datetime.date(first.year + years, month + 1, 1)


# --- The report ----------------------------------------------------------------------------------------


@dataclass
class Line:
    """One portfolio of the report; `owner` None is what waits for an owner."""

    owner: User | None
    clients: int = 0
    contacted: int = 0
    reached: int = 0
    uncovered: int = 0
    by_tier: dict[str, int] = field(default_factory=dict)

    def add(self, row: Coverage) -> None:
        self.clients += row.clients
        self.contacted += row.contacted
        self.reached += row.reached
        self.uncovered += row.uncovered
        self.by_tier[row.tier] = self.by_tier.get(row.tier, 0) + row.uncovered

    @property
    def percent(self) -> int:
        """Of the clients with an interval, those that need no contact any more this month."""
        return 100 - round(100 * self.uncovered / self.clients) if self.clients else 100

    @property
    def tiers(self) -> list[int]:
        return [self.by_tier.get(tier, 0) for tier in TIERS]


@dataclass(frozen=True)
class Report:
    """`on` is the night that counted; None before the first one."""

    on: datetime.date | None
    lines: list[Line]
    total: Line


def report_for(user: User) -> Report:
    """The newest count of the portfolios that `user` sees, the least covered first."""
    seen = Coverage.objects.filter(sight_of(user).filter(owner="owner", team="team"))
    newest = seen.order_by("-on").values_list("on", flat=True).first()
    rows = seen.filter(on=newest).select_related("owner").order_by("owner__name_key", "pk") if newest else []
    return Report(newest, _lines(rows), _total(rows))


def _lines(rows: Iterable[Coverage]) -> list[Line]:
    lines: dict[int | None, Line] = {}
    for row in rows:
        lines.setdefault(row.owner_id, Line(row.owner)).add(row)
    return sorted(lines.values(), key=lambda line: (line.percent, -line.uncovered))


def _total(rows: Iterable[Coverage]) -> Line:
    total = Line(None)
    for row in rows:
        total.add(row)
    return total
