"""The rule of the class, written once as SQL (SCIENCE 1.5 and 2).

The same text serves one client right after a write, everybody at night, and a date in the past: only the
parameters differ. `read` looks, `compare` counts and finds who differs, `write` stores what differs; nothing
else in Carteira decides a class.
"""

import datetime
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, Self

from django.conf import settings
from django.db import connection
from django.utils import timezone
from psycopg import sql

from contracts.cycles import BOTH, GROWING, HELD_OVER, RAW_STATISTICS, STALE, STATISTICS
from contracts.models import ClassChange, ClassificationSettings
from contracts.terms import of_few
from core.statements import Prepared

LAST_ID: Final = 2**63 - 1

# The class follows from the reason; every other reason is of the active class.
CLASS_OF: Final = {
    "CONTRATO_A_VENCER": "renewal",
    "CONTRATO_VENCIDO_NA_CARENCIA": "renewal",
    "SEM_COMPRA": "prospect",
    "CONTRATO_ENCERRADO": "inactive",
    "FORA_DO_CICLO": "inactive",
    "SEM_NOVO_EVENTO": "inactive",
}


def class_of(column: str) -> sql.Composed:
    """The class that belongs to a column with a reason."""
    whens = [
        sql.SQL("WHEN {} THEN {}").format(sql.Literal(reason), sql.Literal(found)) for reason, found in CLASS_OF.items()
    ]
    return sql.SQL("(CASE {} {} ELSE 'active' END)").format(sql.SQL(column), sql.SQL(" ").join(whens))


# m of the client's sector, else of the whole company. OFFSET 0 here and below keeps the planner from writing a
# formula out again wherever its value is used.
NUMBERS: Final = sql.SQL("""
mean AS (
    SELECT sector_id, days
    FROM unnest(%(sector_ids)s::bigint[], %(sector_days)s::float8[]) AS known(sector_id, days)
),
measured AS (
    SELECT statistics.*, coalesce(mean.days, %(company_days)s::float8) AS mean_days,
        %(on)s::date - last_on AS recency_days, last_on - first_on AS span_days, %(on)s::date - first_on AS age_days
    FROM {statistics} statistics
    LEFT JOIN mean ON mean.sector_id = statistics.sector_id
),
limited AS (
    SELECT measured.*, contracts_limit_days(
        contracts_cycle_days(gaps, span_days, mean_days, %(shrinkage)s::float8),
        fixed_limit_days::integer, %(factor)s::float8, %(floor_days)s, %(cap_days)s) AS limit_days
    FROM measured
    OFFSET 0
)
""")

# The order of tests of SCIENCE 2, of which contracts made the first ones; the first that holds wins. Rule 4 is
# sticky: once inactive, only a later purchase day or a contract brings a client back. Risk is the chance of
# leaving the cycle: a contract in force is not left by waiting.
DECISION: Final = sql.SQL("""
reasoned AS (
    SELECT limited.*, CASE
        WHEN held_reason IS NOT NULL THEN held_reason
        WHEN gaps < 0 THEN 'SEM_COMPRA'
        WHEN purchase_count = 0 THEN 'CONTRATO_ENCERRADO'
        WHEN recency_days > limit_days THEN 'FORA_DO_CICLO'
        WHEN reason_before <> 'DENTRO_DO_CICLO' AND last_on <= last_before AND {class_before} = 'inactive'
            AND NOT %(lift)s THEN 'SEM_NOVO_EVENTO'
        ELSE 'DENTRO_DO_CICLO' END AS reason
    FROM limited
    OFFSET 0
),
chanced AS (
    SELECT reasoned.*, CASE WHEN reason = 'DENTRO_DO_CICLO'
        THEN contracts_p_buys(gaps, span_days, age_days, mean_days, limit_days) END AS cycle_chance
    FROM reasoned
    OFFSET 0
),
decided AS (
    SELECT chanced.*, coalesce(contracts_risk_band(
        cycle_chance, %(high_risk_below)s::float8, %(low_risk_from)s::float8), '') AS risk_band
    FROM chanced
)
""").format(class_before=class_of("reason_before"))

