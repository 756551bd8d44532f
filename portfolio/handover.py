"""Handing over a large batch in parts, two at a time, each in a transaction on a connection of its own.

A part is written down as done in the transaction that hands it over, and begins by locking its row. So a job that was
killed goes on with the parts that are left, and a worker that was believed dead cannot do a part twice.
"""

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Final

from django.db import connection, transaction
from django.db.models import Sum

from jobs.workers import job_limits
from people.models import User
from portfolio import moves
from portfolio.models import DistributionBatch, DistributionPart

WORKERS: Final = 2


def plan(batch: DistributionBatch, *, size: int) -> None:
    """Writes the parts down once, before the first is handed over."""
    if not batch.parts.exists():
        DistributionPart.objects.bulk_create(
            DistributionPart(batch=batch, after=after, last=last) for after, last in moves.parts(batch, size=size)
        )


def hand_over_next(batch: DistributionBatch, *, able: set[int], by: User | None) -> bool:
    """Hands over the next parts. False when none is left."""
    left = list(batch.parts.filter(done__isnull=True).values_list("pk", flat=True)[:WORKERS])
    work = partial(hand_over_part, batch=batch, able=able, by=by)
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="handing-over") as pool:
        list(pool.map(work, left))
    return bool(left)


def done(batch: DistributionBatch) -> int:
    """How many moves have been handed over, or refused."""
    return batch.parts.aggregate(done=Sum("done"))["done"] or 0


def hand_over_part(pk: int, *, batch: DistributionBatch, able: set[int], by: User | None) -> None:
    """On the connection of this thread, which is closed afterwards."""
    try:
        with job_limits(), transaction.atomic():
            part = DistributionPart.objects.select_for_update().get(pk=pk)
            if part.done is None:
                chosen = moves.part_of(batch, part.after, part.last)
                moves.hand_over(chosen, batch=batch, able=able, by=by)
                part.done = chosen.count()
                part.save(update_fields=["done"])
    finally:
        connection.close()
