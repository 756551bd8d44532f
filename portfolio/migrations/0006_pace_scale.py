import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0005_agenda_and_calendar")]

    operations = [
        migrations.CreateModel(
            name="PaceScale",
            fields=[
                ("id", models.PositiveSmallIntegerField(default=1, editable=False, primary_key=True, serialize=False)),
                ("on", models.DateField()),
                (
                    "borders",
                    django.contrib.postgres.fields.ArrayField(base_field=models.FloatField(), default=list, size=None),
                ),
            ],
            options={
                "verbose_name": "escala de ritmo",
                "verbose_name_plural": "escalas de ritmo",
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="pace_scale_only_one")],
            },
        ),
        migrations.AddField(
            model_name="agendaline",
            name="factor",
            field=models.DecimalField(decimal_places=4, default=1, max_digits=6),
        ),
    ]
