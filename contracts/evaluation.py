"""The rule of the class, written once as SQL (SCIENCE 1.5 and 2).

The same text serves one client right after a write, everybody at night, and a date in the past: only the
parameters differ. `read` looks, `compare` counts and finds who differs, `write` stores what differs; nothing
else in Carteira decides a class.
"""

import datetime
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final, NamedTuple, Self

from django.conf import settings
from django.db import connection
from psycopg import sql

from contracts.cycles import EARLIER, KEPT_STATISTICS, STATISTICS, SUBJECT, SUMS
from contracts.models import ClassChange, ClassificationSettings
from contracts.terms import STANDING, TERM, VERDICT

LAST_ID: Final = 2**63 - 1

# m of the client's sector, else of the whole company. OFFSET 0 keeps each formula from being expanded twice.
NUMBERS: Final = sql.SQL("""
mean AS (
    SELECT sector_id, days
    FROM unnest(%(sector_ids)s::bigint[], %(sector_days)s::float8[]) AS known(sector_id, days)
),
measured AS (
    SELECT statistics.*, coalesce(mean.days, %(company_days)s::float8) AS mean_days,
        %(on)s::date - statistics.last_on AS recency_days,
        statistics.last_on - statistics.first_on AS span_days,
        %(on)s::date - statistics.first_on AS age_days
    FROM statistics
    LEFT JOIN mean ON mean.sector_id = statistics.sector_id
),
limited AS (
    SELECT measured.*, contracts_limit_days(
        contracts_cycle_days(gaps, span_days, mean_days, %(shrinkage)s::float8),
        fixed_limit_days::integer, %(factor)s::float8, %(floor_days)s, %(cap_days)s) AS limit_days
    FROM measured
)
""")

# The class before: of the client row, or of the history up to a day that the row has left behind.
BEFORE: Final = sql.SQL("""
judged AS (
    SELECT limited.*,
        CASE WHEN is_current THEN kept_class ELSE coalesce(earlier.to_class, 'prospect') END AS class_before,
        CASE WHEN is_current THEN kept_reason ELSE coalesce(earlier.reason, 'SEM_COMPRA') END AS reason_before,
        CASE WHEN is_current THEN kept_last_on ELSE earlier.last_on END AS last_before
    FROM limited
    LEFT JOIN earlier ON earlier.client_id = limited.client_id
)
""")
KEPT_BEFORE: Final = sql.SQL("""
judged AS (
    SELECT limited.*, kept_class AS class_before, kept_reason AS reason_before, kept_last_on AS last_before
    FROM limited
)
""")

# The order of tests of SCIENCE 2; the first that holds wins. A client that is not raw keeps what a contract
# decided. Rule 4 is sticky: once inactive, only a later purchase day or a contract brings a client back.
DECISION: Final = sql.SQL("""
reasoned AS (
    SELECT judged.*, CASE
        WHEN renewal_on >= %(on)s THEN 'CONTRATO_A_VENCER'
        WHEN renewal_on < %(on)s THEN 'CONTRATO_VENCIDO_NA_CARENCIA'
        WHEN all_cancelling THEN 'CANCELAMENTO_AGENDADO'
        WHEN all_leaving THEN 'VIGENTE_SEM_RENOVACAO'
        WHEN valid_id IS NOT NULL THEN 'CONTRATO_VIGENTE'
        WHEN ahead_id IS NOT NULL THEN 'CONTRATO_ASSINADO_FUTURO'
        WHEN NOT raw AND kept_reason IN (
            'CONTRATO_A_VENCER', 'CONTRATO_VENCIDO_NA_CARENCIA', 'CONTRATO_VIGENTE', 'CANCELAMENTO_AGENDADO',
            'VIGENTE_SEM_RENOVACAO', 'CONTRATO_ASSINADO_FUTURO') THEN kept_reason
        WHEN gaps < 0 THEN 'SEM_COMPRA'
        WHEN purchase_count = 0 THEN 'CONTRATO_ENCERRADO'
        WHEN recency_days > limit_days THEN 'FORA_DO_CICLO'
        WHEN class_before = 'inactive' AND last_on <= last_before AND NOT %(lift)s THEN 'SEM_NOVO_EVENTO'
        ELSE 'DENTRO_DO_CICLO' END AS reason
    FROM judged
    OFFSET 0
),
-- Risk is the chance of leaving the cycle: a contract in force is not left by waiting.
chanced AS (
    SELECT reasoned.*, CASE WHEN reason = 'DENTRO_DO_CICLO'
        THEN contracts_p_buys(gaps, span_days, age_days, mean_days, limit_days) END AS cycle_chance
    FROM reasoned
    OFFSET 0
),
decided AS (
    SELECT chanced.*,
        CASE
            WHEN reason IN ('CONTRATO_A_VENCER', 'CONTRATO_VENCIDO_NA_CARENCIA') THEN 'renewal'
            WHEN reason = 'SEM_COMPRA' THEN 'prospect'
            WHEN reason IN ('CONTRATO_ENCERRADO', 'FORA_DO_CICLO', 'SEM_NOVO_EVENTO') THEN 'inactive'
            ELSE 'active' END AS class,
        coalesce(contracts_risk_band(
            cycle_chance, %(high_risk_below)s::float8, %(low_risk_from)s::float8), '') AS risk_band,
        CASE
            WHEN reason IN ('SEM_COMPRA', 'DENTRO_DO_CICLO', 'FORA_DO_CICLO', 'SEM_NOVO_EVENTO') THEN NULL
            WHEN NOT raw THEN kept_contract_id
            WHEN reason IN ('CONTRATO_A_VENCER', 'CONTRATO_VENCIDO_NA_CARENCIA') THEN renewal_id
            WHEN reason = 'CONTRATO_ASSINADO_FUTURO' THEN ahead_id
            WHEN reason = 'CONTRATO_ENCERRADO' THEN ended_id
            ELSE valid_id END AS contract_id,
        CASE
            WHEN reason IN ('SEM_COMPRA', 'DENTRO_DO_CICLO', 'FORA_DO_CICLO', 'SEM_NOVO_EVENTO') THEN last_on
            WHEN NOT raw THEN kept_anchor_on
            WHEN reason IN ('CONTRATO_A_VENCER', 'CONTRATO_VENCIDO_NA_CARENCIA') THEN renewal_on
            WHEN reason = 'CANCELAMENTO_AGENDADO' THEN cancelling_on
            WHEN reason = 'CONTRATO_ASSINADO_FUTURO' THEN ahead_on
            WHEN reason = 'CONTRATO_ENCERRADO' THEN ended_on
            ELSE valid_on END AS anchor_on,
        CASE
            WHEN NOT raw THEN kept_contract_change_on
            ELSE coalesce(renewal_on + %(grace_days)s + 1, change_on) END AS contract_change_on
    FROM chanced
)
""")

