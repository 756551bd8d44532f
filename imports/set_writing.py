"""Writing a part of the checked rows set-wise, in the database: what `imports.client_writing` does row by row.

Rows that need a closer look are left alone: clients that somebody created since the check, and what the base refuses.
Of known clients see `imports.set_updates`.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from django.db import DataError, IntegrityError, transaction
from django.utils import timezone

from clients.models import Address, Client, DistributionReason, Email, Ownership, Phone
from clients.search import insert_new as insert_search
from contracts.models import ClientCycle
from contracts.sectors import last_night
from imports.models import ImportBatch
from imports.sectors import sector_key, sectors_named
from imports.sellers import SellerDirectory
from imports.set_updates import SetUpdates
from imports.statements import column_of, execute, insert

# What a part brings is read where it is made, and foreign keys are checked without a queue until the end.
PREPARE = "SET CONSTRAINTS ALL IMMEDIATE; DROP TABLE IF EXISTS imports_rows, imports_new, imports_known"
ROWS = "row.batch_id = %(batch)s AND row.position BETWEEN %(first)s AND %(last)s AND row.effect = ''"
SKIP = f"UPDATE imports_importrow row SET effect = 'skipped' WHERE {ROWS} AND row.plan = 'repeat'"  # noqa: S608
# This very file created these clients before.
KEEP = f"""
UPDATE imports_importrow row SET plan = 'repeat', effect = 'skipped', record_id = earlier.record_id
FROM imports_importrow earlier
JOIN clients_client client ON client.id = earlier.record_id
WHERE {ROWS} AND row.plan = 'create' AND earlier.batch_id = ANY(%(earlier)s) AND earlier.position = row.position
    AND earlier.effect = 'created'
"""  # noqa: S608
STAGE = f"""
CREATE TEMP TABLE imports_rows ON COMMIT DROP AS
SELECT row.id AS row_id, row.position, row.plan, row.record_id, row.seen_version, value.*
FROM imports_importrow row
CROSS JOIN LATERAL jsonb_to_record(row.values) AS value(
    code text, person_type text, name text, name_key text, document text, birth_date date, segment text, origin text,
    city text, uf text, cep text, declared_amount numeric, declared_product text, seller text, phones jsonb,
    emails jsonb)
WHERE {ROWS} AND row.plan IN ('create', 'update')
ORDER BY row.position
"""  # noqa: S608
KNOW = "ANALYZE imports_rows (position, plan, record_id, document, code)"
SEGMENTS = "SELECT DISTINCT segment FROM imports_rows WHERE segment IS NOT NULL"
SELLERS = "SELECT DISTINCT seller FROM imports_rows WHERE seller IS NOT NULL AND plan = 'create'"
# Ids in the order of the file. What exists by now is for the slow way. Owners are found first: behind the two
# searches the planner expects one row, and would compare each with every seller.
NEW = """
CREATE TEMP TABLE imports_new ON COMMIT DROP AS
WITH placed AS MATERIALIZED (
    SELECT value.*, sector.id AS sector_id, coalesce(seller.owner_id, %(owner)s::bigint) AS owner_id,
        CASE WHEN seller.name IS NULL THEN %(team)s::bigint ELSE seller.team_id END AS team_id
    FROM imports_rows value
    LEFT JOIN unnest(%(sellers)s::text[], %(owners)s::bigint[], %(teams)s::bigint[])
        AS seller(name, owner_id, team_id) ON seller.name = value.seller
    LEFT JOIN unnest(%(segments)s::text[], %(sectors)s::bigint[]) AS sector(name, id) ON sector.name = value.segment
    WHERE value.plan = 'create' AND value.position BETWEEN %(first)s AND %(last)s
)
SELECT nextval((SELECT pg_get_serial_sequence('clients_client', 'id'))) AS client_id, new.*
FROM (
    SELECT * FROM placed
    WHERE NOT EXISTS (SELECT FROM clients_client WHERE document = placed.document AND document <> '')
        AND NOT EXISTS (SELECT FROM clients_client WHERE code = placed.code AND code <> '')
    ORDER BY position
) new
"""
CREATED = """
UPDATE imports_importrow row SET effect = 'created', record_id = new.client_id, written_version = 1
FROM imports_new new WHERE row.id = new.row_id
"""
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
# A client without purchase and contract is what the model says; nights look at it from the day of its row on.
CYCLE = {"client_id": "client_id", "sector_id": "sector_id"}
SEARCHED = """
SELECT client_id, name_key, code, document,
    ARRAY(SELECT phone ->> 0 FROM jsonb_array_elements(phones) WITH ORDINALITY AS each(phone, place) ORDER BY place),
    ARRAY(SELECT mail FROM jsonb_array_elements_text(emails) WITH ORDINALITY AS each(mail, place) ORDER BY place)
