"""What contracts say about their client on a date: SQL, the second third of the rule (SCIENCE 2.1 to 2.3)."""

import re
from typing import Final

from psycopg import sql

_WITHIN: Final = """((%(until)s::bigint IS NULL OR {column} > %(after)s AND {column} <= %(until)s)
    AND (%(ids)s::bigint[] IS NULL OR {column} = ANY(%(ids)s::bigint[])))"""
_WITHIN_OF: Final = re.compile(
    re.escape(_WITHIN.format(column="COLUMN")).replace("COLUMN", r"([\w.]+)", 1).replace("COLUMN", r"\1")
)


def within(column: str) -> sql.Composed:
    """The clients of the question: a span of ids, a list of ids, or everybody."""
    return sql.SQL(_WITHIN).format(column=sql.SQL(column))


def of_few(statement: sql.Composed) -> str:
    """The same statement for a short list of ids alone: then one plan is good for whatever ids."""
    return _WITHIN_OF.sub(r"\1 = ANY(%(ids)s::bigint[])", statement.as_string())


# One row per binding contract.
#
# `bound_on`: from which day the signature counts. Without a date of signature that is the start, or the day
# the contract was registered when that came before: an earlier date does not see contracts of its future.
# `cancelled_on`: seen from an earlier date, a cancellation that was carried out later is not known yet.
# `opens_on`: first day of the renewal window; empty when the contract never enters it.
TERM: Final = sql.SQL("""
term AS MATERIALIZED (
    SELECT contract.id AS contract_id, contract.client_id, contract.product_id, contract.renews_id,
        contract.start_on, ending.end_on, signing.signature_on, signing.bound_on,
        cancelling.cancelled_on, contract.cancelled_on AS written_cancelled_on,
        contract.will_not_renew, contract.amount,
        least(ending.end_on, cancelling.cancelled_on - 1) AS last_on,
        signing.bound_on <= %(on)s AS is_bound,
        coalesce(cancelling.cancelled_on <= %(on)s, false) AS is_cancelled,
        -- A purchase day: signed by now, and not cancelled before it began.
        signing.signature_on <= %(on)s
            AND NOT coalesce(cancelling.cancelled_on <= least(contract.start_on, %(on)s), false) AS counts,
        CASE coalesce(family.window_rule, 'days')
            WHEN 'days' THEN ending.end_on - least(
                coalesce(contract.window_days, family.window_days, %(window_days)s),
                greatest(7, (ending.end_on - contract.start_on + 1) / 4))
            WHEN 'consignado' THEN least(
                CASE WHEN paid.needed <= paid.instalments
                    THEN (paid.first_due_on + make_interval(months => paid.needed - 1))::date END,
                (paid.first_due_on + make_interval(months => paid.instalments - 1))::date
                    - %(consignado_last_days)s)
        END AS opens_on
    FROM contracts_contract contract
    LEFT JOIN contracts_product product ON product.id = contract.product_id
    LEFT JOIN contracts_productfamily family ON family.id = product.family_id
    CROSS JOIN LATERAL (
        SELECT coalesce(
            contract.end_on,
            (contract.start_on + make_interval(months => nullif(contract.term_months, 0)::integer))::date - 1
        ) AS end_on
    ) ending
    CROSS JOIN LATERAL (
        SELECT coalesce(contract.signed_on, contract.start_on) AS signature_on,
            coalesce(contract.signed_on, least(
                contract.start_on, (contract.created_at AT TIME ZONE %(zone)s)::date)) AS bound_on
    ) signing
    CROSS JOIN LATERAL (
        SELECT CASE WHEN contract.status = 'cancelled' AND contract.cancelled_on > %(on)s
            AND contract.cancelled_on <= %(known)s THEN NULL ELSE contract.cancelled_on END AS cancelled_on
    ) cancelling
    -- Consignado: instalments paid = months due since the first due date (not known: a month after the start).
    CROSS JOIN LATERAL (
        SELECT coalesce(contract.first_due_on, (contract.start_on + make_interval(months => 1))::date)
            AS first_due_on
    ) due
    CROSS JOIN LATERAL (
        SELECT coalesce(nullif(contract.term_months, 0)::integer, greatest(1,
            (extract(year FROM age(ending.end_on, due.first_due_on)) * 12
                + extract(month FROM age(ending.end_on, due.first_due_on)))::integer + 1)) AS instalments
    ) length
    CROSS JOIN LATERAL (
        SELECT due.first_due_on, length.instalments,
            greatest(%(consignado_paid_count)s, 1,
                (length.instalments * %(consignado_paid_percent)s + 99) / 100) AS needed
    ) paid
    WHERE contract.status IN ('signed', 'in_force', 'cancelled') AND contract.start_on IS NOT NULL
        AND {contracts}
)
""").format(contracts=within("contract.client_id"))

# Cancelled contracts and those marked "não renova" have neither window nor grace; a signed living successor
# releases its predecessor at once, and cancelled gives it back at once.
STANDING: Final = sql.SQL("""
standing AS (
    SELECT term.*,
        is_bound AND NOT is_cancelled AND start_on <= %(on)s AND coalesce(%(on)s <= end_on, true) AS is_valid,
        is_bound AND NOT is_cancelled AND start_on > %(on)s AS is_ahead,
        -- NOT IN is hashed whatever the planner believes; NOT EXISTS becomes a loop when it expects few rows.
        is_bound AND end_on IS NOT NULL AND cancelled_on IS NULL AND NOT will_not_renew AND contract_id NOT IN (
            SELECT successor.renews_id FROM term successor
            WHERE successor.renews_id IS NOT NULL AND successor.is_bound AND NOT successor.is_cancelled
        ) AS may_renew
    FROM term
    OFFSET 0
),
placed AS (
    SELECT standing.*,
        may_renew AND start_on <= %(on)s AND opens_on <= %(on)s AND %(on)s <= end_on + %(grace_days)s
            AS in_renewal
    FROM standing
)
""")

