"""The day of each person: computed from facts, stored for the page, planned for everybody at night (SCIENCE 7)."""

import datetime
import itertools
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial, reduce
from operator import or_
from typing import Any, Final, Protocol

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from brazil.holidays import ONE_DAY
from clients.models import Client, Consent, OptOut, Purpose
from contacts.models import ContactLog, ContactSettings, Task
from contacts.plans import NOON
from core.days import midnight
from core.parallel import ahead
from core.statements import Later, Records
from people.models import Absence, User
from people.roles import PERMISSIONS, Permission
from portfolio import pace
from portfolio.agenda import minutes_on
from portfolio.agenda_drafts import Made, MadeBy, Planned, Plans, drafted
from portfolio.agenda_facts import Frame, frame_on
from portfolio.models import AgendaDay, AgendaLine, Postponement

State = AgendaLine.State
CHUNK: Final = 25
KEPT_DAYS: Final = 90
WORKERS: Final = tuple(role for role, permissions in PERMISSIONS.items() if Permission.CONTACT in permissions)


def plan(user: User, frame: Frame) -> Planned:
    """What fits into a day in which no line is done yet; nothing is written."""
    return _plans([user], frame)[user.pk]


def _plans(users: Sequence[User], frame: Frame) -> Plans:
    return drafted(users, frame, made=made_by(users, frame), spent={})


def absence_of(user: User, on: datetime.date) -> Absence | None:
    away = Absence.objects.filter(user=user, starts_on__lte=on, ends_on__gte=on, ended_early_at=None)
    return away.select_related("cover").order_by("-ends_on").first()


def logs_of(user: User, on: datetime.date) -> Any:
    """What this person wrote down of that day, newest first; corrections speak of contacts already there."""
    return logs_between(user, midnight(on), midnight(on + ONE_DAY))


def logs_between(by: Any, begins: Any, ends: Any) -> Any:
    return _logs(begins, ends).filter(by=by)


def _logs(begins: Any, ends: Any) -> Any:
    logs = ContactLog.objects.unscoped(reason="of the people whose day it is")
    told = logs.filter(started_at__gte=begins, started_at__lt=ends, undone_at=None, corrects=None)
    return told.order_by("-started_at", "-pk")


