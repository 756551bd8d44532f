"""Clients that are in the base already: left, filled or updated; whose they are; and edits made meanwhile."""

import pytest

from clients.models import Channel, Client, Email, OptOut, Ownership, Phone
from imports import batches
from tests.factories import make_client
from tests.imports.uploads import CPF_ANA, CPF_BIA, checked, csv_of, imported, rows_of, told

pytestmark = pytest.mark.django_db

HEADER = ("nome", "documento", "telefone", "email", "cidade", "uf", "vendedor")
ANA = "52998224725"
BIA = "11144477735"


def fresh(client: Client) -> Client:
    return Client.objects.unscoped(reason="test").get(pk=client.pk)


def numbers(client: Client) -> list[str]:
    return list(client.phones.values_list("e164", flat=True))


def ana_file(**changes: str) -> bytes:
    row = {"nome": "Ana Lima", "documento": CPF_ANA, "telefone": "(11) 98888-7777",
           "email": "ana@exemplo.com.br", "cidade": "Recife", "uf": "PE", "vendedor": ""}  # fmt: skip
    return csv_of(HEADER, list((row | changes).values()))


def test_skip_leaves_the_client_as_it_is(cast):
    ana = make_client("Ana Souza", owner=cast.julia, document=ANA, person_type="PF")

    batch = imported(ana_file(), by=cast.sonia)

    assert told(batch) == [(2, "duplicate", "same_document", "skipped")]
    assert fresh(ana).name == "Ana Souza"
    assert numbers(ana) == []


def test_fill_completes_only_what_is_empty(cast):
    ana = make_client("Ana Souza", owner=cast.julia, document=ANA, person_type="PF", city="Olinda")

    batch = imported(ana_file(), by=cast.sonia, existing="fill")

    after = fresh(ana)
    assert told(batch) == [(2, "duplicate", "same_document", "filled")]
    assert (after.name, after.city, after.uf, after.version) == ("Ana Souza", "Olinda", "PE", 2)
    assert numbers(ana) == ["+5511988887777"]


def test_fill_keeps_known_phones(cast):
    ana = make_client("Ana Souza", owner=cast.julia, document=ANA, person_type="PF", uf="PE", city="Olinda")
    Phone.objects.create(client=ana, e164="+5511900000001", kind="MOBILE", is_primary=True)

    imported(ana_file(email=""), by=cast.sonia, existing="fill")

    assert numbers(ana) == ["+5511900000001"]


def test_update_replaces_and_adds_but_a_blank_cell_never_does(cast):
    ana = make_client("Ana Souza", owner=cast.julia, document=ANA, person_type="PF", city="Olinda", uf="PE")
    Phone.objects.create(client=ana, e164="+5511900000001", kind="MOBILE", is_primary=True)

    batch = imported(ana_file(cidade="", email=""), by=cast.sonia, existing="update")

    after = fresh(ana)
    assert told(batch) == [(2, "duplicate", "same_document", "updated")]
    assert (after.name, after.name_key, after.city, after.uf) == ("Ana Lima", "ana lima", "Olinda", "PE")
    assert numbers(ana) == ["+5511900000001", "+5511988887777"]


def test_update_never_touches_owner_opt_out_or_document(cast):
    ana = make_client("Ana Souza", owner=cast.julia, document=ANA, person_type="PF")
    OptOut.objects.create(client=ana, channel=Channel.CALL)
    Phone.objects.create(client=ana, e164="+5511988887777", kind="MOBILE", status="opted_out", is_primary=True)

    imported(ana_file(vendedor=cast.caio.name), by=cast.sonia, existing="update")

    after = fresh(ana)
    assert (after.owner_id, after.document) == (cast.julia.pk, ANA)
    assert ana.opt_outs.count() == 1
    assert ana.phones.get().status == "opted_out"


def test_update_without_difference_changes_nothing(cast):
    imported(ana_file(), by=cast.sonia)
    changed = imported(ana_file(nome="ANA LIMA"), by=cast.sonia, existing="update")

    assert told(changed) == [(2, "duplicate", "same_document", "unchanged")]


def test_client_found_by_code_gets_its_document(cast):
    ana = make_client("Ana Souza", owner=cast.julia, code="C-1")

    batch = imported(
        csv_of(("codigo", "nome", "documento"), ("C-1", "Ana Souza", CPF_ANA)), by=cast.sonia, existing="fill"
    )

    after = fresh(ana)
    assert told(batch) == [(2, "duplicate", "same_code", "filled")]
    assert (after.document, after.person_type) == (ANA, "PF")


def test_document_of_another_client_stays_there(cast):
    ana = make_client("Ana Souza", owner=cast.julia, code="C-1", uf="PE")
    make_client("Bia", owner=cast.davi, document=BIA, person_type="PF")

    imported(csv_of(("codigo", "nome", "telefone", "documento"), ("C-1", "Ana", "11988887777", CPF_BIA)),
             by=cast.ada, existing="update")  # fmt: skip

    assert fresh(ana).document == ""


