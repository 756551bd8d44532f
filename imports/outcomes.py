"""Exactly one outcome for each record of a client file; the first rule that matches wins."""

from array import array
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from brazil.cells import clean_cell
from brazil.names import folded, name_key
from imports.cleaning import CleanedClient, ClientValues, clean_client
from imports.decoding import Record

Outcome = Literal["valid", "repaired", "duplicate", "rejected", "ignored"]

REPORT_COLUMNS = (
    "line", "outcome", "reason", "actions", "document", "person_type", "name", "phone1", "phone2", "email",
    "birth_date", "cep", "uf", "amount", "duplicate_of", "possible_duplicate_of",
)  # fmt: skip
FOOTER_STARTS = ("total", "subtotal", "pagina", "relatorio", "emitido", "gerado", "fim do")


@dataclass(frozen=True, slots=True)
class RowOutcome:
    """The two `..._of` are lines of the file; the two `existing_...` are ids of clients in the base."""

    line: int
    outcome: Outcome
    reason: str = ""
    actions: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    values: ClientValues | None = None
    duplicate_of: int | None = None
    possible_duplicate_of: int | None = None
    existing_client: int | None = None
    existing_lookalike: int | None = None

    @property
    def creates_client(self) -> bool:
        return self.outcome in ("valid", "repaired")


class FirstLines:
    """The line on which each key came first, in some 30 bytes a key: files have up to 2,000,000 rows."""

    def __init__(self, slots: int = 1024) -> None:
        self.hashes = array("Q", bytes(8 * slots))
        self.lines = array("I", bytes(4 * slots))
        self.filled = 0

    def slot_of(self, hashed: int) -> int:
        mask = len(self.hashes) - 1
        slot = hashed & mask
        while self.hashes[slot] not in (0, hashed):
            slot = (slot + 1) & mask
        return slot

    def get(self, key: str) -> int | None:
        # 0 marks a free slot and no line has that number.
        return self.lines[self.slot_of(fingerprint(key))] or None

    def add(self, key: str, line: int) -> None:
        self.put(fingerprint(key), line)
        if self.filled * 3 > len(self.hashes) * 2:
            self.grow()

    def put(self, hashed: int, line: int) -> None:
        slot = self.slot_of(hashed)
        if not self.hashes[slot]:
            self.hashes[slot], self.lines[slot] = hashed, line
            self.filled += 1

    def grow(self) -> None:
        hashes, lines = self.hashes, self.lines
        FirstLines.__init__(self, slots=2 * len(hashes))
        for hashed, line in zip(hashes, lines, strict=True):
            if hashed:
                self.put(hashed, line)


def fingerprint(key: str) -> int:
    """64 bits: two of 2,000,000 keys collide once in ten million files."""
    return hash(key) & 0xFFFF_FFFF_FFFF_FFFF or 1


def no_client(_: str) -> int | None:
    return None


def no_lookalike(_: ClientValues) -> int | None:
    return None