# `is_news` is a line of history, `differs` anything to store.
COMPARED: Final = sql.SQL("""
compared AS (
    SELECT classed.*, is_news OR is_current AND (
        NOT is_kept OR %(stamp)s AND kept_evaluated_for IS DISTINCT FROM %(on)s
        OR reason <> kept_reason OR risk_band <> kept_risk_band
        OR sector_id IS DISTINCT FROM kept_sector_id OR {statistics}
    ) AS differs
    FROM (
        SELECT decided.*, {class_now} AS class, reason <> reason_before OR {class_now} <> class_before
            OR last_on IS DISTINCT FROM last_before AND {class_now} = 'inactive' AS is_news
        FROM decided
        OFFSET 0
    ) classed
)
""").format(
    class_now=class_of("reason"),
    statistics=sql.SQL(" OR ").join(sql.SQL(f"{name} IS DISTINCT FROM kept_{name}") for name in STATISTICS),
)

RULE: Final = sql.SQL("WITH ") + sql.SQL(",").join(
    [RAW_STATISTICS, HELD_OVER, NUMBERS.format(statistics=BOTH), DECISION, COMPARED]
)
# The same for clients of whom no raw row must be read.
KEPT_RULE: Final = sql.SQL("WITH ") + sql.SQL(",").join(
    [HELD_OVER, NUMBERS.format(statistics=sql.SQL("held_over")), DECISION, COMPARED]
)
# What is kept is equal to itself: only time and m can have changed anything, and fewer columns travel.
MOVED: Final = sql.SQL("WITH ") + sql.SQL(",").join(
    [
        GROWING,
        NUMBERS.format(statistics=sql.SQL("growing")),
        DECISION,
        sql.SQL("""
moved AS (
    SELECT client_id FROM decided WHERE reason <> reason_before OR risk_band <> kept_risk_band
)
SELECT client_id FROM moved
"""),
    ]
)

READ: Final = RULE + sql.SQL("""
SELECT compared.client_id, client.code, class, reason, gaps, span_days, recency_days, last_on, mean_days,
    contracts_cycle_days(gaps, span_days, mean_days, %(shrinkage)s::float8) AS cycle_days, limit_days,
    contracts_p_buys(gaps, span_days, age_days, mean_days, limit_days) AS p_buys, risk_band,
    contracts_next_change(reason, last_on, limit_days, contract_change_on) AS next_change_on,
    contract_id, anchor_on
FROM compared
JOIN clients_client client ON client.id = compared.client_id
ORDER BY compared.client_id
""")

TALLY: Final = sql.SQL("""
SELECT reason, risk_band, count(*), coalesce(array_agg(client_id) FILTER (WHERE differs), '{}')
FROM compared
GROUP BY reason, risk_band
""")
COMPARE: Final = RULE + TALLY

