import secrets

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0002_outcomes_and_hours")]
    operations = [
        migrations.CreateModel(
            name="KeptSalt",
            fields=[
                (
                    "id",
                    models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False),
                ),
                ("value", models.CharField(default=secrets.token_hex, max_length=64)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="kept_salt_only_one")],
            },
        ),
        migrations.RemoveConstraint(model_name="keptoptout", name="kept_opt_out_once"),
        migrations.AddField(
            model_name="keptoptout",
            name="purpose",
            field=models.CharField(
                choices=[
                    ("any", "Qualquer finalidade"),
                    ("offer", "Ofertas"),
                    ("service", "Atendimento"),
                    ("survey", "Pesquisas"),
                ],
                default="any",
                max_length=8,
            ),
        ),
        migrations.AddConstraint(
            model_name="keptoptout",
            constraint=models.UniqueConstraint(fields=("digest", "channel", "purpose"), name="kept_opt_out_once"),
        ),
    ]
