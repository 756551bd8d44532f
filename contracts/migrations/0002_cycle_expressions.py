"""The formulas of SCIENCE 1.5 as database functions, and room for updates in place in the cycle table.

The functions are single expressions, so the planner inlines them. Exponents are kept within ±700, where PostgreSQL's
exp neither overflows nor underflows: beyond, the chance is 0 or 1 to 300 decimals anyway. As least and greatest
pass over an empty value, emptiness is asked for.
"""

from django.db import migrations

FUNCTIONS = """
CREATE FUNCTION contracts_cycle_days(gaps integer, span integer, mean float8, weight float8)
RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN (span + weight * mean) / (gaps + weight);

CREATE FUNCTION contracts_limit_days(
    cycle float8, fixed integer, factor float8, floor_days integer, cap_days integer
)
RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN cycle IS NOT NULL
    THEN coalesce(fixed::float8, least(greatest(factor * cycle, floor_days::float8), cap_days::float8)) END;

-- P_vivo: MBG/NBD with r = 0.8, alpha = 1.4 m, a = 0.25, b = 1.75.
CREATE FUNCTION contracts_p_alive(gaps integer, span integer, age integer, mean float8)
RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN age IS NOT NULL THEN 1 / (1 + 0.25::float8 / (1.75::float8 + gaps)
    * exp(least(700, (0.8::float8 + gaps) * ln((1.4::float8 * mean + age) / (1.4::float8 * mean + span))))) END;

-- P_compra: alive, and buys again within the limit.
CREATE FUNCTION contracts_p_buys(gaps integer, span integer, age integer, mean float8, limit_days float8)
RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN contracts_p_alive(gaps, span, age, mean) * (1
    - exp(greatest(-700, (0.8::float8 + gaps)
        * ln((1.4::float8 * mean + age) / (1.4::float8 * mean + age + limit_days)))));

CREATE FUNCTION contracts_risk_band(p_buys float8, high_below float8, low_from float8)
RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE WHEN p_buys < high_below THEN 'high' WHEN p_buys < low_from THEN 'medium'
    WHEN p_buys >= low_from THEN 'low' END;

CREATE FUNCTION contracts_next_change(reason text, last_on date, limit_days float8, contract_change_on date)
RETURNS date LANGUAGE sql IMMUTABLE PARALLEL SAFE
RETURN CASE
    WHEN reason = 'DENTRO_DO_CICLO' THEN last_on + floor(limit_days)::integer + 1
    WHEN reason IN ('CONTRATO_A_VENCER', 'CONTRATO_VENCIDO_NA_CARENCIA', 'CONTRATO_VIGENTE',
                    'CANCELAMENTO_AGENDADO', 'VIGENTE_SEM_RENOVACAO', 'CONTRATO_ASSINADO_FUTURO')
        THEN contract_change_on
END;
"""

DROP_FUNCTIONS = """
DROP FUNCTION contracts_next_change(text, date, float8, date);
DROP FUNCTION contracts_risk_band(float8, float8, float8);
DROP FUNCTION contracts_p_buys(integer, integer, integer, float8, float8);
DROP FUNCTION contracts_p_alive(integer, integer, integer, float8);
DROP FUNCTION contracts_limit_days(float8, integer, float8, integer, integer);
DROP FUNCTION contracts_cycle_days(integer, integer, float8, float8);
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0001_products_contracts_classes")]

    operations = [
        migrations.RunSQL(FUNCTIONS, DROP_FUNCTIONS),
        # Room on each page for the new version of a row: HOT updates touch no index.
        migrations.RunSQL(
            "ALTER TABLE contracts_clientcycle SET (fillfactor = 80)",
            "ALTER TABLE contracts_clientcycle RESET (fillfactor)",
        ),
        migrations.RunSQL(
            "INSERT INTO contracts_classificationsettings (id, shrinkage, factor, floor_days, cap_days,"
            " default_mean_days, min_gaps, window_days, grace_days, high_risk_below, low_risk_from,"
            " consignado_paid_percent, consignado_paid_count, consignado_last_days)"
            " VALUES (1, 2, 2, 30, 730, 90, 30, 60, 30, 0.35, 0.60, 20, 12, 90)",
            migrations.RunSQL.noop,
        ),
    ]
