"""What `allow` and `public` put on a view, and whom they let in."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory

from people.access import allow, public
from people.models import User
from people.roles import PERMISSIONS, Permission, Role


@allow(Permission.DISTRIBUTE, methods=("GET", "POST"))
def leaders_only(request: HttpRequest, word: str = "") -> HttpResponse:
    """Says it."""
    return HttpResponse(word)


@allow(Permission.DISTRIBUTE, methods=("POST",))
def leaders_write(request: HttpRequest) -> HttpResponse:
    return HttpResponse("written")


@public(reason="a test")
def open_page(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


@public(reason="a test", methods=("POST",))
def open_door(request: HttpRequest) -> HttpResponse:
    return HttpResponse("open")


def ask(view, method: str, user: object, *args: str) -> int:
    request = RequestFactory().generic(method, "/")
    request.user = user
    return view(request, *args).status_code


@pytest.mark.parametrize("role", Role.values)
def test_allow_lets_in_the_roles_with_the_permission(role: str) -> None:
    user = User(role=role)
    if Permission.DISTRIBUTE in PERMISSIONS[role]:
        assert ask(leaders_only, "GET", user) == 200
    else:
        with pytest.raises(PermissionDenied):
            ask(leaders_only, "GET", user)


def test_allow_keeps_out_the_disabled() -> None:
    with pytest.raises(PermissionDenied):
        ask(leaders_only, "GET", User(role=Role.ADMIN, is_active=False))


def test_allow_refuses_other_methods_before_it_looks_at_the_person() -> None:
    stranger = AnonymousUser()

    assert {method: ask(leaders_only, method, stranger) for method in ("PUT", "DELETE", "PATCH")} == {
        "PUT": 405,
        "DELETE": 405,
        "PATCH": 405,
    }
    assert (ask(leaders_write, "GET", stranger), ask(leaders_write, "HEAD", stranger)) == (405, 405)
    assert ask(leaders_only, "HEAD", User(role=Role.ADMIN)) == 200


def test_declaration_stays_on_the_view() -> None:
    assert (leaders_only.access, leaders_only.methods) == (Permission.DISTRIBUTE, ("GET", "POST"))
    assert (open_page.access, open_page.methods, open_page.login_required) == ("public: a test", ("GET",), False)
    assert leaders_only.__doc__ == "Says it."


def test_public_lets_everybody_in_by_its_methods() -> None:
    stranger = AnonymousUser()

    assert (ask(open_page, "GET", stranger), ask(open_page, "POST", stranger)) == (200, 405)
    assert (ask(open_door, "GET", stranger), ask(open_door, "POST", stranger)) == (405, 200)
