"""Django's admin: entered by admins only, deletes nobody, changes rights only with a reason (RELIABILITY T23)."""

import pytest
from django.contrib import admin
from django.test import Client as Browser
from django.urls import reverse

from people.models import Activity, User
from people.roles import Role
from tests.factories import Cast, make_client

pytestmark = pytest.mark.django_db
MODELS = sorted(admin.site._registry, key=lambda model: model._meta.label)
OURS = [model for model in MODELS if model._meta.app_label not in {"account", "mfa", "usersessions", "auth"}]
# Nothing that tells about clients or people is ever deleted.
NEVER_DELETED = {"clients.Client", "people.User", "people.Activity", "contracts.Contract", "contracts.Purchase"}


def as_(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def page_of(model, action: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{action}", args=args)


@pytest.mark.parametrize("who", ["julia", "sonia", "mauro", "bento", "aurora"])
def test_admin_is_closed_to_everybody_else(cast: Cast, who: str) -> None:
    browser = as_(getattr(cast, who))

    for path in [reverse("admin:index"), *(page_of(model, "changelist") for model in MODELS)]:
        assert browser.get(path).status_code in {302, 403}
        assert browser.post(path).status_code in {302, 403}


def test_admin_shows_every_list_to_an_admin_who_is_no_superuser(cast: Cast) -> None:
    make_client("Ana", owner=cast.julia)
    browser = as_(cast.ada)

    assert browser.get(reverse("admin:index")).status_code == 200
    assert {model._meta.label: browser.get(page_of(model, "changelist")).status_code for model in MODELS} == {
        model._meta.label: 200 for model in MODELS
    }


def test_admin_searches_every_list_that_has_a_box(cast: Cast) -> None:
    browser = as_(cast.ada)

    codes = {browser.get(page_of(model, "changelist"), {"q": "ana%_'\""}).status_code for model in OURS}
    assert codes == {200}


@pytest.mark.parametrize("label", sorted(NEVER_DELETED))
def test_admin_deletes_none_of(cast: Cast, label: str) -> None:
    model = next(model for model in MODELS if model._meta.label == label)
    browser = as_(cast.ada)
    client = make_client("Ana", owner=cast.julia)
    pk = {"clients.Client": client.pk, "people.User": cast.julia.pk}.get(label, 1)

    assert browser.post(page_of(model, "delete", pk), {"post": "yes"}).status_code in {302, 403}
    browser.post(page_of(model, "changelist"), {"action": "delete_selected", "_selected_action": [pk], "post": "yes"})
    assert User.objects.filter(pk=cast.julia.pk).exists()
    assert type(client).objects.unscoped(reason="test").filter(pk=client.pk).exists()


def test_admin_shows_a_client_without_its_whole_document(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.julia, document="68657271001", person_type="PF")
    model = type(client)

    pages = [as_(cast.ada).get(page_of(model, "change", client.pk)), as_(cast.ada).get(page_of(model, "changelist"))]

    for page in pages:
        assert page.status_code == 200
        assert "68657271001" not in page.content.decode()
        assert "686.572.710-01" not in page.content.decode()


def fields_of(user: User, **changes: object) -> dict[str, object]:
    kept: dict[str, object] = {
        "name": user.name,
        "email": user.email,
        "role": user.role,
        "team": user.team_id or "",
        "hours_per_day": "8",
        "client_limit": "",
        "joined_on": user.joined_on.isoformat(),
        "is_active": "on",
        "reason": "",
    }
    return kept | changes


def test_admin_changes_rights_only_with_a_reason(cast: Cast) -> None:
    browser = as_(cast.ada)
    path = page_of(User, "change", cast.julia.pk)

    assert browser.post(path, fields_of(cast.julia, role="admin")).status_code == 200
    assert User.objects.get(pk=cast.julia.pk).role == Role.SELLER
    assert browser.post(path, fields_of(cast.julia, role="supervisor", reason="promovida")).status_code == 302
    stored = User.objects.get(pk=cast.julia.pk)
    assert (stored.role, stored.session_epoch) == (Role.SUPERVISOR, 1)
    assert Activity.objects.get(verb="user_rights_changed").by == cast.ada


def test_admin_hangs_no_team_below_itself(cast: Cast) -> None:
    data = {"name": "Brasil", "parent": cast.sul.pk, "uf": "", "opened_on": "2026-01-02", "closed_on": ""}

    assert as_(cast.ada).post(page_of(type(cast.brasil), "change", cast.brasil.pk), data).status_code == 200
    cast.brasil.refresh_from_db()
    assert cast.brasil.parent is None


def test_admin_never_sets_a_password_or_a_superuser(cast: Cast) -> None:
    page = as_(cast.ada).get(page_of(User, "change", cast.julia.pk)).content.decode()

    assert "is_superuser" not in page
    assert 'name="password"' not in page
    assert "argon2" not in page
