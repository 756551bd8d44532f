"""An offer by mail is stopped in one click, by people and by mail programs, without a login."""

from urllib.parse import urlsplit

import pytest
from django.core import signing
from django.test import Client as Browser

from clients.models import Client
from contacts import gate_facts, offers
from contacts.views import offers as views
from tests.contacts.talking import log_of
from tests.factories import Cast, make_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Souza", owner=cast.julia)


@pytest.fixture
def path(cast: Cast, ana: Client) -> str:
    log = log_of(ana, cast.julia, "sent", channel="email", purpose="offer", used="ana@exemplo.com.br")
    return urlsplit(offers.stop_url(log)).path


def test_reading_asks_and_posting_stops(ana: Client, path: str) -> None:
    stranger = Browser(enforce_csrf_checks=True)
    page = stranger.get(path)
    assert "Parar de receber ofertas por e-mail?" in page.text
    assert page.headers["X-Robots-Tag"] == "noindex"
    assert "Ana" not in page.text
    assert not ana.opt_outs.exists()
    for _ in range(2):
        assert "Pedido registrado" in stranger.post(path, {"List-Unsubscribe": "One-Click"}).text
    wish = ana.opt_outs.get()
    assert (wish.channel, wish.purpose) == ("email", "offer")
    said = gate_facts.check(ana, channel="email", purpose="offer", number="ana@exemplo.com.br")
    assert said.rule == "opt_out"
    assert gate_facts.check(ana, channel="email", purpose="service", number="ana@exemplo.com.br").allowed


def test_address_holds_nothing_about_the_client(ana: Client, path: str) -> None:
    token = path.split("/")[-3]
    assert signing.loads(token, salt="contacts.offers") == ana.contact_logs.get().pk


def test_unsigned_address_and_a_client_that_is_gone_are_not_found(ana: Client, path: str) -> None:
    stranger = Browser()
    assert stranger.get(f"{path[:-8]}x/parar/").status_code == 404
    ana.contact_logs.all().delete()
    assert stranger.post(path).status_code == 404


def test_too_many_posts_are_refused_and_reading_is_not(path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(views, "RATE", "1/m/ip")
    stranger = Browser()
    assert [stranger.post(path).status_code for _ in range(2)] == [200, 429]
    assert stranger.get(path).status_code == 200
