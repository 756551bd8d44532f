"""How allauth works here: no sign-up by strangers, one answer for every wrong login."""

from allauth.account.adapter import DefaultAccountAdapter
from django.http import HttpRequest

from people.models import User


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Admins create users; nobody registers alone."""
        return False

    def login(self, request: HttpRequest, user: User) -> None:
        super().login(request, user)
        request.session["epoch"] = user.session_epoch
