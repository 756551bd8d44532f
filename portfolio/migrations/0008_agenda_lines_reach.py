from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0007_coverage")]

    operations = [
        migrations.AddField(
            model_name="agendaline",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("any", "Qualquer finalidade"),
                    ("offer", "Ofertas"),
                    ("service", "Atendimento"),
                    ("survey", "Pesquisas"),
                ],
                default="service",
                max_length=8,
            ),
        ),
        migrations.AddField(model_name="agendaline", name="phone_id", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="agendaline", name="whatsapp_id", field=models.BigIntegerField(null=True)),
        migrations.AddField(model_name="agendaline", name="opens_at", field=models.DateTimeField(null=True)),
        migrations.AddField(model_name="agendaline", name="closes_at", field=models.DateTimeField(null=True)),
    ]
