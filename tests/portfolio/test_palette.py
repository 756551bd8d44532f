"""The command palette: whom it finds, what it offers to do, and that nothing typed stands in an address."""

import datetime

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients import search
from clients.models import Client, OptOut, Phone
from people.models import User
from portfolio import palette
from tests.factories import Cast, make_client

pytestmark = pytest.mark.django_db
ADDRESS = "portfolio:palette_search"
HTMX = {"HX-Request": "true"}


def find(*clients: Client) -> None:
    search.refresh([client.pk for client in clients])


def names(hits: list[palette.Hit]) -> list[str]:
    return [str(hit.row.name) for hit in hits]


def answer(user: User, **sent: object) -> str:
    browser = Browser()
    browser.force_login(user)
    response = browser.post(reverse(ADDRESS), sent, headers=HTMX)
    assert response.status_code == 200
    return response.content.decode()


def test_names_that_begin_so_come_first(cast: Cast) -> None:
    find(*(make_client(name, owner=cast.julia) for name in ("Ana Raquel Dias", "Zélia Raquel", "Raquel Moura")))

    assert names(palette.found(cast.julia, "ráquel")) == ["Raquel Moura", "Ana Raquel Dias", "Zélia Raquel"]


def test_document_and_phone_are_found(cast: Cast) -> None:
    client = make_client("Raquel Moura", owner=cast.julia, person_type="PF", document="52998224725")
    Phone.objects.create(client=client, e164="+5511987654321", kind="MOBILE")
    find(client)

    assert [names(palette.found(cast.julia, text)) for text in ("529.982.247-25", "(11) 98765-4321")] == [
        ["Raquel Moura"],
        ["Raquel Moura"],
    ]


def test_only_visible_clients_are_found(cast: Cast) -> None:
    mine, other = make_client("Raquel Moura", owner=cast.julia), make_client("Raquel Dias", owner=cast.davi)
    find(mine, other)

    assert names(palette.found(cast.julia, "raquel")) == ["Raquel Moura"]
    assert names(palette.recent(cast.julia, [other.pk, mine.pk])) == ["Raquel Moura"]
    assert len(palette.found(cast.mauro, "raquel")) == 2


@pytest.mark.parametrize(("text", "hits"), [("", []), ("r", []), (" r ", []), ("ra", ["Raquel Moura"]), ("aq", [])])
def test_two_letters_are_the_beginning_of_a_name(cast: Cast, text: str, hits: list[str]) -> None:
    find(make_client("Raquel Moura", owner=cast.julia))

    assert names(palette.found(cast.julia, text)) == hits


def test_at_most_eight_are_shown(cast: Cast) -> None:
    find(*(make_client(f"Raquel {number:02d}", owner=cast.julia) for number in range(12)))

    assert names(palette.found(cast.julia, "raquel")) == [f"Raquel {number:02d}" for number in range(8)]


def test_companies_have_their_icon(cast: Cast) -> None:
    find(
        make_client("Raquel Ltda", owner=cast.julia, person_type="PJ"),
        make_client("Raquel Moura", owner=cast.julia, person_type="PF"),
    )

    assert [hit.icon for hit in palette.found(cast.julia, "raquel")] == ["building", "user"]


def test_recent_come_in_the_order_they_were_opened(cast: Cast) -> None:
    clients = [make_client(name, owner=cast.julia) for name in ("Ana", "Bia", "Cid", "Duda", "Eva", "Fábio")]
    ids = [client.pk for client in reversed(clients)]

    assert names(palette.recent(cast.julia, ids)) == ["Fábio", "Eva", "Duda", "Cid", "Bia"]


def test_answer_says_how_many_and_leads_to_the_list(cast: Cast) -> None:
    client = make_client("Raquel Moura", owner=cast.julia)
    find(client)
    shown = answer(cast.julia, q="Raquel")

    assert f'href="/clientes/{client.pk}/"' in shown
    assert "1 cliente encontrado" in shown
    assert "Buscar “Raquel” na carteira" in shown


@pytest.mark.parametrize(
    ("text", "said"),
    [("r", "Escreva mais uma letra"), ("raquel", "Nenhum cliente seu com este texto"), ("<b>x", "&lt;b&gt;x")],
)
def test_answer_without_hits_says_what_to_do(cast: Cast, text: str, said: str) -> None:
    assert said in answer(cast.julia, q=text)