FROM imports_new
"""
OWNERSHIP = {"client_id": "client_id", "owner_id": "owner_id"}
PHONES = "imports_new CROSS JOIN jsonb_array_elements(phones) WITH ORDINALITY AS each(phone, place)"
EMAILS = "imports_new CROSS JOIN jsonb_array_elements_text(emails) WITH ORDINALITY AS each(mail, place)"
ADDRESSES = "imports_new WHERE coalesce(cep, city, uf) IS NOT NULL"
OWNED = "imports_new WHERE owner_id IS NOT NULL"
# A part that the base refuses is halved down to about so many rows, which then go one by one.
FEWEST = 64


class SetWriter:
    def __init__(
        self,
        batch: ImportBatch,
        sellers: SellerDirectory,
        *,
        owner: int | None,
        team: int | None,
        earlier: tuple[int, ...] = (),
    ) -> None:
        """`owner` and `team` are for clients without a seller in the file, `earlier` are imports of the same file."""
        self.batch = batch
        self.user = batch.created_by
        self.sellers = sellers
        self.owner = owner
        self.team = team
        self.earlier = earlier
        self.updates = SetUpdates(batch)

    def write(self, first: int, last: int, *, chunk: tuple[int, int]) -> None:
        """The rows of these positions, a part of a chunk, in its own transaction. What is left has no effect yet."""
        about: dict[str, Any] = {"batch": self.batch.pk, "first": first, "last": last}
        execute(PREPARE)
        execute(SKIP, about)
        if self.earlier:
            execute(KEEP, {**about, "earlier": list(self.earlier)})
        execute(STAGE, about)
        execute(KNOW)
        about |= self.sectors() | self.owners()
        self.create(about, first, last)
        self.updates.write(about, begin=chunk[0])

    def sectors(self) -> dict[str, Any]:
        names = [name for name in column_of(SEGMENTS) if name.strip()]
        known = sectors_named(names)
        return {"segments": names, "sectors": [known[sector_key(name)] for name in names]}

    def owners(self) -> dict[str, Any]:
        found = {name: owner for name in column_of(SELLERS) if (owner := self.sellers.owner(name)) is not None}
        return {
            "sellers": list(found),
            "owners": list(found.values()),
            "teams": [self.sellers.teams.get(owner) for owner in found.values()],
            "owner": self.owner,
            "team": self.sellers.teams.get(self.owner) if self.owner else self.team,
        }

    def create(self, about: Mapping[str, Any], first: int, last: int) -> None:
        """What the base refuses is looked for by halving."""
        try:
            with transaction.atomic():
                self.insert({**about, "first": first, "last": last})
        except (IntegrityError, DataError):
            if last - first >= FEWEST:
                middle = (first + last) // 2
                self.create(about, first, middle)
                self.create(about, middle + 1, last)

    def insert(self, about: Mapping[str, Any]) -> None:
        execute("DROP TABLE IF EXISTS imports_new")
        execute(NEW, about)
        source = {"source": self.batch.source}
        # Four indexes begin with the name or hold it: neighbours fall on the same pages.
        insert(Client(created_by=self.user), CLIENT, "imports_new ORDER BY name_key", source)
        imported = Ownership(
            since=timezone.now(), reason=DistributionReason.IMPORTED, by=self.user, batch=self.batch.pk
        )
        insert(imported, OWNERSHIP, OWNED)
        insert(Phone(), PHONE, PHONES)
        insert(Email(), EMAIL, EMAILS)
        insert(Address(), ADDRESS, ADDRESSES)
        insert_search(SEARCHED)
        insert(ClientCycle(evaluated_for=max(timezone.localdate(), last_night() or date.min)), CYCLE, "imports_new")
        execute(CREATED)
