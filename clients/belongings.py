"""What hangs on a client: phones, e-mails, addresses, contact people; added, changed, removed, made primary.

The first of a kind is the primary one. The primary address gives the client its city and UF; phones and
e-mails are found by the search, so each change rewrites its text.
"""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from clients import search
from clients.models import Address, Client, ContactPerson, Email, Phone
from clients.versions import lock
from people import activity
from people.models import User

type Belonging = Phone | Email | Address | ContactPerson

_SEARCHED = (Phone, Email)


class AlreadyThereError(Exception):
    """The client already has this phone or e-mail."""


def has_primary(kind: type[Belonging]) -> bool:
    return kind is not ContactPerson


@transaction.atomic
def add(record: Belonging, *, by: User) -> None:
    """Saves a new record of its client; the first of its kind becomes primary."""
    client = lock(record.client_id)
    if has_primary(type(record)):
        wanted = record.is_primary or not _siblings(record).filter(is_primary=True).exists()  # type: ignore[union-attr]
        _drop_primary(record, wanted=wanted)
        record.is_primary = wanted  # type: ignore[union-attr]
    _save(record)
    _settle(client, record, verb="added", by=by)


@transaction.atomic
def change(record: Belonging, values: Mapping[str, Any], *, by: User | None) -> None:
    """Writes the values that differ. A primary record stays primary until another takes its place."""
    client = lock(record.client_id)
    changed = [name for name, value in values.items() if getattr(record, name) != value]
    if "address" in changed and getattr(record, "status", "") == Email.Status.INVALID and "status" not in changed:
        # It was the old address that did not exist.
        values, changed = {**values, "status": Email.Status.OK}, [*changed, "status"]
    if has_primary(type(record)) and record.is_primary and "is_primary" in changed:  # type: ignore[union-attr]
        changed.remove("is_primary")
    if not changed:
        return
    if "is_primary" in changed:
        _drop_primary(record, wanted=True)
    for name in changed:
        setattr(record, name, values[name])
    _save(record, fields=changed)
    _settle(client, record, verb="changed", by=by, fields=sorted(changed))


@transaction.atomic
def make_primary(record: Phone | Email | Address, *, by: User | None) -> None:
    change(record, {"is_primary": True}, by=by)


@transaction.atomic
def remove(record: Belonging, *, by: User) -> None:
    """Deletes the record; when it was the primary one, the oldest that is left takes its place."""
    client = lock(record.client_id)
    pk = record.pk
    record.delete()
    if has_primary(type(record)) and record.is_primary:  # type: ignore[union-attr]
        heir = _siblings(record).order_by("pk").first()
        if heir is not None:
            heir.is_primary = True
            heir.save(update_fields=["is_primary"])
    record.pk = pk
    _settle(client, record, verb="removed", by=by)


def _siblings(record: Belonging) -> Any:
    """The client's other records of the same kind."""
    same = type(record).objects.unscoped(reason="same client")
    return same.filter(client=record.client_id).exclude(pk=record.pk)


def _drop_primary(record: Belonging, *, wanted: bool) -> None:
    if wanted:
        _siblings(record).filter(is_primary=True).update(is_primary=False)


def _save(record: Belonging, *, fields: list[str] | None = None) -> None:
    try:
        with transaction.atomic():
            record.save(update_fields=fields)
    except IntegrityError as error:
        raise AlreadyThereError from error


def _settle(client: Client, record: Belonging, *, verb: str, by: User | None, **changes: Any) -> None:
    """What follows from a change: search text, place of the client, history (without the values: LGPD)."""
    name = type(record)._meta.model_name
    if isinstance(record, _SEARCHED):
        search.refresh([client.pk])
    if isinstance(record, Address):
        primary = Address.objects.unscoped(reason="same client").filter(client=client, is_primary=True).first()
        place = {"city": primary.city, "uf": primary.uf} if primary else {"city": "", "uf": ""}
        Client.objects.unscoped(reason="same client").filter(pk=client.pk).update(**place)
    activity.record(f"{name}_{verb}", client, by=by, **{str(name): record.pk}, **changes)
