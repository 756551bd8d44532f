from django.contrib.admin.apps import AdminConfig


class CarteiraAdminConfig(AdminConfig):
    """Names the site by path: it needs the models that are not loaded yet here."""

    default_site = "carteira.admin_site.CarteiraAdminSite"
