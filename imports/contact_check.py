"""The outcome of each row of a contact file."""

from collections.abc import Sequence
from datetime import UTC, date

from contacts.models import Consequence, ContactOutcome
from imports.contact_closing import WARNINGS
from imports.contact_words import OutcomeNames, channel_of, end_of, moment_of
from imports.entry_check import Entry, EntryJudge, RowError
from imports.models import ImportBatch
from imports.sellers import SellerDirectory


class ContactJudge(EntryJudge):
    def __init__(self, batch: ImportBatch, header: Sequence[str], *, today: date) -> None:
        super().__init__(batch, header, today=today)
        self.outcomes = OutcomeNames()
        self.sellers = SellerDirectory(self.user)
        self.until = end_of(today)

    def fill(self, entry: Entry) -> None:
        values = entry.values
        values["at"] = self.moment(entry)
        values["channel"] = self.channel(entry)
        values["outcome"] = self.outcome(entry).pk
        values["by"] = self.author(entry)
        values["note"] = entry.text("nota")

    def moment(self, entry: Entry) -> str:
        found, actions = moment_of(entry.text("data"), until=self.until)
        if found is None:
            raise RowError("invalid_date")
        entry.act(actions)
        return found.astimezone(UTC).isoformat()

    def channel(self, entry: Entry) -> str:
        found = channel_of(entry.text("canal"))
        if not found:
            raise RowError("unknown_channel")
        return found

    def outcome(self, entry: Entry) -> ContactOutcome:
        found = self.outcomes.find(entry.text("resultado"))
        if found is None:
            raise RowError("unknown_outcome")
        if warning := WARNINGS.get(Consequence(found.consequence)):
            entry.warnings.append(warning)
        return found

    def author(self, entry: Entry) -> int:
        """The seller of the file; else who has the client now, else who imports."""
        name, owner = entry.text("vendedor"), self.clients[entry.text("cliente")].owner
        if seller := self.sellers.owner(name):
            return seller
        entry.warnings += self.sellers.warnings(name) or ([] if owner else ["seller_missing"])
        return owner or self.user.pk
