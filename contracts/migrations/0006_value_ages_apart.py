"""The day a sale leaves the value of 12 months has a column of its own: it moves no class."""

from django.db import migrations, models

# No later than the day it stands for: the night that reads raw rows then puts it right.
FILL = "UPDATE contracts_clientcycle SET value_due_on = due_on WHERE due_on IS NOT NULL"
# Most rows were written anew: the night reads them in the order of their ids.
ORDER = "CLUSTER contracts_clientcycle USING contracts_clientcycle_pkey"


class Migration(migrations.Migration):
    dependencies = [("contracts", "0005_indexes_of_filters")]

    operations = [
        # A large base takes longer than a web request may.
        migrations.RunSQL("SET LOCAL statement_timeout = 0", migrations.RunSQL.noop),
        migrations.AddField(
            model_name="clientcycle",
            name="value_due_on",
            field=models.DateField(null=True),
        ),
        migrations.RunSQL(FILL, migrations.RunSQL.noop),
        migrations.RunSQL(ORDER, migrations.RunSQL.noop),
    ]