NEWS: Final = sql.SQL("""(
    class <> class_before OR reason <> reason_before
    OR class = 'inactive' AND last_on IS DISTINCT FROM last_before
)""")
# `is_news` is a line of history, `differs` anything to store.
COMPARED: Final = sql.SQL("""
compared AS (
    SELECT decided.*, {news} AS is_news, {news} OR is_current AND (
        NOT is_kept OR %(stamp)s AND kept_evaluated_for IS DISTINCT FROM %(on)s
        OR (gaps, first_on, last_on, purchase_count, purchase_total, value_12m, fixed_limit_days, risk_band,
            contract_id, anchor_on, contract_change_on, due_on)
        IS DISTINCT FROM (kept_gaps, kept_first_on, kept_last_on, kept_purchase_count, kept_purchase_total,
            kept_value_12m, kept_fixed_limit_days, kept_risk_band, kept_contract_id, kept_anchor_on,
            kept_contract_change_on, kept_due_on)
    ) AS differs
    FROM decided
)
""").format(news=NEWS)
# What is kept is equal to itself: only time and m can have changed anything, and fewer columns travel.
KEPT_COMPARED: Final = sql.SQL("""
compared AS (
    SELECT client_id, class, risk_band, {news} OR risk_band <> kept_risk_band AS differs
    FROM decided
)
""").format(news=NEWS)

