"""Sales: recorded, edited, cancelled, returned. The client's class follows in the same transaction."""

import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction

from clients.models import Client
from clients.versions import lock, write
from contracts import classification
from contracts.models import Product, Purchase
from core.constraints import once
from people import activity
from people.models import User


class NumberTakenError(Exception):
    """Another sale has this number."""


@dataclass(frozen=True, kw_only=True)
class Sale:
    """What is typed about a sale. Without a seller a new one is of its recorder; an old one keeps its own."""

    sold_on: datetime.date
    product: Product | None = None
    amount: Decimal | None = None
    number: str = ""
    seller: User | None = None
    notes: str = ""


@transaction.atomic
def record(client: Client, sale: Sale, *, by: User) -> Purchase:
    lock(client.pk)
    seller = sale.seller or by
    purchase = Purchase(client=client, **_columns(sale), seller=seller, team=seller.team, created_by=by)
    with once("purchase_number_once", NumberTakenError):
        purchase.save(force_insert=True)
    _settle(purchase, "purchase_recorded", by=by)
    return purchase


@transaction.atomic
def edit(purchase: Purchase, sale: Sale, *, version: int, by: User) -> None:
    """Raises StaleRecordError when somebody saved since `version`. The team stays that of the sale's day."""
    lock(purchase.client_id)
    present = _present(purchase)
    columns = _columns(sale)
    if sale.seller is not None and sale.seller != present.seller:
        columns |= {"seller": sale.seller, "team": sale.seller.team}
    changes = {name: value for name, value in columns.items() if getattr(present, name) != value}
    with once("purchase_number_once", NumberTakenError):
        write(purchase, changes, version=version)
    _settle(purchase, "purchase_changed", by=by, fields=sorted(changes))


@transaction.atomic
def cancel(purchase: Purchase, *, by: User) -> None:
    """The sale did not happen after all; it stays in the history."""
    _set_status(purchase, Purchase.Status.CANCELLED, "purchase_cancelled", by=by)


@transaction.atomic
def take_back(purchase: Purchase, *, by: User) -> None:
    """The client returned the whole of it."""
    _set_status(purchase, Purchase.Status.RETURNED, "purchase_returned", by=by)


@transaction.atomic
def restore(purchase: Purchase, *, by: User) -> None:
    """Undoes a cancellation or a return."""
    _set_status(purchase, Purchase.Status.COMPLETED, "purchase_restored", by=by)


def _set_status(purchase: Purchase, status: Purchase.Status, verb: str, *, by: User) -> None:
    lock(purchase.client_id)
    present = _present(purchase)
    if present.status == status:
        return
    write(purchase, {"status": status}, version=present.version)
    _settle(purchase, verb, by=by, before=present.status)


def _present(purchase: Purchase) -> Purchase:
    """The row as it is under the client's lock."""
    return Purchase.objects.unscoped(reason="a record in hand").select_related("seller").get(pk=purchase.pk)


def _columns(sale: Sale) -> dict[str, Any]:
    return {
        "sold_on": sale.sold_on,
        "product": sale.product,
        "amount": sale.amount,
        "number": sale.number.strip(),
        "notes": sale.notes.strip(),
    }


def _settle(purchase: Purchase, verb: str, *, by: User, **changes: Any) -> None:
    classification.refresh([purchase.client_id])
    activity.record(verb, purchase, by=by, client=purchase.client_id, **changes)
