"""What people type and whom it finds."""

import pytest

from clients import search
from clients.models import Client, ClientSearch, Email, Phone
from tests.factories import Cast, make_client

CNPJ = "12ABC34501DE35"


@pytest.fixture
def jose(cast: Cast) -> Client:
    client = make_client(
        "José D'Ávila da Conceição",
        owner=cast.julia,
        person_type="PF",
        document="52998224725",
        social_name="Zoé",
        trade_name="Padaria Pão Doce",
        code="AB-12_7",
    )
    Phone.objects.create(client=client, e164="+5511987654321", kind=Phone.Kind.MOBILE)
    Phone.objects.create(client=client, e164="+554733221100", kind=Phone.Kind.LANDLINE)
    Phone.objects.create(client=client, e164="+12125550123", kind=Phone.Kind.FOREIGN)
    Email.objects.create(client=client, address="Jose.Avila@Exemplo.com.br")
    other = make_client("Maria Souza", owner=cast.julia, person_type="PJ", document=CNPJ)
    search.refresh([client.pk, other.pk])
    return client


def found(cast: Cast, text: str) -> list[str]:
    return sorted(c.name for c in search.matching(Client.objects.visible_to(cast.julia), text))


@pytest.mark.parametrize(
    "text",
    [
        "jose",
        "JOSÉ conceicao",
        "davila",
        "d’avila",
        "concei jos",
        "zoe",
        "pao doce",
        "ab-12_7",
        "529.982.247-25",
        "529 982 247 25",
        "52998224725",
        "982.247",
        "(11) 98765-4321",
        "+55 11 98765-4321",
        "011 98765 4321",
        "11 8765-4321",
        "1187654321",
        "98765-4321",
        "(47) 3322-1100",
        "+1 212 555 0123",
        "jose.avila@exemplo.com.br",
        "jose (11) 98765-4321",
    ],
)
def test_search_finds_what_was_typed(jose: Client, cast: Cast, text: str) -> None:
    assert found(cast, text) == [jose.name]


@pytest.mark.parametrize("text", ["12.ABC.345/01DE-35", "12abc34501de35", "12.abc.345"])
def test_search_finds_cnpj_with_letters(jose: Client, cast: Cast, text: str) -> None:
    assert found(cast, text) == ["Maria Souza"]


@pytest.mark.parametrize("text", ["%", "_", "\\", "jo%", "j_se", "jose maria", "ab-12%7", "\x00%"])
def test_search_takes_wildcards_as_letters_and_wants_every_word(jose: Client, cast: Cast, text: str) -> None:
    wanted = ["José D'Ávila da Conceição"] if text == "_" else []
    assert found(cast, text) == wanted


@pytest.mark.parametrize("text", ["", "  ", "\x00"])
def test_search_of_nothing_filters_nothing(jose: Client, cast: Cast, text: str) -> None:
    assert len(found(cast, text)) == 2


def test_search_stays_inside_what_the_person_sees(jose: Client, cast: Cast) -> None:
    assert not search.matching(Client.objects.visible_to(cast.davi), "jose").exists()


def test_search_joins_digits_only_when_they_are_a_number() -> None:
    assert search.words_of("rua 12 345") == ["rua", "12", "345"]
    assert search.words_of("ana " * 20) == ["ana"] * search.MOST_WORDS
    assert len("".join(search.words_of("a" * 500))) == search.LONGEST_QUERY


def test_refresh_writes_only_the_clients_asked_for_and_only_changes(jose: Client, cast: Cast) -> None:
    new = make_client("Nova", owner=cast.julia)
    search.refresh([])
    assert not ClientSearch.objects.filter(client=new).exists()
    search.refresh(None)
    assert ClientSearch.objects.get(client=new).text == "nova"
    Client.objects.unscoped(reason="test").filter(pk=new.pk).update(name_key="outra")
    search.refresh([jose.pk])
    assert ClientSearch.objects.get(client=new).text == "nova"


def test_refresh_folds_as_python_does(jose: Client) -> None:
    text = ClientSearch.objects.get(client=jose).text
    assert text == (
        "jose davila da conceicao zoe padaria pao doce ab-12_7 52998224725"
        " 5511987654321 551187654321 554733221100 12125550123 jose.avila@exemplo.com.br"
    )
