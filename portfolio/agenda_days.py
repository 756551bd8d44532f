"""The day of each person: computed from facts, stored for the page, planned for everybody at night (SCIENCE 7)."""

import datetime
import itertools
from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final, Protocol

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from brazil.holidays import ONE_DAY
from clients.models import OptOut
from contacts.models import ContactLog, Task
from contacts.plans import NOON
from core.parallel import ahead
from core.statements import Later, Records
from people.models import Absence, User
from people.roles import PERMISSIONS, Permission
from portfolio import agenda_gate, pace
from portfolio import agenda_words as words
from portfolio.agenda import Candidate, Section, Share, candidate_of, is_put_off, is_resting, minutes_on
from portfolio.agenda_facts import Frame, facts_for, frame_on
from portfolio.agenda_fill import Presence, Room, by_density, fill, in_order, missing, reserve_of
from portfolio.models import AgendaDay, AgendaLine, Postponement

State = AgendaLine.State
# Of each share, the densest and the heaviest of so many are taken to the gate: far more than a day holds.
POOL: Final = 50
# Left-outs that are kept, the others are only counted.
LEFT_OUT_KEPT: Final = 20
CHUNK: Final = 20
KEPT_DAYS: Final = 90
SECTIONS: Final = {Section.DEADLINE: 0, Section.PLAN: 1, Section.SPARE: 2}
WORKERS: Final = tuple(role for role, permissions in PERMISSIONS.items() if Permission.CONTACT in permissions)


@dataclass
class Planned:
    """A day as computed; `lines` are not stored yet."""

    minutes: int = 0
    left_out: int = 0
    lines: list[AgendaLine] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def open_minutes(self) -> int:
        return sum(line.minutes for line in self.lines if line.state == State.OPEN)


@dataclass(frozen=True)
class Made:
    """A contact of the day, as far as it takes time."""

    log: int
    client: int
    minutes: int


# --- Computing ----------------------------------------------------------------------------------------------------


def plan(user: User, frame: Frame, *, shares: dict[int, tuple[str, int]] | None = None) -> Planned:
    """What fits into the rest of the day. `shares` are share and minutes of the lines already done, by client."""
    presence = presence_of(user, frame)
    minutes = presence.minutes(frame.settings.day_minutes)
    if presence.is_absent:
        return Planned()
    made = made_by(user, frame)
    found = [one for facts in facts_for(user, frame) if (one := candidate_of(facts, frame.settings))]
    promised, ranked, out = _sorted_out(found, frame)
    # Whom this person contacted today stands among what is done, not among what did not fit.
    spoken = {one.client for one in made}
    out = [one for one in out if one.client not in spoken]
    pool = _pool(ranked)
    known = agenda_gate.judge([*promised, *pool], frame)
    room = _room(minutes, made, shares or {}, frame)
    free_promised = sorted((one for one in promised if not one.why_out), key=_by_hour)
    taken = in_order(free_promised, room)
    chosen = fill([one for one in pool if not one.why_out], room.without(taken))
    agenda_gate.name_phones([*taken, *chosen], known, frame)
    left = room.without([*taken, *chosen])
    kept = {one.client for one in (*taken, *chosen)}
    rest = [one for one in (*promised, *pool, *out) if one.client not in kept]
    for one in rest:
        one.why_out = one.why_out or (words.too_long(missing(one, left)) if minutes else words.no_hours())
    return Planned(
        minutes=minutes,
        left_out=len(promised) + len(ranked) + len(out) - len(kept),
        lines=[*_open_lines(taken, chosen), *_left_lines(rest)],
        counts={"candidates": len(found), "promised": len(promised), "open": len(kept)},
    )


def _sorted_out(found: Sequence[Candidate], frame: Frame) -> tuple[list[Candidate], list[Candidate], list[Candidate]]:
    promised: list[Candidate] = []
    ranked: list[Candidate] = []
    out: list[Candidate] = []
    for one in found:
        if is_put_off(one.facts) and one.facts.postponed_until:
            one.why_out = words.put_off(one.facts.postponed_until)
            out.append(one)
        elif is_resting(one.facts, frame.settings):
            one.why_out = words.resting(one.facts)
            out.append(one)
        else:
            (promised if one.is_promised else ranked).append(one)
    return promised, ranked, out


def _pool(ranked: Sequence[Candidate]) -> list[Candidate]:
    kept: dict[int, Candidate] = {}
    for share in Share.values:
        own = [one for one in ranked if one.share == share]
        for one in (*sorted(own, key=by_density)[:POOL], *sorted(own, key=_by_points)[:POOL]):
            kept[one.client] = one
    return [kept[client] for client in sorted(kept)]


def _by_points(one: Candidate) -> tuple[float, int]:
    return (-one.points, one.client)


def _by_hour(one: Candidate) -> tuple[Any, ...]:
    """By the agreed hour; what was tried in vain today comes after, then what has a day only, the oldest first."""
    promise = one.facts.promise
    assert promise is not None  # noqa: S101  only promised ones are sorted so
    at = promise.at.timestamp() if promise.at else float("inf")
    return (promise.was_tried, at, promise.due_on, one.client)


