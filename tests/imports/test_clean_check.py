"""Clean rows judged in the database have the outcomes that they have judged one by one."""

import random

import pytest
from django.forms.models import model_to_dict

from clients.models import Client
from imports import checking, client_check
from imports.client_check import ClientJudge
from imports.models import ImportBatch
from imports.work import AtOnce
from tests.factories import forget, make_client
from tests.faults.uploading import cpf
from tests.imports.test_interruptions import StoppedError, failing
from tests.imports.uploads import SAMPLE, TODAY, checked, csv_of, imported, receive, rows_of

pytestmark = pytest.mark.django_db
HEADER = ("codigo", "nome", "cpf", "telefone", "cidade", "vendedor")


def stored(batch: ImportBatch) -> list[dict[str, object]]:
    """What a row says, without what tells one batch from another."""
    return [model_to_dict(row, exclude=["id", "batch"]) for row in rows_of(batch)]


def both_ways(content: bytes, monkeypatch, **options):
    """The rows of the batch checked by column and one by one."""
    found = []
    for clean_from in (1, 1_000_000):
        monkeypatch.setattr(client_check, "CLEAN_FROM", clean_from)
        found.append(stored(checked(content, **options)))
    return found


def people_of_the_base(cast) -> None:
    make_client("Ana Lima", owner=cast.julia, document=cpf(1), person_type="PF", code="C1")
    make_client("Bia Reis", owner=cast.davi, document=cpf(2), person_type="PF")
    make_client("Caio Alves", owner=None, code="C3")
    for number, (name, document) in enumerate([("Davi Rocha", ""), ("Eva Dias", cpf(3))], start=1):
        client = make_client(name, owner=cast.julia, document=document, person_type="PF" if document else "")
        client.phones.create(e164=f"+551198888000{number}", kind="MOBILE", is_primary=True)


def messy_file(cast, rows: int = 120) -> bytes:
    """Keys from so small a range that many rows share them, with the base and with each other."""
    choice = random.Random(7).choice
    sellers = ["", "", cast.julia.email, cast.davi.name, "Fulano"]
    names = ["Ana Lima", "ANA LIMA", "Davi Rocha", "DAVI DA ROCHA", "Eva Dias", "Bia", "Rui Reis", "Teste", "xx"]
    codes = ["", "", "C1", "C3", *(f"C{number}" for number in range(10, 60))]
    documents = ["", "", "123", *(cpf(number) for number in range(1, 90)), *(cpf(number) + ".0" for number in range(9))]
    phones = ["", *(f"1198888{number:04}" for number in range(80)), "11 98888-0001 / 11 3265-4321", "1188880002"]
    return csv_of(
        HEADER,
        *(
            (choice(codes), choice(names), choice(documents), choice(phones), "Recife", choice(sellers))
            for _ in range(rows)
        ),
    )


@pytest.mark.parametrize("existing", ["skip", "update"])
@pytest.mark.parametrize("who", ["ada", "sonia", "julia"])
def test_outcomes_are_the_same_both_ways(cast, monkeypatch, existing, who):
    people_of_the_base(cast)

    by_column, by_row = both_ways(messy_file(cast), monkeypatch, by=getattr(cast, who), existing=existing)

    assert by_column == by_row


def test_messy_sample_is_the_same_both_ways(cast, monkeypatch):
    by_column, by_row = both_ways(SAMPLE.read_bytes(), monkeypatch, by=cast.ada)

    assert by_column == by_row


def test_importer_who_may_see_nothing_learns_only_the_owners(cast, monkeypatch):
    people_of_the_base(cast)
    cast.sonia.is_active = False
    cast.sonia.save()

    by_column, by_row = both_ways(messy_file(cast), monkeypatch, by=cast.sonia, existing="update")

    assert by_column == by_row


@pytest.mark.parametrize("existing", ["skip", "update"])
@pytest.mark.parametrize("who", ["ada", "julia"])
def test_file_that_was_imported_before_is_judged_the_same_both_ways(cast, monkeypatch, existing, who):
    people_of_the_base(cast)
    content = messy_file(cast)
    before = imported(content, by=cast.ada)
    everyone = Client.objects.unscoped(reason="test")
    created = [row.record_id for row in rows_of(before) if row.effect == "created"]
    # Since then: one is gone, two changed their keys, and somebody else has those of another.
    forget(created[:1])
    everyone.filter(pk=created[1]).update(document="", person_type="", code="")
    third = everyone.get(pk=created[2])
    everyone.filter(pk=third.pk).update(document="", person_type="", code="", owner=cast.davi)
    make_client(third.name, owner=cast.julia, document=third.document, person_type=third.person_type, code=third.code)

    by_column, by_row = both_ways(content, monkeypatch, by=getattr(cast, who), existing=existing)

    assert by_column == by_row
    assert {row["plan"] for row in by_row} == {"create", "repeat", "reject"} | (
        {"update"} if existing == "update" else set()
    )


@pytest.mark.parametrize("calls", [1, 2, 3])
def test_check_by_column_goes_on_where_it_was_stopped(cast, monkeypatch, calls):
    people_of_the_base(cast)
    content = messy_file(cast)
    _by_column, by_row = both_ways(content, monkeypatch, by=cast.ada)
    monkeypatch.setattr(client_check, "CLEAN_FROM", 1)
    monkeypatch.setattr(checking, "CHUNK", 40)
    batch = receive(content, by=cast.ada)
    batch.state = "mapped"
    batch.save()
    with monkeypatch.context() as patch:
        patch.setattr(ClientJudge, "store", failing(ClientJudge.store, calls))
        with pytest.raises(StoppedError):
            checking.check(batch, AtOnce(), today=TODAY)
    batch = ImportBatch.objects.unscoped(reason="test").get(pk=batch.pk)
    assert batch.checked_until == 40 * (calls - 1)
    monkeypatch.setattr(checking, "CHUNK", 25)

    checking.check(batch, AtOnce(), today=TODAY)

    assert stored(batch) == by_row