def made_by(users: Iterable[User], frame: Frame) -> MadeBy:
    rows = _logs(midnight(frame.on), midnight(frame.on + ONE_DAY)).filter(by__among=[user.pk for user in users])
    found: dict[int, list[Made]] = defaultdict(list)
    for by, log, client, channel, seconds in rows.values_list("by", "pk", "client", "channel", "seconds"):
        minutes = -(-seconds // 60) if seconds else minutes_on(channel, frame.settings)
        found[by].append(Made(log, client, minutes))
    return found


# --- Storing --------------------------------------------------------------------------------------------------------


def recompute(user: User, on: datetime.date) -> AgendaDay:
    """Stores the day anew."""
    return store([user], frame_on(on))[0]


@transaction.atomic
def store(users: Sequence[User], frame: Frame, *, known: Plans | None = None) -> list[AgendaDay]:
    """Stores everybody's day anew. Lines whose client was contacted stay as they were planned, marked as done.

    `known` is what fits into days that have no lines yet, when somebody worked that out before.
    """
    days = _days(users, frame.on)
    made = made_by(users, frame)
    done = _done(days, made)
    fitting = dict(known or {})
    others = [user for user in users if user.pk not in fitting]
    if others:
        fitting |= drafted(others, frame, made=made, spent=_spent(done))
    for user in users:
        again = {line.client_id for line in fitting[user.pk].lines}
        done[user.pk] = [line for line in done[user.pk] if line.client_id not in again]
    _write(days, done, fitting, frame)
    return [days[user.pk] for user in users]


def _days(users: Sequence[User], on: datetime.date) -> dict[int, AgendaDay]:
    """Locked, and made where there was none."""
    # By the bare key: ordering by people would join them, and lock them too.
    stored = AgendaDay.objects.filter(user__in=users, on=on).order_by("user_id").select_for_update(of=("self",))
    days = {day.user_id: day for day in stored}
    if len(days) < len(users):
        new = [AgendaDay(user=user, on=on) for user in users if user.pk not in days]
        AgendaDay.objects.bulk_create(new, ignore_conflicts=True)
        days = {day.user_id: day for day in stored.all()}
    return days


def _done(days: Mapping[int, AgendaDay], made: MadeBy) -> dict[int, list[AgendaLine]]:
    """By person the lines whose client was contacted since."""
    logs = {person: {one.client: one.log for one in mine} for person, mine in made.items()}
    contacted = sorted({client for mine in logs.values() for client in mine})
    lines = _lines().filter(day__among=[day.pk for day in days.values()], client__among=contacted)
    found: dict[int, list[AgendaLine]] = {person: [] for person in days}
    for line in lines.exclude(state=State.LEFT_OUT).select_related("day"):
        log = logs.get(line.day.user_id, {}).get(line.client_id)
        if log is not None:
            line.state, line.log_id = State.DONE, log
            found[line.day.user_id].append(line)
    return found


def _spent(done: Mapping[int, Sequence[AgendaLine]]) -> dict[int, Counter[str]]:
    spent: dict[int, Counter[str]] = defaultdict(Counter)
    for person, lines in done.items():
        for line in lines:
            spent[person][line.share] += line.minutes
    return spent


def _write(
    days: Mapping[int, AgendaDay], done: Mapping[int, Sequence[AgendaLine]], fitting: Plans, frame: Frame
) -> None:
    kept = [line for lines in done.values() for line in lines]
    stale = _lines().filter(day__among=[day.pk for day in days.values()])
    stale.exclude(pk__in=[line.pk for line in kept]).delete()
    if kept:
        _lines().bulk_update(kept, ["state", "log"])
    for person, day in days.items():
        planned = fitting[person]
        for line in planned.lines:
            line.day = day
        day.minutes, day.open_minutes, day.left_out = planned.minutes, planned.open_minutes, planned.left_out
        # The frame of a day ahead stands at its beginning.
        day.counts, day.computed_at = planned.counts, min(frame.now, timezone.now())
    AgendaLine.objects.bulk_create([line for planned in fitting.values() for line in planned.lines])
    AgendaDay.objects.bulk_update(days.values(), ["minutes", "open_minutes", "left_out", "counts", "computed_at"])


def _lines() -> Any:
    return AgendaLine.objects.unscoped(reason="the days of those who asked")


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
    lines = _lines().filter(day=OuterRef("pk"))
    since = OuterRef("computed_at")
    news = Q(at__gt=OuterRef("day__computed_at"))
    own_logs = ContactLog.objects.unscoped(reason="of the person whose day it is").filter(
        Q(created_at__gt=since) | Q(undone_at__gt=since), by=user, started_at__gte=Later("since")
    )
    tasks = Task.objects.unscoped(reason="of the person whose day it is").filter(
        Q(assignee=user) | Q(assignee=None, client__owner=user),
        Q(created_at__gt=since) | Q(moved_at__gt=since),
        due_on__lte=on,
        done_at=None,
        is_cancelled=False,
    )
    gone = Task.objects.unscoped(reason="of a line").filter(pk=OuterRef("task_id"), done_at=None, is_cancelled=False)
    put_off = Postponement.objects.unscoped(reason="of a line").filter(client=OuterRef("client"))
    wishes = OptOut.objects.unscoped(reason="of a line").filter(client=OuterRef("client"))
    revoked = Consent.objects.unscoped(reason="of a line").filter(client=OuterRef("client"), granted=False)
    absences = Absence.objects.filter(
        Q(user=user) | Q(cover=user), changed_at__gt=since, starts_on__lte=on, ends_on__gte=on
    )
    rules = ContactSettings.objects.filter(rules_changed_at__gt=since)
    changed = lines.filter(
        Exists(put_off.filter(news | Q(undone_at__gt=OuterRef("day__computed_at"))))
        | Exists(wishes.filter(news))
        | Exists(revoked.filter(news))
        | Q(client__pulse__last_at__gt=F("day__computed_at"))
        | Q(client__deceased_on__isnull=False)
        | Q(client__offers_paused_until__gte=on, purpose=Purpose.OFFER, state=State.OPEN)
        | (Q(task_id__isnull=False) & ~Q(state=State.DONE) & ~Exists(gone.filter(due_on__lte=on)))
    )
    stored = AgendaDay.objects.filter(user=user, on=on).order_by()
    news_of_day = (own_logs, tasks, changed, absences, rules)
    return stored.annotate(is_stale=reduce(or_, map(Exists, news_of_day)))


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
    batches = list(itertools.batched(_people(after), CHUNK, strict=False))
    with ahead(partial(_afresh, frame=frame), batches) as fitting:
        for users, planned in zip(batches, fitting, strict=True):
            with _chunk(run, {"after": users[-1].pk}):
                for stored in store(users, frame, known=planned):
                    counts.update(planned_days=1, planned_contacts=int(stored.counts.get("open", 0)))
    return dict(counts)


def _afresh(users: Sequence[User], frame: Frame) -> Plans:
    """What fits into the days that have no lines yet: in others some may be done already."""
    begun = set(_lines().filter(day__on=frame.on, day__user__in=users).values_list("day__user", flat=True).distinct())
    return _plans([user for user in users if user.pk not in begun], frame)


def _people(after: int) -> Iterable[User]:
    """Covers may come from somebody without clients of their own."""
    workers = User.objects.filter(is_active=True, role__in=WORKERS, pk__gt=after)
    own = Client.objects.unscoped(reason="whether there is one").filter(owner=OuterRef("pk"))
    has_any = Exists(own) | Exists(Absence.objects.filter(cover=OuterRef("pk")))
    return workers.filter(has_any).select_related("team").order_by("pk")


def _chunk(run: Chunks | None, checkpoint: dict[str, Any] | None) -> AbstractContextManager[Any]:
    return run.chunk(checkpoint=checkpoint) if run else transaction.atomic()
