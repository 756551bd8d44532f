"""The sufficient statistics of each client's purchase days: SQL, the first third of the rule.

They come from raw rows (purchases and what `contracts.terms` makes of contracts), or from the kept row of the
cycle, which holds until something is written or a day comes that changes it (`due_on`). Everything is seen from
the date `on`: what the kept row knows from later days makes its client raw.
"""

from typing import Final

from psycopg import sql

from contracts.terms import RULING, STANDING, TERM, VERDICT, within

# Who must be computed from raw rows: nothing kept, asked to, a day has come, or the kept row is of a later
# day. Never null, and in words the planner has statistics for: its negation selects nearly everybody every
# night.
RAW: Final = sql.SQL("""(
    kept.client_id IS NULL OR %(recompute)s
    OR kept.due_on IS NOT NULL AND kept.due_on <= %(on)s
    OR kept.evaluated_for IS NOT NULL AND kept.evaluated_for > %(on)s
    OR kept.last_on IS NOT NULL AND kept.last_on > %(on)s
)""")

# What is stored of a client, to be compared with what is found now.
KEPT_COLUMNS: Final = sql.SQL("""
    kept.gaps AS kept_gaps, kept.first_on AS kept_first_on, kept.last_on AS kept_last_on,
    kept.purchase_count AS kept_purchase_count, kept.purchase_total AS kept_purchase_total,
    kept.value_12m AS kept_value_12m, kept.fixed_limit_days AS kept_fixed_limit_days,
    kept.risk_band AS kept_risk_band, kept.is_held AS kept_is_held, kept.reason AS kept_cycle_reason,
    kept.sector_id AS kept_sector_id, kept.contract_id AS kept_contract_id, kept.anchor_on AS kept_anchor_on,
    kept.contract_change_on AS kept_contract_change_on, kept.due_on AS kept_due_on,
    kept.evaluated_for AS kept_evaluated_for
""")

# Completed sales by day come ordered out of the covering index purchase_client_day; contracts add their
# signature.
SUMS: Final = sql.SQL("""
sale AS MATERIALIZED (
    SELECT purchase.client_id,
        count(DISTINCT purchase.sold_on) FILTER (WHERE purchase.sold_on <= %(on)s) AS days,
        min(purchase.sold_on) FILTER (WHERE purchase.sold_on <= %(on)s) AS first_on,
        max(purchase.sold_on) FILTER (WHERE purchase.sold_on <= %(on)s) AS last_on,
        count(*) FILTER (WHERE purchase.sold_on <= %(on)s) AS purchase_count,
        sum(purchase.amount) FILTER (WHERE purchase.sold_on <= %(on)s) AS purchase_total,
        sum(purchase.amount) FILTER (
            WHERE purchase.sold_on <= %(on)s AND purchase.sold_on > %(on)s::date - 365) AS year_total,
        -- The day a sale leaves the 12 months, and the day a future one comes true.
        min(purchase.sold_on) FILTER (
            WHERE purchase.sold_on <= %(on)s AND purchase.sold_on > %(on)s::date - 365) + 365 AS leaves_on,
        min(purchase.sold_on) FILTER (WHERE purchase.sold_on > %(on)s) AS next_on
    FROM contracts_purchase purchase
    WHERE purchase.status = 'completed' AND {purchases}
    GROUP BY purchase.client_id
),
-- Signatures on a day with a completed sale are the same purchase day.
signing AS MATERIALIZED (
    SELECT term.client_id, count(DISTINCT term.signature_on) FILTER (WHERE NOT EXISTS (
            SELECT 1 FROM contracts_purchase purchase
            WHERE purchase.client_id = term.client_id AND purchase.sold_on = term.signature_on
                AND purchase.status = 'completed')) AS days,
        min(term.signature_on) AS first_on, max(term.signature_on) AS last_on
    FROM term
    WHERE term.counts
    GROUP BY term.client_id
),
-- A fixed limit of a product family: of what was bought on the last purchase day, the longest.
fixed AS MATERIALIZED (
    SELECT last_buy.client_id, max(family.inactive_after_days) AS days
    FROM (
        SELECT purchase.client_id, purchase.product_id
        FROM sale
        JOIN contracts_purchase purchase ON purchase.client_id = sale.client_id
            AND purchase.sold_on = sale.last_on
        LEFT JOIN signing ON signing.client_id = sale.client_id
        WHERE purchase.status = 'completed' AND sale.last_on >= coalesce(signing.last_on, sale.last_on)
        UNION ALL
        SELECT term.client_id, term.product_id
        FROM signing
        JOIN term ON term.client_id = signing.client_id AND term.signature_on = signing.last_on
            AND term.counts
        LEFT JOIN sale ON sale.client_id = signing.client_id
        WHERE signing.last_on >= coalesce(sale.last_on, signing.last_on)
    ) last_buy
    JOIN contracts_product product ON product.id = last_buy.product_id
    JOIN contracts_productfamily family ON family.id = product.family_id
    -- Mostly no family has one: then nothing above is read.
    WHERE (SELECT exists(SELECT 1 FROM contracts_productfamily WHERE inactive_after_days IS NOT NULL))
        AND family.inactive_after_days IS NOT NULL
    GROUP BY last_buy.client_id
)
""").format(purchases=within("purchase.client_id"))

