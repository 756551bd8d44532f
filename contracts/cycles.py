"""Who is evaluated, and the sufficient statistics of their purchase days: SQL, the first third of the rule.

`raw` clients are computed from their purchases and contracts; for the others the kept row still holds,
because nothing was written since and no day has come that changes it (`due_on`). Everything is seen from the
date `on`: what the kept row knows from later days makes its client raw.
"""

from typing import Final

from psycopg import sql

# Who must be computed from raw rows: nothing kept, asked to, a day has come, or the kept row is of a later
# day. Never null, and in words the planner has statistics for: its negation selects nearly everybody every
# night.
RAW: Final = sql.SQL("""(
    kept.client_id IS NULL OR %(recompute)s
    OR kept.due_on IS NOT NULL AND kept.due_on <= %(on)s
    OR kept.evaluated_for IS NOT NULL AND kept.evaluated_for > %(on)s
    OR kept.last_on IS NOT NULL AND kept.last_on > %(on)s
)""")

SUBJECT: Final = sql.SQL("""
subject AS (
    SELECT client.id AS client_id, client.sector_id, {raw} AS raw,
        coalesce(kept.evaluated_for <= %(on)s, true) AS is_current,
        client.portfolio_class AS kept_class, client.class_reason AS kept_reason,
        kept.client_id IS NOT NULL AS is_kept, kept.gaps AS kept_gaps, kept.first_on AS kept_first_on,
        kept.last_on AS kept_last_on, kept.purchase_count AS kept_purchase_count,
        kept.purchase_total AS kept_purchase_total, kept.value_12m AS kept_value_12m,
        kept.fixed_limit_days AS kept_fixed_limit_days, kept.risk_band AS kept_risk_band,
        kept.contract_id AS kept_contract_id, kept.anchor_on AS kept_anchor_on,
        kept.contract_change_on AS kept_contract_change_on, kept.due_on AS kept_due_on,
        kept.evaluated_for AS kept_evaluated_for
    FROM clients_client client
    LEFT JOIN contracts_clientcycle kept ON kept.client_id = client.id
        AND (%(until)s::bigint IS NULL OR kept.client_id > %(after)s AND kept.client_id <= %(until)s)
    WHERE (%(until)s::bigint IS NULL OR client.id > %(after)s AND client.id <= %(until)s)
        AND (%(ids)s::bigint[] IS NULL OR client.id = ANY(%(ids)s::bigint[]))
)
""").format(raw=RAW)

# The class before comes from the client row; seen from an earlier date, from the history up to that date.
EARLIER: Final = sql.SQL("""
earlier AS MATERIALIZED (
    SELECT subject.client_id, history.to_class, history.reason, history.last_on
    FROM subject
    CROSS JOIN LATERAL (
        SELECT to_class, reason, last_on
        FROM contracts_classchange
        WHERE client_id = subject.client_id AND "on" <= %(on)s
        ORDER BY "on" DESC, id DESC
        LIMIT 1
    ) history
    WHERE NOT subject.is_current
)
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
    JOIN subject ON subject.client_id = purchase.client_id AND subject.raw
    WHERE purchase.status = 'completed'
        AND (%(until)s::bigint IS NULL OR purchase.client_id > %(after)s AND purchase.client_id <= %(until)s)
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
        JOIN contracts_purchase purchase ON purchase.client_id = sale.client_id AND purchase.sold_on =
            sale.last_on
        LEFT JOIN signing ON signing.client_id = sale.client_id
        WHERE purchase.status = 'completed' AND sale.last_on >= coalesce(signing.last_on, sale.last_on)
        UNION ALL
        SELECT term.client_id, term.product_id
        FROM signing
        JOIN term ON term.client_id = signing.client_id AND term.signature_on = signing.last_on AND
            term.counts
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
""")

# One row per client: the kept numbers, or the new ones.
STATISTICS: Final = sql.SQL("""
statistics AS (
    SELECT subject.*,
        (CASE WHEN raw THEN coalesce(sale.days, 0) + coalesce(signing.days, 0) - 1 ELSE kept_gaps
            END)::integer AS gaps,
        CASE WHEN raw THEN least(sale.first_on, signing.first_on) ELSE kept_first_on END AS first_on,
        CASE WHEN raw THEN greatest(sale.last_on, signing.last_on) ELSE kept_last_on END AS last_on,
        CASE WHEN raw THEN coalesce(sale.purchase_count, 0) ELSE kept_purchase_count END AS purchase_count,
        CASE WHEN raw THEN coalesce(sale.purchase_total, 0) ELSE kept_purchase_total END AS purchase_total,
        CASE WHEN raw THEN coalesce(sale.year_total, 0) + coalesce(verdict.year_amount, 0) ELSE kept_value_12m
            END
            AS value_12m,
        CASE WHEN raw THEN fixed.days ELSE kept_fixed_limit_days END AS fixed_limit_days,
        CASE WHEN raw THEN least(sale.next_on, sale.leaves_on, verdict.due_on) ELSE kept_due_on END AS due_on,
        verdict.renewal_id, verdict.renewal_on, verdict.valid_id, verdict.valid_on, verdict.cancelling_on,
        verdict.all_cancelling, verdict.all_leaving, verdict.ahead_id, verdict.ahead_on, verdict.ended_id,
        verdict.ended_on, verdict.change_on
    FROM subject
    LEFT JOIN sale ON sale.client_id = subject.client_id
    LEFT JOIN signing ON signing.client_id = subject.client_id
    LEFT JOIN fixed ON fixed.client_id = subject.client_id
    LEFT JOIN verdict ON verdict.client_id = subject.client_id
)
""")

# The same for clients of whom no raw row must be read: most of them, every night.
KEPT_STATISTICS: Final = sql.SQL("""
statistics AS (
    SELECT subject.*, kept_gaps AS gaps, kept_first_on AS first_on, kept_last_on AS last_on,
        kept_purchase_count AS purchase_count, kept_purchase_total AS purchase_total, kept_value_12m AS
            value_12m,
        kept_fixed_limit_days AS fixed_limit_days, kept_due_on AS due_on,
        NULL::bigint AS renewal_id, NULL::date AS renewal_on, NULL::bigint AS valid_id, NULL::date AS
            valid_on,
        NULL::date AS cancelling_on, NULL::boolean AS all_cancelling, NULL::boolean AS all_leaving,
        NULL::bigint AS ahead_id, NULL::date AS ahead_on, NULL::bigint AS ended_id, NULL::date AS ended_on,
        NULL::date AS change_on
    FROM subject
    WHERE NOT raw
)
""")
