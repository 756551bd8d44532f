"""Purchase and contract files: each reason, keys, renewals, products, and running a file again."""

from datetime import date
from decimal import Decimal

import pytest

from contracts.models import Contract, Product, Purchase
from imports.models import Plan
from tests.factories import make_client, make_product
from tests.imports.uploads import CPF_ANA, csv_of, imported, rows_of, told

pytestmark = pytest.mark.django_db

PURCHASE = ("cliente", "numero", "data", "produto", "valor", "situacao")
CONTRACT = ("cliente", "instituicao", "numero", "produto", "inicio", "fim", "situacao", "assinado_em",
            "renova_numero", "cancelado_em", "nao_renova", "janela_dias", "valor")  # fmt: skip


@pytest.fixture
def ana(cast):
    return make_client("Ana", owner=cast.julia, code="C-1", document="52998224725", person_type="PF")


def purchases(*rows, by, **options):
    return imported(csv_of(PURCHASE, *rows), by=by, kind="purchases", **options)


def contracts(*rows, by, **options):
    padded = [[*row, *[""] * (len(CONTRACT) - len(row))] for row in rows]
    return imported(csv_of(CONTRACT, *padded), by=by, kind="contracts", **options)


def all_purchases():
    return Purchase.objects.unscoped(reason="test").order_by("pk")


def all_contracts():
    return Contract.objects.unscoped(reason="test").order_by("pk")


def test_purchase_by_code_or_document(cast, ana):
    make_product("Seguro Vida")

    batch = purchases(
        ("C-1", "P-1", "21/11/2026", "SEGURO VIDA", "1.234,56", ""),
        (CPF_ANA, "P-2", "2026-11-20", "", "", "Devolvida"),
        by=cast.sonia,
    )

    first, second = all_purchases()
    assert told(batch) == [(2, "valid", "", "created"), (3, "valid", "", "created")]
    assert (first.client, first.number, first.sold_on, first.amount, first.status) == (
        ana, "P-1", date(2026, 11, 21), Decimal("1234.56"), "completed",
    )  # fmt: skip
    assert (first.product.name, first.source_key, second.status, second.amount) == (
        "Seguro Vida", "", "returned", None,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("C-9", "P-1", "21/11/2026", "", "10", ""), "unknown_client"),
        (("", "P-1", "21/11/2026", "", "10", ""), "unknown_client"),
        (("C-1", "P-1", "21/11/2026", "Nada", "10", ""), "unknown_product"),
        (("C-1", "P-1", "21/11/2026", "", "10", "talvez"), "unknown_status"),
        (("C-1", "P-1", "30/02/2026", "", "10", ""), "invalid_date"),
        (("C-1", "P-1", "", "", "10", ""), "invalid_date"),
        (("C-1", "P-1", "21/11/2026", "", "dez", ""), "invalid_amount"),
        (("C-1", "P-1", "21/11/2026", "", "-10", ""), "invalid_amount"),
        (("C-1", "P-1", "21/11/2026", "", "10", "", "sobra"), "column_count"),
    ],
)
def test_purchase_is_rejected(cast, ana, row, reason):
    batch = purchases(row, by=cast.sonia)

    assert told(batch) == [(2, "rejected", reason, "")]
    assert not all_purchases().exists()


def test_client_out_of_sight_is_unknown(cast, ana):
    batch = purchases(("C-1", "P-1", "21/11/2026", "", "10", ""), by=cast.norma)

    assert told(batch) == [(2, "rejected", "unknown_client", "")]


def test_same_number_in_file_and_in_base(cast, ana):
    Purchase.objects.create(client=ana, number="P-0", sold_on=date(2026, 1, 1))

    batch = purchases(
        ("C-1", "P-0", "21/11/2026", "", "10", ""),
        ("C-1", "P-1", "21/11/2026", "", "10", ""),
        ("C-1", "P-1", "21/11/2026", "", "10", ""),
        by=cast.sonia,
    )

    assert [(row.outcome, row.reason, row.duplicate_of) for row in rows_of(batch)] == [
        ("duplicate", "same_number", None),
        ("valid", "", None),
        ("duplicate", "same_number", 3),
    ]
    assert all_purchases().count() == 2


def test_purchase_file_again_creates_nothing_even_without_numbers(cast, ana):
    rows = [("C-1", "", "21/11/2026", "", "10", ""), ("C-1", "P-1", "20/11/2026", "", "10", "")]
    first = purchases(*rows, by=cast.sonia)

    again = purchases(*rows, by=cast.sonia)

    assert [row.outcome for row in rows_of(again)] == ["valid", "valid"]
    assert [row.effect for row in rows_of(again)] == ["skipped", "skipped"]
    assert all_purchases().count() == 2
    assert all_purchases()[0].source_key == f"{first.sha256}:1"


