import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    """One index finds numbers and keeps them once per list; no key that is asked a million times about one list."""

    dependencies = [("contacts", "0009_answered")]

    operations = [
        migrations.RemoveConstraint(model_name="blockednumber", name="blocked_number_once_per_list"),
        migrations.RemoveIndex(model_name="blockednumber", name="blocked_number_e164"),
        migrations.AlterField(
            model_name="blockednumber",
            name="block_list",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="+",
                to="contacts.blocklist",
            ),
        ),
        migrations.AddConstraint(
            model_name="blockednumber",
            constraint=models.UniqueConstraint(fields=("e164", "block_list"), name="blocked_number_once_per_list"),
        ),
    ]
