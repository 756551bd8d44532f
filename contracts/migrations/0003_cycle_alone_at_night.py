"""The cycle table repeats sector and reason of the client, so that the night reads one lean table."""

import django.db.models.deletion
from django.db import migrations, models

FILL = """
UPDATE contracts_clientcycle kept SET sector_id = client.sector_id, reason = client.class_reason,
    is_held = client.class_reason IN ('CONTRATO_A_VENCER', 'CONTRATO_VENCIDO_NA_CARENCIA', 'CONTRATO_VIGENTE',
        'CANCELAMENTO_AGENDADO', 'VIGENTE_SEM_RENOVACAO', 'CONTRATO_ASSINADO_FUTURO')
FROM clients_client client
WHERE client.id = kept.client_id
"""
# Clients knows nothing of cycles, and every way to write a sector must reach them.
FOLLOW_SECTOR = """
CREATE FUNCTION contracts_follow_sector() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE contracts_clientcycle SET sector_id = NEW.sector_id WHERE client_id = NEW.id;
    RETURN NULL;
END $$;
CREATE TRIGGER contracts_follow_sector AFTER UPDATE OF sector_id ON clients_client
FOR EACH ROW WHEN (OLD.sector_id IS DISTINCT FROM NEW.sector_id) EXECUTE FUNCTION contracts_follow_sector();
"""
FORGET_SECTOR = """
DROP TRIGGER contracts_follow_sector ON clients_client;
DROP FUNCTION contracts_follow_sector();
"""


class Migration(migrations.Migration):
    dependencies = [("contracts", "0002_cycle_expressions")]

    operations = [
        # A large base takes longer than a web request may.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="clientcycle",
            name="is_held",
            field=models.BooleanField(default=False),
        ),
        migrations.AddField(
            model_name="clientcycle",
            name="reason",
            field=models.CharField(default="SEM_COMPRA", max_length=32),
        ),
        migrations.AddField(
            model_name="clientcycle",
            name="sector",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.DO_NOTHING,
                related_name="+",
                to="clients.sector",
            ),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(FOLLOW_SECTOR, FORGET_SECTOR),
    ]
