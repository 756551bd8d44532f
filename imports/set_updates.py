"""Known clients of a part set-wise: those of which the file says nothing new, and those that only have other texts.

The same as `imports.client_updates` for rows that fill no document or code and bring no phone or e-mail; these, and
clients changed since the check, are left to it.
"""

from collections.abc import Mapping
from typing import Any

from django.db import DataError, IntegrityError, transaction

from clients.models import Address, Client
from clients.search import refresh as refresh_search
from contracts.classification import refresh as refresh_classes
from imports.models import Effect, Existing, ImportBatch
from imports.statements import column_of, execute, insert

# Column of the base -> what the file says.
CLIENT = {
    "name": "value.name", "birth_date": "value.birth_date", "sector_id": "sector.id", "source": "value.origin",
    "city": "value.city", "uf": "value.uf", "declared_amount": "value.declared_amount",
    "declared_product": "value.declared_product",
}  # fmt: skip
ADDRESS = {"cep": "value.cep", "city": "value.city", "uf": "value.uf"}


def differs(kept: str, given: str) -> str:
    """A blank cell never overwrites; what is filled is only overwritten where the file replaces."""
    may = f"(%(replaces)s OR nullif({kept}::text, '') IS NULL)"
    return f"({given} IS NOT NULL AND {kept} IS DISTINCT FROM {given} AND {may})"


def any_differs(table: str, columns: Mapping[str, str]) -> str:
    return " OR ".join(differs(f"{table}.{name}", given) for name, given in columns.items())


def taken(table: str, columns: Mapping[str, str]) -> str:
    """SET of an UPDATE: the new value or the one that is there."""
    cases = (
        f"{name} = CASE WHEN {differs(f'{table}.{name}', given)} THEN {given} ELSE {table}.{name} END"
        for name, given in columns.items()
    )
    return ", ".join(cases)


def replaced(table: str, columns: Mapping[str, str]) -> str:
    """The old values of what differs, as JSON: what undoing puts back."""
    # The name and its key change together; an amount is kept as it is written.
    rows = ", ".join(
        f"('{name}', to_jsonb({table}.{name}{'::text' if name == 'declared_amount' else ''}), "
        f"{differs(f'{table}.{name}'.removesuffix('_key'), given.removesuffix('_key'))})"
        for name, given in columns.items()
    )
    found = "jsonb_object_agg(name, old) FILTER (WHERE differs)"
    return f"(SELECT {found} FROM (VALUES {rows}) AS each(name, old, differs))"  # noqa: S608  (constants)


