"""Registering and changing clients."""

import datetime

import pytest
from django.db import IntegrityError

from brazil.phones import parse_phone
from clients import registration
from clients.duplicates import DuplicateDocumentError, SimilarClientsError
from clients.models import Client, ClientSearch, Ownership, Sector, Tag
from clients.registration import FirstContact, Profile
from clients.versions import StaleRecordError
from people.models import Activity
from tests.factories import Cast, make_client

CPF = "52998224725"
PHONE = parse_phone("(11) 98765-4321").numbers


def verbs() -> list[str]:
    return list(Activity.objects.order_by("pk").values_list("verb", flat=True))


def test_register_writes_client_contact_owner_search_and_history(cast: Cast) -> None:
    client = registration.register(
        Profile(
            name="MARIA DA SILVA",
            person_type="PF",
            document=CPF,
            sector="Saúde",
            tags=("VIP", "", "vip "),
            birth_date=datetime.date(1980, 5, 1),
        ),
        contact=FirstContact(
            phones=PHONE, email="maria@x.com.br", address={"cep": "01310100", "uf": "SP", "city": "São Paulo"}
        ),
        owner=cast.caio,
        by=cast.sonia,
    )
    client = Client.objects.unscoped(reason="test").get(pk=client.pk)
    assert (client.name, client.name_key, client.document) == ("Maria da Silva", "maria da silva", CPF)
    assert (client.owner, client.team, client.created_by) == (cast.caio, cast.sul, cast.sonia)
    assert (client.city, client.uf, client.sector and client.sector.name) == ("São Paulo", "SP", "Saúde")
    assert [tag.name for tag in client.tags.all()] == ["vip"]
    assert [(p.e164, p.kind, p.is_primary) for p in client.phones.all()] == [("+5511987654321", "MOBILE", True)]
    assert [(e.address, e.is_primary) for e in client.emails.all()] == [("maria@x.com.br", True)]
    assert [(a.cep, a.is_primary) for a in client.addresses.all()] == [("01310100", True)]
    spell = Ownership.objects.unscoped(reason="test").get(client=client)
    assert (spell.owner, spell.by, spell.reason) == (cast.caio, cast.sonia, "created")
    assert "maria da silva 52998224725" in ClientSearch.objects.get(client=client).text
    assert "client_created" in verbs()


def test_register_without_owner_leaves_it_in_the_queue_of_the_team(cast: Cast) -> None:
    client = registration.register(Profile(name="Ana Lima"), owner=None, by=cast.sonia)
    assert (client.owner, client.team) == (None, cast.sul)
    assert Client.objects.visible_to(cast.sonia).filter(pk=client.pk).exists()
    assert not client.phones.exists()
    assert not client.addresses.exists()


def test_register_keeps_company_names_as_typed(cast: Cast) -> None:
    client = registration.register(Profile(name="PADARIA  SOL", person_type="PJ"), owner=None, by=cast.ada)
    assert client.name == "PADARIA SOL"


def test_register_refuses_a_document_that_exists(cast: Cast) -> None:
    holder = make_client("Outra", owner=cast.davi, document=CPF, person_type="PF")
    with pytest.raises(DuplicateDocumentError) as caught:
        registration.register(Profile(name="Ana", person_type="PF", document=CPF), owner=cast.julia, by=cast.julia)
    assert caught.value.holder == holder


def test_register_asks_before_a_similar_client(cast: Cast) -> None:
    first = registration.register(
        Profile(name="José Antônio Lima"), contact=FirstContact(phones=PHONE), owner=cast.julia, by=cast.julia
    )
    again = Profile(name="Jose Antonio Lima")
    with pytest.raises(SimilarClientsError) as caught:
        registration.register(again, contact=FirstContact(phones=PHONE), owner=cast.julia, by=cast.julia)
    assert caught.value.clients == [first]
    contact = FirstContact(phones=PHONE)
    second = registration.register(again, contact=contact, owner=cast.julia, by=cast.julia, confirmed=True)
    assert second.pk != first.pk


def test_register_in_the_same_moment_as_another_tells_the_duplicate(
    cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    holder = make_client("Outra", owner=cast.davi, document=CPF, person_type="PF")
    answers = iter([None, holder])
    monkeypatch.setattr(registration, "holder_of", lambda *a, **k: next(answers))
    with pytest.raises(DuplicateDocumentError):
        registration.register(Profile(name="Ana", person_type="PF", document=CPF), owner=None, by=cast.ada)


def test_register_leaves_other_broken_constraints_as_they_are(cast: Cast) -> None:
    with pytest.raises(IntegrityError):
        registration.register(Profile(name="Ana", person_type="PF", document="123"), owner=None, by=cast.ada)


def test_update_writes_what_differs_and_bumps_the_version(cast: Cast) -> None:
    client = make_client("Ana Lima", owner=cast.julia, notes="antes")
    saved = registration.update(
        client, Profile(name="Ana Lima", notes="depois", tags=("VIP",)), version=1, by=cast.julia
    )
    assert (saved.notes, saved.version) == ("depois", 2)
    line = Activity.objects.get(verb="client_changed")
    assert line.changes == {"fields": ["notes", "tags"]}
    assert ClientSearch.objects.get(client=client).text == "ana lima"


def test_update_with_the_same_values_writes_no_history(cast: Cast) -> None:
    client = make_client("Ana Lima", owner=cast.julia)
    registration.update(client, Profile(name="Ana Lima"), version=1, by=cast.julia)
    assert verbs() == []


def test_update_over_a_newer_version_is_refused(cast: Cast) -> None:
    client = make_client("Ana Lima", owner=cast.julia)
    registration.update(client, Profile(name="Ana Lima", notes="primeira"), version=1, by=cast.julia)
    with pytest.raises(StaleRecordError) as caught:
        registration.update(client, Profile(name="Ana Lima", notes="segunda"), version=1, by=cast.caio)
    assert caught.value.current.notes == "primeira"


def test_update_refuses_a_document_that_exists(cast: Cast) -> None:
    make_client("Outra", owner=cast.davi, document=CPF, person_type="PF")
    client = make_client("Ana", owner=cast.julia)
    with pytest.raises(DuplicateDocumentError):
        registration.update(client, Profile(name="Ana", person_type="PF", document=CPF), version=1, by=cast.julia)


def test_update_in_the_same_moment_as_another_tells_the_duplicate(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    holder = make_client("Outra", owner=cast.davi, document=CPF, person_type="PF")
    client = make_client("Ana", owner=cast.julia)
    answers = iter([None, holder])
    monkeypatch.setattr(registration, "holder_of", lambda *a, **k: next(answers))
    with pytest.raises(DuplicateDocumentError):
        registration.update(client, Profile(name="Ana", person_type="PF", document=CPF), version=1, by=cast.julia)


def test_set_tags_makes_new_ones_and_reuses_old_ones(cast: Cast) -> None:
    Tag.objects.create(name="Vip", key="vip")
    client = make_client("Ana", owner=cast.julia)
    registration.set_tags(client, ("VIP", "Novo"), by=cast.julia)
    assert [tag.name for tag in client.tags.all()] == ["Novo", "Vip"]
    registration.set_tags(client, ("",), by=cast.julia)
    assert not client.tags.exists()


def test_sectors_are_one_however_they_are_written(cast: Cast) -> None:
    for name in ("Saúde", "SAUDE ", " saúde"):
        registration.register(Profile(name="Ana", sector=name), owner=None, by=cast.ada)
    assert [sector.name for sector in Sector.objects.all()] == ["Saúde"]
