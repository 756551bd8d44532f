"""Sessions that end when they must, and the second factor for those who need it."""

import time
from collections.abc import Callable

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from people.roles import Role

GetResponse = Callable[[HttpRequest], HttpResponse]


def live_session(get_response: GetResponse) -> GetResponse:
    """Ends the session of a disabled user within one request, anybody's after a working day, however busy, and an
    admin's after idle minutes.

    (Django's session hash already ends all sessions when a password changes.)
    """

    def check(request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            user = request.user
            # A session that says nothing is of no login of ours; only the first epoch lets it pass (tests, shells).
            renewed = request.session.get("epoch", 0) != user.session_epoch
            if renewed or _too_old(request) or (user.role == Role.ADMIN and _idle_too_long(request)):
                logout(request)
                return HttpResponseRedirect(reverse("account_login"))
        return get_response(request)

    return check


def _too_old(request: HttpRequest) -> bool:
    """Django prolongs a session whenever it is written; the login itself ends after SESSION_COOKIE_AGE."""
    now = int(time.time())
    return now - int(request.session.get("logged_in_at", now)) > settings.SESSION_COOKIE_AGE


def _idle_too_long(request: HttpRequest) -> bool:
    """Notes the visit at most once a minute, so that reading pages rarely writes the session."""
    now = int(time.time())
    seen = int(request.session.get("seen_at", now))
    if now - seen > settings.ADMIN_IDLE_MINUTES * 60:
        return True
    if now - seen >= 60 or "seen_at" not in request.session:
        request.session["seen_at"] = now
    return False


def second_factor(get_response: GetResponse) -> GetResponse:
    """Managers and admins without a second factor are led to set one up before anything else."""

    def check(request: HttpRequest) -> HttpResponse:
        if settings.SECOND_FACTOR_REQUIRED and request.user.is_authenticated:
            user = request.user
            allowed = request.path.startswith(("/conta/", "/static/", "/saude/"))
            if user.needs_second_factor and not allowed and not is_mfa_enabled(user):
                return HttpResponseRedirect(reverse("mfa_index"))
        return get_response(request)

    return check
