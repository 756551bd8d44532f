"""Two statements at a time: reading a large base in spans, each worker on a connection of its own."""

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Final

from django.db import connection

WORKERS: Final = 2


def results[Item, Result](function: Callable[[Item], Result], items: Iterable[Item]) -> Iterator[Result]:
    """The results of a function that only reads, in the order of the items.

    Inside a transaction other connections would not see what it wrote: then everything runs on the caller's own.
    """
    if connection.in_atomic_block:
        yield from map(function, items)
        return
    patience = _statement_timeout()

    def on_own_connection(item: Item) -> Result:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT set_config('statement_timeout', %s, false)", [patience])
            return function(item)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="reading") as pool:
        try:
            yield from pool.map(on_own_connection, items)
        finally:
            pool.shutdown(cancel_futures=True)


def _statement_timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])
