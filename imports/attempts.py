"""Writing many rows at once when somebody else may be writing the same keys."""

from collections.abc import Callable, Sequence

from django.db import DataError, IntegrityError, transaction

from imports.models import Effect, ImportRow, Plan

TRIES = 3

type Rows = Sequence[ImportRow]


def write_all(rows: Rows, *, sift: Callable[[Rows], list[ImportRow]], insert: Callable[[Rows], None]) -> None:
    """`sift` takes out the rows that exist by now; `insert` writes the others together. What still fails is
    written one by one, so that a row the base refuses is refused alone."""
    for _ in range(TRIES):
        rows = sift(rows)
        if not rows or inserted(rows, insert):
            return
    for row in rows:
        for left in sift([row]):
            if not inserted([left], insert):
                left.outcome, left.reason, left.plan, left.effect = (
                    "rejected",
                    "not_accepted",
                    Plan.REJECT,
                    Effect.NONE,
                )
                left.record_id = left.written_version = None


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
