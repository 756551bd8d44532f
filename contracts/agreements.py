"""Contracts: signed, edited, renewed, cancelled. The client's class follows in the same transaction."""

import calendar
import datetime
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils import timezone

from brazil.names import folded
from clients.models import Client
from clients.versions import lock, write
from contracts import classification
from contracts.models import Contract, Institution, Product
from core.constraints import once
from people import activity
from people.models import User

SIGNED = (Contract.Status.SIGNED, Contract.Status.IN_FORCE)


class NumberTakenError(Exception):
    """The institution already has a contract with this number."""


class NotInForceError(Exception):
    """Only a signed contract can be cancelled or renewed."""


class AlreadyRenewedError(Exception):
    """A signed contract already continues this one."""


@dataclass(frozen=True, kw_only=True)
class Terms:
    """What is typed about a contract. `institution` is a name; without a seller the rule of `Sale` holds."""

    status: str = Contract.Status.IN_FORCE
    product: Product | None = None
    institution: str = ""
    number: str = ""
    signed_on: datetime.date | None = None
    start_on: datetime.date | None = None
    end_on: datetime.date | None = None
    window_days: int | None = None
    amount: Decimal | None = None
    term_months: int | None = None
    first_due_on: datetime.date | None = None
    seller: User | None = None
    notes: str = ""


@transaction.atomic
def add(client: Client, terms: Terms, *, by: User) -> Contract:
    lock(client.pk)
    return _create(client, terms, by=by, verb="contract_added")


@transaction.atomic
def renew(contract: Contract, terms: Terms, *, by: User) -> Contract:
    """The successor of a signed contract; linked by `renews`, it releases the client from renewal at once."""
    client = lock(contract.client_id)
    present = _present(contract)
    if present.status not in Contract.BINDING:
        raise NotInForceError
    if successor_of(present) is not None:
        raise AlreadyRenewedError
    return _create(client, terms, by=by, verb="contract_renewed", renews=present)


@transaction.atomic
def edit(contract: Contract, terms: Terms, *, version: int, by: User) -> None:
    """Raises StaleRecordError when somebody saved since `version`."""
    lock(contract.client_id)
    present = _present(contract)
    columns = _columns(terms)
    if present.status == Contract.Status.CANCELLED:
        del columns["status"]
    seller = terms.seller or present.seller
    signs_now = present.status not in Contract.BINDING and terms.status in SIGNED
    if seller != present.seller or signs_now:
        columns |= {"seller": seller, "team": seller.team if seller else None}
    changes = {name: value for name, value in columns.items() if getattr(present, name) != value}
    with once("contract_number_once_per_institution", NumberTakenError):
        write(contract, changes, version=version)
    _settle(contract, "contract_changed", by=by, fields=sorted(changes))


@transaction.atomic
def cancel(contract: Contract, *, cancelled_on: datetime.date, reason: str, by: User) -> None:
    """The last day of validity is the day before `cancelled_on`, which may lie ahead."""
    lock(contract.client_id)
    present = _present(contract)
    if present.status not in SIGNED:
        raise NotInForceError
    changes = {
        "status": Contract.Status.CANCELLED,
        "cancelled_on": cancelled_on,
        "cancel_reason": reason.strip(),
    }
    write(contract, changes, version=present.version)
    _settle(contract, "contract_cancelled", by=by, on=cancelled_on.isoformat())


@transaction.atomic
def reinstate(contract: Contract, *, by: User) -> None:
    """Undoes a cancellation."""
    lock(contract.client_id)
    present = _present(contract)
    if present.status != Contract.Status.CANCELLED:
        return
    begun = present.start_on is None or present.start_on <= timezone.localdate()
    status = Contract.Status.IN_FORCE if begun else Contract.Status.SIGNED
    changes = {"status": status, "cancelled_on": None, "cancel_reason": ""}
    write(contract, changes, version=present.version)
    _settle(contract, "contract_reinstated", by=by)


@transaction.atomic
def mark_will_not_renew(contract: Contract, *, will_not_renew: bool, by: User) -> None:
    lock(contract.client_id)
    present = _present(contract)
    if present.will_not_renew == will_not_renew:
        return
    write(contract, {"will_not_renew": will_not_renew}, version=present.version)
    _settle(contract, "contract_will_not_renew" if will_not_renew else "contract_may_renew", by=by)


def successor_of(contract: Contract) -> Contract | None:
    """The signed contract, not cancelled, that continues this one."""
    return contract.renewed_by.filter(status__in=SIGNED).order_by("pk").first()


def next_term(contract: Contract) -> tuple[datetime.date, datetime.date | None]:
    """From the day after the end, for as long again: in whole months where the term was one, else in days."""
    if contract.end_on is None or contract.start_on is None:
        after = contract.end_on or timezone.localdate()
        return after + datetime.timedelta(days=1), None
    start = contract.end_on + datetime.timedelta(days=1)
    if start.day == contract.start_on.day:
        months = (start.year - contract.start_on.year) * 12 + start.month - contract.start_on.month
        return start, _months_after(start, months) - datetime.timedelta(days=1)
    return start, start + (contract.end_on - contract.start_on)


def _months_after(day: datetime.date, months: int) -> datetime.date:
    """The same day of a later month, or its last day when it is shorter."""
    year, month = divmod(day.month - 1 + months, 12)
    year, month = day.year + year, month + 1
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))


def institution_named(name: str) -> Institution | None:
    """The institution of that name, however it is accented; made when it is new."""
    name = " ".join(name.split())
    if not name:
        return None
    return Institution.objects.get_or_create(key=folded(name)[:120], defaults={"name": name})[0]


def _create(client: Client, terms: Terms, *, by: User, verb: str, renews: Contract | None = None) -> Contract:
    seller = terms.seller or by
    contract = Contract(client=client, **_columns(terms), seller=seller, team=seller.team, renews=renews, created_by=by)
    with once("contract_number_once_per_institution", NumberTakenError):
        contract.save(force_insert=True)
    changes = {"renews": renews.pk} if renews else {}
    _settle(contract, verb, by=by, **changes)
    return contract


def _present(contract: Contract) -> Contract:
    """The row as it is under the client's lock."""
    held = Contract.objects.unscoped(reason="a record in hand")
    return held.select_related("seller", "product", "institution").get(pk=contract.pk)


def _columns(terms: Terms) -> dict[str, Any]:
    same = (
        "status",
        "product",
        "signed_on",
        "start_on",
        "end_on",
        "window_days",
        "amount",
        "term_months",
        "first_due_on",
    )
    return {
        **{name: getattr(terms, name) for name in same},
        "institution": institution_named(terms.institution),
        "number": terms.number.strip(),
        "notes": terms.notes.strip(),
    }


def _settle(contract: Contract, verb: str, *, by: User, **changes: Any) -> None:
    classification.refresh([contract.client_id])
    activity.record(verb, contract, by=by, client=contract.client_id, **changes)
