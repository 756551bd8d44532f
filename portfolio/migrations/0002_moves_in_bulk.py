"""Moves are written by the hundred thousand: no keys to check but the batch; states of a batch a job works on."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0002_clients_and_ownership"),
        ("portfolio", "0001_distribution"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="distributionbatch",
            name="state",
            field=models.CharField(
                choices=[
                    ("computing", "Calculando"),
                    ("preview", "Prévia"),
                    ("applying", "Aplicando"),
                    ("applied", "Aplicada"),
                    ("undoing", "Desfazendo"),
                    ("undone", "Desfeita"),
                    ("discarded", "Descartada"),
                ],
                default="preview",
                max_length=10,
                verbose_name="situação",
            ),
        ),
        migrations.AlterField(
            model_name="distributionmove",
            name="batch",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="moves",
                to="portfolio.distributionbatch",
            ),
        ),
        migrations.AlterField(
            model_name="distributionmove",
            name="client",
            field=models.ForeignKey(
                db_constraint=False, on_delete=django.db.models.deletion.CASCADE, related_name="+", to="clients.client"
            ),
        ),
        migrations.AlterField(
            model_name="distributionmove",
            name="seller",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
    ]
