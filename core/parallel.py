"""Reading a large base in parts, two at a time: each worker on a connection of its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from django.db import connection

WORKERS: Final = 2


def results[Item, Result](function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """The results of a function that only reads, in the order of the items.

    Inside a transaction other connections would not see what it wrote: then everything runs on the caller's own.
    """
    if connection.in_atomic_block:
        yield from map(function, items)
        return
    patience = _statement_timeout()

    def work_off(share: Sequence[Item]) -> list[Result]:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, false)", [patience])
            return [function(item) for item in share]
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="reading") as pool:
        shares = list(pool.map(work_off, [items[place::WORKERS] for place in range(WORKERS)]))
    for place in range(len(items)):
        yield shares[place % WORKERS][place // WORKERS]


def _statement_timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])
