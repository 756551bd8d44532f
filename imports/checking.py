"""The conference before an import: every row is judged and stored, and nothing else is written."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import batched, dropwhile
from pathlib import Path
from typing import Any, Protocol

from django.db.models import Count
from django.utils import timezone

from imports import copying
from imports.client_check import ClientJudge, Numbered
from imports.models import BatchKind, ImportBatch, ImportRow, State
from imports.reading import Order, Reading
from imports.refusals import FileRefusedError
from imports.sale_check import ContractJudge, PurchaseJudge
from imports.work import Work

CHUNK = 2_000


class Judge(Protocol):
    def __init__(self, batch: ImportBatch, header: Sequence[str], *, today: date) -> None: ...
    def judge(self, records: Sequence[Numbered]) -> list[ImportRow]: ...
    def recall(self, row: ImportRow) -> None: ...


JUDGES: dict[str, type[Judge]] = {
    BatchKind.CLIENTS: ClientJudge,
    BatchKind.PURCHASES: PurchaseJudge,
    BatchKind.CONTRACTS: ContractJudge,
}


def check(batch: ImportBatch, work: Work, *, today: date | None = None) -> None:
    """Judges what isn't judged yet, so that it may be called again after being killed."""
    try:
        with Reading(order_of(batch), tick=work.alive) as reading:
            judge_rows(batch, reading, work, today or timezone.localdate())
    except FileRefusedError as refusal:
        fail(batch, str(refusal), work)


def order_of(batch: ImportBatch) -> Order:
    return Order(
        path=str(Path(batch.file.path)),
        kind=batch.kind,  # type: ignore[arg-type]
        encoding=batch.table.get("encoding", ""),
        sheet=batch.table.get("sheet", ""),
        known=[heading for heading in batch.table.get("header", []) if heading],
    )


def judge_rows(batch: ImportBatch, reading: Reading, work: Work, today: date) -> None:
    judge = JUDGES[batch.kind](batch, reading.header, today=today)
    for row in ImportRow.objects.of(batch).iterator(chunk_size=CHUNK):
        judge.recall(row)
    for group in batched(numbered(reading, after=batch.checked_until), CHUNK, strict=False):
        last = group[-1][0]
        with work.chunk(done=last, total=reading.total, checkpoint={"checked": last}):
            if not still(batch, State.MAPPED, checked_until=last):
                return
            copying.insert(judge.judge(group))
    with work.chunk(done=reading.total, total=reading.total, checkpoint={"checked": reading.total}):
        totals = totals_of(batch)
        still(batch, State.MAPPED, state=State.CHECKED, records=reading.total, totals=totals, error="")


def numbered(reading: Reading, *, after: int) -> Iterator[Numbered]:
    return dropwhile(lambda item: item[0] <= after, enumerate(reading.records(), start=1))


def still(batch: ImportBatch, expected: State, /, **changes: Any) -> bool:
    """Change the batch if it is still as expected: it may have been discarded or mapped anew meanwhile."""
    batches = ImportBatch.objects.unscoped(reason="the batch in hand")
    changed = batches.filter(pk=batch.pk, state=expected, round=batch.round).update(**changes)
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
    return {
        "outcomes": dict(rows.values_list("outcome").annotate(total=Count("pk"))),
        "plans": dict(rows.values_list("plan").annotate(total=Count("pk"))),
        "reasons": dict(reasons),
        "effects": dict(rows.exclude(effect="").values_list("effect").annotate(total=Count("pk"))),
    }