# The first contract of each kind. As an array its days since EPOCH and its id compare from left to right, which
# spares sorting within each client; later days come first by their negative. An open end is the latest of all.
# Ties are broken by id: every run gives the same reason.
EPOCH: Final = sql.SQL("DATE '2000-01-01'")
OPEN: Final = sql.SQL("10000000")
# Materialized here and below: with poor statistics the planner would otherwise run it once per client.
VERDICT: Final = sql.SQL("""
first AS MATERIALIZED (
    SELECT client_id,
        min(ARRAY[end_on - {epoch}, contract_id]) FILTER (WHERE in_renewal) AS renewing,
        min(ARRAY[-coalesce(last_on - {epoch}, {open}), contract_id, cancelled_on - {epoch}])
            FILTER (WHERE is_valid) AS valid,
        min(ARRAY[start_on - {epoch}, contract_id]) FILTER (WHERE is_ahead) AS ahead,
        -- The last one that ended, and the day it did: its end, or the day it was cancelled.
        min(ARRAY[-coalesce(last_on - {epoch}, -{open}), contract_id,
            CASE WHEN cancelled_on <= coalesce(end_on, cancelled_on) THEN cancelled_on ELSE end_on END - {epoch}])
            FILTER (WHERE counts) AS ended,
        bool_and(cancelled_on IS NOT NULL) FILTER (WHERE is_valid) AS all_cancelling,
        bool_and(cancelled_on IS NOT NULL OR will_not_renew) FILTER (WHERE is_valid) AS all_leaving,
        12 * sum(amount) FILTER (WHERE is_valid) AS year_amount,
        -- When a window opens next; else the day after the last valid contract, if all of them end.
        coalesce(
            min(greatest(opens_on, start_on)) FILTER (
                WHERE (is_valid OR is_ahead) AND may_renew AND greatest(opens_on, start_on) > %(on)s),
            CASE WHEN bool_and(last_on IS NOT NULL) FILTER (WHERE is_valid OR is_ahead)
                THEN max(last_on) FILTER (WHERE is_valid OR is_ahead) + 1 END
        ) AS change_on,
        least(
            min(bound_on) FILTER (WHERE bound_on > %(on)s),
            min(signature_on) FILTER (WHERE signature_on > %(on)s),
            min(start_on) FILTER (WHERE start_on > %(on)s),
            min(opens_on) FILTER (WHERE opens_on > %(on)s),
            min(end_on + 1) FILTER (WHERE end_on >= %(on)s),
            min(end_on + %(grace_days)s + 1) FILTER (WHERE end_on + %(grace_days)s >= %(on)s),
            min(written_cancelled_on) FILTER (WHERE written_cancelled_on > %(on)s)
        ) AS due_on
    FROM placed
    GROUP BY client_id
),
verdict AS (
    SELECT client_id, all_cancelling, all_leaving, year_amount, change_on, due_on,
        renewing[2] AS renewal_id, {epoch} + renewing[1]::integer AS renewal_on,
        valid[2] AS valid_id, {epoch} - nullif(valid[1], -{open})::integer AS valid_on,
        {epoch} + valid[3]::integer AS cancelling_on,
        ahead[2] AS ahead_id, {epoch} + ahead[1]::integer AS ahead_on,
        ended[2] AS ended_id, {epoch} + ended[3]::integer AS ended_on
    FROM first
    OFFSET 0
)
""").format(epoch=EPOCH, open=OPEN)

# The reason that contracts give, which goes before the cycle; without one, the contract that ended last.
RULING: Final = sql.SQL("""
ruling AS MATERIALIZED (
    SELECT client_id, held_reason, year_amount, due_on,
        CASE
            WHEN held_reason IN ('CONTRATO_A_VENCER', 'CONTRATO_VENCIDO_NA_CARENCIA') THEN renewal_id
            WHEN held_reason = 'CONTRATO_ASSINADO_FUTURO' THEN ahead_id
            WHEN held_reason IS NULL THEN ended_id
            ELSE valid_id END AS contract_id,
        CASE
            WHEN held_reason IN ('CONTRATO_A_VENCER', 'CONTRATO_VENCIDO_NA_CARENCIA') THEN renewal_on
            WHEN held_reason = 'CANCELAMENTO_AGENDADO' THEN cancelling_on
            WHEN held_reason = 'CONTRATO_ASSINADO_FUTURO' THEN ahead_on
            WHEN held_reason IS NULL THEN ended_on
            ELSE valid_on END AS anchor_on,
        coalesce(renewal_on + %(grace_days)s + 1, change_on) AS contract_change_on
    FROM (
        SELECT verdict.*, CASE
            WHEN renewal_on >= %(on)s THEN 'CONTRATO_A_VENCER'
            WHEN renewal_on < %(on)s THEN 'CONTRATO_VENCIDO_NA_CARENCIA'
            WHEN all_cancelling THEN 'CANCELAMENTO_AGENDADO'
            WHEN all_leaving THEN 'VIGENTE_SEM_RENOVACAO'
            WHEN valid_id IS NOT NULL THEN 'CONTRATO_VIGENTE'
            WHEN ahead_id IS NOT NULL THEN 'CONTRATO_ASSINADO_FUTURO'
            END AS held_reason
        FROM verdict
    ) ruled
)
""")
