"""The import itself: chunk by chunk from the checked rows, so that it goes on where it was killed."""

from collections.abc import Sequence
from typing import Any, Protocol

from django.utils import timezone
from django.utils.translation import gettext as _

from imports import row_effects
from imports.checking import size_of_chunks, still, totals_of
from imports.client_writing import ClientWriter
from imports.contact_writing import ContactWriter
from imports.models import BatchKind, Effect, ImportBatch, ImportRow, Plan, State
from imports.sale_writing import ContractWriter, PurchaseWriter
from imports.work import Work
from people import activity
from people.roles import Permission

# Two transactions of half as many rows.
CHUNK = 20_000


class Writer(Protocol):
    def __init__(self, batch: ImportBatch) -> None: ...
    def write_sets(self, first: int, last: int) -> None:
        """Writes what needs no closer look of the rows from one position to another."""

    def write(self, rows: Sequence[ImportRow]) -> None:
        """Writes rows one by one and sets their effect."""

    def finish(self) -> None: ...


WRITERS: dict[str, type[Writer]] = {
    BatchKind.CLIENTS: ClientWriter,
    BatchKind.PURCHASES: PurchaseWriter,
    BatchKind.CONTRACTS: ContractWriter,
    BatchKind.CONTACTS: ContactWriter,
}


def run(batch: ImportBatch, work: Work) -> None:
    """Writes what isn't written yet. The importer's rights count as they are now."""
    if not batch.created_by.may(Permission.IMPORT_FILES):
        interrupt(batch, work, _("Quem enviou a planilha não pode mais importar."))
        return
    writer = WRITERS[batch.kind](batch)
    size = size_of_chunks(batch, CHUNK)
    while batch.written_until < batch.records:
        first, last = batch.written_until + 1, min(batch.written_until + size, batch.records)
        with work.chunk(done=last, total=batch.records, checkpoint={"written": last}):
            if not may_go_on(batch, last):
                return
            writer.write_sets(first, last)
            rows = left(batch, first, last)
            writer.write(rows)
            row_effects.store(rows)
    with work.chunk(done=batch.records, total=batch.records, checkpoint={"written": batch.records}):
        if may_go_on(batch, batch.written_until):
            writer.finish()
            finish(batch, State.DONE)


def left(batch: ImportBatch, first: int, last: int) -> list[ImportRow]:
    rows = ImportRow.objects.of(batch).filter(position__range=(first, last), effect=Effect.NONE)
    return list(rows.exclude(plan__in=[Plan.REJECT, Plan.IGNORE]).order_by("position"))


def may_go_on(batch: ImportBatch, last: int) -> bool:
    """Locks the batch; somebody who asked to stop is heard between two chunks."""
    locked = ImportBatch.objects.unscoped(reason="the batch in hand")
    # Its key stays free: rows that point at the batch are written on other connections.
    locked = locked.select_for_update(of=("self",), no_key=True)
    current = locked.get(pk=batch.pk)
    if current.state != State.RUNNING:
        return False
    if current.stop_requested:
        finish(batch, State.INTERRUPTED)
        return False
    return still(batch, State.RUNNING, written_until=last)


def finish(batch: ImportBatch, state: State, error: str = "") -> None:
    totals = totals_of(batch)
    changes: dict[str, Any] = {"totals": totals, "error": error[:300], "stop_requested": False}
    still(batch, State.RUNNING, state=state, finished_at=timezone.now(), **changes)
    activity.record(
        "import_finished",
        batch,
        by=batch.created_by,
        kind=batch.kind,
        state=str(state),
        effects=totals["effects"],
    )


def interrupt(batch: ImportBatch, work: Work, reason: str) -> None:
    with work.chunk(done=batch.written_until, total=batch.records, checkpoint={}):
        finish(batch, State.INTERRUPTED, reason)
