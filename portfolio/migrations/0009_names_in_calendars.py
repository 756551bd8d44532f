from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("portfolio", "0008_agenda_lines_reach")]

    operations = [
        # Reading writes nothing.
        migrations.RemoveField(model_name="calendarfeed", name="last_read_at"),
        migrations.AddField(
            model_name="calendarfeed",
            name="shows_names",
            field=models.BooleanField(
                default=False,
                help_text=(
                    "Desligado: só as iniciais. O calendário fica copiado no celular e em quem guarda os seus dados."
                ),
                verbose_name="mostrar o nome dos clientes",
            ),
        ),
    ]
