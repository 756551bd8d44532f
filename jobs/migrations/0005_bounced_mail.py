from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0004_messages_of_providers")]

    operations = [
        migrations.AlterField(
            model_name="outboxmessage",
            name="receipt",
            field=models.CharField(
                blank=True,
                choices=[
                    ("", "Sem recibo"),
                    ("delivered", "Entregue"),
                    ("read", "Lida"),
                    ("answered", "Respondida"),
                    ("bounced", "Voltou"),
                ],
                max_length=9,
                verbose_name="recibo",
            ),
        ),
    ]
