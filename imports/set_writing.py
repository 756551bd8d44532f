"""Writing a chunk of checked rows set-wise, in the database: what `imports.client_writing` does row by row.

Rows that need a closer look are left alone: clients that somebody created since the check, clients of the base that
differ from the file, and all of them when the base refuses one.
"""

from collections.abc import Mapping
from typing import Any

from django.db import DataError, IntegrityError, models, transaction
from django.utils import timezone

from clients.models import Address, Client, DistributionReason, Email, Ownership, Phone
from clients.search import refresh as refresh_search
from contracts.classification import refresh as refresh_classes
from imports.models import Effect, Existing, ImportBatch, ImportRow, Plan
from imports.sectors import sector_key, sectors_named
from imports.sellers import SellerDirectory
from imports.statements import column_of, execute

ROWS = "row.batch_id = %(batch)s AND row.position BETWEEN %(first)s AND %(last)s AND row.effect = ''"
SKIP = f"UPDATE imports_importrow row SET effect = 'skipped' WHERE {ROWS} AND row.plan = 'repeat'"  # noqa: S608
NAMES = f"""
SELECT DISTINCT row.values ->> %(name)s FROM imports_importrow row
WHERE {ROWS} AND row.plan IN ('create', 'update') AND row.values ? %(name)s
"""  # noqa: S608
VALUES = """
jsonb_to_record(row.values) AS value(
    code text, person_type text, name text, name_key text, document text, birth_date date, segment text, origin text,
    city text, uf text, cep text, declared_amount numeric, declared_product text, seller text, phones jsonb,
    emails jsonb)
"""
# Ids in the order of the file. What exists by now is for the slow way.
NEW = f"""
CREATE TEMP TABLE imports_new ON COMMIT DROP AS
SELECT nextval(pg_get_serial_sequence('clients_client', 'id')) AS client_id, new.*
FROM (
    SELECT row.id AS row_id, value.*, sector.id AS sector_id,
        coalesce(seller.owner_id, %(owner)s::bigint) AS owner_id,
        CASE WHEN seller.name IS NULL THEN %(team)s::bigint ELSE seller.team_id END AS team_id
    FROM imports_importrow row
    CROSS JOIN LATERAL {VALUES}
    LEFT JOIN unnest(%(sellers)s::text[], %(owners)s::bigint[], %(teams)s::bigint[])
        AS seller(name, owner_id, team_id) ON seller.name = value.seller
    LEFT JOIN unnest(%(segments)s::text[], %(sectors)s::bigint[]) AS sector(name, id) ON sector.name = value.segment
    WHERE {ROWS} AND row.plan = 'create'
        AND NOT EXISTS (SELECT FROM clients_client WHERE document = value.document AND document <> '')
        AND NOT EXISTS (SELECT FROM clients_client WHERE code = value.code AND code <> '')
    ORDER BY row.position
) new
"""  # noqa: S608
CREATED = """
UPDATE imports_importrow row SET effect = 'created', record_id = new.client_id, written_version = 1
FROM imports_new new WHERE row.id = new.row_id
"""
# Column of the base -> what the file says.
COMPARED = {
    "client.name": "value.name", "client.birth_date": "value.birth_date", "client.sector_id": "sector.id",
    "client.source": "value.origin", "client.city": "value.city", "client.uf": "value.uf",
    "client.declared_amount": "value.declared_amount", "client.declared_product": "value.declared_product",
    "address.cep": "value.cep", "address.city": "value.city", "address.uf": "value.uf",
}  # fmt: skip
SAME = "({given} IS NULL OR {kept} = {given} OR NOT %(replaces)s AND nullif({kept}::text, '') IS NOT NULL)"
FIELDS = "\n        AND ".join(SAME.format(kept=kept, given=given) for kept, given in COMPARED.items())
# A blank cell never overwrites; keys of identity are only ever filled.
UNCHANGED = f"""
UPDATE imports_importrow SET effect = 'unchanged'
WHERE id IN (
    SELECT row.id
    FROM imports_importrow row
    CROSS JOIN LATERAL {VALUES}
    JOIN clients_client client ON client.id = row.record_id AND client.version = row.seen_version
    LEFT JOIN clients_address address ON address.client_id = client.id AND address.is_primary
    LEFT JOIN unnest(%(segments)s::text[], %(sectors)s::bigint[]) AS sector(name, id) ON sector.name = value.segment
    WHERE {ROWS} AND row.plan = 'update' AND client.id = ANY(%(visible)s)
        AND row.id IN (
            SELECT DISTINCT ON (row.record_id) row.id FROM imports_importrow row
            WHERE {ROWS} AND row.plan = 'update' ORDER BY row.record_id, row.position)
        AND (value.code IS NULL OR client.code <> '')
        AND (value.document IS NULL OR client.document <> '')
        AND {FIELDS}
        AND NOT EXISTS (
            SELECT FROM jsonb_array_elements(value.phones) phone
            WHERE phone ->> 0 NOT IN (SELECT e164 FROM clients_phone WHERE client_id = client.id)
                AND (%(replaces)s OR NOT EXISTS (SELECT FROM clients_phone WHERE client_id = client.id)))
        AND NOT EXISTS (
            SELECT FROM jsonb_array_elements_text(value.emails) mail
            WHERE mail NOT IN (SELECT address FROM clients_email WHERE client_id = client.id)
                AND (%(replaces)s OR NOT EXISTS (SELECT FROM clients_email WHERE client_id = client.id)))
)
"""  # noqa: S608

