import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0004_fewer_indexes")]

    operations = [
        # A large base takes longer than a web request may.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.RemoveIndex(model_name="client", name="client_owner_name"),
        migrations.AlterField(
            model_name="client",
            name="sector",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="clients.sector",
                verbose_name="setor",
            ),
        ),
    ]
