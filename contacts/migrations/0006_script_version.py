from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("contacts", "0008_block_list_loads")]

    operations = [
        migrations.AddField(
            model_name="callscript",
            name="version",
            field=models.PositiveIntegerField(default=1, editable=False),
        ),
    ]
