"""The value of 12 months as sales leave them, and the tier A to D by it (SCIENCE 1.5): first 20 %, next 30 %, next
30 %, last 20 % of the clients with any value. Equal values share a tier."""

import datetime
import itertools
from dataclasses import replace
from typing import Final

from django.db import connection
from psycopg import sql

from contracts.cycles import SOURCES, STATISTICS, VALUE, differing
from contracts.evaluation import Question
from contracts.models import ClientCycle
from contracts.nightly import CHUNK, Chunks, PlainChunks

# Only rows that differ are written, here and below. SKIP LOCKED: a client being written takes its new tier the next
# night, and nobody waits for anybody.
AGE: Final = (
    sql.SQL("WITH ")
    + SOURCES
    + sql.SQL(""",
free AS MATERIALIZED (
    SELECT client_id
    FROM contracts_clientcycle
    WHERE client_id = ANY(%(ids)s) AND (%(recompute)s OR value_due_on <= %(on)s)
    ORDER BY client_id
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE contracts_clientcycle kept SET {values}
FROM free
LEFT JOIN sale ON sale.client_id = free.client_id
LEFT JOIN ruling ON ruling.client_id = free.client_id
WHERE kept.client_id = free.client_id AND ({differs})
""").format(
        values=sql.SQL(", ").join(sql.SQL(f"{name} = {STATISTICS[name]}") for name in VALUE),
        differs=differing(*VALUE),
    )
)
# Values as floats, which sort three times as fast: a cent more or less decides no tier.
THRESHOLDS: Final = """
SELECT percentile_disc(ARRAY[0.2, 0.5, 0.8]) WITHIN GROUP (ORDER BY value_12m::float8 DESC)
FROM contracts_clientcycle
WHERE value_12m > 0
"""
TIER: Final = sql.SQL("""CASE
    WHEN value_12m <= 0 THEN ''
    WHEN value_12m::float8 >= %(first)s::float8 THEN 'A'
    WHEN value_12m::float8 >= %(second)s::float8 THEN 'B'
    WHEN value_12m::float8 >= %(third)s::float8 THEN 'C'
    ELSE 'D' END""")
RANK: Final = sql.SQL("""
WITH free AS (
    SELECT client_id
    FROM contracts_clientcycle
    WHERE tier <> {tier}
    ORDER BY client_id
    FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE contracts_clientcycle cycle SET tier = {tier}
FROM free
WHERE cycle.client_id = free.client_id
""").format(tier=TIER)


def rank_everybody(day: datetime.date, run: Chunks | None = None, *, recompute: bool = False) -> dict[str, int]:
    """Writes the values that a day changed, then the tiers that differ; a step of the night, after the classes.

    With `recompute` the values of everybody are compared with raw rows.
    """
    run = run or PlainChunks()
    question = replace(Question.without_means(day), recompute=recompute)
    aged = 0
    for batch in itertools.batched(_due(question), CHUNK, strict=False):
        with run.chunk(), connection.cursor() as cursor:
            cursor.execute(AGE, question.about(batch).parameters())
            aged += cursor.rowcount
    with run.chunk():
        return {"aged": aged, "ranked": _rank()}


def _due(question: Question) -> list[int]:
    cycles = ClientCycle.objects.unscoped(reason="the night").order_by("pk")
    if not question.recompute:
        cycles = cycles.filter(value_due_on__lte=question.on)
    return list(cycles.values_list("pk", flat=True))


def _rank() -> int:
    with connection.cursor() as cursor:
        cursor.execute(THRESHOLDS)
        first, second, third = cursor.fetchone()[0] or (0, 0, 0)
        cursor.execute(RANK, {"first": first, "second": second, "third": third})
        written: int = cursor.rowcount
        return written
