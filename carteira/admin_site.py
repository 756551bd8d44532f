"""Django's admin for admins, behind Carteira's own login, second factor included."""

from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _


class CarteiraAdminSite(admin.AdminSite):
    site_header = _("Carteira · administração")
    site_title = _("Administração")
    index_title = _("O que administrar")

    def __init__(self, name: str = "admin") -> None:
        super().__init__(name)
        # allauth's limits and second factor guard this door too (RELIABILITY T7).
        self.login = secure_admin_login(self.login)  # type: ignore[method-assign]

    def has_permission(self, request: HttpRequest) -> bool:
        return bool(request.user.is_active and request.user.is_staff)
