from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("clients", "0002_clients_and_ownership")]

    operations = [
        migrations.AddIndex(
            model_name="client",
            index=models.Index(
                fields=["portfolio_class", "uf", "sector", "person_type"],
                include=["owner", "team"],
                name="client_filters",
            ),
        ),
        migrations.AddIndex(
            model_name="client",
            index=models.Index(fields=["portfolio_class", "class_since"], name="client_class_since"),
        ),
    ]
