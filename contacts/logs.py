"""Contacts: recorded with what follows from them, mended inside the edit window, corrected after it (DOMAIN 3).

A log is an insert: it locks its client, so that two people's contacts follow one another, but leaves the client's
version alone. A contact that was made is written down even when the legal gate would not have let it happen.
"""

import datetime
from collections.abc import Sequence
from typing import Any, TypedDict, Unpack

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from clients import versions
from clients.models import Client, ContactPerson, Phone
from contacts import consequences, deliveries, effects, plans, promises, pulse
from contacts.gate_facts import purpose_for
from contacts.models import (
    Consequence,
    ContactLog,
    ContactOutcome,
    ContactSettings,
    Direction,
    LogChannel,
    OutcomeGroup,
    PlanMembership,
    Task,
)
from contracts.models import Contract
from people import activity
from people.models import User
from people.roles import Permission

BY_NUMBER = (LogChannel.CALL, LogChannel.WHATSAPP, LogChannel.SMS)
WRITTEN = (LogChannel.WHATSAPP, LogChannel.SMS, LogChannel.EMAIL)


class Said(TypedDict, total=False):
    """What is known of a contact. `membership` is the plan whose step it carried out, `task` the promise it kept."""

    purpose: str
    note: str
    detail: str
    phone: Phone | None
    used: str
    person: ContactPerson | None
    started_at: datetime.datetime | None
    seconds: int | None
    next_at: datetime.datetime | None
    next_on: datetime.date | None
    next_channel: str
    contract: Contract | None
    membership: PlanMembership | None
    task: Task | None
    is_highlight: bool
    direction: str


class Change(Said, total=False):
    channel: str
    outcome: ContactOutcome


class WindowClosedError(Exception):
    """The log stands: only a correction can follow."""


class CorrectedError(Exception):
    """The log was corrected; `newest` says what happened, and is the one to correct."""

    def __init__(self, newest: ContactLog) -> None:
        super().__init__(newest.pk)
        self.newest = newest


class MessageLeftError(Exception):
    """The contact is a message that left, or may have: nobody can take it back."""


@transaction.atomic
def record(client: Client, *, by: User, channel: str, outcome: ContactOutcome, **said: Unpack[Said]) -> ContactLog:
    """Writes the contact, carries out its outcome, promises the next one, finishes what it answers, moves the plan on.

    Raises MomentMissingError for a callback without `next_at` or `next_on`.
    """
    locked = versions.lock(client.pk)
    return _write(ContactLog(client=locked, by=by, channel=channel, outcome=outcome), said)


def may_mend(log: ContactLog, *, by: User) -> bool:
    """Its author and those who lead, while the edit window is open."""
    window = datetime.timedelta(hours=ContactSettings.current().edit_hours)
    is_open = log.is_open(window=window, now=timezone.now())
    return is_open and (log.by_id == by.pk or by.may(Permission.PLAN_CONTACTS))


@transaction.atomic
def edit(log: ContactLog, *, by: User, **said: Unpack[Change]) -> ContactLog:
    """Inside the window: what it had caused is taken back, and what it says now is carried out."""
    log = _mendable(log, by=by)
    kept = [task for task in log.finished_tasks.all() if task.kind != Task.Kind.CALLBACK]
    effects.take_back(log)
    if "phone" in said:
        said.setdefault("used", "")
    log = _write(log, said, tasks=kept, is_settled=_is_settled(log, said))
    activity.record("contact_edited", log.client, by=by, log=log.pk)
    return log


@transaction.atomic
def correct(log: ContactLog, *, by: User, channel: str, outcome: ContactOutcome, **said: Unpack[Said]) -> ContactLog:
    """After the window: another row says what was wrong. The first one stands, and so does what it caused.

    Corrections follow one another in a row, so that one alone says what happened. Raises CorrectedError.
    """
    locked = versions.lock(log.client_id)
    if (newest := newest_of(log)) != log:
        raise CorrectedError(newest)
    said.setdefault("started_at", log.started_at)
    return _write(ContactLog(client=locked, by=by, channel=channel, outcome=outcome, corrects=log), said)


def newest_of(log: ContactLog) -> ContactLog:
    """The log, or what was said last in its place."""
    while correction := log.corrections.filter(undone_at=None).order_by("pk").last():
        log = correction
    return log


@transaction.atomic
def undo(log: ContactLog, *, by: User) -> int:
    """Takes back everything the log caused; the row stays, marked. Returns how many records had moved on since.

    Raises MessageLeftError, and CorrectedError for a correction that another one follows.
    """
    log = _mendable(log, by=by)
    if log.corrects_id and (newest := newest_of(log)) != log:
        raise CorrectedError(newest)
    if not deliveries.hold_back(log):
        raise MessageLeftError
    left = effects.take_back(log)
    log.undone_at = timezone.now()
    log.save(update_fields=["undone_at"])
    log.attachments.filter(removed_at=None).update(removed_at=log.undone_at)
    pulse.refresh([log.client_id])
    activity.record("contact_undone", log.client, by=by, log=log.pk, left=left)
    return left


