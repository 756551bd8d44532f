"""Asking for work: a row in the caller's transaction, then a nudge to the workers once it is committed."""

import datetime
import logging
import re
import time
from collections.abc import Mapping
from typing import Any

from celery import current_app
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs import registry
from jobs.models import MAX_ATTEMPTS, Job
from people import activity
from people.models import User

logger = logging.getLogger(__name__)

WORK_TASK = "jobs.tasks.work"
# Whoever waits for an answer waits no longer than this for a broker that is away.
NUDGE_OPTIONS = {
    "max_retries": 0,
    "connect_retries_timeout": 1,
    "socket_timeout": 0.5,
    "socket_connect_timeout": 0.5,
}
SILENCE_SECONDS = 10.0
PRIORITY_OF_PEOPLE = 10
WORD = re.compile(r"[a-z][a-z_]{0,39}|[0-9]{4}-[0-9]{2}-[0-9]{2}")

_silent_until = 0.0


class StillRunningError(RuntimeError):
    """The job runs right now and cannot be started again."""


def enqueue(
    kind: str,
    payload: Mapping[str, Any],
    *,
    by: User | None = None,
    local_date: datetime.date | None = None,
    dedupe_key: str = "",
    due_at: datetime.datetime | None = None,
) -> Job:
    """Adds a job, or returns the one that has this key or this kind and date already."""
    registry.find(kind)
    job = Job(
        kind=kind,
        payload={name: plain(value) for name, value in payload.items()},
        created_by=by,
        local_date=local_date,
        dedupe_key=dedupe_key,
        due_at=due_at or timezone.now(),
        priority=PRIORITY_OF_PEOPLE if by else 0,
    )
    try:
        with transaction.atomic():
            job.save(force_insert=True)
    except IntegrityError:
        return _twin(job)
    if job.due_at <= timezone.now():
        transaction.on_commit(nudge)
    return job


def _twin(job: Job) -> Job:
    if job.dedupe_key and (known := Job.objects.filter(dedupe_key=job.dedupe_key).first()):
        return known
    return Job.objects.get(kind=job.kind, local_date=job.local_date or datetime.date.min)


def plain(value: Any) -> Any:
    """Ids, dates, switches and code words only, so that a payload never holds personal data."""
    if value is None or isinstance(value, bool | int):
        return value
    if isinstance(value, datetime.date) and not isinstance(value, datetime.datetime):
        return value.isoformat()
    if isinstance(value, str) and WORD.fullmatch(value):
        return str(value)
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    raise ValueError("A job's payload holds ids, dates, switches and code words only.")


def run_again(job: Job, *, by: User | None, from_start: bool = False) -> Job:
    """Puts a job back into the queue with fresh tries; from its last checkpoint unless `from_start`."""
    with transaction.atomic():
        row = Job.objects.select_for_update().get(pk=job.pk)
        if row.is_running:
            raise StillRunningError(row.pk)
        if from_start or row.state == Job.State.DONE:
            row.checkpoint, row.counts, row.progress_done, row.progress_total = {}, {}, 0, None
            row.steps.all().delete()
            row.started_at = None
        row.state, row.due_at, row.finished_at, row.error = Job.State.QUEUED, timezone.now(), None, ""
        row.max_attempts = row.attempt + MAX_ATTEMPTS
        row.save()
        activity.record("job_repeated", row, by=by)
        transaction.on_commit(nudge)
    return row


def nudge(task: str = WORK_TASK, *, countdown: float = 0) -> bool:
    """Tells the workers to look. When the broker is away the row waits for the next tick: nothing is lost."""
    global _silent_until  # noqa: PLW0603  (one broker per process)
    if time.monotonic() < _silent_until:
        return False
    try:
        with current_app.connection_for_write(transport_options=NUDGE_OPTIONS) as connection:
            producer = current_app.amqp.Producer(connection, auto_declare=False)
            current_app.send_task(task, producer=producer, countdown=countdown or None, retry=False, ignore_result=True)
    except Exception as error:  # Whatever the broker has, the caller's work is saved.
        _silent_until = time.monotonic() + SILENCE_SECONDS
        logger.warning("Broker away (%s): jobs wait for the next tick.", type(error).__name__)
        return False
    return True


def nudge_if_due() -> bool:
    return Job.objects.due(timezone.now()).exists() and nudge()


def enqueue_again(kind: str, *, local_date: datetime.date, by: User) -> Job:
    """The job of that date, now: a new row, or the known one once more."""
    with transaction.atomic():
        job = enqueue(kind, {}, by=by, local_date=local_date)
        return run_again(job, by=by) if job.attempt else job
