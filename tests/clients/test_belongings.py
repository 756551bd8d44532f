"""Phones, e-mails, addresses and contact people."""

import pytest

from clients import belongings
from clients.models import Address, Client, ClientSearch, ContactPerson, Email, Phone
from people.models import Activity
from tests.factories import Cast, make_client


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana", owner=cast.julia)


def phone(client: Client, number: str, **fields: object) -> Phone:
    return Phone(client=client, e164=number, kind="MOBILE", **fields)


def primaries(client: Client) -> list[tuple[str, bool]]:
    return [(p.e164, p.is_primary) for p in client.phones.order_by("pk")]


def test_add_makes_the_first_one_primary_and_searchable(ana: Client, cast: Cast) -> None:
    belongings.add(phone(ana, "+5511987654321"), by=cast.julia)
    belongings.add(phone(ana, "+5511987654322"), by=cast.julia)
    assert primaries(ana) == [("+5511987654321", True), ("+5511987654322", False)]
    assert "5511987654322" in ClientSearch.objects.get(client=ana).text
    assert Activity.objects.order_by("pk").values_list("verb", flat=True)[0] == "phone_added"
    assert "+5511" not in str(Activity.objects.values_list("changes", flat=True))


def test_add_as_primary_takes_the_place(ana: Client, cast: Cast) -> None:
    belongings.add(phone(ana, "+5511987654321"), by=cast.julia)
    belongings.add(phone(ana, "+5511987654322", is_primary=True), by=cast.julia)
    assert primaries(ana) == [("+5511987654321", False), ("+5511987654322", True)]


def test_add_twice_is_refused(ana: Client, cast: Cast) -> None:
    belongings.add(phone(ana, "+5511987654321"), by=cast.julia)
    with pytest.raises(belongings.AlreadyThereError):
        belongings.add(phone(ana, "+5511987654321"), by=cast.julia)
    belongings.add(Email(client=ana, address="a@x.com.br"), by=cast.julia)
    with pytest.raises(belongings.AlreadyThereError):
        belongings.add(Email(client=ana, address="a@x.com.br"), by=cast.julia)


def test_change_writes_what_differs(ana: Client, cast: Cast) -> None:
    first = phone(ana, "+5511987654321")
    belongings.add(first, by=cast.julia)
    belongings.change(first, {"label": "Casa", "e164": "+5511987654321"}, by=cast.julia)
    assert Activity.objects.get(verb="phone_changed").changes == {"phone": first.pk, "fields": ["label"]}
    belongings.change(first, {"label": "Casa", "is_primary": False}, by=cast.julia)
    first.refresh_from_db()
    assert first.is_primary
    assert Activity.objects.filter(verb="phone_changed").count() == 1


def test_make_primary_moves_the_mark(ana: Client, cast: Cast) -> None:
    belongings.add(phone(ana, "+5511987654321"), by=cast.julia)
    second = phone(ana, "+5511987654322")
    belongings.add(second, by=cast.julia)
    belongings.make_primary(second, by=cast.julia)
    assert primaries(ana) == [("+5511987654321", False), ("+5511987654322", True)]


def test_remove_hands_the_mark_to_the_oldest_left(ana: Client, cast: Cast) -> None:
    records = [phone(ana, f"+551198765432{n}") for n in range(3)]
    for record in records:
        belongings.add(record, by=cast.julia)
    belongings.remove(records[0], by=cast.julia)
    assert primaries(ana) == [("+5511987654321", True), ("+5511987654322", False)]
    belongings.remove(records[2], by=cast.julia)
    belongings.remove(records[1], by=cast.julia)
    assert primaries(ana) == []
    assert ClientSearch.objects.get(client=ana).text == "ana"


def test_the_primary_address_gives_city_and_uf(ana: Client, cast: Cast) -> None:
    def place() -> tuple[str, str]:
        client = Client.objects.unscoped(reason="test").get(pk=ana.pk)
        return client.city, client.uf

    first = Address(client=ana, city="Joinville", uf="SC")
    second = Address(client=ana, city="Santos", uf="SP")
    belongings.add(first, by=cast.julia)
    belongings.add(second, by=cast.julia)
    assert place() == ("Joinville", "SC")
    belongings.make_primary(second, by=cast.julia)
    assert place() == ("Santos", "SP")
    belongings.remove(second, by=cast.julia)
    first.refresh_from_db()
    assert (place(), first.is_primary) == (("Joinville", "SC"), True)
    belongings.remove(first, by=cast.julia)
    assert place() == ("", "")


def test_people_have_no_primary(ana: Client, cast: Cast) -> None:
    person = ContactPerson(client=ana, name="Bia")
    belongings.add(person, by=cast.julia)
    belongings.change(person, {"decides": True}, by=cast.julia)
    belongings.remove(person, by=cast.julia)
    verbs = list(Activity.objects.order_by("pk").values_list("verb", flat=True))
    assert verbs == ["contactperson_added", "contactperson_changed", "contactperson_removed"]
