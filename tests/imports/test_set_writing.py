"""What a run writes set-wise, and in two halves at a time, is what it writes row by row and in one piece."""

import random

import pytest
from django.db import transaction
from django.forms.models import model_to_dict

from clients.models import Address, Client, ClientSearch, Email, Ownership, Phone, Sector
from clients.search import refresh as refresh_search
from contracts.classification import refresh as refresh_classes
from contracts.models import ClassChange, ClientCycle
from imports import batches, checking, halves, running
from imports.client_writing import ClientWriter
from imports.models import ImportBatch, State
from imports.set_writing import SetWriter
from imports.work import AtOnce
from people.roles import Role
from tests.factories import make_cast, make_client, make_user
from tests.faults.uploading import cpf
from tests.imports.test_interruptions import StoppedError, failing
from tests.imports.uploads import SAMPLE, checked, csv_of, imported, rows_of

HEADER = ("codigo", "nome", "cpf", "telefone", "email", "cep", "cidade", "uf", "segmento", "valor", "vendedor")
BELONGINGS = (Phone, Email, Address, Ownership, ClientSearch, ClientCycle, ClassChange)
EVERYTHING = "everything an import writes"


def everyone():
    return Client.objects.unscoped(reason=EVERYTHING)


def people_of_the_base(cast) -> None:
    for number in range(1, 25):
        client = make_client(
            f"Pessoa {number}", owner=cast.julia, document=cpf(number), person_type="PF",
            code=f"C{number}" if number % 3 else "", city="Olinda" if number % 2 else "",
        )  # fmt: skip
        if number % 4:
            client.addresses.create(city=client.city, uf="PE", is_primary=True)
        if number % 5:
            client.phones.create(e164=f"+551198888{number:04}", kind="MOBILE", is_primary=True)
    refresh_search(None)


def file_of(cast, rows: int = 160) -> bytes:
    """Known people as they are and changed in every way, and new ones."""
    choice = random.Random(11).choice
    sellers = ["", cast.julia.email, cast.davi.name, "Fulano"]
    mails = ["", "ana@exemplo.com.br", "bia@exemplo.com.br"]
    return csv_of(
        HEADER,
        *(
            (
                choice(["", f"C{number}"]), choice([f"Pessoa {number}", "JOÃO D'ÁVILA", "Maria Reis"]), cpf(number),
                choice(["", f"1198888{number:04}", f"1132654{number:03} / 1198888{number:04}"]), choice(mails),
                choice(["", "50000-100"]), choice(["", "Olinda", "Recife"]), choice(["", "PE"]),
                choice(["", "", "Varejo", "Saúde"]), choice(["", "10,50"]), choice(sellers),
            )
            for number in (random.Random(row).randrange(1, 90) for row in range(rows))
        ),
    )  # fmt: skip


def found() -> list[object]:
    """All that an import writes, without the numbers of rows."""
    keys = {client.pk: client.document or client.name for client in everyone()}
    sectors = dict(Sector.objects.values_list("pk", "key"))
    told: list[object] = []
    for client in everyone().order_by("document", "name"):
        row = model_to_dict(client, exclude=["id", "sector", "tags"])
        told.append([*row.items(), sectors.get(client.sector_id or 0), client.version, client.name_key])
    for model in BELONGINGS:
        records = model._default_manager.all()
        records = records.unscoped(reason=EVERYTHING) if hasattr(records, "unscoped") else records
        fields = [field for field in model._meta.concrete_fields if field.name not in ("id", "client", "at", "since")]
        names = [field.attname for field in fields if field.name not in ("sector", "batch")]
        told.append(sorted(repr([keys[record.client_id], *(getattr(record, name) for name in names)])
                           for record in records))  # fmt: skip
    return told


def befores(batch: ImportBatch) -> list[tuple[object, ...]]:
    """What each row says happened; of what undoing takes away, the number."""
    return [
        (row.line, row.outcome, row.reason, row.plan, row.effect, row.written_version, row.note, kinds(row.before))
        for row in rows_of(batch)
    ]


def kinds(before: dict[str, object] | None) -> dict[str, object] | None:
    if before is None:
        return None
    told = {name: len(value) if isinstance(value, list) else value for name, value in before.items()}
    return {name: name if name == "new_address" else value for name, value in told.items()}


@pytest.mark.django_db
@pytest.mark.parametrize("existing", ["skip", "fill", "update"])
@pytest.mark.parametrize("who", ["ada", "sonia", "julia"])
def test_sets_write_what_rows_write(monkeypatch, existing, who):
    cast = make_cast()
    people_of_the_base(cast)
    importer, content = getattr(cast, who), file_of(cast)
    told = []
    for by_row in (False, True):
        with transaction.atomic(), monkeypatch.context() as patch:
            if by_row:
                patch.setattr(SetWriter, "write", lambda *_args, **_kwargs: None)
            batch = imported(content, by=importer, existing=existing)
            told.append((befores(batch), found()))
            transaction.set_rollback(True)

    assert told[0][0] == told[1][0]
    assert told[0][1] == told[1][1]


@pytest.mark.django_db
def test_search_texts_and_cycles_of_new_clients_are_those_that_refreshing_gives():
    imported(SAMPLE.read_bytes(), by=make_user(role=Role.ADMIN))
    texts, cycles = list(ClientSearch.objects.order_by("pk").values()), found()[-2:]

    refresh_search(None)
    refresh_classes(everyone().values_list("pk", flat=True))

    assert list(ClientSearch.objects.order_by("pk").values()) == texts
    assert found()[-2:] == cycles


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("stopped", ["first half", "second half", "chunk"])
def test_halves_lose_and_double_nothing_when_a_chunk_ends_between_them(monkeypatch, stopped):
    """Halves commit before their chunk: what they wrote stays, and the chunk begins again without it."""
    monkeypatch.setattr(halves, "FROM", 2)
    monkeypatch.setattr(checking, "CHUNK", 40)
    monkeypatch.setattr(running, "CHUNK", 100)
    cast = make_cast()
    people_of_the_base(cast)
    batch = checked(file_of(cast), by=cast.ada, existing="update")
    new = batch.totals["plans"]["create"]
    before = everyone().count()
    with monkeypatch.context() as patch:
        if stopped == "chunk":
            patch.setattr(ClientWriter, "write_sets", failing(ClientWriter.write_sets, 1))
        else:
            write = SetWriter.write

            def half(self, first, last, **kwargs):
                write(self, first, last, **kwargs)
                if (first == 1) == (stopped == "first half"):
                    raise StoppedError

            patch.setattr(SetWriter, "write", half)
        with pytest.raises(StoppedError):
            batches.start(batch, by=cast.ada, now=True)
    batch = ImportBatch.objects.unscoped(reason="test").get(pk=batch.pk)
    assert (batch.state, batch.written_until) == (State.RUNNING, 0)
    assert 0 < everyone().count() - before < new

    running.run(batch, AtOnce())

    assert everyone().count() - before == new == batch.totals["effects"]["created"]
    assert everyone().values("document").distinct().count() == everyone().count()


@pytest.mark.django_db(transaction=True)
def test_half_whose_turn_has_passed_writes_nothing():
    written: list[int] = []

    halves.write(lambda first, _last: written.append(first), 1, halves.FROM, lock=1, holds=lambda: False)
    assert written == []

    halves.write(lambda first, _last: written.append(first), 1, halves.FROM, lock=1, holds=lambda: True)
    assert sorted(written) == [1, halves.FROM // 2 + 1]
