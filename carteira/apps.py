from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class CarteiraConfig(AppConfig):
    """Holds the schedule and the commands that span all apps."""

    name = "carteira"
    verbose_name = _("Carteira")


class CarteiraAdminConfig(AdminConfig):
    """Names the site by path: it needs the models that are not loaded yet here."""

    default_site = "carteira.admin_site.CarteiraAdminSite"
