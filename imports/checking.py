"""The conference before an import: every row is judged and stored, and nothing else is written."""

from collections.abc import Iterable, Sequence
from datetime import date
from pathlib import Path
from typing import Any, Protocol

from django.db.models import Count
from django.utils import timezone

from imports import halves
from imports.client_check import ClientJudge
from imports.contact_check import ContactJudge
from imports.contact_closing import WARNINGS
from imports.models import BatchKind, ImportBatch, ImportRow, Plan, State
from imports.reading import Order, Part, Reading
from imports.refusals import FileRefusedError
from imports.sale_check import ContractJudge, PurchaseJudge
from imports.work import Work

# Two transactions of half as many rows.
CHUNK = 20_000
FIRST_CHUNK = 1_000
# Even a short file shows how far it has come.
FEWEST_CHUNKS = 8


class Judge(Protocol):
    def __init__(self, batch: ImportBatch, header: Sequence[str], *, today: date) -> None: ...
    def cleaning(self) -> dict[str, Any] | None:
        """How the reader cleans rows, if it does."""

    def foresee(self, parts: Iterable[Part]) -> None:
        """Looks at the whole file before its first part is stored."""

    def recall(self, part: Part) -> None:
        """A part that was stored before an interruption."""

    def store(self, part: Part) -> None:
        """Judges and stores one part in the transaction of a chunk."""


JUDGES: dict[str, type[Judge]] = {
    BatchKind.CLIENTS: ClientJudge,
    BatchKind.PURCHASES: PurchaseJudge,
    BatchKind.CONTRACTS: ContractJudge,
    BatchKind.CONTACTS: ContactJudge,
}


def check(batch: ImportBatch, work: Work, *, today: date | None = None) -> None:
    """Judges what isn't judged yet, so that it may be called again after being killed."""
    judge = JUDGES[batch.kind](batch, batch.table["header"], today=today or timezone.localdate())
    try:
        with Reading(order_of(batch, judge.cleaning()), tick=work.alive) as reading:
            judge_parts(batch, reading, judge, work)
    except FileRefusedError as refusal:
        fail(batch, str(refusal), work)


def order_of(batch: ImportBatch, cleaning: dict[str, Any] | None) -> Order:
    return Order(
        path=str(Path(batch.file.path)),
        kind=batch.kind,  # type: ignore[arg-type]
        encoding=batch.table.get("encoding", ""),
        sheet=batch.table.get("sheet", ""),
        known=[heading for heading in batch.table.get("header", []) if heading],
        block=size_of_chunks(batch, CHUNK),
        clean=cleaning,
    )


def size_of_chunks(batch: ImportBatch, most: int) -> int:
    return min(most, max(FIRST_CHUNK, batch.records // FEWEST_CHUNKS))


def judge_parts(batch: ImportBatch, reading: Reading, judge: Judge, work: Work) -> None:
    if not settled(batch, reading.total, work):
        return
    judge.foresee(reading.parts())
    for part in reading.parts():
        if part.last <= batch.checked_until:
            judge.recall(part)
            continue
        with work.chunk(done=part.last, total=reading.total, checkpoint={"checked": part.last}):
            if not still(batch, State.MAPPED, checked_until=part.last):
                return
            judge.store(part)
    with work.chunk(done=reading.total, total=reading.total, checkpoint={"checked": reading.total}):
        totals = totals_of(batch)
        still(batch, State.MAPPED, state=State.CHECKED, records=reading.total, totals=totals, error="")


def settled(batch: ImportBatch, total: int, work: Work) -> bool:
    """Takes away what a try before this one left behind its last chunk. Chunks may have been of another size then."""
    done = batch.checked_until - batch.checked_until % size_of_chunks(batch, CHUNK)
    with work.chunk(done=done, total=total, checkpoint={"checked": done}):
        if not still(batch, State.MAPPED, checked_until=done):
            return False
        halves.settle(batch.pk)
        ImportRow.objects.of(batch).filter(position__gt=done).delete()
    return True


def still(batch: ImportBatch, expected: State, /, **changes: Any) -> bool:
    """Change the batch if it is still as expected: it may have been discarded or mapped anew meanwhile."""
    changed = ImportBatch.objects.standing(batch, state=expected).update(**changes)
    if changed:
        for name, value in changes.items():
            setattr(batch, name, value)
    return bool(changed)


def fail(batch: ImportBatch, reason: str, work: Work) -> None:
    with work.chunk(done=0, total=0, checkpoint={}):
        still(batch, State.MAPPED, state=State.FAILED, error=reason[:300])


def totals_of(batch: ImportBatch) -> dict[str, dict[str, int]]:
    rows = ImportRow.objects.of(batch).order_by()
    reasons = rows.exclude(reason="").values_list("reason").annotate(total=Count("pk"))
    totals = {
        "outcomes": dict(rows.values_list("outcome").annotate(total=Count("pk"))),
        "plans": dict(rows.values_list("plan").annotate(total=Count("pk"))),
        "reasons": dict(reasons),
        "effects": dict(rows.exclude(effect="").values_list("effect").annotate(total=Count("pk"))),
    }
    if batch.kind == BatchKind.CONTACTS:
        closing = rows.filter(plan=Plan.CREATE, warnings__has_any_keys=list(WARNINGS.values()))
        totals["closing"] = {"rows": closing.count()}
    return totals
