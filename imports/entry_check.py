"""The outcome of each row about a client who must exist already: what files of sales and of contacts share."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from brazil.documents import parse_document
from imports import copying
from imports.base import Known, SameFile, known_clients
from imports.decoding import Record
from imports.models import ImportBatch, ImportRow, Plan
from imports.outcomes import FirstLines, ignored_because, mapped, trimmed
from imports.reading import Numbered, Part


class RowError(Exception):
    """The reason for which a row is rejected."""


@dataclass(slots=True)
class Entry:
    """One row on its way: cleaned cells by field, then the values to store."""

    position: int
    record: Record
    fields: Mapping[str, Sequence[str]]
    ignored: str = ""
    has_extra_cell: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        return next(filter(None, self.fields.get(name, ())), "")

    def act(self, actions: Iterable[str]) -> None:
        self.actions += [action for action in actions if action not in self.actions]


class EntryJudge:
    """Reasons are looked for in the order of the rules."""

    def __init__(self, batch: ImportBatch, header: Sequence[str], *, today: date) -> None:
        self.batch = batch
        self.user = batch.created_by
        self.header = trimmed(header)
        self.today = today
        self.same_file = SameFile.of(batch)
        self.seen = FirstLines()
        self.clients: dict[str, Known] = {}
        self.taken: Mapping[str, int] = {}

    def cleaning(self) -> None:
        """These rows are cleaned here."""

    def foresee(self, parts: Iterable[Part]) -> None:
        return

    def recall(self, part: Part) -> None:
        """A part judged before an interruption counts for the duplicates after it."""
        stored = ImportRow.objects.of(self.batch).filter(position__range=(part.first, part.last))
        for row in stored.order_by("position"):
            if row.outcome in ("valid", "repaired") and (key := self.key_of(row.values)):
                self.seen.add(key, row.line)

    def store(self, part: Part) -> None:
        """Inside the transaction of one chunk."""
        copying.insert(self.judge(part.others))

    def judge(self, records: Sequence[Numbered]) -> list[ImportRow]:
        entries = [self.read(position, record) for position, record in records]
        self.look_up(entries)
        before = self.same_file.created_at([entry.position for entry in entries])
        return [self.row(entry, before.get(entry.position)) for entry in entries]

    def read(self, position: int, record: Record) -> Entry:
        cells = trimmed(record.cells)
        entry = Entry(position, record, mapped(cells, self.batch.columns))
        entry.ignored = ignored_because(cells, self.header)
        entry.has_extra_cell = len(cells) > len(self.header)
        entry.actions = ["mojibake_fixed"] if record.mojibake else []
        return entry

    def look_up(self, entries: Sequence[Entry]) -> None:
        written = {entry.text("cliente") for entry in entries} - {""}
        parsed = {text: parse_document(text) for text in written}
        documents = {item.normalized for item in parsed.values() if not item.error and item.normalized}
        known = known_clients(self.user, documents=documents, codes=written)
        self.clients = {}
        for text, document in parsed.items():
            pk = known.by_code.get(text) or known.by_document.get(document.normalized)
            if pk is not None and known.by_id[pk].is_visible:
                self.clients[text] = known.by_id[pk]

    def key_of(self, _values: Mapping[str, Any]) -> str:
        """What no two rows may share; empty when rows are told apart by their place in the file alone."""
        return ""

    def fill(self, entry: Entry) -> None:
        """Read what only this kind of file has; raises RowError."""
        raise NotImplementedError

    def row(self, entry: Entry, earlier: int | None) -> ImportRow:
        row = ImportRow(
            batch=self.batch,
            position=entry.position,
            line=entry.record.line,
            raw=list(entry.record.cells),
            actions=entry.actions,
            warnings=entry.warnings,
        )
        if entry.ignored:
            row.outcome, row.reason, row.plan = "ignored", entry.ignored, Plan.IGNORE
            return row
        try:
            self.accept(entry)
        except RowError as error:
            row.outcome, row.reason, row.plan = "rejected", str(error), Plan.REJECT
            return row
        row.values = entry.values
        self.plan(row, entry, earlier)
        return row

    def accept(self, entry: Entry) -> None:
        self.add_client(entry)
        self.fill(entry)

    def add_client(self, entry: Entry) -> None:
        if entry.has_extra_cell:
            raise RowError("column_count")
        client = self.clients.get(entry.text("cliente"))
        if client is None:
            raise RowError("unknown_client")
        entry.values["client"] = client.id

    def plan(self, row: ImportRow, entry: Entry, earlier: int | None) -> None:
        key = self.key_of(entry.values)
        first = self.seen.get(key) if key else None
        taken = self.taken.get(key) if key else None
        if first is not None or (taken is not None and taken != earlier):
            row.outcome, row.reason, row.plan = "duplicate", "same_number", Plan.REPEAT
            row.duplicate_of, row.record_id = first, taken
            return
        if key:
            self.seen.add(key, row.line)
        row.outcome = "repaired" if row.actions else "valid"
        row.plan = Plan.CREATE if earlier is None else Plan.REPEAT
        row.record_id = earlier
