from django.db import migrations, models

KINDS = [("clients", "Clientes"), ("purchases", "Compras"), ("contracts", "Contratos"), ("contacts", "Contatos")]


class Migration(migrations.Migration):
    dependencies = [
        ("imports", "0002_rows_without_key_of_batch"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="importbatch",
            name="import_batch_kind_known",
        ),
        migrations.AlterField(
            model_name="importbatch",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=10, verbose_name="o que traz"),
        ),
        migrations.AlterField(
            model_name="savedmapping",
            name="kind",
            field=models.CharField(choices=KINDS, max_length=10),
        ),
        migrations.AddConstraint(
            model_name="importbatch",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", [kind for kind, _name in KINDS])), name="import_batch_kind_known"
            ),
        ),
    ]