# History, statistics and class in one statement; a night for an earlier date only adds history.
WRITING: Final = sql.SQL(""",
differing AS MATERIALIZED (
    SELECT * FROM compared WHERE differs
),
history AS (
    INSERT INTO contracts_classchange (client_id, "on", at, cause, by_id, from_class, to_class, reason, gaps,
        span_days, recency_days, last_on, mean_days, cycle_days, limit_days, p_buys, risk_band,
        contract_id, anchor_on)
    SELECT client_id, %(on)s, clock_timestamp(), %(cause)s, %(by)s, coalesce(class_before, {class_before}), class,
        reason, gaps, span_days, recency_days, last_on, mean_days,
        contracts_cycle_days(gaps, span_days, mean_days, %(shrinkage)s::float8), limit_days,
        contracts_p_buys(gaps, span_days, age_days, mean_days, limit_days), risk_band, contract_id, anchor_on
    FROM differing WHERE is_news
    ORDER BY client_id
    RETURNING 1
),
cycle AS (
    INSERT INTO contracts_clientcycle AS kept (client_id, sector_id, gaps, first_on, last_on, purchase_count,
        purchase_total, value_12m, value_due_on, tier, fixed_limit_days, reason, is_held, risk_band, contract_id,
        anchor_on, contract_change_on, due_on, evaluated_for)
    SELECT client_id, sector_id, gaps, first_on, last_on, purchase_count, purchase_total, value_12m, value_due_on,
        '', fixed_limit_days, reason, held_reason IS NOT NULL, risk_band, contract_id, anchor_on,
        contract_change_on, due_on, %(on)s
    FROM differing WHERE is_current
    ORDER BY client_id
    ON CONFLICT (client_id) DO UPDATE SET sector_id = excluded.sector_id, gaps = excluded.gaps,
        first_on = excluded.first_on, last_on = excluded.last_on, purchase_count = excluded.purchase_count,
        purchase_total = excluded.purchase_total, value_12m = excluded.value_12m,
        value_due_on = excluded.value_due_on, fixed_limit_days = excluded.fixed_limit_days,
        reason = excluded.reason, is_held = excluded.is_held, risk_band = excluded.risk_band,
        contract_id = excluded.contract_id, anchor_on = excluded.anchor_on,
        contract_change_on = excluded.contract_change_on, due_on = excluded.due_on,
        evaluated_for = excluded.evaluated_for
    RETURNING 1
),
client AS (
    UPDATE clients_client SET portfolio_class = differing.class, class_reason = differing.reason,
        class_since = CASE WHEN differing.class = clients_client.portfolio_class THEN class_since ELSE %(on)s END
    FROM differing
    WHERE clients_client.id = differing.client_id AND is_current AND is_news
        AND (differing.class <> clients_client.portfolio_class OR differing.reason <> clients_client.class_reason)
    RETURNING 1
)
SELECT (SELECT count(*) FROM history), (SELECT count(*) FROM cycle), (SELECT count(*) FROM client),
    (SELECT array_agg(ARRAY[kept_reason::text, kept_risk_band::text, reason::text, risk_band::text])
     FROM differing
     WHERE is_current AND (NOT is_kept OR reason <> kept_reason OR risk_band <> kept_risk_band))
""").format(class_before=class_of("reason_before"))
WRITE: Final = RULE + WRITING
# To plan it costs six times as much as to run it: the server plans it once per connection.
WRITE_FEW: Final = of_few(WRITE)
FEW: Final = 50
WRITE_KEPT: Final = KEPT_RULE + WRITING


@dataclass(frozen=True)
class Means:
    """m in days for a date: by sector after every fall back, and what counts for clients without a sector."""

    company: float
    by_sector: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """Which clients, seen from which day, under which numbers.

    `known` is the day the rows speak of: today, when an earlier date is asked for. `recompute` reads raw rows
    for everyone; `lift` suspends the stickiness of rule 4. Without `is_late` nothing is stored of later days.
    `kept_only` leaves out clients of whom raw rows must be read, when writing.
    """

    on: datetime.date
    means: Means
    numbers: ClassificationSettings
    known: datetime.date | None = None
    recompute: bool = False
    lift: bool = False
    is_late: bool = True
    kept_only: bool = False
    after: int = 0
    until: int | None = None
    ids: Sequence[int] | None = None

    @classmethod
    def without_means(cls, day: datetime.date) -> Self:
        """To look at raw rows alone, or to measure m."""
        numbers = ClassificationSettings.current()
        means = Means(company=numbers.default_mean_days)
        return cls(on=day, known=max(day, timezone.localdate()), means=means, numbers=numbers)

    def about(self, ids: Iterable[int]) -> Self:
        """The same question about these clients only."""
        found = sorted(set(ids))
        return replace(self, ids=found, after=found[0] - 1 if found else 0, until=found[-1] if found else 0)

    def seen_from(self, day: datetime.date) -> Self:
        """The same question as of an earlier day, knowing what is known now."""
        return replace(self, on=day, known=max(self.on, self.known or self.on))

    def between(self, after: int, until: int) -> Self:
        return replace(self, after=after, until=until)

    def parameters(self, **more: Any) -> dict[str, Any]:
        own = {name: getattr(self, name) for name in ("on", "recompute", "lift", "is_late", "after", "until")}
        return {
            **self.numbers.numbers(),
            **own,
            "ids": None if self.ids is None else list(self.ids),
            "known": max(self.on, self.known or self.on),
            "zone": settings.TIME_ZONE,
            "company_days": self.means.company,
            "sector_ids": list(self.means.by_sector),
            "sector_days": list(self.means.by_sector.values()),
            "stamp": False,
            **more,
        }


