"""Purchases in the rhythm of each client, and contracts that renew one another."""

import datetime
from collections.abc import Mapping
from typing import Any

from carteira.generator.database import execute

# Numbered through the years in the order of sale, as they would have been entered. Around the even beat of its cycle
# each purchase comes earlier or later at random, so that gaps vary about as much as they are long. Half of what
# a client buys is its favourite.
PURCHASES = """
INSERT INTO contracts_purchase (
    id, client_id, product_id, number, source_key, sold_on, amount, status, seller_id, team_id, notes, created_at,
    created_by_id, version
)
SELECT sale.id, n, offer.product_id,
    CASE WHEN mod(sale.id, 10) < 9 THEN (100000 + sale.id)::text ELSE '' END, '',
    sold_on,
    round((offer.price * size * exp(0.4 * pg_temp.normal(sale_key, 'amount')))::numeric, 2),
    CASE WHEN pg_temp.draw(sale_key, 'status') < 0.955 THEN 'completed'
        WHEN pg_temp.draw(sale_key, 'status') < 0.985 THEN 'cancelled' ELSE 'returned' END,
    sale.seller_id, sale.team_id, '',
    least((sold_on + time '09:00') AT TIME ZONE %(zone)s + pg_temp.draw(sale_key, 'hour') * interval '8 hours',
        (%(today)s::date + time '00:05') AT TIME ZONE %(zone)s),
    sale.seller_id, 1
FROM (
    SELECT row_number() OVER (ORDER BY days_after - tenure, n, place) AS id, n, n * 1000 + place AS sale_key, size,
        %(today)s::date - tenure + days_after AS sold_on,
        CASE WHEN tenure - days_after > handed_over THEN before_id ELSE seller_id END AS seller_id,
        CASE WHEN tenure - days_after > handed_over THEN before_team_id ELSE team_id END AS team_id
    FROM draft
    CROSS JOIN LATERAL generate_series(0, purchases - 1) place
    CROSS JOIN LATERAL (
        SELECT place * cycle
            + CASE WHEN place > 0 THEN 1.5 * cycle * (pg_temp.draw(n * 1000 + place, 'beat') - 0.5) ELSE 0 END AS days
        OFFSET 0
    ) beat
    CROSS JOIN LATERAL (SELECT greatest(least(days, lived), 0)::integer AS days_after OFFSET 0) day
) sale
JOIN offer ON offer.slot = CASE WHEN pg_temp.draw(sale_key, 'favourite') < 0.5
    THEN pg_temp.pick(n, 'offer', %(offer)s) ELSE pg_temp.pick(sale_key, 'offer', %(offer)s) END
"""

