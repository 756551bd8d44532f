"""One row per client with all that its records have in common: who, where, whose, since when, how often it buys."""

from carteira.generator.database import execute
from carteira.generator.lookups import PLACES_PER_REGION

# OFFSET 0 keeps each step apart: what it draws is computed once, not again wherever it is used.
#
# `n` is the client's id. `tenure`: days since it first bought or asked, shorter the later the number. `came`: days
# since it is a client, more only where a contract is older. `lived`: days on which it bought, from the first.
# `why_ownerless`: 0 and 1 were released to the team they had, 2 never had an owner, 3 has no team either.
DRAFT = """
CREATE TEMP TABLE draft ON COMMIT DROP AS
WITH arrival AS (
    SELECT n::bigint AS n,
        greatest(1, %(longest)s * pow(1 - (n - 0.5::float8) / %(clients)s, 1.5)
            * (0.9 + 0.1 * pg_temp.draw(n, 'arrival')))::integer AS tenure,
        pg_temp.draw(n, 'company') < 0.32 AS is_company,
        mod(n, 100) = 37 AS is_ownerless,
        mod(n / 100, 4) AS why_ownerless
    FROM generate_series(1, %(clients)s) n
    OFFSET 0
),
placed AS (
    SELECT arrival.*, place.city, place.city_key, place.uf, place.ddd, place.ceps, place.districts,
        seller.id AS seller_id, seller.team_id,
        before.id AS before_id, before.team_id AS before_team_id
    FROM arrival
    JOIN seller ON seller.slot = pg_temp.pick(n, 'seller', %(seller)s)
    JOIN seller before ON before.slot = pg_temp.pick(n, 'seller before', %(seller)s)
    JOIN place ON place.region = seller.region AND place.choice = pg_temp.pick(n, 'place', %(places)s)
    OFFSET 0
),
busy AS (
    SELECT placed.*, trade.slot AS trade_slot,
        CASE WHEN pg_temp.draw(n, 'sector known') < 0.97 THEN
            CASE WHEN is_company THEN trade.sector_id ELSE sector.sector_id END END AS sector_id,
        cycle.days * exp(0.8 * pg_temp.normal(n, 'cycle')) AS cycle,
        exp(0.8 * pg_temp.normal(n, 'size')) * CASE WHEN is_company THEN 2.2 ELSE 1 END AS size
    FROM placed
    JOIN trade ON trade.slot = pg_temp.pick(n, 'trade', %(trade)s)
    JOIN sector ON sector.slot = pg_temp.pick(n, 'sector', %(sector)s)
    JOIN (SELECT sector_id, min(cycle) AS days FROM sector GROUP BY sector_id) cycle
        ON cycle.sector_id = CASE WHEN is_company THEN trade.sector_id ELSE sector.sector_id END
    OFFSET 0
),
-- Not quite half stopped buying at some time, most of those early. One in five has contracts; half of those buy too.
living AS (
    SELECT busy.*,
        CASE WHEN pg_temp.draw(n, 'stopped') < 0.45
            THEN tenure * pow(pg_temp.draw(n, 'stopping'), 2.5) ELSE tenure END AS lived,
        CASE WHEN pg_temp.draw(n, 'contract') < 0.20 THEN 1 + pg_temp.pick(n, 'contracts', 3) ELSE 0 END AS contracts
    FROM busy
    OFFSET 0
)
SELECT living.*, tenure AS came,
    CASE WHEN pg_temp.draw(n, 'buyer') < CASE WHEN contracts > 0 THEN 0.5 ELSE 0.88 END
        THEN 1 + floor(least(lived / greatest(cycle, 4), 150))::integer ELSE 0 END AS purchases,
    -- The day a colleague handed the client over, days ago.
    CASE WHEN before_id <> seller_id AND tenure > 90 AND pg_temp.draw(n, 'handed over') < 0.15
        THEN (tenure * pg_temp.draw(n, 'handover'))::integer END AS handed_over,
    CASE WHEN NOT is_ownerless THEN seller_id END AS owner_id,
    CASE WHEN is_ownerless AND why_ownerless = 3 THEN NULL ELSE team_id END AS client_team_id,
    is_ownerless AND why_ownerless >= 2 AS is_never_owned
FROM living
"""
LONGEST_TENURE = 1500


def write_drafts(clients: int, sizes: dict[str, int]) -> None:
    parameters = {"clients": clients, "longest": LONGEST_TENURE, "places": PLACES_PER_REGION, **sizes}
    execute(DRAFT, parameters)
    execute("ANALYZE draft")
