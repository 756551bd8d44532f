"""Sales: the rules."""

import datetime
from decimal import Decimal

import pytest
from django.db import IntegrityError
from django.utils import timezone

from clients.models import Client
from clients.versions import StaleRecordError
from contracts import purchases
from contracts.models import Purchase
from contracts.purchases import Sale
from people.models import Activity
from tests.factories import Cast, make_client, make_product


def class_of(client: Client) -> str:
    return Client.objects.unscoped(reason="test").get(pk=client.pk).portfolio_class


def stored(purchase: Purchase) -> Purchase:
    return Purchase.objects.unscoped(reason="test").select_related("seller", "team").get(pk=purchase.pk)


def today() -> datetime.date:
    return timezone.localdate()


def test_record_keeps_seller_and_team_and_makes_the_client_active(cast: Cast) -> None:
    client, product = make_client("Ana", owner=cast.julia), make_product()
    sale = Sale(sold_on=today(), product=product, amount=Decimal("10.50"), number=" 7 ")
    purchase = stored(purchases.record(client, sale, by=cast.julia))
    assert (purchase.seller, purchase.team, purchase.number) == (cast.julia, cast.sul, "7")
    assert (purchase.status, purchase.created_by_id, purchase.version) == ("completed", cast.julia.pk, 1)
    assert class_of(client) == "active"
    line = Activity.objects.get(verb="purchase_recorded")
    assert (line.object_id, line.changes) == (purchase.pk, {"client": client.pk})


def test_record_for_another_seller(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.davi)
    purchase = purchases.record(client, Sale(sold_on=today(), seller=cast.davi), by=cast.bento)
    assert (stored(purchase).seller, stored(purchase).team) == (cast.davi, cast.norte)


def test_cancel_return_and_restore_move_the_class_at_once(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.julia)
    purchase = purchases.record(client, Sale(sold_on=today()), by=cast.julia)
    purchases.cancel(purchase, by=cast.julia)
    assert (stored(purchase).status, class_of(client)) == ("cancelled", "prospect")
    purchases.restore(purchase, by=cast.julia)
    assert (stored(purchase).status, class_of(client)) == ("completed", "active")
    purchases.take_back(purchase, by=cast.julia)
    assert (stored(purchase).status, class_of(client)) == ("returned", "prospect")
    purchases.take_back(purchase, by=cast.julia)
    assert stored(purchase).version == 4
    assert Activity.objects.filter(verb="purchase_returned").count() == 1


def test_edit_keeps_seller_and_team_of_the_day(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.julia)
    purchase = purchases.record(client, Sale(sold_on=today()), by=cast.julia)
    cast.julia.team = cast.norte
    cast.julia.save()
    sale = Sale(sold_on=today() - datetime.timedelta(days=3), amount=Decimal(5))
    purchases.edit(purchase, sale, version=1, by=cast.sonia)
    after = stored(purchase)
    assert (after.seller, after.team, after.amount, after.version) == (cast.julia, cast.sul, Decimal(5), 2)
    assert Activity.objects.get(verb="purchase_changed").changes["fields"] == ["amount", "sold_on"]


def test_edit_with_another_seller_takes_that_team(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.julia)
    purchase = purchases.record(client, Sale(sold_on=today()), by=cast.julia)
    purchases.edit(purchase, Sale(sold_on=today(), seller=cast.davi), version=1, by=cast.ada)
    assert (stored(purchase).seller, stored(purchase).team) == (cast.davi, cast.norte)
    purchases.edit(purchase, Sale(sold_on=today(), seller=cast.davi), version=2, by=cast.ada)
    assert Activity.objects.filter(verb="purchase_changed").order_by("pk")[1].changes["fields"] == []


def test_edit_of_an_old_sale_reclassifies(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.julia)
    purchase = purchases.record(client, Sale(sold_on=today()), by=cast.julia)
    purchases.edit(purchase, Sale(sold_on=datetime.date(2015, 1, 1)), version=1, by=cast.julia)
    assert class_of(client) == "inactive"


def test_edit_over_a_newer_version_is_refused(cast: Cast) -> None:
    purchase = purchases.record(make_client("Ana", owner=cast.julia), Sale(sold_on=today()), by=cast.julia)
    purchases.edit(purchase, Sale(sold_on=today(), notes="primeira"), version=1, by=cast.julia)
    with pytest.raises(StaleRecordError) as caught:
        purchases.edit(purchase, Sale(sold_on=today(), notes="segunda"), version=1, by=cast.julia)
    assert caught.value.current.notes == "primeira"


def test_a_number_is_used_once(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.julia)
    purchases.record(client, Sale(sold_on=today(), number="7"), by=cast.julia)
    with pytest.raises(purchases.NumberTakenError):
        purchases.record(client, Sale(sold_on=today(), number="7"), by=cast.julia)
    other = purchases.record(client, Sale(sold_on=today()), by=cast.julia)
    with pytest.raises(purchases.NumberTakenError):
        purchases.edit(other, Sale(sold_on=today(), number="7"), version=1, by=cast.julia)


def test_other_broken_constraints_stay_what_they_are(cast: Cast) -> None:
    client = make_client("Ana", owner=cast.julia)
    with pytest.raises(IntegrityError):
        purchases.record(client, Sale(sold_on=today(), amount=Decimal(-1)), by=cast.julia)