def _room(minutes: int, made: Sequence[Made], shares: dict[int, tuple[str, int]], frame: Frame) -> Room:
    spent: Counter[str] = Counter()
    for share, taken in shares.values():
        spent[share] += taken
    rules = frame.settings
    percents = {Share.REACTIVATION: rules.reactivation_share, Share.RELATIONSHIP: rules.relationship_share}
    return Room(
        minutes=max(minutes - sum(one.minutes for one in made), 0),
        contacts=max(rules.day_contacts - len(made), 0),
        reserves={share: reserve_of(minutes, percent, spent[share]) for share, percent in percents.items()},
    )


def presence_of(user: User, frame: Frame) -> Presence:
    team = user.team
    return Presence(
        hours=user.hours_per_day,
        is_working_day=frame.workdays.allows(frame.on, team.uf if team else ""),
        is_absent=absence_of(user, frame.on) is not None,
    )


def absence_of(user: User, on: datetime.date) -> Absence | None:
    away = Absence.objects.filter(user=user, starts_on__lte=on, ends_on__gte=on, ended_early_at=None)
    return away.select_related("cover").order_by("-ends_on").first()


def midnight(on: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(on, datetime.time()))


def logs_of(user: User, on: datetime.date) -> Any:
    """What this person wrote down of that day, newest first; corrections speak of contacts already there."""
    return logs_between(user, midnight(on), midnight(on + ONE_DAY))


def logs_between(by: Any, begins: Any, ends: Any) -> Any:
    logs = ContactLog.objects.unscoped(reason="of the person whose day it is").filter(
        by=by, started_at__gte=begins, started_at__lt=ends
    )
    return logs.filter(undone_at=None, corrects=None).order_by("-started_at", "-pk")


