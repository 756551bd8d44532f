"""The outcome of each row of a client file against the base, without writing to it."""

from collections.abc import Sequence
from datetime import date

from brazil.names import are_similar
from imports.base import KnownClients, SameFile, known_clients, phones_in_base
from imports.cleaning import CleanedClient, ClientValues
from imports.client_values import dumped, loaded, shortened
from imports.decoding import Record
from imports.models import Existing, ImportBatch, ImportRow, Plan
from imports.outcomes import ClientOutcomes, RowOutcome
from imports.sellers import SellerDirectory

type Numbered = tuple[int, Record]
type Cleaned = CleanedClient | RowOutcome


class ClientJudge:
    def __init__(self, batch: ImportBatch, header: Sequence[str], *, today: date) -> None:
        self.batch = batch
        self.user = batch.created_by
        self.same_file = SameFile.of(batch)
        self.sellers = SellerDirectory(self.user)
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

    def recall(self, row: ImportRow) -> None:
        """A row judged before an interruption counts for the duplicates after it."""
        if row.outcome in ("valid", "repaired"):
            self.outcomes.remember(row.line, loaded(row.values))

    def judge(self, records: Sequence[Numbered]) -> list[ImportRow]:
        cleaned = [self.outcomes.clean(record) for _position, record in records]
        values = [item.values for item in cleaned if isinstance(item, CleanedClient)]
        too_long = {id(item) for item in values if shortened(item)}
        before = self.same_file.created_at([position for position, _record in records])
        self.look_up(values, list(before.values()))
        return [
            self.row(position, record, item, before.get(position), too_long)
            for (position, record), item in zip(records, cleaned, strict=True)
        ]

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
