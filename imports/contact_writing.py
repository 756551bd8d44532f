"""Creating the contacts of a chunk. They are history: they finish no promise, move no plan and plan no next contact."""

import json
import zlib
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from clients.models import Purpose
from contacts import pulse
from contacts.models import ContactLog, ContactOutcome, Direction
from imports import contact_closing, copying
from imports.attempts import refuse
from imports.entry_writing import EntryWriter
from imports.models import Effect, ImportBatch, ImportRow

# What people can change in a contact.
SAID: Final = (
    "client_id", "by_id", "channel", "direction", "purpose", "started_at", "seconds", "person_id", "phone_id", "used",
    "outcome_id", "detail", "note", "is_highlight", "next_on", "next_at", "next_channel", "contract_id", "undone_at",
    "effects",
)  # fmt: skip


class ContactWriter(EntryWriter):
    def __init__(self, batch: ImportBatch) -> None:
        super().__init__(batch)
        self.outcomes = ContactOutcome.objects.in_bulk()

    def sift(self, rows: Sequence[ImportRow]) -> list[ImportRow]:
        """An outcome may be gone since the check."""
        left = super().sift(rows)
        for row in left:
            if row.values["outcome"] not in self.outcomes:
                refuse(row)
        return [row for row in left if row.values["outcome"] in self.outcomes]

    def insert(self, rows: Sequence[ImportRow]) -> None:
        closed = contact_closing.close(rows, self.outcomes, by=self.user)
        logs = copying.insert([self.contact(row, closed.get(row.position, {})) for row in rows])
        for row, log in zip(rows, logs, strict=True):
            row.effect, row.record_id, row.written_version = Effect.CREATED, log.pk, version_of(log)

    def contact(self, row: ImportRow, effects: dict[str, Any]) -> ContactLog:
        values, outcome = row.values, self.outcomes[row.values["outcome"]]
        at = datetime.fromisoformat(values["at"])
        return ContactLog(
            client_id=values["client"],
            by_id=values["by"],
            channel=values["channel"],
            direction=Direction.OUT,
            purpose=Purpose.SERVICE,
            started_at=at,
            outcome=outcome,
            group=outcome.group,
            note=values["note"],
            effects=effects,
            # It was written down when it happened, elsewhere: the time in which its author may mend it has run since.
            created_at=at,
        )

    def after(self, created: Sequence[ImportRow]) -> None:
        pulse.refresh({row.values["client"] for row in created})


def version_of(log: ContactLog) -> int:
    """Contacts count no versions: a checksum of what one says tells whether somebody changed it."""
    said = json.dumps({name: getattr(log, name) for name in SAID}, default=str, sort_keys=True)
    return zlib.crc32(said.encode()) & 0x7FFF_FFFF