def made_by(user: User, frame: Frame) -> list[Made]:
    rows = logs_of(user, frame.on).values_list("pk", "client", "channel", "seconds")
    return [
        Made(log, client, -(-seconds // 60) if seconds else minutes_on(channel, frame.settings))
        for log, client, channel, seconds in rows
    ]


# --- Lines ----------------------------------------------------------------------------------------------------------


def _open_lines(taken: Sequence[Candidate], chosen: Sequence[Candidate]) -> list[AgendaLine]:
    """Promises by their hour, then points per minute; the sections are headings in that order."""
    ordered = [*taken, *sorted(chosen, key=lambda one: (SECTIONS[Section(one.section)], *by_density(one)))]
    return [_line(one, place, State.OPEN) for place, one in enumerate(ordered, 1)]


def _left_lines(rest: Sequence[Candidate]) -> list[AgendaLine]:
    worth = sorted(rest, key=lambda one: (not one.is_promised, *_by_points(one)))[:LEFT_OUT_KEPT]
    return [_line(one, place, State.LEFT_OUT) for place, one in enumerate(worth, 1)]


def _line(one: Candidate, position: int, state: str) -> AgendaLine:
    promise, plan = one.facts.promise, one.facts.plan
    return AgendaLine(
        client_id=one.client,
        section=one.section,
        share=one.share,
        position=position,
        state=state,
        at=promise.at if promise else None,
        channel=one.channel,
        minutes=one.minutes,
        points=one.points,
        factor=one.factor,
        parts=words.stored_parts(one),
        words=words.words_for(one),
        carried=one.facts.carried,
        why_out=one.why_out,
        purpose=one.purpose,
        phone_id=one.phone,
        whatsapp_id=one.whatsapp,
        opens_at=one.opens_at,
        closes_at=one.closes_at,
        task_id=promise.task if promise else None,
        membership_id=plan.membership if plan else None,
    )


# --- Storing --------------------------------------------------------------------------------------------------------


@transaction.atomic
def recompute(
    user: User, on: datetime.date, *, frame: Frame | None = None, planned: Planned | None = None
) -> AgendaDay:
    """Stores the day anew. Lines whose client was contacted stay as they were planned, marked as done.

    `planned` is what fits into a day that has no lines yet, when somebody worked that out before.
    """
    frame = frame or frame_on(on)
    day, _new = AgendaDay.objects.select_for_update().get_or_create(user=user, on=on)
    lines = AgendaLine.objects.unscoped(reason="the day of one person").filter(day=day)
    made = {log.client_id: log for log in logs_of(user, on)}
    done = [line for line in lines.exclude(state=State.LEFT_OUT) if line.client_id in made]
    planned = planned or plan(user, frame, shares={line.client_id: (line.share, line.minutes) for line in done})
    again = {line.client_id for line in planned.lines}
    kept = [line for line in done if line.client_id not in again]
    lines.exclude(pk__in=[line.pk for line in kept]).delete()
    for line in kept:
        line.state, line.log_id = State.DONE, made[line.client_id].pk
    AgendaLine.objects.unscoped(reason="the day of one person").bulk_update(kept, ["state", "log"])
    for line in planned.lines:
        line.day = day
    AgendaLine.objects.bulk_create(planned.lines)
    day.minutes, day.open_minutes, day.left_out = planned.minutes, planned.open_minutes, planned.left_out
    # The frame of a day ahead stands at its beginning.
    day.counts, day.computed_at = planned.counts, min(frame.now, timezone.now())
    day.save()
    return day


def refresh(user: User, on: datetime.date | None = None) -> AgendaDay:
    return recompute(user, on or timezone.localdate())


def current(user: User, on: datetime.date, *, now: datetime.datetime) -> AgendaDay | None:
    """The stored day, if nothing has been written since that could change it: one query."""
    found: list[AgendaDay] = [
        day
        for day in STORED.ask(user=user.pk, on=on, since=midnight(min(on, timezone.localdate(now))))
        if not (day.is_stale or _turned(day, now))
    ]
    return found[0] if found else None


def _stored() -> Any:
    user, on = Later("user"), Later("on")
    lines = AgendaLine.objects.unscoped(reason="the day of one person").filter(day=OuterRef("pk"))
    since = OuterRef("computed_at")
    news = Q(at__gt=OuterRef("day__computed_at"))
    own_logs = ContactLog.objects.unscoped(reason="of the person whose day it is").filter(
        Q(created_at__gt=since) | Q(undone_at__gt=since), by=user, started_at__gte=Later("since")
    )
    tasks = Task.objects.unscoped(reason="of the person whose day it is").filter(
        Q(assignee=user) | Q(assignee=None, client__owner=user),
        created_at__gt=since,
        due_on=on,
        done_at=None,
        is_cancelled=False,
    )
    gone = Task.objects.unscoped(reason="of a line").filter(pk=OuterRef("task_id"), done_at=None, is_cancelled=False)
    put_off = Postponement.objects.unscoped(reason="of a line").filter(client=OuterRef("client"))
    wishes = OptOut.objects.unscoped(reason="of a line").filter(client=OuterRef("client"))
    changed = lines.filter(
        Exists(put_off.filter(news | Q(undone_at__gt=OuterRef("day__computed_at"))))
        | Exists(wishes.filter(news))
        | Q(client__pulse__last_at__gt=F("day__computed_at"))
        | Q(client__deceased_on__isnull=False)
        | (Q(task_id__isnull=False) & ~Q(state=State.DONE) & ~Exists(gone.filter(due_on__lte=on)))
    )
    stored = AgendaDay.objects.filter(user=user, on=on).order_by()
    return stored.annotate(is_stale=Exists(own_logs) | Exists(tasks) | Exists(changed))


STORED = Records[Any](_stored)


def _turned(day: AgendaDay, now: datetime.datetime) -> bool:
    """The day has begun since it was looked at ahead, or noon is past: what was tried in the morning may be tried
    again."""
    noon = timezone.make_aware(datetime.datetime.combine(day.on, NOON))
    return any(day.computed_at < turn <= now for turn in (midnight(day.on), noon))


# --- The night ------------------------------------------------------------------------------------------------------


class Chunks(Protocol):
    """What this step needs of a job's run: its transactions, and the person it had come to."""

    @property
    def checkpoint(self) -> dict[str, Any]: ...
    def chunk(self, *, checkpoint: dict[str, Any] | None = None) -> AbstractContextManager[Any]: ...


def plan_everybody(day: datetime.date, run: Chunks | None = None) -> dict[str, int]:
    """Plans the day of everybody who contacts clients and has any. A day that has passed needs no plan."""
    counts = Counter(planned_days=0, planned_contacts=0)
    if day < timezone.localdate():
        return dict(counts)
    with _chunk(run, None):
        pace.measure(day)
        AgendaDay.objects.filter(on__lt=day - datetime.timedelta(days=KEPT_DAYS)).delete()
    frame = frame_on(day)
    after = run.checkpoint.get("after", 0) if run else 0
    for users in itertools.batched(_people(after), CHUNK, strict=False):
        with ahead(partial(_afresh, frame=frame), users) as plans, _chunk(run, {"after": users[-1].pk}):
            for user, planned in zip(users, plans, strict=True):
                stored = recompute(user, day, frame=frame, planned=planned)
                counts.update(planned_days=1, planned_contacts=int(stored.counts.get("open", 0)))
    return dict(counts)


def _afresh(user: User, frame: Frame) -> Planned | None:
    """What fits into a day that has no lines yet; None where some may be done already."""
    lines = AgendaLine.objects.unscoped(reason="the day of one person")
    return None if lines.filter(day__user=user, day__on=frame.on).exists() else plan(user, frame)


def _people(after: int) -> Iterable[User]:
    """Covers may come from somebody without clients of their own."""
    workers = User.objects.filter(is_active=True, role__in=WORKERS, pk__gt=after)
    owns = Q(clients__isnull=False) | Q(covering__isnull=False)
    return workers.filter(owns).select_related("team").order_by("pk").distinct()


def _chunk(run: Chunks | None, checkpoint: dict[str, Any] | None) -> AbstractContextManager[Any]:
    return run.chunk(checkpoint=checkpoint) if run else transaction.atomic()
