"""The outcome of each row of a client file against the base, without writing to it."""

import json
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from brazil.names import are_similar
from imports import copying, halves
from imports.base import KnownClients, SameFile, known_clients, phones_in_base
from imports.clean_check import CleanCheck
from imports.cleaning import CleanedClient, ClientValues
from imports.client_values import dumped, loaded, shortened
from imports.decoding import Record
from imports.encounters import Encounters
from imports.models import Existing, ImportBatch, ImportRow, Plan, State
from imports.outcomes import ClientOutcomes, RowOutcome
from imports.reading import Part
from imports.sellers import SellerDirectory

# The reader needs a second to get ready for cleaning.
CLEAN_FROM = 2_000

type Cleaned = CleanedClient | RowOutcome


class ClientJudge:
    """Clean rows that share no key with another row are judged set-wise (`imports.clean_check`), the others here."""

    def __init__(self, batch: ImportBatch, header: Sequence[str], *, today: date) -> None:
        self.batch = batch
        self.user = batch.created_by
        self.same_file = SameFile.of(batch)
        self.sellers = SellerDirectory(self.user)
        self.clean = CleanCheck(batch, self.sellers, self.same_file)
        self.encounters = Encounters(())
        self.recalled: set[int] = set()
        self.base = KnownClients()
        self.phones: dict[str, list[tuple[int, str, str]]] = {}
        self.outcomes = ClientOutcomes(
            header=header,
            mapping=batch.columns,
            today=today,
            default_ddd=batch.options.get("default_ddd", ""),
            existing_document=self.holder_of_document,
            existing_code=self.holder_of_code,
            existing_lookalike=self.lookalike,
        )

    def holder_of_document(self, document: str) -> int | None:
        return self.base.by_document.get(document)

    def holder_of_code(self, code: str) -> int | None:
        return self.base.by_code.get(code)

    def cleaning(self) -> dict[str, Any] | None:
        """What the reader needs to know to clean rows."""
        if self.batch.records < CLEAN_FROM:
            return None
        options = self.outcomes
        return {
            "mapping": list(options.mapping.items()),
            "today": options.today.isoformat(),
            "default_ddd": options.default_ddd,
        }

    def foresee(self, parts: Iterable[Part]) -> None:
        """Before the first part: finds the clean rows of the file that share a key."""
        self.encounters = Encounters(line for part in parts for line in part.clean)

    def recall(self, part: Part) -> None:
        """A part judged before an interruption counts for the duplicates after it."""
        positions = {position for position, _record in part.others}
        positions |= {position for position in map(position_of, part.clean) if position in self.encounters.shared}
        self.recall_rows(positions, until=part.last)

    def recall_rows(self, positions: set[int], *, until: int) -> None:
        """Rows that are stored, and those stored rows that they share a key with."""
        while positions := {position for position in positions if position <= until} - self.recalled:
            self.recalled |= positions
            rows = ImportRow.objects.of(self.batch).filter(position__in=positions, outcome__in=("valid", "repaired"))
            values = {row.line: loaded(row.values) for row in rows.order_by("position")}
            for line, item in values.items():
                self.outcomes.remember(line, item)
            positions = self.encounters.meet(values.values())

    def store(self, part: Part) -> None:
        """Inside the transaction of one chunk."""
        cleaned = {position: (record, self.outcomes.clean(record)) for position, record in part.others}
        met = self.encounters.meet(
            item.values for _record, item in cleaned.values() if isinstance(item, CleanedClient) and not item.reason
        )
        self.recall_rows(met, until=part.first - 1)
        apart = []
        for line in part.clean:
            if (position := position_of(line)) in self.encounters.shared:
                record = record_of(line)
                cleaned[position] = record, self.outcomes.clean(record)
            else:
                apart.append(line)
        copying.insert(self.judge(sorted((position, *found) for position, found in cleaned.items())))
        stands = ImportBatch.objects.standing(self.batch, state=State.MAPPED, checked_until=part.first - 1)
        halves.write(
            lambda first, last: self.clean.store(apart[first : last + 1]),
            0, len(apart) - 1, lock=self.batch.pk, holds=stands.exists,
        )  # fmt: skip

    def judge(self, found: Sequence[tuple[int, Record, Cleaned]]) -> list[ImportRow]:
        """Rows in the order of the file."""
        values = [item.values for _position, _record, item in found if isinstance(item, CleanedClient)]
        too_long = {id(item) for item in values if shortened(item)}
        before = self.same_file.created_at([position for position, _record, _item in found])
        self.look_up(values, list(before.values()))
        return [self.row(position, record, item, before.get(position), too_long) for position, record, item in found]

    def look_up(self, values: Sequence[ClientValues], own: Sequence[int]) -> None:
        """One query per kind of key for a chunk. Clients that this file created are no duplicates of it."""
        self.base = known_clients(
            self.user,
            documents={item.document for item in values if item.document},
            codes={item.code for item in values if item.code},
        )
        self.own = known_clients(self.user, ids=own).by_id
        self.phones = phones_in_base(self.user, {phone.e164 for item in values for phone in item.phones})
        alike = {pk for people in self.phones.values() for pk, _name, _document in people}
        mine = self.same_file.created([*self.base.by_id, *alike])
        self.base.remove(mine)
        self.phones = {
            number: [person for person in people if person[0] not in mine] for number, people in self.phones.items()
        }

    def lookalike(self, values: ClientValues) -> int | None:
        for phone in values.phones:
            for pk, name, document in self.phones.get(phone.e164, ()):
                if not (document and values.document) and are_similar(name, values.name):
                    return pk
        return None

    def row(
        self, position: int, record: Record, cleaned: Cleaned, earlier: int | None, too_long: set[int]
    ) -> ImportRow:
        outcome = self.outcomes.decide(record.line, cleaned)
        row = ImportRow(
            batch=self.batch,
            position=position,
            line=record.line,
            outcome=outcome.outcome,
            reason=outcome.reason,
            actions=list(outcome.actions),
            warnings=list(outcome.warnings),
            raw=list(record.cells),
            values=dumped(outcome.values) if outcome.values else {},
            duplicate_of=outcome.duplicate_of,
            possible_duplicate_of=outcome.possible_duplicate_of,
            lookalike_id=outcome.existing_lookalike,
        )
        if isinstance(cleaned, CleanedClient) and id(cleaned.values) in too_long:
            row.warnings.append("text_shortened")
        self.plan(row, outcome, earlier)
        return row

    def plan(self, row: ImportRow, outcome: RowOutcome, earlier: int | None) -> None:
        if outcome.outcome == "ignored":
            row.plan = Plan.IGNORE
        elif outcome.outcome == "rejected":
            row.plan = Plan.REJECT
        elif outcome.creates_client and (earlier is None or earlier not in self.own):
            row.plan = Plan.CREATE
            row.warnings += self.sellers.warnings(row.values.get("seller", ""))
        else:
            self.match(row, outcome.existing_client if earlier is None else earlier)

    def match(self, row: ImportRow, client: int | None) -> None:
        row.plan = Plan.REPEAT
        known = (self.own.get(client) or self.base.by_id.get(client)) if client is not None else None
        if known is None:
            return
        row.note = known.note
        if known.is_visible:
            row.record_id, row.seen_version = known.id, known.version
            if self.batch.existing != Existing.SKIP:
                row.plan = Plan.UPDATE


# Lines of `imports.clean_rows`.


def position_of(line: bytes) -> int:
    return int(line[: line.index(b"\t")])


def record_of(line: bytes) -> Record:
    _position, number, *_keys, raw, _values = line.split(b"\t")
    return Record(int(number), tuple(json.loads(raw)))
