from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("jobs", "0002_outbox")]

    operations = [
        migrations.RemoveIndex(model_name="outboxmessage", name="outbox_claimed"),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                fields=["claimed_at"], name="outbox_claimed", condition=models.Q(("claimed_at__isnull", False))
            ),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(fields=["-created_at", "-id"], name="outbox_newest_first"),
        ),
        migrations.AddIndex(
            model_name="outboxmessage",
            index=models.Index(
                fields=["-created_at"],
                name="outbox_undecided",
                condition=models.Q(("state__in", ["unknown", "failed"])),
            ),
        ),
    ]
