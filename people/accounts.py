"""How allauth works here: no sign-up by strangers, one answer for every wrong login."""

import time
from typing import Any
from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.auth_backends import AuthenticationBackend
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from core.statements import Later, Records
from people.models import User

PERSON = Records[User](lambda: User.objects.filter(pk=Later("pk")))


class Backend(AuthenticationBackend):  # type: ignore[misc]
    """allauth's, with the question of every request written once."""

    def get_user(self, user_id: int) -> User | None:
        found = PERSON.ask(pk=user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("E-mail ou senha não conferem.")
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Admins create users; nobody registers alone."""
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session["epoch"] = user.session_epoch
        request.session["logged_in_at"] = int(time.time())

    def get_reset_password_from_key_url(self, key: str) -> str:
        """The address in the mail stands on our own base, whatever host the request named."""
        asked = urlsplit(super().get_reset_password_from_key_url(key))
        return f"{settings.SITE_URL}{asked.path}"

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mails speak in the company's name, not in that of the host the request named."""
        site = {"name": settings.COMPANY_NAME, "domain": urlsplit(settings.SITE_URL).netloc}
        super().send_mail(template_prefix, email, {**context, "current_site": site})
