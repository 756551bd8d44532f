"""Writing many rows at once when somebody else may be writing the same keys."""

from collections.abc import Callable, Sequence

from django.db import DataError, IntegrityError, transaction

from imports.models import Effect, ImportRow, Plan

TRIES = 3

type Rows = Sequence[ImportRow]


def write_all(rows: Rows, *, sift: Callable[[Rows], list[ImportRow]], insert: Callable[[Rows], None]) -> None:
    """`sift` takes out the rows that exist by now; `insert` writes the others together. What fails then is halved
    until a row that the base refuses is refused alone."""
    for _ in range(TRIES):
        rows = sift(rows)
        if not rows or inserted(rows, insert):
            return
    if len(rows) > 1:
        middle = len(rows) // 2
        write_all(rows[:middle], sift=sift, insert=insert)
        write_all(rows[middle:], sift=sift, insert=insert)
    else:
        refuse(rows[0])


def refuse(row: ImportRow) -> None:
    row.outcome, row.reason, row.plan, row.effect = "rejected", "not_accepted", Plan.REJECT, Effect.NONE
    row.record_id = row.written_version = None


def inserted(rows: Rows, insert: Callable[[Rows], None]) -> bool:
    try:
        with transaction.atomic():
            insert(rows)
    except (IntegrityError, DataError):
        return False
    return True


def repeat(row: ImportRow, reason: str, *, of: int | None, note: str = "") -> None:
    """Somebody created the same record between the check and now."""
    row.outcome, row.reason, row.plan, row.effect = "duplicate", reason, Plan.REPEAT, Effect.SKIPPED
    row.record_id, row.note = of, note


def mark_kept(row: ImportRow, record: int) -> None:
    """This very file created the record before; its outcome stays what it was."""
    row.plan, row.effect, row.record_id = Plan.REPEAT, Effect.SKIPPED, record
