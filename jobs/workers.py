"""The loop around jobs: run what is due, survive what it does, sweep, and add what the calendar asks for."""

import datetime
import gc
import logging
import time
from collections.abc import Iterator
from contextlib import contextmanager
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, connection, transaction
from django.db.models import Max
from django.utils import timezone

from jobs import calendar, outbox, queue, registry, running
from jobs.models import Job
from jobs.running import LeaseLostError, PausedError, Run

logger = logging.getLogger(__name__)

# Well inside CELERY_TASK_TIME_LIMIT, which ends a worker without asking.
BUDGET_SECONDS = 240.0
# Of the garbage collector: what jobs make is dropped by counting, and looking for rings among it is in vain.
PATIENT = (20_000, 10, 20)
# One number for all ticks of an installation (pg_try_advisory_xact_lock).
TICK_LOCK = 7_412_001


def work_off(*, budget: float = BUDGET_SECONDS) -> int:
    """Runs due jobs one after the other until none is left or the time is over; how many it ran."""
    deadline = time.monotonic() + budget
    ran = 0
    while time.monotonic() < deadline:
        run = running.claim(deadline=deadline)
        if run is None:
            break
        execute(run)
        ran += 1
    return ran


def execute(run: Run) -> None:
    """Runs one claimed job and writes down how it ended. Raises only what should end the process."""
    try:
        with job_limits():
            registry.find(run.job.kind).work(run)
        run.finish()
    except LeaseLostError:
        logger.warning("Job %s: another worker took over.", run.job.pk)
    except PausedError:
        run.release()
    except Exception as error:
        logger.exception("Job %s (%s) failed in try %s.", run.job.pk, run.job.kind, run.job.attempt)
        _end(run, error)
    except BaseException:
        # Ctrl-C and the shutdown of the worker: somebody else goes on from the last checkpoint.
        _end(run, None)
        raise


def _end(run: Run, error: Exception | None) -> None:
    if not connection.in_atomic_block:
        connection.close_if_unusable_or_obsolete()
    try:
        run.fail(error) if error else run.release()
    except (LeaseLostError, OperationalError, InterfaceError):
        # The database is away: the lease runs out and the sweep brings the job back.
        logger.warning("Job %s: its end could not be written; the sweep will find it.", run.job.pk)


@contextmanager
def job_limits() -> Iterator[None]:
    """Statements of jobs may take longer than those of pages, and their many small records are looked through less."""
    thresholds = gc.get_threshold()
    gc.set_threshold(*PATIENT)
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, false)", [str(settings.JOB_STATEMENT_TIMEOUT_MS)])
    try:
        yield
    finally:
        gc.set_threshold(*thresholds)
        if connection.connection is not None and connection.is_usable() and not connection.needs_rollback:
            with connection.cursor() as cursor:
                cursor.execute("RESET statement_timeout")


def work_forever(*, pause: float = 1.0) -> None:
    """A worker without Celery: sweeps and works until it is told to end; outlives database restarts."""
    while True:
        close_old_connections()
        try:
            running.sweep()
            work_off()
            outbox.sweep()
            outbox.relay()
        except (OperationalError, InterfaceError) as error:
            logger.warning("Database away (%s); trying again.", type(error).__name__)
        time.sleep(pause)


# --- The tick ---------------------------------------------------------------------------------------------


def tick(*, now: datetime.datetime | None = None) -> bool:
    """Adds the dated jobs that are due, sweeps, and wakes the workers. False when another tick is at it."""
    with transaction.atomic():
        if not _only_tick():
            return False
        for kind, at in registry.daily():
            add_due(kind, at=at, now=now or timezone.now())
        running.sweep()
        if Job.objects.due(timezone.now()).exists():
            transaction.on_commit(queue.nudge)
        outbox.sweep()
        if outbox.is_due():
            outbox.wake(timezone.now())
    return True


def _only_tick() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [TICK_LOCK])
        row = cursor.fetchone()
    return bool(row and row[0])


def add_due(kind: str, *, at: datetime.time, now: datetime.datetime) -> list[datetime.date]:
    """One row per missed date; UNIQUE (kind, local_date) makes another tick add nothing."""
    zone = ZoneInfo(settings.TIME_ZONE)
    # A date in the future, from a wrong clock or by hand, must not stop the ones before it.
    past = Job.objects.filter(kind=kind, local_date__lte=calendar.latest_due(now, at=at, zone=zone))
    due = calendar.due_dates(now, at=at, zone=zone, last=past.aggregate(last=Max("local_date"))["last"])
    jobs = [Job(kind=kind, local_date=day) for day in due.dates]
    if due.skipped:
        # The first run after a long pause says which dates have none.
        jobs[0].payload = {
            "skipped_from": due.skipped[0].isoformat(),
            "skipped_to": due.skipped[1].isoformat(),
        }
        logger.warning("%s: no run from %s to %s.", kind, *due.skipped)
    Job.objects.bulk_create(jobs, ignore_conflicts=True)
    return list(due.dates)
