"""Tier A to D by the value of 12 months (SCIENCE 1.5): first 20 %, next 30 %, next 30 %, last 20 % of the
clients with any value. Equal values share a tier."""

from typing import Final

from django.db import connection

# Thresholds first: one sort of the values, then one pass over the rows; only rows that differ are written.
# SKIP LOCKED: a client being written takes its new tier the next night, and nobody waits for anybody.
RANK: Final = """
WITH line AS (
    SELECT percentile_disc(ARRAY[0.2, 0.5, 0.8]) WITHIN GROUP (ORDER BY value_12m DESC) AS at
    FROM contracts_clientcycle
    WHERE value_12m > 0
),
tiered AS (
    SELECT cycle.client_id, CASE
        WHEN value_12m <= 0 THEN ''
        WHEN value_12m >= line.at[1] THEN 'A'
        WHEN value_12m >= line.at[2] THEN 'B'
        WHEN value_12m >= line.at[3] THEN 'C'
        ELSE 'D' END AS tier
    FROM contracts_clientcycle cycle
    CROSS JOIN line
),
free AS (
    SELECT cycle.client_id, tiered.tier
    FROM contracts_clientcycle cycle
    JOIN tiered ON tiered.client_id = cycle.client_id
    WHERE cycle.tier <> tiered.tier
    ORDER BY cycle.client_id
    FOR NO KEY UPDATE OF cycle SKIP LOCKED
)
UPDATE contracts_clientcycle cycle SET tier = free.tier
FROM free
WHERE cycle.client_id = free.client_id
"""


def rank_everybody() -> int:
    """Writes the tiers that differ and says how many."""
    with connection.cursor() as cursor:
        cursor.execute(RANK)
        written: int = cursor.rowcount
        return written
