"""What a contact changed besides its own row, for its undo."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0004_kept_refusals")]
    operations = [
        migrations.AddField(
            model_name="contactlog",
            name="effects",
            field=models.JSONField(default=dict, db_default={}, editable=False),
        ),
    ]