def _mendable(log: ContactLog, *, by: User) -> ContactLog:
    """The log as it stands now that its client is locked."""
    versions.lock(log.client_id)
    logs = ContactLog.objects.unscoped(reason="the log in hand")
    fresh = logs.select_related("client", "outcome", "by").get(pk=log.pk)
    if log.by_id != by.pk and not by.may(Permission.PLAN_CONTACTS):
        raise PermissionDenied
    if not may_mend(fresh, by=by):
        raise WindowClosedError
    return fresh


def _is_settled(log: ContactLog, said: Change) -> bool:
    """Whether what it promised for the same moment was kept or called off since: it is not promised anew."""
    same = said.get("next_at", log.next_at) == log.next_at and said.get("next_on", log.next_on) == log.next_on
    return same and log.tasks.exists()


def _write(log: ContactLog, said: Said | Change, *, tasks: Sequence[Task] = (), is_settled: bool = False) -> ContactLog:
    is_new = log.pk is None
    task = said.pop("task", None)
    _fill(log, said, is_new=is_new)
    kinds = ("task", "membership", *consequences.KINDS.get(log.outcome.consequence, ()))
    before = effects.picture(log.client_id, kinds)
    log.effects = {}
    log.save()
    _follow(log, [*tasks, *([task] if task else [])], is_settled=is_settled)
    log.effects |= effects.between(before, effects.picture(log.client_id, kinds, known=before))
    if log.effects:
        log.save(update_fields=["effects"])
    pulse.refresh([log.client_id])
    if is_new:
        _tell(log)
    return log


def _fill(log: ContactLog, said: Said | Change, *, is_new: bool) -> None:
    membership = said.pop("membership", None)
    if said.get("started_at") is None:
        said.pop("started_at", None)
    if is_new and "purpose" not in said:
        said["purpose"] = _usual_purpose(log, said, membership)
    for name, value in said.items():
        setattr(log, name, value)
    if membership is not None:
        log.plan_step = membership.step_id
    _name_number(log)


def _usual_purpose(log: ContactLog, said: Said | Change, membership: PlanMembership | None) -> str:
    """That of the plan; else service for who asked or has a contract in force, an offer for all others."""
    if membership is not None:
        return str(membership.plan.purpose)
    return str(purpose_for(log.client, answers_request=said.get("direction") == Direction.IN))


def _follow(log: ContactLog, tasks: Sequence[Task], *, is_settled: bool) -> None:
    """What the contact kept is finished before it promises anew."""
    kept = [task for task in tasks if task.kind != Task.Kind.CALLBACK or not _is_missed(log)]
    for task in [*kept, *_answered(log)]:
        promises.finish(task, by=log.by, log=log)
    consequences.carry_out(log)
    if log.outcome.consequence != Consequence.DECEASED and not is_settled:
        consequences.next_contact(log)
    plans.advance_after(log)


def _name_number(log: ContactLog) -> None:
    """Number and phone of the client tell of each other; unsaid, it was the primary one. Of a mail, its address."""
    if log.channel in BY_NUMBER and log.phone is None:
        log.phone = log.client.phones.filter(Q(e164=log.used) if log.used else Q(is_primary=True)).first()
    if log.phone is not None and not log.used:
        log.used = log.phone.e164
    if log.channel == LogChannel.EMAIL and not log.used:
        log.used = log.client.emails.filter(is_primary=True).values_list("address", flat=True).first() or ""


def _answered(log: ContactLog) -> QuerySet[Task]:
    """The callbacks that were due by the day of the contact; words without an answer keep only the promise to write."""
    callbacks = log.client.tasks.filter(kind=Task.Kind.CALLBACK, done_at=None, is_cancelled=False)
    due = callbacks.filter(due_on__lte=timezone.localtime(log.started_at).date())
    if _is_missed(log):
        return due.none()
    return due.filter(channel=log.channel) if log.group == OutcomeGroup.NOT_REACHED and not _has_next(log) else due


def _is_missed(log: ContactLog) -> bool:
    """Nobody was there, or somebody else: no callback is kept, unless a new moment takes its place."""
    is_sent = log.channel in WRITTEN and log.group == OutcomeGroup.NOT_REACHED
    if _has_next(log) or (is_sent and log.outcome.consequence != Consequence.BOUNCED):
        return False
    return log.group in (OutcomeGroup.NOT_REACHED, OutcomeGroup.WRONG)


def _has_next(log: ContactLog) -> bool:
    return log.next_at is not None or log.next_on is not None


def _tell(log: ContactLog) -> None:
    """One line of history: never the number, the note or the name."""
    said: dict[str, Any] = {"log": log.pk, "outcome": log.outcome.code, "channel": log.channel}
    if log.corrects_id:
        said["corrects"] = log.corrects_id
    activity.record("contact_logged", log.client, by=log.by, **said)
