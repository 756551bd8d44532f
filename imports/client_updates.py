"""Filling or updating clients of the base. Owner and opt-outs never change, blank cells never overwrite."""

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from brazil.names import folded
from clients.models import Address, Client, Email, Phone
from imports.cleaning import ClientValues
from imports.models import Effect, Existing, ImportBatch, ImportRow
from people.models import User

FIELDS = (
    "code", "person_type", "name", "name_key", "document", "birth_date", "sector_id", "source", "city", "uf",
    "declared_amount", "declared_product",
)  # fmt: skip
# Keys of identity: filled when empty, never replaced by a file.
IDENTITY = frozenset({"code", "document", "person_type"})
BULK_FIELDS = [field.removesuffix("_id") for field in FIELDS] + ["version"]


class ClientUpdates:
    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.user: User = batch.created_by
        self.replaces = batch.existing == Existing.UPDATE

    def write(
        self, rows: Sequence[ImportRow], values: Mapping[int, ClientValues], sectors: Mapping[str, int]
    ) -> set[int]:
        """Returns the ids of the clients that changed."""
        wanted = sorted({row.record_id for row in rows if row.record_id})
        if not wanted:
            return set()
        visible = set(Client.objects.visible_to(self.user).filter(pk__in=wanted).values_list("pk", flat=True))
        everyone = Client.objects.unscoped(reason="locked in id order; only those visible to the importer are used")
        locked = everyone.filter(pk__in=wanted).order_by("pk").select_for_update(of=("self",))
        clients = {client.pk: client for client in locked if client.pk in visible}
        self.load_belongings(list(clients))
        self.taken = taken_keys([values[row.pk] for row in rows])
        changed = []
        for row in rows:
            client = clients.get(row.record_id or 0)
            if client is None or client.version != row.seen_version:
                row.effect = Effect.CHANGED_SINCE
            elif self.change(client, row, values[row.pk], sectors):
                changed.append(client)
        Client.objects.unscoped(reason="the clients locked above").bulk_update(changed, BULK_FIELDS, batch_size=200)
        return {client.pk for client in changed}

    def load_belongings(self, ids: Sequence[int]) -> None:
        reason = "what belongs to the clients locked above"
        self.phones: dict[int, set[str]] = {pk: set() for pk in ids}
        self.emails: dict[int, set[str]] = {pk: set() for pk in ids}
        for pk, number in Phone.objects.unscoped(reason=reason).filter(client__in=ids).values_list("client", "e164"):
            self.phones[pk].add(number)
        for pk, mail in Email.objects.unscoped(reason=reason).filter(client__in=ids).values_list("client", "address"):
            self.emails[pk].add(mail)
        main = Address.objects.unscoped(reason=reason).filter(client__in=ids, is_primary=True)
        self.addresses = {address.client_id: address for address in main}

    def change(self, client: Client, row: ImportRow, values: ClientValues, sectors: Mapping[str, int]) -> bool:
        before: dict[str, Any] = {}
        changes = self.field_changes(client, incoming_fields(values, sectors))
        if changes:
            before["client"] = {name: plain(getattr(client, name)) for name in changes}
            for name, value in changes.items():
                setattr(client, name, value)
        before |= self.add_numbers(client, values) | self.add_mails(client, values)
        before |= self.change_address(client, values)
        if not before:
            row.effect = Effect.UNCHANGED
            return False
        client.version += 1
        row.before, row.written_version = before, client.version
        row.effect = Effect.UPDATED if self.replaces else Effect.FILLED
        return True

    def field_changes(self, client: Client, incoming: Mapping[str, Any]) -> dict[str, Any]:
        changes = {}
        for name, value in incoming.items():
            old = getattr(client, name)
            is_empty = old in ("", None)
            may_replace = self.replaces and name not in IDENTITY
            if value not in ("", None) and value != old and (is_empty or may_replace):
                changes[name] = value
        if "name" in changes:
            changes["name_key"] = folded(changes["name"])[:200]
        return self.without_taken(client, changes)

    def without_taken(self, client: Client, changes: dict[str, Any]) -> dict[str, Any]:
        """A document or code of another client stays where it is; a document and its type go together."""
        for name in ("document", "code"):
            holder = self.taken.get((name, changes.get(name, "")))
            if holder not in (None, client.pk):
                del changes[name]
        if "document" not in changes:
            changes.pop("person_type", None)
        for name in ("document", "code"):
            if name in changes:
                self.taken[name, changes[name]] = client.pk
        return changes

    def add_numbers(self, client: Client, values: ClientValues) -> dict[str, Any]:
        known = self.phones[client.pk]
        new = [phone for phone in values.phones if phone.e164 not in known]
        if not new or (known and not self.replaces):
            return {}
        rows = [
            Phone(
                client=client,
                e164=phone.e164,
                kind=phone.type,
                extension=phone.extension[:10],
                is_primary=not known and index == 0,
            )
            for index, phone in enumerate(new)
        ]
        known.update(phone.e164 for phone in new)
        return {"phones": [phone.pk for phone in Phone.objects.bulk_create(rows)]}

    def add_mails(self, client: Client, values: ClientValues) -> dict[str, Any]:
        known = self.emails[client.pk]
        new = [address for address in values.emails if address not in known]
        if not new or (known and not self.replaces):
            return {}
        rows = [
            Email(client=client, address=address, is_primary=not known and index == 0)
            for index, address in enumerate(new)
        ]
        known.update(new)
        return {"emails": [email.pk for email in Email.objects.bulk_create(rows)]}

    def change_address(self, client: Client, values: ClientValues) -> dict[str, Any]:
        incoming = {"cep": values.cep, "city": values.city, "uf": values.uf}
        given = {name: value for name, value in incoming.items() if value}
        if not given:
            return {}
        address = self.addresses.get(client.pk)
        if address is None:
            created = Address.objects.create(client=client, is_primary=True, **given)
            self.addresses[client.pk] = created
            return {"new_address": created.pk}
        changes = {
            name: value
            for name, value in given.items()
            if getattr(address, name) != value and (self.replaces or not getattr(address, name))
        }
        if not changes:
            return {}
        before = {name: getattr(address, name) for name in changes}
        for name, value in changes.items():
            setattr(address, name, value)
        address.save(update_fields=list(changes))
        return {"address": {"id": address.pk, **before}}


def incoming_fields(values: ClientValues, sectors: Mapping[str, int]) -> dict[str, Any]:
    return {
        "code": values.code,
        "document": values.document,
        "person_type": values.person_type,
        "name": values.name,
        "birth_date": values.birth_date,
        "sector_id": sectors.get(folded(values.segment)[:80]) if values.segment else None,
        "source": values.origin,
        "city": values.city,
        "uf": values.uf,
        "declared_amount": values.declared_amount,
        "declared_product": values.declared_product,
    }


def taken_keys(values: Sequence[ClientValues]) -> dict[tuple[str, str], int]:
    """Who holds each document and code of the chunk."""
    everyone = Client.objects.unscoped(reason="documents and codes are unique over all portfolios")
    documents = {item.document for item in values if item.document}
    codes = {item.code for item in values if item.code}
    taken = {
        ("document", document): pk
        for document, pk in everyone.filter(document__in=documents).values_list("document", "pk")
    }
    return taken | {("code", code): pk for code, pk in everyone.filter(code__in=codes).values_list("code", "pk")}


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | Decimal) else value