def test_client_outside_the_importers_sight_tells_only_its_owner(cast):
    ana = make_client("Ana Souza", owner=cast.davi, document=ANA, person_type="PF")

    batch = imported(ana_file(), by=cast.sonia, existing="update")

    row = rows_of(batch)[0]
    assert (row.outcome, row.reason, row.effect) == ("duplicate", "same_document", "skipped")
    assert (row.note, row.record_id) == ("Já existe, com Davi Lobo.", None)
    assert fresh(ana).name == "Ana Souza"


def test_client_edited_since_the_check_is_reported_not_overwritten(cast):
    ana = make_client("Ana Souza", owner=cast.julia, document=ANA, person_type="PF")
    batch = checked(ana_file(), by=cast.sonia, existing="update")
    Client.objects.unscoped(reason="test").filter(pk=ana.pk).update(name="Ana Editada", version=2)

    batches.start(batch, by=cast.sonia, now=True)

    assert told(batch) == [(2, "duplicate", "same_document", "changed")]
    assert fresh(ana).name == "Ana Editada"


def test_client_created_by_somebody_since_the_check_is_a_duplicate(cast):
    batch = checked(ana_file(), by=cast.sonia)
    make_client("Ana Souza", owner=cast.davi, document=ANA, person_type="PF")

    batches.start(batch, by=cast.sonia, now=True)

    assert told(batch) == [(2, "duplicate", "same_document", "skipped")]
    assert rows_of(batch)[0].note == "Já existe, com Davi Lobo."
    assert batch.state == "done"


def test_row_that_the_base_refuses_is_refused_alone(cast):
    batch = checked(csv_of(HEADER[:2], ("Ana Lima", CPF_ANA), ("Bia Reis", CPF_BIA)), by=cast.sonia)
    poisoned = rows_of(batch)[0]
    poisoned.values = poisoned.values | {"uf": "123"}
    poisoned.save()

    batches.start(batch, by=cast.sonia, now=True)

    assert told(batch) == [(2, "rejected", "not_accepted", ""), (3, "valid", "", "created")]


def test_seller_by_name_or_email_becomes_the_owner(cast):
    batch = imported(
        csv_of(
            ("nome", "documento", "vendedor"),
            ("Ana", CPF_ANA, "JULIA PRADO"),
            ("Bia", CPF_BIA, cast.caio.email),
        ),
        by=cast.sonia,
    )

    owners = [fresh(Client(pk=row.record_id)).owner for row in rows_of(batch)]
    assert owners == [cast.julia, cast.caio]
    assert Ownership.objects.unscoped(reason="test").filter(reason="imported", batch=batch.pk).count() == 2


def test_seller_out_of_reach_leaves_the_client_in_the_importers_team(cast):
    batch = imported(csv_of(("nome", "documento", "vendedor"), ("Ana", CPF_ANA, cast.davi.name)), by=cast.sonia)

    row = rows_of(batch)[0]
    client = fresh(Client(pk=row.record_id))
    assert row.warnings == ["seller_out_of_reach"]
    assert (client.owner, client.team) == (None, cast.sul)
    assert Client.objects.visible_to(cast.sonia).filter(pk=client.pk).exists()


def test_unknown_seller_is_a_warning_and_a_default_owner_takes_over(cast):
    batch = imported(
        csv_of(("nome", "documento", "vendedor"), ("Ana", CPF_ANA, "Fulano")),
        by=cast.sonia,
        owner=cast.caio.pk,
    )

    row = rows_of(batch)[0]
    assert row.warnings == ["seller_unknown"]
    assert fresh(Client(pk=row.record_id)).owner == cast.caio


def test_default_owner_outside_the_importers_reach_is_not_taken(cast):
    batch = imported(csv_of(("nome", "documento"), ("Ana", CPF_ANA)), by=cast.sonia, owner=cast.davi.pk)

    assert fresh(Client(pk=rows_of(batch)[0].record_id)).owner is None


def test_importer_who_lost_the_right_imports_nothing(cast):
    batch = checked(ana_file(), by=cast.sonia)
    cast.sonia.role = "seller"
    cast.sonia.save()

    batches.start(batch, by=cast.sonia, now=True)

    assert batch.state == "interrupted"
    assert not Client.objects.unscoped(reason="test").exists()


def test_two_mails_and_long_texts_fit_the_base(cast):
    row = ("Ana " + "x" * 300, CPF_ANA, "a@exemplo.com.br, b@exemplo.com.br", "S" * 120)
    batch = imported(csv_of(("nome", "documento", "email", "segmento"), row), by=cast.sonia)

    client = fresh(Client(pk=rows_of(batch)[0].record_id))
    assert rows_of(batch)[0].warnings == ["text_shortened"]
    assert (len(client.name), len(client.sector.name)) == (200, 80)
    assert Email.objects.unscoped(reason="test").filter(client=client, is_primary=True).count() == 1
