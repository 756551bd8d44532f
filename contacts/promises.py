"""Tasks and callbacks: what was promised or planned for a day. The client's row is locked first, as everywhere."""

import datetime
from typing import Any, Final, Required, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from clients import versions
from clients.models import Client
from contacts.models import ContactLog, Task
from people import activity
from people.models import User

# Where a task stands: on which day, in whose list.
PLACED: Final = {"due_on", "due_at", "assignee"}


class Promise(TypedDict, total=False):
    """What is promised: at a moment (`due_at`) or on a day. Without `assignee` it is of whoever owns the client."""

    title: Required[str]
    due_on: datetime.date | None
    due_at: datetime.datetime | None
    kind: str
    channel: str
    note: str
    minutes: int
    assignee: User | None
    from_log: ContactLog | None


class DayMissingError(ValueError):
    """A promise needs a day or a moment."""


class DeceasedError(ValueError):
    """Nothing can be promised to who has died."""


@transaction.atomic
def promise(client: Client, *, by: User, **said: Unpack[Promise]) -> Task:
    """Raises DayMissingError and DeceasedError."""
    if versions.lock(client.pk).deceased_on:
        raise DeceasedError
    due = _due(said.pop("due_on", None), said.pop("due_at", None))
    task = Task.objects.create(client=client, created_by=by, **due, **said)
    activity.record("task_created", client, by=by, task=task.pk, kind=task.kind)
    return task


@transaction.atomic
def edit(task: Task, changes: dict[str, Any], *, version: int, by: User) -> None:
    """Writes the values that differ; raises StaleRecordError when somebody saved first."""
    versions.lock(task.client_id)
    if "due_on" in changes or "due_at" in changes:
        changes = changes | _due(changes.get("due_on"), changes.get("due_at"))
    changed = {name: value for name, value in changes.items() if getattr(task, name) != value}
    moved = {"moved_at": timezone.now()} if changed.keys() & PLACED else {}
    versions.write(task, changed | moved, version=version)
    activity.record("task_changed", task.client, by=by, task=task.pk, fields=sorted(changed))


def move(task: Task, *, by: User, due_on: datetime.date | None = None, due_at: datetime.datetime | None = None) -> None:
    """To another day or moment."""
    edit(task, _due(due_on, due_at), version=task.version, by=by)


@transaction.atomic
def finish(task: Task, *, by: User, log: ContactLog | None = None) -> None:
    """Done, by a contact or by hand. Finishing what is finished changes nothing."""
    done = {"done_at": timezone.now(), "done_by": by, "done_log": log}
    _settle(task, done, verb="task_done", by=by)


@transaction.atomic
def cancel(task: Task, *, by: User) -> None:
    _settle(task, {"is_cancelled": True}, verb="task_cancelled", by=by)


@transaction.atomic
def reopen(task: Task, *, by: User) -> None:
    """Undo of both ends."""
    versions.lock(task.client_id)
    task.refresh_from_db()
    if task.is_open:
        return
    undone = {"done_at": None, "done_by": None, "done_log": None, "is_cancelled": False}
    _write(task, undone | {"moved_at": timezone.now()})
    activity.record("task_reopened", task.client, by=by, task=task.pk)


def _settle(task: Task, ending: dict[str, Any], *, verb: str, by: User) -> None:
    versions.lock(task.client_id)
    task.refresh_from_db()
    if task.is_open:
        _write(task, ending)
        activity.record(verb, task.client, by=by, task=task.pk)


def _write(task: Task, changes: dict[str, Any]) -> None:
    versions.write(task, changes, version=task.version)


def _due(due_on: datetime.date | None, due_at: datetime.datetime | None) -> dict[str, Any]:
    if due_at is not None:
        due_on = timezone.localtime(due_at).date()
    if due_on is None:
        raise DayMissingError
    return {"due_on": due_on, "due_at": due_at}
