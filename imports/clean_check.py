"""The outcome of the clean rows of a client file against the base, a block at a time and in the database.

The same rules as `imports.client_check` and `imports.outcomes`, for rows that share no key with another row of the
file.
"""

import json
from collections.abc import Iterable, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

from django.core.exceptions import EmptyResultSet
from django.db.models.expressions import RawSQL
from django.utils.translation import gettext as _

from brazil.names import are_similar
from clients.models import Client, Phone
from imports.base import SameFile
from imports.models import Existing, ImportBatch
from imports.sellers import SellerDirectory
from imports.statements import column_of, copy_in, execute, rows_of

STAGE = """
CREATE TEMP TABLE imports_clean (
    position integer, line integer, document text, code text, phones text[], raw jsonb, values jsonb
) ON COMMIT DROP
"""
COPY = "COPY imports_clean FROM STDIN WITH (NULL '\\N')"
# What this very file created before, by position; clients that it created are no duplicates of it.
EARLIER = """
CREATE TEMP TABLE imports_earlier ON COMMIT DROP AS
SELECT position, max(record_id) AS record_id FROM imports_importrow
WHERE batch_id = ANY(%(earlier)s) AND effect = 'created' AND position BETWEEN %(first)s AND %(last)s
GROUP BY position
"""
IS_MINE = """
SELECT FROM imports_importrow mine
WHERE mine.record_id = {client}.id AND mine.batch_id = ANY(%(earlier)s) AND mine.effect = 'created'
"""
# The partial indexes are found by their condition. Without a reason a row only meets what it created itself.
MATCH = f"""
CREATE TEMP TABLE imports_match ON COMMIT DROP AS
SELECT clean.position, false AS is_visible,
    CASE WHEN earlier.record_id IS NULL THEN coalesce(by_document.id, by_code.id) ELSE own.id END AS client_id,
    CASE WHEN by_document.id IS NOT NULL THEN 'same_document' WHEN by_code.id IS NOT NULL THEN 'same_code'
        ELSE '' END AS reason
FROM imports_clean clean
LEFT JOIN clients_client by_document ON by_document.document = clean.document AND by_document.document <> ''
    AND NOT (%(again)s AND EXISTS ({IS_MINE.format(client="by_document")}))
LEFT JOIN clients_client by_code
    ON by_document.id IS NULL AND by_code.code = clean.code AND by_code.code <> ''
    AND NOT (%(again)s AND EXISTS ({IS_MINE.format(client="by_code")}))
LEFT JOIN imports_earlier earlier ON earlier.position = clean.position
LEFT JOIN clients_client own ON own.id = earlier.record_id
WHERE by_document.id IS NOT NULL OR by_code.id IS NOT NULL OR own.id IS NOT NULL
"""  # noqa: S608  (constants only)
UNMATCHED = "NOT EXISTS (SELECT FROM imports_match match WHERE match.position = clean.position)"
IS_NO_DUPLICATE = f"{UNMATCHED[:-1]} AND match.reason <> '')"
SEE = "UPDATE imports_match SET is_visible = true WHERE client_id IN ({visible})"
MATCHED = "SELECT client_id FROM imports_match"
NEW_PHONES = f"SELECT unnest(phones) FROM imports_clean clean WHERE {IS_NO_DUPLICATE}"  # noqa: S608  (constants only)
HOLDERS = f"""
SELECT clean.position, clean.values ->> 'name', clean.document, clean.phones
FROM imports_clean clean
WHERE clean.phones && %s::text[] AND {IS_NO_DUPLICATE}
"""  # noqa: S608
SELLERS = f"""
SELECT DISTINCT clean.values ->> 'seller' FROM imports_clean clean WHERE clean.values ? 'seller' AND {UNMATCHED}
"""  # noqa: S608
STORE = """
INSERT INTO imports_importrow (
    batch_id, position, line, outcome, reason, actions, warnings, raw, values, plan, effect, note, record_id,
    lookalike_id, seen_version)
SELECT %(batch)s, clean.position, clean.line,
    CASE WHEN coalesce(match.reason, '') = '' THEN 'valid' ELSE 'duplicate' END, coalesce(match.reason, ''),
    '[]', CASE WHEN match.position IS NULL
        THEN coalesce(%(warnings)s::jsonb -> (clean.values ->> 'seller'), '[]') ELSE '[]' END,
    clean.raw, clean.values,
    CASE WHEN match.position IS NULL THEN 'create'
        WHEN match.is_visible AND %(changes)s THEN 'update' ELSE 'repeat' END,
    '', CASE WHEN match.client_id IS NULL OR match.is_visible THEN ''
        ELSE coalesce(replace(%(with_owner)s, '<owner>', nullif(owner.name, '')), %(without_owner)s) END,
    CASE WHEN match.is_visible THEN client.id END,
    (%(lookalikes)s::jsonb -> clean.position::text)::bigint,
    CASE WHEN match.is_visible THEN client.version END
FROM imports_clean clean
LEFT JOIN imports_match match ON match.position = clean.position
LEFT JOIN clients_client client ON client.id = match.client_id
LEFT JOIN people_user owner ON owner.id = client.owner_id AND NOT match.is_visible
ORDER BY clean.position
"""


