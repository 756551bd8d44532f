import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0003_parts_of_batches")]

    operations = [
        migrations.AlterField(
            model_name="distributionmove",
            name="batch",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.CASCADE,
                related_name="moves",
                to="portfolio.distributionbatch",
            ),
        ),
    ]
