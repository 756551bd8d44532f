from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0003_outbox_indexes")]

    operations = [
        migrations.AlterField(
            model_name="outboxmessage",
            name="recipient",
            field=models.CharField(max_length=254, verbose_name="para"),
        ),
        migrations.AddField(
            model_name="outboxmessage", name="reference", field=models.CharField(blank=True, max_length=120)
        ),
        migrations.AddField(
            model_name="outboxmessage",
            name="receipt",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Sem recibo"),
                    ("delivered", "Entregue"),
                    ("read", "Lida"),
                    ("answered", "Respondida"),
                ],
                max_length=9,
                verbose_name="recibo",
            ),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(fields=["reference"], name="outbox_reference", condition=~models.Q(reference="")),
        ),
    ]
