"""Root causes and the plan for neutral clients to begin with (DOMAIN 4), all editable."""

from typing import Any

from django.db import migrations

CAUSES = ["Preço ou juros", "Atendimento", "Demora", "Produto não serviu", "Cobrança ou erro no contrato", "Outra"]
PLAN = {
    "name": "Atenção a neutros",
    "trigger": "manual",
    "purpose": "service",
    "stops_when_reached": False,
    "rest_days": 90,
    "priority": 40,
}
# Day, channel, what to do, minutes
STEPS = [
    (1, "call", "Perguntar o que faltou para uma nota 9 ou 10", 8),
    (15, "whatsapp", "Contar o que mudou desde a conversa", 3),
    (45, "call", "Conferir se está tudo bem", 8),
]


def fill(apps: Any, _schema_editor: Any) -> None:
    cause, plan, step = (
        apps.get_model(app, name)
        for app, name in (("nps", "RootCause"), ("contacts", "ContactPlan"), ("contacts", "PlanStep"))
    )
    for position, name in enumerate(CAUSES, 1):
        cause.objects.get_or_create(name=name, defaults={"position": position})
    made, is_new = plan.objects.get_or_create(name=PLAN["name"], defaults=PLAN)
    if is_new:
        for position, (day, channel, title, minutes) in enumerate(STEPS, 1):
            step.objects.create(
                plan=made, position=position, offset_days=day, channel=channel, title=title, minutes=minutes
            )


class Migration(migrations.Migration):
    dependencies = [
        ("nps", "0001_surveys"),
    ]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