RULE: Final = sql.SQL("WITH ") + sql.SQL(",").join(
    [SUBJECT, EARLIER, TERM, STANDING, VERDICT, SUMS, STATISTICS, NUMBERS, BEFORE, DECISION, COMPARED]
)
KEPT_RULE: Final = sql.SQL("WITH ") + sql.SQL(",").join(
    [SUBJECT, KEPT_STATISTICS, NUMBERS, KEPT_BEFORE, DECISION, KEPT_COMPARED]
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

# One row without groups: no sort of everybody.
TALLY: Final = sql.SQL("""
SELECT coalesce(array_agg(client_id) FILTER (WHERE differs), '{}'),
    count(*) FILTER (WHERE class = 'active'), count(*) FILTER (WHERE class = 'renewal'),
    count(*) FILTER (WHERE class = 'inactive'), count(*) FILTER (WHERE class = 'prospect'),
    count(*) FILTER (WHERE risk_band = 'low'), count(*) FILTER (WHERE risk_band = 'medium'),
    count(*) FILTER (WHERE risk_band = 'high')
FROM compared
""")
COMPARE: Final = RULE + TALLY
COMPARE_KEPT: Final = KEPT_RULE + TALLY

# History, statistics and class in one statement; a night for an earlier date only adds history.
WRITE: Final = RULE + sql.SQL(""",
differing AS MATERIALIZED (
    SELECT * FROM compared WHERE differs
),
history AS (
    INSERT INTO contracts_classchange (client_id, "on", at, cause, by_id, from_class, to_class, reason, gaps,
        span_days, recency_days, last_on, mean_days, cycle_days, limit_days, p_buys, risk_band,
        contract_id, anchor_on)
    SELECT client_id, %(on)s, clock_timestamp(), %(cause)s, %(by)s, class_before, class, reason, gaps,
        span_days, recency_days, last_on, mean_days,
        contracts_cycle_days(gaps, span_days, mean_days, %(shrinkage)s::float8), limit_days,
        contracts_p_buys(gaps, span_days, age_days, mean_days, limit_days), risk_band, contract_id, anchor_on
    FROM differing WHERE is_news
    ORDER BY client_id
    RETURNING 1
),
cycle AS (
    INSERT INTO contracts_clientcycle AS kept (client_id, gaps, first_on, last_on, purchase_count,
        purchase_total, value_12m, tier, fixed_limit_days, risk_band, contract_id, anchor_on,
        contract_change_on, due_on, evaluated_for)
    SELECT client_id, gaps, first_on, last_on, purchase_count, purchase_total, value_12m, '',
        fixed_limit_days, risk_band, contract_id, anchor_on, contract_change_on, due_on, %(on)s
    FROM differing WHERE is_current
    ON CONFLICT (client_id) DO UPDATE SET gaps = excluded.gaps, first_on = excluded.first_on,
        last_on = excluded.last_on, purchase_count = excluded.purchase_count,
        purchase_total = excluded.purchase_total, value_12m = excluded.value_12m,
        fixed_limit_days = excluded.fixed_limit_days, risk_band = excluded.risk_band,
        contract_id = excluded.contract_id, anchor_on = excluded.anchor_on,
        contract_change_on = excluded.contract_change_on, due_on = excluded.due_on,
        evaluated_for = excluded.evaluated_for
    RETURNING 1
),
client AS (
    UPDATE clients_client SET portfolio_class = differing.class, class_reason = differing.reason,
        class_since = CASE WHEN differing.class = kept_class THEN class_since ELSE %(on)s END
    FROM differing
    WHERE clients_client.id = differing.client_id AND is_current
        AND (differing.class <> kept_class OR differing.reason <> kept_reason)
    RETURNING 1
)
SELECT (SELECT count(*) FROM history), (SELECT count(*) FROM cycle), (SELECT count(*) FROM client)
""")


@dataclass(frozen=True)
class Means:
    """m in days for a date: by sector after every fall back, and what counts for clients without a sector."""

    company: float
    by_sector: dict[int, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """Which clients, seen from which day, under which numbers.

    `known` is the day the rows speak of: today, when an earlier date is asked for. `recompute` reads raw rows
    for everyone; `lift` suspends the stickiness of rule 4.
    """

    on: datetime.date
    means: Means
    numbers: ClassificationSettings
    known: datetime.date | None = None
    recompute: bool = False
    lift: bool = False
    after: int = 0
    until: int | None = None
    ids: Sequence[int] | None = None

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
        own = {name: getattr(self, name) for name in ("on", "recompute", "lift", "after", "until")}
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


class Tally(NamedTuple):
    """Who would be written, and how many clients are in each class and band."""

    differing: list[int]
    active: int
    renewal: int
    inactive: int
    prospect: int
    risk_low: int
    risk_medium: int
    risk_high: int

    @property
    def counts(self) -> dict[str, int]:
        return {name: count for name, count in self._asdict().items() if name != "differing"}


class Written(NamedTuple):
    """Rows written: history, statistics, clients."""

    history: int = 0
    cycles: int = 0
    clients: int = 0

    def plus(self, other: "Written") -> "Written":
        return Written(*(mine + theirs for mine, theirs in zip(self, other, strict=True)))


def read(question: Question) -> list[Evaluation]:
    return [Evaluation(*row) for row in _rows(READ, question.parameters())]


def compare(question: Question, *, kept: bool = False) -> Tally:
    """How many clients are in each class and band, and who of them would be written; with `kept` only among
    those of whom no raw row must be read."""
    (found,) = _rows(COMPARE_KEPT if kept else COMPARE, question.parameters())
    return Tally(*found)


def write(question: Question, *, cause: ClassChange.Cause, by: int | None = None, stamp: bool = False) -> Written:
    """Stores what differs. The caller holds the clients' rows; with `stamp` the day is stored even where nothing
    else differs."""
    (counts,) = _rows(WRITE, question.parameters(cause=cause.value, by=by, stamp=stamp))
    return Written(*counts)


def _rows(statement: sql.Composable, parameters: dict[str, Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        rows: list[Any] = cursor.fetchall()
        return rows
