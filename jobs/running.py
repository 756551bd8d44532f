"""Doing jobs: claim with a lease, work in chunks that a fence protects, retry, and the sweep of what died.

A worker owns a job only while the row says `running` with the worker's own attempt number. Every write of a
job goes through `Run.chunk` (or `Step.chunk`), which locks the row and checks that first: a worker that was
believed dead and comes back writes nothing.
"""

import datetime
import logging
import os
import socket
import time
import traceback
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from jobs.models import Job, JobStep

logger = logging.getLogger(__name__)


class LeaseLostError(Exception):
    """Somebody else owns the job by now: stop, nothing was written."""


class PausedError(Exception):
    """The worker's time is over: the job goes back to the queue at its last checkpoint and spends no try."""


class JobError(Exception):
    """Fails the job with a reason written for people; it must not hold personal data."""


def claim(*, worker: str = "", only: int | None = None, deadline: float | None = None) -> "Run | None":
    """Takes the next due job, oldest date first, or the one named by `only`, due or not."""
    try:
        with transaction.atomic():
            job = _next(only)
            if job is None:
                return None
            now = timezone.now()
            job.state, job.attempt, job.worker = Job.State.RUNNING, job.attempt + 1, worker or worker_name()
            job.lease_until, job.started_at, job.error = now + settings.JOB_LEASE, job.started_at or now, ""
            job.save(update_fields=["state", "attempt", "worker", "lease_until", "started_at", "error"])
    except IntegrityError:
        # Two workers began dated runs of one kind at the same moment; the other one was first.
        return None
    return Run(job, deadline=deadline)


def _next(only: int | None) -> Job | None:
    same_kind = Job.objects.filter(kind=OuterRef("kind"), local_date__isnull=False)
    older = same_kind.filter(local_date__lt=OuterRef("local_date"), state__in=Job.UNFINISHED)
    undated = Q(local_date__isnull=True)
    if only is not None:
        waiting = Job.objects.filter(pk=only, state__in=Job.WAITING)
    else:
        waiting = Job.objects.due(timezone.now()).filter(undated | ~Exists(older))
    free = waiting.filter(undated | ~Exists(same_kind.filter(state=Job.State.RUNNING)))
    order = ("-priority", F("local_date").asc(nulls_first=True), "due_at", "id")
    return free.order_by(*order).select_for_update(skip_locked=True).first()


def worker_name() -> str:
    return f"{socket.gethostname()[:60]}:{os.getpid()}"


def backoff(attempt: int) -> datetime.timedelta:
    """A quarter of the lease, then four times as long after each try: 15 s, 1 min, 4 min."""
    wait: datetime.timedelta = settings.JOB_LEASE * 4.0 ** (attempt - 2)
    return wait


def describe(error: BaseException) -> str:
    """What an operator may read: our own words, else only the kind and place, as messages may quote a row."""
    if isinstance(error, JobError):
        return str(error)
    places = [(Path(frame.filename), frame.lineno) for frame in traceback.extract_tb(error.__traceback__)]
    ours = [(path, line) for path, line in places if _is_ours(path)]
    where = [f"{path.relative_to(settings.BASE_DIR)}:{line}" for path, line in ours[-1:]]
    return " · ".join([type(error).__name__, *where])


def _is_ours(path: Path) -> bool:
    return path.is_relative_to(settings.BASE_DIR) and not any(part.startswith(".") for part in path.parts)


@dataclass
class Chunk:
    """What one transaction of a job changes besides its effects; the body may fill it while it works."""

    done: int | None = None
    total: int | None = None
    checkpoint: dict[str, Any] | None = None
    counts: Counter[str] = field(default_factory=Counter)

    def count(self, **increments: int) -> None:
        self.counts.update(increments)

    def write_to(self, row: Job | JobStep) -> None:
        if self.done is not None:
            row.progress_done = self.done
        if self.total is not None:
            row.progress_total = self.total
        row.counts = row.counts | {name: row.counts.get(name, 0) + more for name, more in self.counts.items()}