# Column -> its value for a new client; the others take the defaults of the model.
CLIENT = {
    "id": "client_id", "code": "coalesce(code, '')", "person_type": "coalesce(person_type, '')", "name": "name",
    "name_key": "name_key", "document": "coalesce(document, '')", "birth_date": "birth_date", "sector_id": "sector_id",
    "source": "coalesce(origin, %(source)s)", "city": "coalesce(city, '')", "uf": "coalesce(uf, '')",
    "owner_id": "owner_id", "team_id": "team_id", "declared_amount": "declared_amount",
    "declared_product": "coalesce(declared_product, '')",
}  # fmt: skip
PHONE = {
    "client_id": "client_id", "e164": "phone ->> 0", "kind": "phone ->> 1", "extension": "left(phone ->> 2, 10)",
    "is_primary": "place = 1",
}  # fmt: skip
EMAIL = {"client_id": "client_id", "address": "mail", "is_primary": "place = 1"}
ADDRESS = {
    "client_id": "client_id", "cep": "coalesce(cep, '')", "city": "coalesce(city, '')", "uf": "coalesce(uf, '')",
    "is_primary": "true",
}  # fmt: skip
OWNERSHIP = {"client_id": "client_id", "owner_id": "owner_id"}
PHONES = "imports_new CROSS JOIN jsonb_array_elements(phones) WITH ORDINALITY AS each(phone, place)"
EMAILS = "imports_new CROSS JOIN jsonb_array_elements_text(emails) WITH ORDINALITY AS each(mail, place)"
ADDRESSES = "imports_new WHERE coalesce(cep, city, uf) IS NOT NULL"
OWNED = "imports_new WHERE owner_id IS NOT NULL"


class SetWriter:
    def __init__(self, batch: ImportBatch, sellers: SellerDirectory, *, owner: int | None, team: int | None) -> None:
        """`owner` and `team` are for clients without a seller in the file."""
        self.batch = batch
        self.user = batch.created_by
        self.sellers = sellers
        self.owner = owner
        self.team = team

    def write(self, first: int, last: int) -> None:
        """The rows of these positions, inside the transaction of a chunk. What is left has no effect yet."""
        about: dict[str, Any] = {"batch": self.batch.pk, "first": first, "last": last}
        execute(SKIP, about)
        about |= self.sectors(about)
        try:
            with transaction.atomic():
                self.create(about | self.owners(about))
        except (IntegrityError, DataError):
            return
        self.leave_unchanged(about)

    def sectors(self, about: Mapping[str, Any]) -> dict[str, Any]:
        names = [name for name in column_of(NAMES, {**about, "name": "segment"}) if name.strip()]
        known = sectors_named(names)
        return {"segments": names, "sectors": [known[sector_key(name)] for name in names]}

    def owners(self, about: Mapping[str, Any]) -> dict[str, Any]:
        names = column_of(NAMES, {**about, "name": "seller"})
        found = {name: owner for name in names if (owner := self.sellers.owner(name)) is not None}
        return {
            "sellers": list(found),
            "owners": list(found.values()),
            "teams": [self.sellers.teams.get(owner) for owner in found.values()],
            "owner": self.owner,
            "team": self.sellers.teams.get(self.owner) if self.owner else self.team,
        }

    def create(self, about: Mapping[str, Any]) -> None:
        execute("DROP TABLE IF EXISTS imports_new")
        execute(NEW, about)
        source = {"source": self.batch.source}
        insert(Client(created_by=self.user), CLIENT, "imports_new ORDER BY client_id", source)
        imported = Ownership(
            since=timezone.now(), reason=DistributionReason.IMPORTED, by=self.user, batch=self.batch.pk
        )
        insert(imported, OWNERSHIP, OWNED)
        insert(Phone(), PHONE, PHONES)
        insert(Email(), EMAIL, EMAILS)
        insert(Address(), ADDRESS, ADDRESSES)
        execute(CREATED)
        created = column_of("SELECT client_id FROM imports_new ORDER BY client_id")
        refresh_search(created)
        refresh_classes(created)

    def leave_unchanged(self, about: Mapping[str, Any]) -> None:
        """Clients of the base of which the file says nothing new."""
        rows = ImportRow.objects.of(self.batch).filter(
            position__range=(about["first"], about["last"]), plan=Plan.UPDATE, effect=Effect.NONE
        )
        clients = Client.objects.visible_to(self.user).filter(pk__in=rows.values("record_id"))
        visible = list(clients.values_list("pk", flat=True))
        execute(UNCHANGED, {**about, "visible": visible, "replaces": self.batch.existing == Existing.UPDATE})


def insert(
    default: models.Model, values: Mapping[str, str], source: str, parameters: Mapping[str, Any] | None = None
) -> None:
    """Inserts a record for each row of a source: columns without a value are as in `default`."""
    meta = default._meta
    columns = [field for field in meta.concrete_fields if not field.primary_key or field.column in values]
    given = {f"default_{field.column}": plain(getattr(default, field.attname)) for field in columns}
    chosen = ", ".join(values.get(str(field.column), f"%(default_{field.column})s") for field in columns)
    names = ", ".join(str(field.column) for field in columns)
    statement = f"INSERT INTO {meta.db_table} ({names}) SELECT {chosen} FROM {source}"  # noqa: S608  (constants)
    execute(statement, {**given, **(parameters or {})})


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, models.TextChoices) else value