SECTOR = """
LEFT JOIN unnest(%(segments)s::text[], %(sectors)s::bigint[]) AS sector(name, id) ON sector.name = value.segment
"""
# Of two rows about one client, the second waits for the first.
KNOWN = f"""
CREATE TEMP TABLE imports_known ON COMMIT DROP AS
SELECT value.row_id, client.id AS client_id, address.id AS address_id, value.seen_version,
    {differs("client.name", "value.name")} AS renames, {differs("client.sector_id", "sector.id")} AS changes_sector,
    {any_differs("client", CLIENT)} AS moves_client,
    address.id IS NOT NULL AND ({any_differs("address", ADDRESS)}) AS moves_address,
    CASE WHEN address.id IS NULL AND coalesce(value.cep, value.city, value.uf) IS NOT NULL
        THEN nextval((SELECT pg_get_serial_sequence('clients_address', 'id'))) END AS new_address_id
FROM (
    SELECT DISTINCT ON (record_id) * FROM imports_rows
    WHERE plan = 'update' AND record_id = ANY(%(visible)s) ORDER BY record_id, position) value
JOIN clients_client client ON client.id = value.record_id AND client.version = value.seen_version
LEFT JOIN clients_address address ON address.client_id = client.id AND address.is_primary
{SECTOR}
WHERE (value.code IS NULL OR client.code <> '')
    AND (value.document IS NULL OR client.document <> '')
    AND NOT EXISTS (
        SELECT FROM jsonb_array_elements(value.phones) phone
        WHERE phone ->> 0 NOT IN (SELECT e164 FROM clients_phone WHERE client_id = client.id)
            AND (%(replaces)s OR NOT EXISTS (SELECT FROM clients_phone WHERE client_id = client.id)))
    AND NOT EXISTS (
        SELECT FROM jsonb_array_elements_text(value.emails) mail
        WHERE mail NOT IN (SELECT address FROM clients_email WHERE client_id = client.id)
            AND (%(replaces)s OR NOT EXISTS (SELECT FROM clients_email WHERE client_id = client.id)))
"""  # noqa: S608  (only constants are put in)
EARLIER = """
SELECT record_id FROM imports_importrow
WHERE batch_id = %(batch)s AND position >= %(begin)s AND position < %(first)s AND plan = 'update'
"""
UNCHANGED = """
UPDATE imports_importrow row SET effect = 'unchanged'
FROM imports_known known WHERE row.id = known.row_id AND NOT known.moves_client AND NOT known.moves_address
    AND known.new_address_id IS NULL
"""
LOCK = """
SELECT client.id FROM clients_client client
JOIN imports_known known ON known.client_id = client.id AND known.seen_version = client.version
WHERE known.moves_client OR known.moves_address OR known.new_address_id IS NOT NULL
ORDER BY client.id FOR UPDATE OF client
"""
MOVED = f"""
FROM imports_known known
JOIN imports_rows value ON value.row_id = known.row_id
{SECTOR}
"""
REMEMBER = f"""
UPDATE imports_importrow row
SET effect = %(effect)s, written_version = known.seen_version + 1,
    before = '{{}}'::jsonb
        || CASE WHEN known.moves_client
            THEN jsonb_build_object('client', {replaced("client", CLIENT | {"name_key": "value.name_key"})})
            ELSE '{{}}' END
        || CASE WHEN known.moves_address
            THEN jsonb_build_object('address', jsonb_build_object('id', address.id) || {replaced("address", ADDRESS)})
            ELSE '{{}}' END
        || CASE WHEN known.new_address_id IS NULL THEN '{{}}'
            ELSE jsonb_build_object('new_address', known.new_address_id) END
{MOVED}
JOIN clients_client client ON client.id = known.client_id
LEFT JOIN clients_address address ON address.id = known.address_id
WHERE row.id = known.row_id AND known.client_id = ANY(%(locked)s)
"""  # noqa: S608
STORE = f"""
UPDATE clients_client client
SET {taken("client", CLIENT)}, version = client.version + 1,
    name_key = CASE WHEN {differs("client.name", "value.name")} THEN value.name_key ELSE client.name_key END
{MOVED}
WHERE client.id = known.client_id AND known.client_id = ANY(%(locked)s)
"""  # noqa: S608
STORE_ADDRESS = f"""
UPDATE clients_address address SET {taken("address", ADDRESS)}
{MOVED}
WHERE address.id = known.address_id AND known.moves_address AND known.client_id = ANY(%(locked)s)
"""  # noqa: S608
NEW_ADDRESS = {
    "id": "new_address_id", "client_id": "client_id", "cep": "coalesce(cep, '')", "city": "coalesce(city, '')",
    "uf": "coalesce(uf, '')", "is_primary": "true",
}  # fmt: skip
MADE = """
imports_known JOIN imports_rows USING (row_id) WHERE new_address_id IS NOT NULL AND client_id = ANY(%(locked)s)
"""
# Search texts and classes know nothing of the other columns.
WHO = "SELECT client_id FROM imports_known WHERE {} AND client_id = ANY(%(locked)s)"


class SetUpdates:
    def __init__(self, batch: ImportBatch) -> None:
        self.user = batch.created_by
        self.replaces = batch.existing == Existing.UPDATE
        self.effect = str(Effect.UPDATED if self.replaces else Effect.FILLED)

    def write(self, about: Mapping[str, Any], *, begin: int) -> None:
        """Of the rows that `imports.set_writing` has staged, of a chunk that begins further up."""
        earlier = set(column_of(EARLIER, {**about, "begin": begin}))
        visible = [pk for pk in self.visible() if pk not in earlier]
        about = {**about, "visible": visible, "replaces": self.replaces, "effect": self.effect}
        if not about["visible"]:
            return
        execute(KNOWN, about)
        execute(UNCHANGED)
        try:
            with transaction.atomic():
                self.store({**about, "locked": column_of(LOCK)})
        except (IntegrityError, DataError):
            # Row by row the base tells which one it refuses.
            return

    def visible(self) -> list[int]:
        ids = column_of("SELECT record_id FROM imports_rows WHERE plan = 'update' AND record_id IS NOT NULL")
        return list(Client.objects.visible_to(self.user).filter(pk__in=ids).values_list("pk", flat=True))

    def store(self, about: Mapping[str, Any]) -> None:
        execute(REMEMBER, about)
        execute(STORE, about)
        execute(STORE_ADDRESS, about)
        insert(Address(), NEW_ADDRESS, MADE, about)
        refresh_search(column_of(WHO.format("renames"), about))
        refresh_classes(column_of(WHO.format("changes_sector"), about))
