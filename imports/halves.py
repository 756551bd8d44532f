"""A chunk in two halves at a time: each in a transaction of its own, on a connection of its own.

The chunk itself stays one fenced transaction of its job, which ends after both. Halves commit before it: what they
write must say so in the rows they work from, so that a chunk that is begun again leaves it alone. They must not touch
rows that the chunk has locked, and no other chunk begins a half while an earlier one is still at it.
"""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from django.db import connection, transaction

from imports.statements import column_of, execute

# A short chunk is written where it stands.
FROM: Final = 4_000
PREPARE = "SELECT set_config('statement_timeout', %s, true), pg_advisory_xact_lock(%s, %s)"
# Tells the locks of imports from others.
LOCKS: Final = 20_261


def write(
    write_part: Callable[[int, int], None], first: int, last: int, *, lock: int, holds: Callable[[], bool]
) -> None:
    """`holds` says whether the turn of this chunk has not passed; `lock` is the number of its batch."""
    if last - first + 1 < FROM:
        write_part(first, last)
        return
    middle = (first + last) // 2
    [patience] = column_of("SHOW statement_timeout")

    def half(place: int, begin: int, end: int) -> None:
        try:
            with transaction.atomic(durable=True):
                execute(PREPARE, [patience, LOCKS, lock * 2 + place])
                if holds():
                    write_part(begin, end)
        finally:
            connection.close()

    with ThreadPoolExecutor(2, thread_name_prefix="half") as pool:
        list(pool.map(half, (0, 1), (first, middle + 1), (middle, last)))


def settle(lock: int) -> None:
    """Waits for halves that somebody who was believed dead is still at."""
    for place in (0, 1):
        execute("SELECT pg_advisory_xact_lock(%s, %s)", [LOCKS, lock * 2 + place])
