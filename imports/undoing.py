"""Taking a whole batch back: all of it, or nothing while somebody has worked with what it brought."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import batched
from typing import Any

from django.db import models
from django.db.models import Count
from django.utils import timezone

from clients.models import Address, Client, ClientSearch, Email, Ownership, Phone
from clients.search import refresh as refresh_search
from contacts import pulse
from contacts.erasure import erase
from contacts.models import ContactLog, ContactPulse
from contracts.classification import refresh as refresh_classes
from contracts.models import ClassChange, ClientCycle, Contract, Purchase
from core.scoping import GuardedQuerySet
from imports import contact_closing
from imports.client_updates import store_addresses, store_clients
from imports.contact_writing import version_of
from imports.models import BatchKind, Effect, ImportBatch, ImportRow, PossibleDuplicate, State
from people import activity
from people.models import User

CHUNK = 1_000
# What an import itself makes with a record, or what the system derives from it; the rest is somebody's work.
OWN: dict[type[models.Model], tuple[type[models.Model], ...]] = {
    Client: (Phone, Email, Address, ClientSearch, Ownership, ClientCycle, ClassChange, PossibleDuplicate),
    Purchase: (),
    Contract: (ClientCycle, ClassChange),
    ContactLog: (ContactPulse,),
}
MODELS: dict[str, type[models.Model]] = {
    BatchKind.CLIENTS: Client,
    BatchKind.PURCHASES: Purchase,
    BatchKind.CONTRACTS: Contract,
    BatchKind.CONTACTS: ContactLog,
}
REASON = "undoing a batch in hand takes back exactly what it wrote"


class UndoBlockedError(Exception):
    """Some records were worked with since. Nothing was undone."""

    def __init__(self, blocked: "Blocked") -> None:
        super().__init__(f"{blocked.total} records")
        self.blocked = blocked


@dataclass(frozen=True, slots=True)
class Blocked:
    total: int
    # Only of clients that whoever asks may see.
    names: tuple[str, ...] = ()


def undo(batch: ImportBatch, *, by: User) -> int:
    """Inside the caller's transaction. Returns how many records it took back; 0 when nothing was to undo."""
    held = ImportBatch.objects.unscoped(reason=REASON).select_for_update(of=("self",)).get(pk=batch.pk)
    if not held.may_be_undone:
        return 0
    written = ImportRow.objects.of(held).exclude(written_version=None)
    rows = list(written.defer("raw", "actions", "warnings", "note").order_by("record_id"))
    created = {row.record_id: row for row in rows if row.effect == Effect.CREATED and row.record_id}
    changed = {row.record_id: row for row in rows if row.before is not None and row.record_id}
    model = MODELS[held.kind]
    if model is ContactLog:
        hold_clients(held)
    require_untouched(model, created, changed, by=by)
    if model is ContactLog:
        contact_closing.reopen(held)
    for ids in batched(sorted(created), CHUNK, strict=False):
        delete(model, ids)
    put_back(changed)
    held.state, held.undone_at, held.undone_by = State.UNDONE, timezone.now(), by
    held.save(update_fields=["state", "undone_at", "undone_by"])
    activity.record("import_undone", held, by=by, kind=held.kind, removed=len(created), restored=len(changed))
    return len(created) + len(changed)


def hold_clients(batch: ImportBatch) -> None:
    """As who writes a contact does: nobody adds one, or a wish, to these clients meanwhile."""
    rows = ImportRow.objects.of(batch).filter(effect=Effect.CREATED).values("record_id")
    clients = everything(ContactLog).filter(pk__in=rows).values("client")
    held = everything(Client).filter(pk__in=clients).order_by("pk").select_for_update(of=("self",))
    len(held.values_list("pk"))


def require_untouched(
    model: type[models.Model], created: Mapping[int, ImportRow], changed: Mapping[int, ImportRow], *, by: User
) -> None:
    touched = set()
    for ids in batched(sorted({*created, *changed}), CHUNK, strict=False):
        versions = versions_of(model, ids)
        written = {pk: (created.get(pk) or changed[pk]).written_version for pk in ids}
        # A created record that is gone needs no undoing; a changed one that is gone can't be put back.
        touched |= {pk for pk in ids if versions.get(pk, written[pk] if pk in created else None) != written[pk]}
        mine = [pk for pk in ids if pk in created and pk in versions]
        touched |= with_other_records(model, mine, created)
        if model is Client:
            touched |= with_other_belongings(mine, created)
    if touched:
        raise UndoBlockedError(Blocked(len(touched), names_of(model, touched, by=by)))


