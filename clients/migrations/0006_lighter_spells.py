import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

# A foreign key asks once for every spell that is written; people are deleted about never.
KEEP_PEOPLE = """
CREATE FUNCTION clients_keep_people_of_history() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM clients_ownership WHERE OLD.id IN (owner_id, by_id)) THEN
        RAISE foreign_key_violation USING MESSAGE = 'this person stands in the history of clients';
    END IF;
    RETURN OLD;
END $$;
CREATE TRIGGER clients_keep_people_of_history BEFORE DELETE ON people_user
FOR EACH ROW EXECUTE FUNCTION clients_keep_people_of_history();
"""
LET_PEOPLE_GO = """
DROP TRIGGER clients_keep_people_of_history ON people_user;
DROP FUNCTION clients_keep_people_of_history();
"""


class Migration(migrations.Migration):
    dependencies = [
        ("clients", "0005_lighter_rows"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="ownership",
            name="owner",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="ownerships",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.AlterField(
            model_name="ownership",
            name="by",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RunSQL(KEEP_PEOPLE, LET_PEOPLE_GO),
    ]
