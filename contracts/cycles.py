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

# What is known of a client, as found in raw rows. A contract decides while it gives a reason, and the one that ended
# last decides where nothing was ever bought.
DECIDES: Final = "ruling.held_reason IS NOT NULL OR coalesce(sale.purchase_count, 0) = 0"
STATISTICS: Final = {
    "gaps": "(coalesce(sale.days, 0) + coalesce(signing.days, 0) - 1)::integer",
    "first_on": "least(sale.first_on, signing.first_on)",
    "last_on": "greatest(sale.last_on, signing.last_on)",
    "purchase_count": "coalesce(sale.purchase_count, 0)::integer",
    "purchase_total": "coalesce(sale.purchase_total, 0)",
    "value_12m": "coalesce(sale.year_total, 0) + coalesce(ruling.year_amount, 0)",
    "value_due_on": "sale.leaves_on",
    "fixed_limit_days": "fixed.days",
    "held_reason": "ruling.held_reason",
    "contract_id": f"CASE WHEN {DECIDES} THEN ruling.contract_id END",
    "anchor_on": f"CASE WHEN {DECIDES} THEN ruling.anchor_on ELSE greatest(sale.last_on, signing.last_on) END",
    "contract_change_on": "ruling.contract_change_on",
    "due_on": "least(sale.next_on, ruling.due_on)",
}
# What decides neither class nor risk: `contracts.tiers` checks it.
VALUE: Final = ("purchase_total", "value_12m", "value_due_on")
# The same as kept.
KEPT: Final = {name: f"kept.{name}" for name in STATISTICS} | {
    "held_reason": "CASE WHEN kept.is_held THEN kept.reason END"
}


def _listed(pattern: str) -> sql.SQL:
    """A line of SQL for each statistic, joined by commas."""
    return sql.SQL(", ".join(pattern.format(name=name, found=STATISTICS[name], kept=KEPT[name]) for name in STATISTICS))


def differing(*names: str) -> sql.Composed:
    """Whether what raw rows say of these differs from what is kept."""
    return sql.SQL(" OR ").join(sql.SQL(f"{STATISTICS[name]} IS DISTINCT FROM {KEPT[name]}") for name in names)