def test_create_products_puts_new_ones_into_geral(cast, ana):
    purchases(("C-1", "P-1", "21/11/2026", "Plano Ouro", "10", ""), by=cast.sonia, create_products=True)

    product = Product.objects.get()
    assert (product.name, product.key, product.family.name) == ("Plano Ouro", "plano ouro", "Geral")
    assert all_purchases().get().product == product


def test_contract_with_everything(cast, ana):
    batch = contracts(
        ("C-1", "Banco Azul", "A-1", "", "01/12/2026", "30/11/2027", "assinado", "21/11/2026", "", "", "sim",
         "45", "R$ 120,00"),
        by=cast.sonia,
    )  # fmt: skip

    contract = all_contracts().get()
    assert told(batch) == [(2, "valid", "", "created")]
    assert (contract.institution.name, contract.number, contract.status) == ("Banco Azul", "A-1", "signed")
    assert (contract.start_on, contract.end_on) == (date(2026, 12, 1), date(2027, 11, 30))
    assert (contract.signed_on, contract.will_not_renew, contract.window_days) == (
        date(2026, 11, 21),
        True,
        45,
    )
    assert contract.amount == Decimal("120.00")


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (("C-9", "B", "1", "", "01/12/2026"), "unknown_client"),
        (("C-1", "B", "1", "Nada", "01/12/2026"), "unknown_product"),
        (("C-1", "B", "1", "", "01/12/2026", "", "talvez"), "unknown_status"),
        (("C-1", "B", "1", "", "99/12/2026"), "invalid_date"),
        (("C-1", "B", "1", "", ""), "invalid_date"),
        (("C-1", "B", "1", "", "01/12/2026", "", "cancelado"), "invalid_date"),
        (("C-1", "B", "1", "", "01/12/2026", "30/11/2026"), "end_before_start"),
        (("C-1", "B", "1", "", "01/12/2026", "", "", "", "", "", "", "sempre"), "invalid_amount"),
        (("C-1", "B", "1", "", "01/12/2026", "", "", "", "", "", "", "", "caro"), "invalid_amount"),
    ],
)
def test_contract_is_rejected(cast, ana, row, reason):
    batch = contracts(row, by=cast.sonia)

    assert told(batch) == [(2, "rejected", reason, "")]


def test_contract_number_is_unique_per_institution(cast, ana):
    batch = contracts(
        ("C-1", "Banco Azul", "1", "", "01/12/2026"),
        ("C-1", "Banco Verde", "1", "", "01/12/2026"),
        ("C-1", "BANCO AZUL", "1", "", "01/12/2026"),
        ("C-1", "", "", "", "01/12/2026"),
        ("C-1", "", "", "", "01/12/2026"),
        by=cast.sonia,
    )

    assert [(row.outcome, row.reason) for row in rows_of(batch)] == [
        ("valid", ""), ("valid", ""), ("duplicate", "same_number"), ("valid", ""), ("valid", ""),
    ]  # fmt: skip
    again = contracts(("C-1", "banco azul", "1", "", "02/12/2026"), by=cast.sonia)
    assert told(again) == [(2, "duplicate", "same_number", "skipped")]


def test_renewals_are_linked_whatever_their_order(cast, ana):
    contracts(
        ("C-1", "B", "3", "", "01/12/2028", "", "assinado", "", "2"),
        ("C-1", "B", "1", "", "01/12/2026"),
        ("C-1", "B", "2", "", "01/12/2027", "", "", "", "1"),
        ("C-1", "B", "4", "", "01/12/2027", "", "", "", "9"),
        by=cast.sonia,
    )

    links = {contract.number: contract.renews and contract.renews.number for contract in all_contracts()}
    assert links == {"1": None, "2": "1", "3": "2", "4": None}


def test_client_that_left_the_importers_sight_since_the_check_gets_no_contract(cast, ana):
    from imports import batches  # noqa: PLC0415 - only this test starts by hand
    from tests.imports.uploads import checked  # noqa: PLC0415

    batch = checked(csv_of(PURCHASE, ("C-1", "P-1", "21/11/2026", "", "10", "")), by=cast.sonia, kind="purchases")
    type(ana).objects.unscoped(reason="test").filter(pk=ana.pk).update(owner=cast.davi, team=cast.norte)

    batches.start(batch, by=cast.sonia, now=True)

    assert told(batch) == [(2, "rejected", "unknown_client", "")]
    assert rows_of(batch)[0].plan == Plan.REJECT
