import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models

import contacts.models.rules


class Migration(migrations.Migration):
    dependencies = [
        ("contacts", "0007_pulse"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="BlockListLoad",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "state",
                    models.CharField(
                        choices=[("waiting", "Carregando"), ("done", "Carregada"), ("refused", "Recusada")],
                        default="waiting",
                        max_length=7,
                        verbose_name="situação",
                    ),
                ),
                ("file", models.FileField(max_length=120, upload_to=contacts.models.rules.private_name)),
                ("original_name", models.CharField(max_length=200, verbose_name="arquivo")),
                ("size", models.PositiveBigIntegerField(verbose_name="tamanho")),
                ("lines", models.PositiveIntegerField(default=0, verbose_name="linhas")),
                ("empty", models.PositiveIntegerField(default=0, verbose_name="vazias e cabeçalho")),
                ("bad", models.PositiveIntegerField(default=0, verbose_name="sem número válido")),
                ("repeated", models.PositiveIntegerField(default=0, verbose_name="repetidos")),
                ("numbers", models.PositiveIntegerField(default=0, verbose_name="números")),
                ("added", models.PositiveIntegerField(default=0, verbose_name="novos")),
                ("removed", models.PositiveIntegerField(default=0, verbose_name="retirados")),
                (
                    "problems",
                    models.FileField(blank=True, max_length=120, upload_to=contacts.models.rules.private_name),
                ),
                ("error", models.CharField(blank=True, max_length=200, verbose_name="erro")),
                ("job_id", models.BigIntegerField(editable=False, null=True)),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now, verbose_name="enviado em")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="terminado em")),
                (
                    "block_list",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="loads", to="contacts.blocklist"
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "carga de lista",
                "verbose_name_plural": "cargas de listas",
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("state__in", ["waiting", "done", "refused"])), name="list_load_state_known"
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "waiting")), fields=("block_list",), name="list_load_one_at_a_time"
                    ),
                ],
            },
        ),
    ]