# Completed sales by day come ordered out of the covering index purchase_client_day; contracts add their
# signature. `seen` leaves out what lies ahead of the date.
SUMS: Final = sql.SQL("""
sale AS {materialized} (
    SELECT purchase.client_id,
        count(DISTINCT purchase.sold_on) {seen} AS days,
        min(purchase.sold_on) {seen} AS first_on,
        max(purchase.sold_on) {seen} AS last_on,
        count(*) {seen} AS purchase_count,
        sum(purchase.amount) {seen} AS purchase_total,
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
""")

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
    WHERE %(is_late)s AND kept.evaluated_for > %(on)s AND {kept}
)
""").format(kept=within("kept.client_id"))

# One row per client, computed from raw rows, beside what is kept.
FOUND: Final = sql.SQL("""
found AS (
    SELECT client.id AS client_id, client.sector_id, earlier.client_id IS NULL AS is_current,
        kept.client_id IS NOT NULL AS is_kept, kept.evaluated_for AS kept_evaluated_for,
        kept.reason AS kept_reason, kept.risk_band AS kept_risk_band, kept.sector_id AS kept_sector_id,
        kept.is_held AS kept_is_held, {kept},
        CASE WHEN earlier.client_id IS NULL THEN client.portfolio_class
            ELSE coalesce(earlier.to_class, 'prospect') END AS class_before,
        CASE WHEN earlier.client_id IS NULL THEN client.class_reason
            ELSE coalesce(earlier.reason, 'SEM_COMPRA') END AS reason_before,
        CASE WHEN earlier.client_id IS NULL THEN kept.last_on ELSE earlier.last_on END AS last_before,
        {found}
    FROM clients_client client
    LEFT JOIN contracts_clientcycle kept ON kept.client_id = client.id AND {of_kept}
    LEFT JOIN earlier ON earlier.client_id = client.id
    LEFT JOIN sale ON sale.client_id = client.id
    LEFT JOIN signing ON signing.client_id = client.id
    LEFT JOIN fixed ON fixed.client_id = client.id
    LEFT JOIN ruling ON ruling.client_id = client.id
    WHERE {of_client} AND {raw}
)
""").format(
    found=_listed("{found} AS {name}"),
    kept=_listed("{kept} AS kept_{name}"),
    of_kept=within("kept.client_id"),
    of_client=within("client.id"),
    raw=RAW,
)

# The same from the kept row alone: most clients, every night. The class before follows from the reason before.
HELD_OVER: Final = sql.SQL("""
held_over AS (
    SELECT kept.client_id, kept.sector_id, true AS is_current,
        true AS is_kept, kept.evaluated_for AS kept_evaluated_for,
        kept.reason AS kept_reason, kept.risk_band AS kept_risk_band, kept.sector_id AS kept_sector_id,
        kept.is_held AS kept_is_held, {kept},
        NULL::text AS class_before, kept.reason AS reason_before, kept.last_on AS last_before,
        {held_over}
    FROM contracts_clientcycle kept
    WHERE {of_kept} AND NOT {raw}
)
""").format(
    held_over=_listed("{kept} AS {name}"),
    kept=_listed("{kept} AS kept_{name}"),
    of_kept=within("kept.client_id"),
    raw=RAW,
)


def _sources(materialized: str, seen: str) -> sql.Composed:
    sums = SUMS.format(materialized=sql.SQL(materialized), seen=sql.SQL(seen), purchases=within("purchase.client_id"))
    return sql.SQL(",").join([TERM, STANDING, VERDICT, RULING, sums])


SOURCES: Final = _sources("MATERIALIZED", "FILTER (WHERE purchase.sold_on <= %(on)s)")
RAW_STATISTICS: Final = sql.SQL(",").join([SOURCES, EARLIER, FOUND])
BOTH: Final = sql.SQL("(SELECT * FROM found UNION ALL SELECT * FROM held_over)")
# Whom time and m alone can move: a client that no contract holds and that has bought; of these only what the rule
# asks for, as every further column costs at a million rows.
GROWING: Final = sql.SQL("""
growing AS (
    SELECT kept.client_id, kept.sector_id, kept.reason AS reason_before, kept.risk_band AS kept_risk_band,
        kept.last_on AS last_before, kept.gaps, kept.first_on, kept.last_on, kept.purchase_count,
        kept.fixed_limit_days, NULL::text AS held_reason
    FROM contracts_clientcycle kept
    WHERE {of_kept} AND NOT {raw} AND NOT kept.is_held AND kept.gaps >= 0 AND kept.purchase_count > 0
)
""").format(of_kept=within("kept.client_id"), raw=RAW)

# Whose kept row may not be what raw rows say, for the full recompute. Whoever has a sale ahead is named in any case:
# then every completed sale counts, and no sum asks each of them for its day.
STALE: Final = (
    sql.SQL("WITH ")
    # Of a sum that is not kept, only the columns asked for are computed: the amounts cost as much as all the others.
    + _sources("NOT MATERIALIZED", seen="")
    + sql.SQL("""
SELECT kept.client_id
FROM contracts_clientcycle kept
LEFT JOIN sale ON sale.client_id = kept.client_id
LEFT JOIN signing ON signing.client_id = kept.client_id
LEFT JOIN fixed ON fixed.client_id = kept.client_id
LEFT JOIN ruling ON ruling.client_id = kept.client_id
WHERE {of_kept} AND (sale.last_on > %(on)s OR ruling.due_on IS DISTINCT FROM kept.due_on OR {differs})
""").format(
        of_kept=within("kept.client_id"),
        differs=differing(*(name for name in STATISTICS if name not in (*VALUE, "due_on"))),
    )
)
