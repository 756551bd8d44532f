"""Run as a process: a company, and one night of it that is killed at a border between two chunks."""

import datetime
import itertools
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager

from contracts import nightly
from jobs import queue, running, workers
from jobs.models import NIGHTLY, Job
from jobs.running import Run
from people.models import Absence
from tests.factories import make_cast, make_client, make_contract, make_purchase

DAY = datetime.date(2026, 11, 20)


def build(clients: int) -> None:
    """Sellers, one who is away, clients of every class, and some whom nobody has."""
    cast = make_cast()
    owners = itertools.cycle([cast.julia, cast.caio, cast.davi, None])
    for number in range(clients):
        client = make_client(f"Cliente {number}", owner=next(owners), team=cast.sul)
        for days in range(20 + number % 300, 700, 40 + 7 * (number % 9)):
            make_purchase(client, DAY - datetime.timedelta(days=days))
        if number % 5 == 0:
            make_contract(client, DAY.replace(year=2025), DAY + datetime.timedelta(days=number % 90))
    Absence.objects.create(user=cast.julia, cover=cast.caio, starts_on=DAY.replace(day=1), ends_on=DAY.replace(day=19))


def run(day: datetime.date, *, chunk: int, kill_at: int) -> int:
    """The night, or what is left of it, and how many chunks it committed. The process ends after number `kill_at`."""
    nightly.CHUNK = chunk  # type: ignore[misc]  # a small company has many chunks too
    passed = itertools.count(1)
    fenced = Run.fenced

    @contextmanager
    def counted(self: Run) -> Iterator[Job]:
        with fenced(self) as row:
            yield row
        if next(passed) == kill_at:
            os.kill(os.getpid(), signal.SIGKILL)

    Run.fenced = counted  # type: ignore[method-assign]
    running.sweep()
    job = queue.enqueue(NIGHTLY, {}, local_date=day)
    if (taken := running.claim(only=job.pk)) is not None:
        workers.execute(taken)
    return next(passed) - 1
