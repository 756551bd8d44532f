"""Tier A to D by the value of 12 months (SCIENCE 1.5): first 20 %, next 30 %, next 30 %, last 20 % of the
clients with any value. Equal values share a tier."""

import datetime
from typing import Final

from django.db import connection
from psycopg import sql

from contracts.nightly import Chunks, PlainChunks

# Values as floats, which sort three times as fast: a cent more or less decides no tier.
THRESHOLDS: Final = """
SELECT percentile_disc(ARRAY[0.2, 0.5, 0.8]) WITHIN GROUP (ORDER BY value_12m::float8 DESC)
FROM contracts_clientcycle
WHERE value_12m > 0
"""
# Only rows that differ are written. SKIP LOCKED: a client being written takes its new tier the next night, and
# nobody waits for anybody.
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


def rank_everybody(_day: datetime.date, run: Chunks | None = None) -> dict[str, int]:
    """Writes the tiers that differ; a step of the night, after the values of the day are known."""
    with (run or PlainChunks()).chunk():
        return {"ranked": _rank()}


def _rank() -> int:
    with connection.cursor() as cursor:
        cursor.execute(THRESHOLDS)
        first, second, third = cursor.fetchone()[0] or (0, 0, 0)
        cursor.execute(RANK, {"first": first, "second": second, "third": third})
        written: int = cursor.rowcount
        return written