class CleanCheck:
    def __init__(self, batch: ImportBatch, sellers: SellerDirectory, same_file: SameFile) -> None:
        self.batch = batch
        self.same_file = same_file
        self.user = batch.created_by
        self.sellers = sellers

    def store(self, lines: Sequence[bytes]) -> None:
        """Inside the transaction of one chunk."""
        if not lines:
            return
        execute("DROP TABLE IF EXISTS imports_clean, imports_match, imports_earlier")
        execute(STAGE)
        copy_in(COPY, lines)
        first, last = rows_of("SELECT min(position), max(position) FROM imports_clean")[0]
        earlier = list(self.same_file.batches)
        about = {"earlier": earlier, "again": bool(earlier), "first": first, "last": last}
        execute(EARLIER, about)
        execute(MATCH, about)
        execute("ANALYZE imports_clean (position, document, code), imports_match")
        self.see()
        execute(STORE, self.parameters(self.warnings(), self.lookalikes()))

    def see(self) -> None:
        """Marks the matched clients that the importer may see."""
        matched = Client.objects.visible_to(self.user).filter(pk__in=RawSQL(MATCHED, []))  # noqa: S611  (constant)
        try:
            visible, parameters = matched.values("pk").query.sql_with_params()
        except EmptyResultSet:
            # Somebody who lost everything since the upload.
            return
        execute(SEE.format(visible=visible), parameters)

    def parameters(self, warnings: dict[str, list[str]], lookalikes: dict[int, int]) -> dict[str, Any]:
        return {
            "batch": self.batch.pk,
            "changes": self.batch.existing != Existing.SKIP,
            "warnings": json.dumps(warnings),
            "lookalikes": json.dumps(lookalikes),
            "with_owner": _("Já existe, com %(owner)s.") % {"owner": "<owner>"},
            "without_owner": _("Já existe, sem responsável."),
        }

    def warnings(self) -> dict[str, list[str]]:
        """By what stands in the column of sellers."""
        return {name: found for name in column_of(SELLERS) if (found := self.sellers.warnings(name))}

    def lookalikes(self) -> dict[int, int]:
        """Clients of the base with the phone and about the name of a new row, by its position."""
        seen = Phone.objects.visible_to(self.user).filter(e164__in=RawSQL(NEW_PHONES, []))  # noqa: S611  (constant)
        columns = ("e164", "client_id", "client__name", "client__document")
        rows = sorted(seen.values_list(*columns))
        mine = self.same_file.created([pk for _number, pk, *_rest in rows])
        rows = [row for row in rows if row[1] not in mine]
        people = {number: list(found) for number, found in groupby(rows, key=itemgetter(0))}
        if not people:
            return {}
        alike = (
            (position, alike_of(name, document, (person for phone in phones for person in people.get(phone, ()))))
            for position, name, document, phones in rows_of(HOLDERS, [list(people)])
        )
        return {position: pk for position, pk in alike if pk is not None}


def alike_of(name: str, document: str, people: Iterable[tuple[str, int, str, str]]) -> int | None:
    """Two documents tell two clients apart."""
    for _number, pk, other, other_document in people:
        if not (other_document and document) and are_similar(other, name):
            return pk
    return None
