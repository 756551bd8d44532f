"""Taking a whole import back: everything, or nothing while somebody has worked with it."""

from datetime import date

import pytest
from django.db import transaction

from clients.models import Client, Phone
from contracts.models import Contract, Purchase
from imports import undoing
from imports.models import ImportBatch, State
from tests.factories import make_client, make_purchase
from tests.imports.test_sales import contracts, purchases
from tests.imports.uploads import CPF_ANA, CPF_BIA, csv_of, imported, rows_of

pytestmark = pytest.mark.django_db

FILE = csv_of(("nome", "documento", "telefone", "cidade"), ("Ana Lima", CPF_ANA, "11988887777", "Recife"),
              ("Bia Reis", CPF_BIA, "", ""))  # fmt: skip


def everyone():
    return Client.objects.unscoped(reason="test")


def undo(batch: ImportBatch, by) -> int:
    with transaction.atomic():
        return undoing.undo(batch, by=by)


def test_undo_removes_what_the_import_created(cast):
    batch = imported(FILE, by=cast.sonia)

    assert undo(batch, cast.sonia) == 2

    batch.refresh_from_db()
    assert (batch.state, batch.undone_by) == (State.UNDONE, cast.sonia)
    assert not everyone().exists()
    assert not Phone.objects.unscoped(reason="test").exists()


def test_undo_twice_does_nothing_more(cast):
    batch = imported(FILE, by=cast.sonia)
    undo(batch, cast.sonia)

    assert undo(batch, cast.sonia) == 0


def test_undone_file_may_be_imported_again(cast):
    undo(imported(FILE, by=cast.sonia), cast.sonia)

    again = imported(FILE, by=cast.sonia)

    assert again.totals["effects"] == {"created": 2}


def test_undo_gives_updated_clients_their_values_back(cast):
    ana = make_client(
        "Ana Souza", owner=cast.julia, document="52998224725", person_type="PF", birth_date=date(1980, 1, 2)
    )
    batch = imported(FILE, by=cast.sonia, existing="update")
    assert everyone().get(pk=ana.pk).name == "Ana Lima"

    undo(batch, cast.sonia)

    after = everyone().get(pk=ana.pk)
    assert (after.name, after.name_key, after.city, after.birth_date) == (
        "Ana Souza",
        "ana souza",
        "",
        date(1980, 1, 2),
    )
    assert not ana.phones.exists()
    assert not ana.addresses.exists()


@pytest.mark.parametrize("what", ["edit", "purchase", "phone", "status", "tag", "refusal"])
def test_undo_is_blocked_by_work_on_one_client(cast, what):
    batch = imported(FILE, by=cast.sonia)
    ana = everyone().get(pk=rows_of(batch)[0].record_id)
    match what:
        case "edit":
            everyone().filter(pk=ana.pk).update(version=2)
        case "purchase":
            make_purchase(ana, date(2026, 11, 1))
        case "phone":
            Phone.objects.create(client=ana, e164="+5511900000001", kind="MOBILE")
        case "status":
            ana.phones.update(status="wrong_number")
        case "tag":
            ana.tags.create(name="VIP", key="vip")
        case "refusal":
            ana.opt_outs.create(channel="any", by=cast.sonia)

    with pytest.raises(undoing.UndoBlockedError) as blocked:
        undo(batch, cast.sonia)

    assert (blocked.value.blocked.total, blocked.value.blocked.names) == (1, ("Ana Lima",))
    assert everyone().count() == 2


def test_undo_names_no_client_out_of_sight(cast):
    batch = imported(FILE, by=cast.sonia)
    everyone().filter(pk=rows_of(batch)[0].record_id).update(version=2, owner=cast.davi)

    with pytest.raises(undoing.UndoBlockedError) as blocked:
        undo(batch, cast.sonia)

    assert blocked.value.blocked == undoing.Blocked(1)


def test_undo_does_not_mind_a_new_owner(cast):
    """Giving a client to somebody is no work with it: ownership goes with the client."""
    batch = imported(FILE, by=cast.sonia)
    everyone().filter(pk=rows_of(batch)[0].record_id).update(owner=cast.julia)

    assert undo(batch, cast.sonia) == 2


def test_undo_of_an_updated_client_is_blocked_when_it_changed_again(cast):
    make_client("Ana Souza", owner=cast.julia, document="52998224725", person_type="PF")
    batch = imported(FILE, by=cast.sonia, existing="update")
    everyone().filter(document="52998224725").update(version=3)

    with pytest.raises(undoing.UndoBlockedError):
        undo(batch, cast.sonia)

    assert everyone().count() == 2


def test_undo_of_purchases(cast):
    make_client("Ana", owner=cast.julia, code="C-1")
    batch = purchases(("C-1", "P-1", "21/11/2026", "", "10", ""), by=cast.sonia)

    assert undo(batch, cast.sonia) == 1
    assert not Purchase.objects.unscoped(reason="test").exists()


def test_undo_of_contracts_that_renew_each_other(cast):
    make_client("Ana", owner=cast.julia, code="C-1")
    batch = contracts(("C-1", "B", "1", "", "01/12/2026"),
                      ("C-1", "B", "2", "", "01/12/2027", "", "", "", "1"),
                      by=cast.sonia)  # fmt: skip

    assert undo(batch, cast.sonia) == 2
    assert not Contract.objects.unscoped(reason="test").exists()


def test_undo_of_a_contract_renewed_since_is_blocked(cast):
    ana = make_client("Ana", owner=cast.julia, code="C-1")
    batch = contracts(("C-1", "B", "1", "", "01/12/2026"), by=cast.sonia)
    old = Contract.objects.unscoped(reason="test").get()
    Contract.objects.create(client=ana, start_on=date(2027, 12, 1), renews=old)

    with pytest.raises(undoing.UndoBlockedError) as blocked:
        undo(batch, cast.sonia)

    assert blocked.value.blocked.names == ("Ana",)
