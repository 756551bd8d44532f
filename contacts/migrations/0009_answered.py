"""The outcome of one tap: somebody answered, and nothing else was said of it."""

from typing import Any

from django.db import migrations

CODE = "answered"


def fill(apps: Any, schema_editor: Any) -> None:
    outcome = apps.get_model("contacts", "ContactOutcome")
    outcome.objects.get_or_create(code=CODE, defaults={"label": "Atendeu", "group": "reached", "position": 5})


class Migration(migrations.Migration):
    dependencies = [("contacts", "0006_script_version")]
    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
