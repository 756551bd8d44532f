from typing import Any

from django.core.management import call_command
from django.db import migrations


def create(_apps: Any, schema_editor: Any) -> None:
    """Rate limits count in this table: without it nobody can log in. It stays as it is where it exists."""
    call_command("createcachetable", database=schema_editor.connection.alias, verbosity=0)


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0001_form_key"),
    ]

    operations = [
        migrations.RunPython(create, migrations.RunPython.noop),
    ]
