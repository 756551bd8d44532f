"""The registry of routes equals the resolver, both ways, and what each view declares (RELIABILITY T2, G1)."""

import pytest
from django.test import Client as Browser
from django.urls import NoReverseMatch, reverse

from people.roles import PERMISSIONS, Permission, Role
from tests.project.resolver import Address, addresses
from tests.project.routes import FOREIGN, PUBLIC_ALLAUTH, ROUTES, Route

OURS = {address.name: address for address in addresses() if address.owner == "ours"}


def test_every_address_has_a_name() -> None:
    assert [address.path for address in addresses() if address.owner == "ours" and not address.name] == []


def test_no_two_addresses_share_a_name() -> None:
    names = [address.name for address in addresses() if address.owner == "ours"]

    assert sorted(names) == sorted(set(names))


def test_registry_and_resolver_are_equal() -> None:
    undeclared = sorted(set(OURS) - set(ROUTES))
    vanished = sorted(set(ROUTES) - set(OURS))

    assert (undeclared, vanished) == ([], []), "declare each route in tests/project/routes.py"


def declared_roles(address: Address) -> frozenset[Role]:
    access = address.view.access
    if not isinstance(access, Permission):
        return frozenset()
    return frozenset(role for role in Role if access in PERMISSIONS[role])


@pytest.mark.parametrize(("name", "route"), [pytest.param(*pair, id=pair[0]) for pair in ROUTES.items()])
def test_route_is_what_its_view_declares(name: str, route: Route) -> None:
    address = OURS[name]
    access = getattr(address.view, "access", None)

    assert access is not None, "use @allow(...) or @public(reason=...)"
    assert declared_roles(address) == route.roles
    assert set(address.view.methods) == set(route.methods)
    assert isinstance(access, Permission) or access == f"public: {route.public}"
    assert getattr(address.view, "login_required", True) is not bool(route.public)


def test_addresses_that_are_not_ours_belong_to_a_listed_app() -> None:
    assert {address.owner for address in addresses()} - {"ours"} == set(FOREIGN)


def test_admin_is_ours_and_asks_for_an_admin() -> None:
    views = [address.view for address in addresses() if address.owner == "admin"]
    own = {view.__wrapped__.__module__ if hasattr(view, "__wrapped__") else view.__module__ for view in views}

    assert {name.split(".")[0] for name in own} <= {"django", "carteira", "people", "portfolio", "jobs"}


ALLAUTH = sorted(address.name for address in addresses() if address.owner == "allauth")


@pytest.mark.django_db
@pytest.mark.parametrize("name", ALLAUTH)
def test_allauth_addresses_ask_for_a_login_unless_listed(name: str) -> None:
    samples = {"pk": 1, "key": "x", "uidb36": "1", "session_pk": 1}
    kwargs = next(
        (picked for picked in _subsets(samples) if _reverses(name, picked)),
        None,
    )
    assert kwargs is not None
    answer = Browser().get(reverse(name, kwargs=kwargs))

    if name in PUBLIC_ALLAUTH:
        assert answer.status_code < 500
    else:
        assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (
            302,
            reverse("account_login"),
        )


def _subsets(samples: dict[str, object]) -> list[dict[str, object]]:
    pairs = [{"uidb36": samples["uidb36"], "key": samples["key"]}]
    return [{}, *({name: value} for name, value in samples.items()), *pairs]


def _reverses(name: str, kwargs: dict[str, object]) -> bool:
    try:
        reverse(name, kwargs=kwargs)
    except NoReverseMatch:
        return False
    return True
