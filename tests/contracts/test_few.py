"""A write for a few clients uses a narrower text of the rule, planned once: it must say the same as the wide one."""

import datetime
from decimal import Decimal

import pytest
from django.db import transaction

from clients.models import Client
from contracts import evaluation, purchases
from contracts.models import ClassChange, ClientCycle, Product
from contracts.purchases import Sale
from contracts.terms import of_few
from tests.factories import make_cast, make_client, make_contract, make_product, make_purchase

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2026, 11, 20)


def test_the_narrow_text_asks_for_ids_alone() -> None:
    narrow = of_few(evaluation.WRITE)
    assert "%(until)s" not in narrow
    assert "%(after)s" not in narrow
    assert narrow.count("= ANY(%(ids)s::bigint[])") == evaluation.WRITE.as_string().count("%(ids)s::bigint[] IS NULL")


def sold_to_everybody(few: int, product: Product, monkeypatch: pytest.MonkeyPatch) -> tuple[list, list, list]:
    """What stands after a sale to each kind of client, through one of the two texts; rolled back."""
    monkeypatch.setattr(evaluation, "FEW", few)
    with transaction.atomic():
        for client in Client.objects.unscoped(reason="test").order_by("pk"):
            sold_on = TODAY - datetime.timedelta(days=client.pk % 5)
            purchases.record(client, Sale(product=product, sold_on=sold_on, amount=Decimal("90.00")), by=client.owner)
        cycles = list(ClientCycle.objects.unscoped(reason="test").order_by("pk").values())
        classes = list(
            Client.objects.unscoped(reason="test").order_by("pk").values_list("portfolio_class", "class_reason")
        )
        moved = list(
            ClassChange.objects.unscoped(reason="test").order_by("client", "pk").values_list("client", "to_class")
        )
        transaction.set_rollback(True)
    return cycles, classes, moved


def test_a_sale_stores_the_same_through_either_text(monkeypatch: pytest.MonkeyPatch) -> None:
    julia = make_cast().julia
    product = make_product()
    _new, regular, gone, insured = (make_client(owner=julia) for _ in range(4))
    for days in (10, 40, 70, 100):
        make_purchase(regular, TODAY - datetime.timedelta(days=days), product=product)
    make_purchase(gone, TODAY - datetime.timedelta(days=900), product=product)
    ends = TODAY + datetime.timedelta(days=20)
    make_contract(insured, TODAY - datetime.timedelta(days=300), ends, product=product)

    narrow = sold_to_everybody(50, product, monkeypatch)
    assert narrow == sold_to_everybody(0, product, monkeypatch)
    assert len(narrow[0]) == 4
    assert [name for name, _reason in narrow[1]].count("renewal") == 1
