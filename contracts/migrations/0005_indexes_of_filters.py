import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0004_fewer_indexes"),
        ("contracts", "0004_fewer_indexes"),
        ("people", "0001_people_and_teams"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        # A large base takes longer than a web request may.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.AlterField(
            model_name="contract",
            name="client",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="contracts",
                to="clients.client",
            ),
        ),
        migrations.AlterField(
            model_name="purchase",
            name="created_by",
            field=models.ForeignKey(
                db_index=False,
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="purchase",
            name="product",
            field=models.ForeignKey(
                blank=True,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                to="contracts.product",
                verbose_name="produto",
            ),
        ),
        migrations.AddIndex(
            model_name="contract",
            index=models.Index(fields=["end_on", "client"], name="contract_end_client"),
        ),
        migrations.AddIndex(
            model_name="purchase",
            index=models.Index(fields=["product", "client"], name="purchase_product_client"),
        ),
    ]
