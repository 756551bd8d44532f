"""Reading a large base in parts, two at a time: each worker on a connection of its own."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Final

from django.db import connection

WORKERS: Final = 2


def results[Item, Result](function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Result]:
    """The results of a function that only reads, in the order of the items."""
    with ahead(function, items) as found:
        yield from found


@contextmanager
def ahead[Item, Result](function: Callable[[Item], Result], items: Sequence[Item]) -> Iterator[Iterator[Result]]:
    """The same, read while the caller does other work.

    Inside a transaction other connections would not see what it wrote: then everything runs on the caller's own,
    when a result is asked for.
    """
    if connection.in_atomic_block:
        yield map(function, items)
        return
    patience = _statement_timeout()
    promised: list[Future[Result]] = [Future() for _ in items]

    def work_off(place: int) -> None:
        try:
            with connection.cursor() as cursor:
                # Each core is taken already: further workers would only wait for one.
                cursor.execute(
                    "SELECT set_config('statement_timeout', %s, false),"
                    " set_config('max_parallel_workers_per_gather', '0', false)",
                    [patience],
                )
            for item, result in zip(items[place::WORKERS], promised[place::WORKERS], strict=True):
                result.set_result(function(item))
        except BaseException as error:  # Who waits for a result hears of it.
            for result in promised[place::WORKERS]:
                if not result.done():
                    result.set_exception(error)
        finally:
            connection.close()

    with ThreadPoolExecutor(WORKERS, thread_name_prefix="reading") as pool:
        for place in range(WORKERS):
            pool.submit(work_off, place)
        yield (result.result() for result in promised)


def _statement_timeout() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])