class Run:
    """One try of one job, in the hands of its handler."""

    def __init__(self, job: Job, *, deadline: float | None = None) -> None:
        self.job = job
        self.deadline = deadline
        self._chunks = 0

    @property
    def payload(self) -> dict[str, Any]:
        return dict(self.job.payload)

    @property
    def checkpoint(self) -> dict[str, Any]:
        return dict(self.job.checkpoint)

    @contextmanager
    def chunk(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        checkpoint: dict[str, Any] | None = None,
        **counts: int,
    ) -> Iterator[Chunk]:
        """One transaction: fence, the effects of the body, checkpoint, progress, counts and a new lease."""
        self.pause_if_over()
        part = Chunk(done, total, checkpoint, Counter(counts))
        with self.fenced() as row:
            yield part
            part.write_to(row)
            if part.checkpoint is not None:
                row.checkpoint = part.checkpoint
        self._chunks += 1

    @contextmanager
    def step(self, name: str, *, position: int = 0) -> "Iterator[Step]":
        """Records a step: its times, its counts, and its error when the body fails."""
        step = Step(self, self._open_step(name, position))
        try:
            yield step
        except LeaseLostError:
            raise
        except PausedError:
            step.close(JobStep.State.WAITING)
            raise
        except Exception as error:
            step.close(JobStep.State.FAILED, error=describe(error))
            raise
        else:
            step.close(JobStep.State.DONE)

    def plan(self, names: list[str]) -> None:
        """Writes the steps ahead, so that the screen shows what waits."""
        with self.fenced() as row:
            steps = [JobStep(job=row, name=name, position=position) for position, name in enumerate(names, 1)]
            JobStep.objects.bulk_create(steps, ignore_conflicts=True)
            row.progress_total = len(names)

    def finished_steps(self) -> set[str]:
        return set(self.job.steps.filter(state=JobStep.State.DONE).values_list("name", flat=True))

    def add_up(self) -> None:
        """The counts of all steps as the job's own."""
        with self.fenced() as row:
            total: Counter[str] = Counter()
            for counts in row.steps.values_list("counts", flat=True):
                total.update(counts)
            row.counts = dict(total)

    def _open_step(self, name: str, position: int) -> JobStep:
        with self.fenced() as row:
            step, _created = JobStep.objects.get_or_create(job=row, name=name, defaults={"position": position})
            step.state, step.error, step.finished_at = JobStep.State.RUNNING, "", None
            step.started_at = step.started_at or timezone.now()
            step.save()
        return step

    @contextmanager
    def fenced(self) -> Iterator[Job]:
        """A transaction that holds the job's row and renews the lease. The row is the first lock it takes.

        While it is open the sweep passes the row by, however long it takes; a killed process loses the lock.
        """
        # durable: a checkpoint inside somebody else's transaction would be no checkpoint.
        with transaction.atomic(durable=True):
            row = (
                Job.objects.select_for_update()
                .filter(pk=self.job.pk, attempt=self.job.attempt, state=Job.State.RUNNING)
                .first()
            )
            if row is None:
                raise LeaseLostError(f"job {self.job.pk}, try {self.job.attempt}")
            yield row
            if row.is_running:
                row.lease_until = timezone.now() + settings.JOB_LEASE
            row.save()
        self.job = row

    def pause_if_over(self) -> None:
        """Only after a chunk of its own, so that every try comes further."""
        if self.deadline is not None and self._chunks and time.monotonic() > self.deadline:
            raise PausedError

    # --- How a try ends -----------------------------------------------------------------------------

    def finish(self) -> None:
        with self.fenced() as row:
            row.state, row.finished_at, row.lease_until, row.checkpoint = (
                Job.State.DONE,
                timezone.now(),
                None,
                {},
            )
            if row.progress_total is not None:
                row.progress_done = row.progress_total

    def release(self) -> None:
        """Back to the queue without having spent a try."""
        with self.fenced() as row:
            row.state, row.due_at, row.lease_until = Job.State.QUEUED, timezone.now(), None
            row.max_attempts += 1

    def fail(self, error: BaseException) -> None:
        with self.fenced() as row:
            fail(row, describe(error), retry_in=backoff(row.tries))


class Step:
    """The part of a run that one step sees: same fence, its own checkpoint, progress and counts."""

    def __init__(self, run: Run, row: JobStep) -> None:
        self.run = run
        self.row = row

    @property
    def payload(self) -> dict[str, Any]:
        return self.run.payload

    @property
    def checkpoint(self) -> dict[str, Any]:
        return dict(self.run.checkpoint.get(self.row.name, {}))

    def complete(self, counts: dict[str, int] | None) -> None:
        """Adds what the step returned; what its chunks counted is truer, as it holds the tries before."""
        self.row.counts = {**(counts or {}), **self.row.counts}

    @contextmanager
    def chunk(
        self,
        *,
        done: int | None = None,
        total: int | None = None,
        checkpoint: dict[str, Any] | None = None,
        **counts: int,
    ) -> Iterator[Chunk]:
        """As Run.chunk, for this step."""
        part = Chunk(done, total, checkpoint, Counter(counts))
        with self.run.chunk() as whole:
            yield part
            part.write_to(self.row)
            self.row.save(update_fields=["progress_done", "progress_total", "counts"])
            if part.checkpoint is not None:
                whole.checkpoint = self.run.checkpoint | {self.row.name: part.checkpoint}

    def close(self, state: str, *, error: str = "") -> None:
        with self.run.fenced() as row:
            self.row.state, self.row.error = state, error
            self.row.finished_at = None if state == JobStep.State.WAITING else timezone.now()
            self.row.save(update_fields=["state", "error", "finished_at", "counts"])
            row.progress_done = row.steps.filter(state=JobStep.State.DONE).count()


# --- What happens to jobs whose worker died ------------------------------------------------------------


@dataclass(frozen=True)
class Swept:
    requeued: int = 0
    dead: int = 0


def sweep() -> Swept:
    """Jobs whose lease ran out go back to the queue; after the last try they stop, so that poison ends."""
    now = timezone.now()
    with transaction.atomic():
        lost = Job.objects.select_for_update(skip_locked=True).filter(state=Job.State.RUNNING, lease_until__lt=now)
        rows = list(lost.order_by("pk"))
        for row in rows:
            fail(row, _("O processo foi interrompido."), retry_in=datetime.timedelta(0))
            row.save()
            row.steps.filter(state=JobStep.State.RUNNING).update(state=JobStep.State.WAITING)
    dead = sum(row.state == Job.State.DEAD for row in rows)
    if rows:
        logger.warning("Sweep: %d jobs back in the queue, %d stopped.", len(rows) - dead, dead)
    return Swept(requeued=len(rows) - dead, dead=dead)


def fail(row: Job, reason: str, *, retry_in: datetime.timedelta) -> None:
    """The next try, or the end when none is left. The caller holds the row and saves it."""
    now = timezone.now()
    row.error, row.lease_until = reason, None
    if row.attempt >= row.max_attempts:
        row.state, row.finished_at = Job.State.DEAD, now
    else:
        row.state, row.due_at = Job.State.FAILED if retry_in else Job.State.QUEUED, now + retry_in
