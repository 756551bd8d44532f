"""The admin of clients: read with the guard, never deleted; words keep their key."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from clients import registration, search
from clients.models import Client, Sector
from clients.registration import Profile
from people.models import User
from tests.factories import Cast, make_client

Desk = Callable[[User], Browser]


@pytest.fixture
def desk(cast: Cast, at_desk: Desk) -> Browser:
    return at_desk(cast.ada)


def test_client_list_searches_like_the_screens(desk: Browser, cast: Cast) -> None:
    ana = make_client("Ana Conceição", owner=cast.julia, document="52998224725", person_type="PF")
    make_client("Bia", owner=cast.davi)
    search.refresh(None)
    page = desk.get("/admin/clients/client/", {"q": "529.982.247-25"}).content.decode()
    assert "Ana Conceição" in page
    assert "Bia</a>" not in page
    assert ana.document not in page


def test_client_page_shows_its_history_and_changes_nothing(desk: Browser, cast: Cast) -> None:
    client = make_client("Ana", owner=cast.julia, document="52998224725", person_type="PF")
    registration.update(client, Profile(name="Ana", notes="x"), version=1, by=cast.julia)
    url = f"/admin/clients/client/{client.pk}/change/"
    page = desk.get(url).content.decode()
    assert "Júlia Prado · client_changed" in page
    assert client.document not in page
    assert desk.post(url, {"name": "Outra"}).status_code == 403
    assert desk.post(f"/admin/clients/client/{client.pk}/delete/", {"post": "yes"}).status_code == 403
    assert Client.objects.visible_to(cast.ada).get().name == "Ana"


@pytest.mark.parametrize(
    "model",
    [
        "clients/client",
        "clients/consent",
        "clients/optout",
        "clients/sector",
        "clients/tag",
        "contracts/purchase",
        "contracts/contract",
        "contracts/product",
        "contracts/productfamily",
        "contracts/institution",
    ],
)
def test_every_list_opens_for_admins_only(desk: Browser, cast: Cast, at_desk: Desk, model: str) -> None:
    make_client("Ana", owner=cast.julia)
    assert desk.get(f"/admin/{model}/", {"q": "a"}).status_code == 200
    assert at_desk(cast.mauro).get(f"/admin/{model}/").status_code == 302


def test_a_new_word_gets_its_key(desk: Browser) -> None:
    assert desk.post("/admin/clients/sector/add/", {"name": "Saúde"}).status_code == 302
    assert Sector.objects.get().key == "saude"
