"""m, the mean number of days between two purchases, per sector and night (SCIENCE 1.5)."""

import datetime
import itertools
from collections import Counter, defaultdict
from dataclasses import dataclass, replace
from typing import Any, Final, NamedTuple

from django.db import connection
from psycopg import sql

from clients.models import Sector
from contracts.cycles import RAW, RAW_STATISTICS
from contracts.evaluation import CLASS_OF, Means, Question, counted
from contracts.models import ClassificationSettings, SectorCycle
from core import parallel

BATCH: Final = 5_000
# Reasons of who has bought nothing yet.
PROSPECTS: Final = frozenset(reason for reason, found in CLASS_OF.items() if found == "prospect")

# Closed gaps only: exposure over purchases is dominated by lapsed clients. Everything that is kept in one pass over
# one table, by two processes; beside it those who must be read from raw rows, with what is kept of them.
KEPT: Final = sql.SQL("""
SELECT kept.sector_id, kept.reason, kept.risk_band, sum(greatest(kept.gaps, 0)),
    coalesce(sum(kept.last_on - kept.first_on), 0), count(*), max(kept.evaluated_for), coalesce(
        array_agg(ARRAY[kept.client_id, greatest(kept.gaps, 0), coalesce(kept.last_on - kept.first_on, 0)])
            FILTER (WHERE {raw}), '{{}}')
FROM contracts_clientcycle kept
GROUP BY kept.sector_id, kept.reason, kept.risk_band
""").format(raw=RAW)
# Clients that came without an evaluation are prospects still; as each kept row has its client, equal counts of
# prospects say that there are none. Who checks everything counts everybody.
CLIENTS: Final = "SELECT count(*) FROM clients_client WHERE %(everybody)s OR portfolio_class = 'prospect'"
NEWCOMERS: Final = """
SELECT client.id FROM clients_client client
WHERE NOT EXISTS (SELECT 1 FROM contracts_clientcycle kept WHERE kept.client_id = client.id)
"""
FROM_RAW: Final = (
    sql.SQL("WITH ")
    + RAW_STATISTICS
    + sql.SQL("""
SELECT sector_id, sum(gaps)::bigint, sum(last_on - first_on)::bigint
FROM found
WHERE gaps > 0
GROUP BY sector_id
""")
)


class Kept(NamedTuple):
    """What is kept of a sector, reason and risk band; `raw`: id, gaps and days of those who must be read anew."""

    sector_id: int | None
    reason: str
    risk_band: str
    gaps: int
    days: int
    clients: int
    newest: datetime.date | None
    raw: list[tuple[int, int, int]]


@dataclass(frozen=True)
class Closed:
    """Closed gaps of a group: their number and the days they cover together."""

    gaps: int = 0
    days: int = 0

    def plus(self, other: "Closed") -> "Closed":
        return Closed(self.gaps + other.gaps, self.days + other.days)

    @property
    def mean(self) -> float | None:
        return self.days / self.gaps if self.gaps else None


def last_night(*, until: datetime.date | None = None) -> datetime.date | None:
    """The last date classified for everybody."""
    nights = SectorCycle.objects.filter(sector=None)
    if until is not None:
        nights = nights.filter(on__lte=until)
    return nights.order_by("-on").values_list("on", flat=True).first()


def stored_means(numbers: ClassificationSettings, *, until: datetime.date | None = None) -> Means:
    """m of the last night (up to a date); before the first night the default for everybody."""
    night = last_night(until=until)
    rows = SectorCycle.objects.filter(on=night).values_list("sector_id", "used_days") if night else ()
    days: dict[int | None, float] = dict(rows)
    company = days.pop(None, float(numbers.default_mean_days))
    return Means(company=company, by_sector={sector: used for sector, used in days.items() if sector is not None})