class Evaluation(NamedTuple):
    """What the rule says about one client."""

    client_id: int
    code: str
    class_code: str
    reason: str
    gaps: int
    span_days: int | None
    recency_days: int | None
    last_on: datetime.date | None
    mean_days: float
    cycle_days: float | None
    limit_days: float | None
    p_buys: float | None
    risk_band: str
    next_change_on: datetime.date | None
    contract_id: int | None
    anchor_on: datetime.date | None


@dataclass(frozen=True)
class Tally:
    """Who would be written, and how many clients are in each class (`active`) and risk band (`risk_low`)."""

    differing: list[int]
    counts: Counter[str]


@dataclass(frozen=True)
class Written:
    """Rows written: history, statistics, clients; and how many more clients are in each class and band now."""

    history: int = 0
    cycles: int = 0
    clients: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    @property
    def rows(self) -> int:
        return self.history + self.cycles + self.clients

    def plus(self, other: "Written") -> "Written":
        counts = Counter(self.counts)
        counts.update(other.counts)
        return Written(self.history + other.history, self.cycles + other.cycles, self.clients + other.clients, counts)


def read(question: Question) -> list[Evaluation]:
    return [Evaluation(*row) for row in _rows(READ, question.parameters())]


def compare(question: Question) -> Tally:
    """How many clients are in each class and band, and who of them would be written."""
    rows = _rows(COMPARE, question.parameters())
    differing = sorted(pk for *_, found in rows for pk in found)
    return Tally(differing, counted((reason, band, number) for reason, band, number, _ in rows))


def moved(question: Question) -> list[int]:
    """Who would be written among those of whom no raw row must be read."""
    return [row[0] for row in _rows(MOVED, question.parameters())]


def stale(question: Question) -> list[int]:
    """Whose kept statistics are not what raw rows say now."""
    return [row[0] for row in _rows(STALE, question.parameters())]


def counted(groups: Iterable[tuple[str, str, int]]) -> Counter[str]:
    """Clients in each class (`active`) and risk band (`risk_low`), from their numbers by reason and band."""
    counts: Counter[str] = Counter()
    for reason, band, number in groups:
        counts[CLASS_OF.get(reason, "active")] += number
        if band:
            counts[f"risk_{band}"] += number
    return counts


def write(question: Question, *, cause: ClassChange.Cause, by: int | None = None, stamp: bool = False) -> Written:
    """Stores what differs. The caller holds the clients' rows; with `stamp` the day is stored even where nothing
    else differs."""
    parameters = question.parameters(cause=cause.value, by=by, stamp=stamp)
    if stamp and question.ids is not None and len(question.ids) <= FEW:
        ((history, cycles, clients, steps),) = _planned(WRITE_FEW, parameters)
    else:
        ((history, cycles, clients, steps),) = _rows(WRITE_KEPT if question.kept_only else WRITE, parameters)
    counts = counted((reason, band, 1) for _, _, reason, band in steps or ())
    counts.subtract(counted((reason, band, 1) for reason, band, _, _ in steps or () if reason is not None))
    return Written(history, cycles, clients, counts)


def _planned(statement: str, parameters: dict[str, Any]) -> list[Any]:
    """Left to itself the server would plan anew for each list of ids: a shorter one looks cheaper."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.cursor = Prepared(connection.connection)
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
        cursor.execute("SET LOCAL plan_cache_mode = auto")
        return rows


def _rows(statement: sql.Composable, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
        return rows