def test_empty_palette_shows_recent_clients_and_the_acts_on_the_one_of_the_page(cast: Cast) -> None:
    open_now, before = make_client("Raquel Moura", owner=cast.julia), make_client("Ana Dias", owner=cast.julia)
    shown = answer(cast.julia, q="", client=open_now.pk, recent=f"{before.pk},999999")

    assert ["Clientes recentes" in shown, "Ana Dias" in shown, "Ações com Raquel Moura" in shown] == [True] * 3


def test_owner_is_told_to_leaders_alone(cast: Cast) -> None:
    find(make_client("Raquel Moura", owner=cast.julia))

    assert [cast.julia.name in answer(user, q="raquel") for user in (cast.julia, cast.sonia)] == [False, True]


@pytest.mark.parametrize("sent", [{"client": "x"}, {"recent": "1;2"}, {"client": "9" * 30}, {"recent": "1," * 40}])
def test_what_is_no_id_shows_nothing(cast: Cast, sent: dict[str, str]) -> None:
    shown = answer(cast.julia, **sent)

    assert 'role="option"' not in shown


def acts_of(user: User, client: Client, *, at: datetime.datetime) -> dict[str, palette.Act]:
    return {act.name: act for act in palette.acts(user, client, at=at)}


def tuesday_at(hour: int) -> datetime.datetime:
    return datetime.datetime(2026, 6, 16, hour, tzinfo=timezone.get_default_timezone())


def test_call_is_offered_when_the_gate_lets_it_through(cast: Cast) -> None:
    client = make_client("Raquel Moura", owner=cast.julia, uf="SP")
    Phone.objects.create(client=client, e164="+5511987654321", kind="MOBILE")

    by_day, by_night = (acts_of(cast.julia, client, at=tuesday_at(hour))["call"] for hour in (10, 23))

    assert (by_day.url, by_day.label) == ("tel:+5511987654321", "Ligar para (11) 98765-4321")
    assert by_day.log_url.startswith(reverse("contacts:log_create", args=[client.pk]))
    assert f"telefone={client.phones.get().pk}" in by_day.log_url
    assert (by_night.url, bool(by_night.why)) == ("", True)


def test_refused_channel_is_shown_with_its_rule(cast: Cast) -> None:
    client = make_client("Raquel Moura", owner=cast.julia, uf="SP")
    Phone.objects.create(client=client, e164="+5511987654321", kind="MOBILE")
    OptOut.objects.create(client=client, channel="call")

    call = acts_of(cast.julia, client, at=tuesday_at(10))["call"]

    assert (call.url, call.icon) == ("", "phone-off")
    assert call.why


def test_acts_follow_the_rights(cast: Cast) -> None:
    client = make_client("Raquel Moura", owner=cast.julia)
    names_of = [list(acts_of(user, client, at=tuesday_at(10))) for user in (cast.julia, cast.aurora)]

    assert "contracts:purchase_create" in names_of[0]
    assert names_of[1] == ["open"]


def test_acts_of_a_hidden_client_are_not_found(cast: Cast) -> None:
    client = make_client("Raquel Moura", owner=cast.davi)
    browser = Browser()
    browser.force_login(cast.julia)

    answers = [browser.post(reverse("portfolio:palette_acts", args=[pk])).status_code for pk in (client.pk, 999_999)]

    assert answers == [404, 404]


def test_answer_asks_the_same_for_one_client_and_for_many(cast: Cast) -> None:
    counts = []
    for more in (1, 20):
        for number in range(more):
            client = make_client(f"Raquel {number}", owner=cast.julia)
            find(client)
        browser = Browser()
        browser.force_login(cast.julia)
        with CaptureQueriesContext(connection) as queries:
            browser.post(reverse(ADDRESS), {"q": "raquel"}, headers=HTMX)
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 10


def test_acts_ask_a_fixed_number_of_questions(cast: Cast) -> None:
    client = make_client("Raquel Moura", owner=cast.julia)
    for number in range(3):
        Phone.objects.create(client=client, e164=f"+551198765432{number}", kind="MOBILE")
    browser = Browser()
    browser.force_login(cast.julia)
    with CaptureQueriesContext(connection) as queries:
        browser.post(reverse("portfolio:palette_acts", args=[client.pk]))

    assert len(queries) <= 15