class ClientOutcomes:
    """Judges the records of one file in their order.

    `mapping` gives the field of each column. The callables look in the base and return the id of a client:
    by document, by external code, and for a lookalike (same phone and name). The work is cut in two, `clean`
    and `decide`, so that a caller can look up the documents of a whole chunk between them.
    """

    def __init__(
        self,
        *,
        header: Sequence[str],
        mapping: Mapping[int, str],
        today: date,
        default_ddd: str = "",
        existing_document: Callable[[str], int | None] = no_client,
        existing_code: Callable[[str], int | None] = no_client,
        existing_lookalike: Callable[[ClientValues], int | None] = no_lookalike,
    ) -> None:
        self.header = trimmed(header)
        self.mapping = dict(mapping)
        self.today = today
        self.default_ddd = default_ddd
        self.existing_document = existing_document
        self.existing_code = existing_code
        self.existing_lookalike = existing_lookalike
        self.documents = FirstLines()
        self.codes = FirstLines()
        self.people = FirstLines()
        self.undocumented_people = FirstLines()

    def judge(self, record: Record) -> RowOutcome:
        return self.decide(record.line, self.clean(record))

    def clean(self, record: Record) -> CleanedClient | RowOutcome:
        """Needs no other record: an outcome when the record is ignored, else its values."""
        cells = trimmed(record.cells)
        if reason := ignored_because(cells, self.header):
            return RowOutcome(record.line, "ignored", reason)
        actions = ("mojibake_fixed",) if record.mojibake else ()
        if len(cells) > len(self.header):
            return CleanedClient(ClientValues(), actions, reason="column_count")
        fields = mapped(cells, self.mapping)
        return clean_client(fields, today=self.today, default_ddd=self.default_ddd, mojibake=record.mojibake)

    def decide(self, line: int, cleaned: CleanedClient | RowOutcome) -> RowOutcome:
        if isinstance(cleaned, RowOutcome):
            return cleaned
        if cleaned.reason:
            return RowOutcome(line, "rejected", cleaned.reason, cleaned.actions)
        return self.duplicate(line, cleaned) or self.accepted(line, cleaned)

    def duplicate(self, line: int, cleaned: CleanedClient) -> RowOutcome | None:
        values = cleaned.values
        keys = (
            ("same_document", values.document, self.documents, self.existing_document),
            ("same_code", values.code, self.codes, self.existing_code),
        )
        for reason, key, seen, existing in keys:
            first = seen.get(key) if key else None
            client = existing(key) if key and first is None else None
            if first is not None or client is not None:
                return RowOutcome(
                    line,
                    "duplicate",
                    reason,
                    cleaned.actions,
                    cleaned.warnings,
                    values,
                    duplicate_of=first,
                    existing_client=client,
                )
        return None

    def accepted(self, line: int, cleaned: CleanedClient) -> RowOutcome:
        values = cleaned.values
        lookalike = self.lookalike(values)
        self.remember(line, values)
        return RowOutcome(
            line,
            "repaired" if cleaned.actions else "valid",
            actions=cleaned.actions,
            warnings=cleaned.warnings,
            values=values,
            possible_duplicate_of=lookalike,
            existing_lookalike=self.existing_lookalike(values),
        )

    def lookalike(self, values: ClientValues) -> int | None:
        """Two documents tell two clients apart, so a documented one looks only at those without."""
        people = self.undocumented_people if values.document else self.people
        lines = (people.get(key) for key in person_keys(values))
        return min((line for line in lines if line is not None), default=None)

    def remember(self, line: int, values: ClientValues) -> None:
        """Count a record as accepted; an interrupted run calls it for the rows it created before."""
        if values.document:
            self.documents.add(values.document, line)
        if values.code:
            self.codes.add(values.code, line)
        for key in person_keys(values):
            self.people.add(key, line)
            if not values.document:
                self.undocumented_people.add(key, line)


def person_keys(values: ClientValues) -> list[str]:
    name = name_key(values.name)
    return [f"{phone.e164} {name}" for phone in values.phones]


def trimmed(cells: Sequence[str]) -> list[str]:
    """Cleaned cells, without the empty ones at the end."""
    cleaned = [clean_cell(cell) for cell in cells]
    while cleaned and not cleaned[-1]:
        cleaned.pop()
    return cleaned


def ignored_because(cells: list[str], header: list[str]) -> str:
    if not cells:
        return "blank_row"
    if cells == header:
        return "repeated_header"
    filled = [cell for cell in cells if cell]
    is_footer = len(filled) <= 2 and any(folded(cell).startswith(FOOTER_STARTS) for cell in filled)
    return "footer" if is_footer else ""


def mapped(cells: Sequence[str], mapping: Mapping[int, str]) -> dict[str, list[str]]:
    fields: dict[str, list[str]] = {}
    for column, field in mapping.items():
        if column < len(cells) and cells[column]:
            fields.setdefault(field, []).append(cells[column])
    return fields


def report_row(outcome: RowOutcome) -> list[str]:
    """The cells of REPORT_COLUMNS."""
    head = [str(outcome.line), outcome.outcome, outcome.reason, "|".join(outcome.actions)]
    values = outcome.values or ClientValues()
    phones = [phone.e164 for phone in values.phones[:2]]
    return [
        *head,
        values.document,
        values.person_type,
        values.name,
        *phones,
        *[""] * (2 - len(phones)),
        values.email,
        values.birth_date.isoformat() if values.birth_date else "",
        values.cep,
        values.uf,
        "" if values.declared_amount is None else f"{values.declared_amount:.2f}",
        str(outcome.duplicate_of or ""),
        str(outcome.possible_duplicate_of or ""),
    ]
