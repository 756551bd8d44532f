from django.apps import AppConfig
from django.db.models import fields
from django.utils.translation import gettext_lazy as _

from core import arrays


class CoreConfig(AppConfig):
    name = "core"

    def ready(self) -> None:
        # Django 6.1 has no Portuguese for its own label yet.
        fields.BLANK_CHOICE_LABEL = _("Escolha")
        arrays.register()