@dataclass(frozen=True)
class Measured:
    """m seen from a day: unsaved rows, the company's first; the clients of whom raw rows had to be read; the latest
    day that any client was evaluated for; and how many clients are in each class and risk band by what is kept."""

    rows: list[SectorCycle]
    raw: list[int]
    newest: datetime.date | None
    counts: Counter[str]

    @property
    def means(self) -> Means:
        company, *sectors = self.rows
        by_sector = {row.sector_id: row.used_days for row in sectors if row.sector_id is not None}
        return Means(company=company.used_days, by_sector=by_sector)


def measure(question: Question, *, everybody: bool = False) -> Measured:
    """m from the events up to the day of the question; `everybody` doubts the class of clients, too."""
    kept = _kept(question)
    raw = sorted([pk for group in kept for pk, _, _ in group.raw] + _newcomers(kept, everybody=everybody))
    closed = _closed(kept, question, raw)
    company = Closed()
    for each in closed.values():
        company = company.plus(each)
    numbers, on = question.numbers, question.on
    default = float(numbers.default_mean_days)
    general = _used(company, numbers, default)
    sectors = Sector.objects.order_by("pk").values_list("pk", flat=True)
    rows = [
        SectorCycle(
            sector_id=pk, on=on, mean_days=closed[pk].mean, gaps=closed[pk].gaps,
            used_days=_used(closed[pk], numbers, general),
        )
        for pk in sectors
    ]  # fmt: skip
    whole = SectorCycle(on=on, mean_days=company.mean, gaps=company.gaps, used_days=general)
    newest = max((group.newest for group in kept if group.newest), default=None)
    return Measured(
        [whole, *rows], raw, newest, counted((group.reason, group.risk_band, group.clients) for group in kept)
    )


def store(rows: list[SectorCycle], *, on: datetime.date) -> int:
    """Writes the rows of that night that differ, and says how many."""
    kept = {row.sector_id: (row.mean_days, row.gaps, row.used_days) for row in SectorCycle.objects.filter(on=on)}
    news = [row for row in rows if kept.get(row.sector_id) != (row.mean_days, row.gaps, row.used_days)]
    SectorCycle.objects.bulk_create(
        news,
        update_conflicts=True,
        unique_fields=["on", "sector"],
        update_fields=["mean_days", "gaps", "used_days"],
        batch_size=1_000,
    )
    return len(news)


def _used(closed: Closed, numbers: ClassificationSettings, otherwise: float) -> float:
    mean = closed.mean
    return otherwise if mean is None or closed.gaps < numbers.min_gaps else mean


def _kept(question: Question) -> list[Kept]:
    return [Kept(*row) for row in _rows(KEPT, question)]


def _newcomers(kept: list[Kept], *, everybody: bool) -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute(CLIENTS, {"everybody": everybody})
        known = sum(group.clients for group in kept if everybody or group.reason in PROSPECTS)
        if cursor.fetchone()[0] == known:
            return []
        cursor.execute(NEWCOMERS)
        return [row[0] for row in cursor.fetchall()]


def _closed(kept: list[Kept], question: Question, raw: list[int]) -> dict[int | None, Closed]:
    """What is kept, with raw rows in place of those who must be read."""
    groups = [(group.sector_id, group.gaps, group.days) for group in kept]
    groups += [(group.sector_id, -gaps, -days) for group in kept for _, gaps, days in group.raw]
    # That they are raw is known: told so, the planner expects all of them.
    told = replace(question, recompute=True)
    batches = list(itertools.batched(raw, BATCH, strict=False))
    for part in parallel.results(lambda batch: _rows(FROM_RAW, told.about(batch)), batches):
        groups += part
    found: dict[int | None, Closed] = defaultdict(Closed)
    for sector, gaps, days in groups:
        found[sector] = found[sector].plus(Closed(gaps, days))
    return found


def _rows(statement: sql.Composed, question: Question) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, question.parameters())
        rows: list[Any] = cursor.fetchall()
        return rows
