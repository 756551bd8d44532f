import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0007_deceased_and_segments"),
        ("contacts", "0003_default_words_and_plans"),
    ]
    operations = [
        migrations.CreateModel(
            name="ContactPulse",
            fields=[
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="pulse",
                        serialize=False,
                        to="clients.client",
                    ),
                ),
                (
                    "last_log",
                    models.ForeignKey(
                        db_constraint=False,
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contacts.contactlog",
                    ),
                ),
                ("last_at", models.DateTimeField(verbose_name="último contato")),
                ("reached_at", models.DateTimeField(null=True, verbose_name="falou pela última vez")),
            ],
            options={"verbose_name": "último contato", "verbose_name_plural": "últimos contatos"},
        ),
        # Rows are written again in place: room for that on each page.
        migrations.RunSQL(
            "ALTER TABLE contacts_contactpulse SET (fillfactor = 80)",
            "ALTER TABLE contacts_contactpulse RESET (fillfactor)",
        ),
    ]