# The last contract of a client decides (`fate`): it ends soon, runs on, starts later, has no end, or ended; those
# before it ran a year each and were renewed. A loan stands alone and is paid in instalments.
AGREEMENTS = """
CREATE TEMP TABLE agreement ON COMMIT DROP AS
SELECT row_number() OVER (ORDER BY n, place) AS id, dated.*, least(start_on - 5, %(today)s::date - 1) AS signed_on,
    CASE WHEN NOT is_last THEN 'in_force'
        WHEN other_end < 0.03 AND start_on < %(today)s::date - 130 THEN 'cancelled'
        WHEN place = 1 AND other_end BETWEEN 0.03 AND 0.06
            THEN (ARRAY['draft', 'proposal', 'declined'])[1 + pg_temp.pick(n, 'paper', 3)]
        WHEN start_on > %(today)s::date THEN 'signed'
        ELSE 'in_force' END AS status
FROM (
    SELECT n, place, place = terms AS is_last, plan.product_id, plan.institution_id, plan.price, is_loan, months,
        pg_temp.draw(n, 'other end') AS other_end,
        CASE WHEN is_loan THEN lent_on ELSE last_end - 364 - 365 * (terms - place) END AS start_on,
        CASE WHEN is_loan THEN (lent_on + months * interval '1 month')::date
            WHEN place = terms AND fate BETWEEN 0.82 AND 0.90 THEN NULL
            ELSE last_end - 365 * (terms - place) END AS end_on
    FROM draft
    JOIN plan ON plan.slot = pg_temp.pick(n, 'plan', %(plan)s)
    CROSS JOIN LATERAL (
        SELECT CASE WHEN is_loan THEN 1 ELSE contracts END AS terms,
            pg_temp.draw(n, 'fate') AS fate,
            (ARRAY[24, 36, 48, 60, 72, 84])[1 + pg_temp.pick(n, 'months', 6)] AS months
        OFFSET 0
    ) kind
    CROSS JOIN LATERAL (
        SELECT %(today)s::date - pg_temp.pick(n, 'loan', months * 32) AS lent_on,
            %(today)s::date + CASE
                WHEN fate < 0.28 THEN pg_temp.pick(n, 'end', 80) - 25
                WHEN fate < 0.80 THEN 61 + pg_temp.pick(n, 'end', 300)
                WHEN fate < 0.82 THEN 366 + pg_temp.pick(n, 'end', 20)
                WHEN fate < 0.90 THEN 100
                ELSE -31 - pg_temp.pick(n, 'end', 500) END AS last_end
        OFFSET 0
    ) ending
    CROSS JOIN generate_series(1, 3) place
    WHERE contracts > 0 AND place <= terms
) dated
"""
# Who signed before the day of arrival came that day.
ARRIVALS = """
UPDATE draft SET came = %(today)s::date - first.signed_on
FROM (SELECT n, min(signed_on) AS signed_on FROM agreement GROUP BY n) first
WHERE first.n = draft.n AND %(today)s::date - first.signed_on > came
"""
CONTRACTS = """
INSERT INTO contracts_contract (
    id, client_id, product_id, institution_id, number, source_key, status, signed_on, start_on, end_on, renews_id,
    cancelled_on, cancel_reason, will_not_renew, window_days, amount, term_months, first_due_on, seller_id, team_id,
    notes, created_at, created_by_id, version
)
SELECT id, n, product_id, institution_id, 'G' || lpad(id::text, 8, '0'), '', status,
    CASE WHEN status NOT IN ('draft', 'proposal', 'declined') THEN signed_on END, start_on, end_on,
    CASE WHEN place > 1 THEN id - 1 END,
    CASE WHEN status = 'cancelled' THEN start_on + 20 + pg_temp.pick(id, 'cancelled', 100) END,
    CASE WHEN status = 'cancelled' THEN 'Encontrou preço menor' ELSE '' END,
    is_last AND status = 'in_force' AND pg_temp.draw(n, 'will not renew') < 0.04, NULL,
    round((price * size * exp(0.2 * pg_temp.normal(n, 'instalment')))::numeric, 2),
    CASE WHEN is_loan THEN months END, CASE WHEN is_loan THEN (start_on + interval '1 month')::date END,
    seller_id, team_id, '', (signed_on + time '18:30') AT TIME ZONE %(zone)s, seller_id, 1
FROM agreement JOIN draft USING (n)
ORDER BY id
"""


def draw_agreements(sizes: Mapping[str, int], today: datetime.date) -> None:
    """Before the clients, who came no later than they signed."""
    parameters = {**sizes, "today": today}
    execute(AGREEMENTS, parameters)
    execute(ARRIVALS, parameters)
    execute("ANALYZE draft, agreement")


def write_sales(sizes: Mapping[str, int], today: datetime.date, *, zone: str) -> dict[str, int]:
    """Rows written per table."""
    parameters: dict[str, Any] = {**sizes, "today": today, "zone": zone}
    parts = {"contracts_contract": CONTRACTS, "contracts_purchase": PURCHASES}
    return {table: execute(statement, parameters) for table, statement in parts.items()}