def versions_of(model: type[models.Model], ids: Sequence[int]) -> dict[int, int]:
    found = everything(model).filter(pk__in=ids)
    if model is ContactLog:
        return {log.pk: version_of(log) for log in found}
    return dict(found.values_list("pk", "version"))


def everything(model: type[models.Model]) -> models.QuerySet[Any]:
    found = model._default_manager.all()
    return found.unscoped(reason=REASON) if isinstance(found, GuardedQuerySet) else found


def with_other_records(model: type[models.Model], ids: Sequence[int], created: Mapping[int, ImportRow]) -> set[int]:
    """Records of any app that point at these, found through the models: apps above this one count as well."""
    found: set[int] = set()
    for relation in model._meta.get_fields(include_hidden=True):
        if not isinstance(relation, models.ForeignObjectRel) or relation.related_model in OWN[model]:
            continue
        if relation.many_to_many:
            continue
        name = relation.field.name
        others = everything(relation.related_model).filter(**{f"{name}__in": ids})
        if relation.related_model is model:
            others = others.exclude(pk__in=created)
        found.update(others.values_list(name, flat=True))
    return found


def with_other_belongings(ids: Sequence[int], created: Mapping[int, ImportRow]) -> set[int]:
    found = set()
    for model, name in ((Phone, "phones"), (Email, "emails")):
        belongings = everything(model).filter(client__in=ids)
        totals = dict(belongings.values_list("client").annotate(total=Count("pk")).order_by())
        found |= {pk for pk in ids if totals.get(pk, 0) != len(created[pk].values.get(name, ()))}
        found.update(belongings.exclude(status="ok").values_list("client", flat=True))
    return found


def names_of(model: type[models.Model], ids: Iterable[int], *, by: User) -> tuple[str, ...]:
    if model is not Client:
        clients = everything(model).filter(pk__in=ids).values("client")
        visible = Client.objects.visible_to(by).filter(pk__in=clients)
    else:
        visible = Client.objects.visible_to(by).filter(pk__in=ids)
    return tuple(visible.order_by("name_key").values_list("name", flat=True)[:5])


def delete(model: type[models.Model], ids: Sequence[int]) -> None:
    records = everything(model).filter(pk__in=ids)
    if model is Client:
        # Nothing but what an import makes points at them by now.
        erase(ids, with_records=OWN[Client])
        return
    if model is ContactLog:
        delete_contacts(ids)
        return
    clients = sorted(set(records.values_list("client_id", flat=True)))
    if model is Contract:
        # A contract of the batch may renew another one of the batch: the tie goes first.
        everything(Contract).filter(renews__in=ids).update(renews=None)
    records.delete()
    refresh_classes(clients)


def delete_contacts(ids: Sequence[int]) -> None:
    logs = everything(ContactLog).filter(pk__in=ids)
    clients = set(logs.values_list("client", flat=True))
    # Nothing else points at them by now but the last contact of each client, which is written anew.
    logs._raw_delete(logs.db)
    pulse.refresh(clients)


def put_back(changed: Mapping[int, ImportRow]) -> None:
    for ids in batched(sorted(changed), CHUNK, strict=False):
        befores = {pk: changed[pk].before or {} for pk in ids}
        restore_clients({pk: before.get("client", {}) for pk, before in befores.items()})
        for model, name in ((Phone, "phones"), (Email, "emails")):
            added = [pk for before in befores.values() for pk in before.get(name, ())]
            everything(model).filter(pk__in=added).delete()
        made = [before["new_address"] for before in befores.values() if "new_address" in before]
        everything(Address).filter(pk__in=made).delete()
        restore_addresses([before["address"] for before in befores.values() if "address" in before])
    refresh_search(sorted(changed))
    refresh_classes(sorted(changed))


def restore_clients(befores: Mapping[int, Mapping[str, Any]]) -> None:
    clients = list(everything(Client).filter(pk__in=befores).order_by("pk").select_for_update(of=("self",)))
    for client in clients:
        for name, value in befores[client.pk].items():
            setattr(client, name, restored(name, value))
        client.version += 1
    store_clients(clients)


def restore_addresses(befores: Sequence[Mapping[str, Any]]) -> None:
    by_id = {before["id"]: before for before in befores}
    addresses = list(everything(Address).filter(pk__in=by_id))
    for address in addresses:
        for name, value in by_id[address.pk].items():
            setattr(address, name, value)
    store_addresses(addresses)


def restored(name: str, value: Any) -> Any:
    if value is None:
        return None
    if name == "birth_date":
        return date.fromisoformat(value)
    return Decimal(value) if name == "declared_amount" else value