# The class before comes from the client row; seen from an earlier date, from the history up to that date.
EARLIER: Final = sql.SQL("""
earlier AS MATERIALIZED (
    SELECT kept.client_id, history.to_class, history.reason, history.last_on
    FROM contracts_clientcycle kept
    LEFT JOIN LATERAL (
        SELECT to_class, reason, last_on
        FROM contracts_classchange
        WHERE client_id = kept.client_id AND "on" <= %(on)s
        ORDER BY "on" DESC, id DESC
        LIMIT 1
    ) history ON true
    WHERE kept.evaluated_for > %(on)s AND {kept}
)
""").format(kept=within("kept.client_id"))

# One row per client, computed from raw rows.
FOUND: Final = sql.SQL("""
found AS (
    SELECT client.id AS client_id, client.sector_id, earlier.client_id IS NULL AS is_current,
        kept.client_id IS NOT NULL AS is_kept, {kept_columns},
        CASE WHEN earlier.client_id IS NULL THEN client.portfolio_class
            ELSE coalesce(earlier.to_class, 'prospect') END AS class_before,
        CASE WHEN earlier.client_id IS NULL THEN client.class_reason
            ELSE coalesce(earlier.reason, 'SEM_COMPRA') END AS reason_before,
        CASE WHEN earlier.client_id IS NULL THEN kept.last_on ELSE earlier.last_on END AS last_before,
        (coalesce(sale.days, 0) + coalesce(signing.days, 0) - 1)::integer AS gaps,
        least(sale.first_on, signing.first_on) AS first_on,
        greatest(sale.last_on, signing.last_on) AS last_on,
        coalesce(sale.purchase_count, 0)::integer AS purchase_count,
        coalesce(sale.purchase_total, 0) AS purchase_total,
        coalesce(sale.year_total, 0) + coalesce(ruling.year_amount, 0) AS value_12m,
        fixed.days AS fixed_limit_days, ruling.held_reason,
        CASE WHEN ruling.held_reason IS NOT NULL OR coalesce(sale.purchase_count, 0) = 0
            THEN ruling.contract_id END AS contract_id,
        CASE WHEN ruling.held_reason IS NOT NULL OR coalesce(sale.purchase_count, 0) = 0
            THEN ruling.anchor_on ELSE greatest(sale.last_on, signing.last_on) END AS anchor_on,
        ruling.contract_change_on, least(sale.next_on, sale.leaves_on, ruling.due_on) AS due_on
    FROM clients_client client
    LEFT JOIN contracts_clientcycle kept ON kept.client_id = client.id AND {kept}
    LEFT JOIN earlier ON earlier.client_id = client.id
    LEFT JOIN sale ON sale.client_id = client.id
    LEFT JOIN signing ON signing.client_id = client.id
    LEFT JOIN fixed ON fixed.client_id = client.id
    LEFT JOIN ruling ON ruling.client_id = client.id
    WHERE {clients} AND {raw}
)
""").format(kept_columns=KEPT_COLUMNS, kept=within("kept.client_id"), clients=within("client.id"), raw=RAW)

# The same from the kept row alone: most clients, every night. The class before follows from the reason before.
HELD_OVER: Final = sql.SQL("""
held_over AS (
    SELECT kept.client_id, kept.sector_id, true AS is_current,
        true AS is_kept, {kept_columns},
        NULL::text AS class_before, kept.reason AS reason_before, kept.last_on AS last_before,
        kept.gaps, kept.first_on, kept.last_on, kept.purchase_count, kept.purchase_total, kept.value_12m,
        kept.fixed_limit_days, CASE WHEN kept.is_held THEN kept.reason END AS held_reason,
        kept.contract_id, kept.anchor_on, kept.contract_change_on, kept.due_on
    FROM contracts_clientcycle kept
    WHERE {clients} AND NOT {raw}
)
""").format(kept_columns=KEPT_COLUMNS, clients=within("kept.client_id"), raw=RAW)

RAW_STATISTICS: Final = sql.SQL(",").join([TERM, STANDING, VERDICT, RULING, SUMS, EARLIER, FOUND])
# Whom time and m alone can move: a client that no contract holds and that has bought.
MOVING: Final = sql.SQL(
    "(SELECT * FROM held_over WHERE held_reason IS NULL AND kept_gaps >= 0 AND kept_purchase_count > 0)"
)
BOTH: Final = sql.SQL("(SELECT * FROM found UNION ALL SELECT * FROM held_over)")
