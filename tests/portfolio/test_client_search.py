"""The search of the carteira's list: what it finds, what it tells, what it keeps out of addresses."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients import search
from clients.models import Email, Phone
from people.models import Activity, User
from tests.factories import Cast, browser_of, make_client

pytestmark = pytest.mark.django_db
LIST = "portfolio:client_list"


def names_in(browser: Browser) -> list[str]:
    return [row.name for row in browser.get(reverse(LIST)).context["rows"]]


def searching(user: User, text: str) -> Browser:
    browser = browser_of(user)
    browser.post(reverse("portfolio:client_search"), {"q": text})
    return browser


@pytest.mark.parametrize(
    "text",
    ["sao bento", "BENTO São", "123.456.789-09", "12345678909", "(47) 99912-0456", "4799912", "ana@ex"],
)
def test_client_search_finds_by_name_document_phone_and_email(cast: Cast, text: str) -> None:
    client = make_client("Metalúrgica São Bento", owner=cast.julia, person_type="PF", document="12345678909")
    Phone.objects.create(client=client, e164="+5547999120456", kind=Phone.Kind.MOBILE)
    Email.objects.create(client=client, address="ana@exemplo.com.br")
    other = make_client("Outro", owner=cast.julia)
    search.refresh([client.pk, other.pk])

    browser = searching(cast.julia, text)

    assert names_in(browser) == ["Metalúrgica São Bento"]


def test_client_search_never_stands_in_the_address(cast: Cast) -> None:
    browser = browser_of(cast.julia)
    response = browser.post(reverse("portfolio:client_search"), {"q": "123.456.789-09", "query": "uf=SC&q=1&pagina=2"})
    assert (response.status_code, response.headers["Location"]) == (303, f"{reverse(LIST)}?uf=SC")
    text = browser.get(reverse(LIST)).content.decode()
    assert "Busca:" in text
    assert "123.456.789-09" not in "".join(part.split('"')[0] for part in text.split("?")[1:])
    browser.post(reverse("portfolio:client_search"), {"q": ""})
    assert "Busca:" not in browser.get(reverse(LIST)).content.decode()


def test_client_search_without_hits_offers_the_whole_portfolio(cast: Cast) -> None:
    make_client("Alguém", owner=cast.julia)
    browser = searching(cast.julia, "ninguem")
    assert "Procurar em toda a carteira" in browser.get(reverse(LIST), {"class": "active"}).content.decode()
    assert "Nada encontrado para “ninguem”" in browser.get(reverse(LIST)).content.decode()


def test_client_search_with_many_hits_says_how_many_at_least(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    clients = [make_client(f"Ana {n}", owner=cast.julia, portfolio_class="active") for n in range(4)]
    search.refresh([client.pk for client in clients])

    monkeypatch.setattr("portfolio.queries.SEARCH_CAP", 3)
    browser = searching(cast.julia, "ana")
    response = browser.get(reverse(LIST), {"class": "active"})

    assert [tab["count"] for tab in response.context["tabs"]] == ["3+", "", "", "", ""]
    assert "Muitos resultados: escreva mais para contar." in response.content.decode()
    assert len(response.context["rows"]) == 4
    assert not response.context["listing"].can_sort


def test_client_search_of_a_hidden_document_tells_the_owner_only(cast: Cast) -> None:
    make_client("Segredo", owner=cast.davi, person_type="PF", document="12345678909", city="Manaus")
    text = searching(cast.julia, "123.456.789-09").get(reverse(LIST)).content.decode()
    assert "Este documento já existe, com Davi Lobo." in text
    assert "Segredo" not in text
    assert "Manaus" not in text
    assert Activity.objects.filter(by=cast.julia, verb="duplicate_document_hit").count() == 1
