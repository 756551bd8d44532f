"""Every route says who may use it: `@allow(Permission.X)` or `@public(reason)`. Nothing else grants access.

The declaration stays on the view, so that a test can walk all routes and fail for one without it (RELIABILITY T2).
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, cast

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.views.decorators.http import require_http_methods

from people.models import User
from people.roles import Permission


class UserRequest(HttpRequest):
    """A request that has passed `allow`: the user is logged in."""

    user: User
    htmx: Any


def allow[**P](
    permission: Permission, *, methods: tuple[str, ...] = ("GET",)
) -> Callable[
    [Callable[Concatenate[UserRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Lets in logged-in users with `permission`; 403 for others (anonymous ones are sent to the login before)."""

    def declare(
        view: Callable[Concatenate[UserRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        @wraps(view)
        def guarded(request: HttpRequest, *args: P.args, **kwargs: P.kwargs) -> HttpResponseBase:
            if not cast(User, request.user).may(permission):
                raise PermissionDenied
            return view(cast(UserRequest, request), *args, **kwargs)

        checked = require_http_methods(["HEAD", *methods] if "GET" in methods else list(methods))(guarded)
        checked.access = permission  # type: ignore[attr-defined]
        checked.methods = methods  # type: ignore[attr-defined]
        return cast(Callable[Concatenate[HttpRequest, P], HttpResponseBase], checked)

    return declare


def public[**P](
    *, reason: str, methods: tuple[str, ...] = ("GET",)
) -> Callable[
    [Callable[Concatenate[HttpRequest, P], HttpResponseBase]],
    Callable[Concatenate[HttpRequest, P], HttpResponseBase],
]:
    """Lets everyone in, with the reason written down."""

    def declare(
        view: Callable[Concatenate[HttpRequest, P], HttpResponseBase],
    ) -> Callable[Concatenate[HttpRequest, P], HttpResponseBase]:
        checked = require_http_methods(["HEAD", *methods] if "GET" in methods else list(methods))(view)
        checked.login_required = False  # type: ignore[attr-defined]
        checked.access = f"public: {reason}"  # type: ignore[attr-defined]
        checked.methods = methods  # type: ignore[attr-defined]
        return checked

    return declare
