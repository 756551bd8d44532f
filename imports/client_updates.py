"""Filling or updating clients of the base. Owner and opt-outs never change, blank cells never overwrite."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from brazil.names import folded
from clients.models import Address, Client, Email, Phone
from imports import copying
from imports.cleaning import ClientValues
from imports.models import Effect, Existing, ImportBatch, ImportRow
from imports.statements import execute
from people.models import User

FIELDS = (
    "code", "person_type", "name", "name_key", "document", "birth_date", "sector_id", "source", "city", "uf",
    "declared_amount", "declared_product",
)  # fmt: skip
# Keys of identity: filled when empty, never replaced by a file.
IDENTITY = frozenset({"code", "document", "person_type"})
STORE = """
UPDATE clients_client AS client
SET code = new.code, person_type = new.person_type, name = new.name, name_key = new.name_key,
    document = new.document, birth_date = new.birth_date, sector_id = new.sector_id, source = new.source,
    city = new.city, uf = new.uf, declared_amount = new.declared_amount, declared_product = new.declared_product,
    version = new.version
FROM jsonb_to_recordset(%s::jsonb) AS new(
    id bigint, code text, person_type text, name text, name_key text, document text, birth_date date,
    sector_id bigint, source text, city text, uf text, declared_amount numeric, declared_product text,
    version integer)
WHERE client.id = new.id
"""
STORE_ADDRESS = """
UPDATE clients_address AS address SET cep = new.cep, city = new.city, uf = new.uf
FROM jsonb_to_recordset(%s::jsonb) AS new(id bigint, cep text, city text, uf text)
WHERE address.id = new.id
"""


class ClientUpdates:
    def __init__(self, batch: ImportBatch) -> None:
        self.batch = batch
        self.user: User = batch.created_by
        self.replaces = batch.existing == Existing.UPDATE

    def write(
        self, rows: Sequence[ImportRow], values: Mapping[int, ClientValues], sectors: Mapping[str, int]
    ) -> dict[int, bool]:
        """The ids of the clients that changed, and whether their sector did, which is what classes depend on."""
        wanted = sorted({row.record_id for row in rows if row.record_id})
        if not wanted:
            return {}
        visible = set(Client.objects.visible_to(self.user).filter(pk__in=wanted).values_list("pk", flat=True))
        everyone = Client.objects.unscoped(reason="locked in id order; only those visible to the importer are used")
        locked = everyone.filter(pk__in=wanted).order_by("pk").select_for_update(of=("self",))
        clients = {client.pk: client for client in locked if client.pk in visible}
        self.load_belongings(list(clients))
        self.new: list[tuple[dict[str, Any], str, list[Phone] | list[Email] | list[Address]]] = []
        self.moved: list[Address] = []
        self.taken = taken_keys([values[row.pk] for row in rows])
        changed: dict[int, bool] = {}
        for row in rows:
            client = clients.get(row.record_id or 0)
            if client is None or client.version != row.seen_version:
                row.effect = Effect.CHANGED_SINCE
            elif self.change(client, row, values[row.pk], sectors):
                changed[client.pk] = "sector_id" in (row.before or {}).get("client", {})
        self.store([clients[pk] for pk in changed])
        return changed

    def store(self, changed: Sequence[Client]) -> None:
        """Everything of the chunk in a few statements; what undoing needs learns the new ids."""
        everything = [(name, records) for _before, name, records in self.new]
        for kind in ("phones", "emails", "new_address"):
            copying.insert([record for name, records in everything if name == kind for record in records])
        for before, name, records in self.new:
            ids = [record.pk for record in records]
            before[name] = ids[0] if name == "new_address" else ids
        store_clients(changed)
        store_addresses(self.moved)

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
        self.add_numbers(client, values, before)
        self.add_mails(client, values, before)
        self.change_address(client, values, before)
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

    def add_numbers(self, client: Client, values: ClientValues, before: dict[str, Any]) -> None:
        known = self.phones[client.pk]
        new = [phone for phone in values.phones if phone.e164 not in known]
        if not new or (known and not self.replaces):
            return
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
        self.later(before, "phones", rows)

    def add_mails(self, client: Client, values: ClientValues, before: dict[str, Any]) -> None:
        known = self.emails[client.pk]
        new = [address for address in values.emails if address not in known]
        if not new or (known and not self.replaces):
            return
        rows = [
            Email(client=client, address=address, is_primary=not known and index == 0)
            for index, address in enumerate(new)
        ]
        known.update(new)
        self.later(before, "emails", rows)

    def change_address(self, client: Client, values: ClientValues, before: dict[str, Any]) -> None:
        incoming = {"cep": values.cep, "city": values.city, "uf": values.uf}
        given = {name: value for name, value in incoming.items() if value}
        if not given:
            return
        address = self.addresses.get(client.pk)
        if address is None:
            self.addresses[client.pk] = Address(client=client, is_primary=True, **given)
            self.later(before, "new_address", [self.addresses[client.pk]])
            return
        changes = {
            name: value
            for name, value in given.items()
            if getattr(address, name) != value and (self.replaces or not getattr(address, name))
        }
        if not changes:
            return
        before["address"] = {"id": address.pk, **{name: getattr(address, name) for name in changes}}
        for name, value in changes.items():
            setattr(address, name, value)
        self.moved.append(address)

    def later(self, before: dict[str, Any], name: str, records: list[Phone] | list[Email] | list[Address]) -> None:
        """Records to be written with those of the whole chunk."""
        before[name] = []
        self.new.append((before, name, records))


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
        for document, pk in everyone.filter(document__in=documents).exclude(document="").values_list("document", "pk")
    }
    return taken | {
        ("code", code): pk for code, pk in everyone.filter(code__in=codes).exclude(code="").values_list("code", "pk")
    }


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, date | Decimal) else value


def store_clients(clients: Sequence[Client]) -> None:
    """The fields that a file may change, and the version, of clients that are locked."""
    execute(STORE, [as_json(clients, ("id", *FIELDS, "version"))])


def store_addresses(addresses: Sequence[Address]) -> None:
    execute(STORE_ADDRESS, [as_json(addresses, ("id", "cep", "city", "uf"))])


def as_json(records: Sequence[Client] | Sequence[Address], names: Sequence[str]) -> str:
    return json.dumps([{name: plain(getattr(record, name)) for name in names} for record in records])
