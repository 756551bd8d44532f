"""What the day of each person owes to others: promises, steps of plans, and what was left undone before."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any, Final

from django.db.models import Exists, F, OuterRef, Q, Subquery

from contacts.models import ContactPlan, PlanMembership, PlanStep, Task
from contacts.plans import MORNING
from contacts.workdays import Workdays
from core.statements import Later, Replanned, Statement
from people.models import Absence, User
from people.visibility import sight_of
from portfolio.agenda import Due, Promise
from portfolio.models import AgendaDay, AgendaLine

WHY: Final = "of the people whose day it is and whom they cover"
# The first step of a plan has none before it to count from.
FIRST_STEP_DAYS: Final = 7
# Farther back nobody remembers what was left undone.
CARRIED_DAYS: Final = 14
# By person, whose clients they work on.
type Owners = Mapping[int, Collection[int]]


def owners_for(users: Iterable[User], on: datetime.date) -> Owners:
    """Everybody's own clients and those of colleagues whom they cover; who is away works on none."""
    people = [user.pk for user in users]
    away = Absence.objects.filter(starts_on__lte=on, ends_on__gte=on, ended_early_at=None)
    absences = away.filter(Q(user__among=people) | Q(cover__among=people)).values_list("user", "cover")
    owners = {person: {person} for person in people}
    for absent, cover in absences:
        if cover in owners:
            owners[cover].add(absent)
    return {person: owners[person] for person in people if person not in {absent for absent, _cover in absences}}


# --- Steps of plans -----------------------------------------------------------------------------------------------


def _memberships() -> Any:
    running = PlanMembership.objects.unscoped(reason=WHY).filter(state=PlanMembership.State.RUNNING)
    before = PlanStep.objects.filter(plan=OuterRef("plan"), position__lt=OuterRef("step__position"))
    due = running.filter(due_on__lte=Later("on"), plan__is_active=True, step__isnull=False)
    due = due.filter(client__owner__among=Later("owners"), client__deceased_on=None)
    told = due.annotate(offset_before=Subquery(before.order_by("-position").values("offset_days")[:1]))
    return told.order_by("-plan__priority", "due_on", "pk").values(
        "pk",
        "client",
        "client__uf",
        "client__cycle__tier",
        "due_on",
        "turn",
        "plan__name",
        "plan__trigger",
        "plan__purpose",
        "step__title",
        "step__channel",
        "step__minutes",
        "step__offset_days",
        "offset_before",
    )


MEMBERSHIPS = Statement(_memberships, cursor=Replanned)


def steps_due(
    owners: Sequence[int], on: datetime.date, *, workdays: Workdays, intervals: Mapping[str, int]
) -> dict[int, Due]:
    """One step per client, of the plan that comes first (as `contacts.plans.due_for`)."""
    found: dict[int, Due] = {}
    for row in MEMBERSHIPS.ask(owners=owners, on=on):
        if row["client"] not in found and workdays.on_or_after(on, row["client__uf"]) == on:
            found[row["client"]] = _due(row, intervals)
    return found


def _due(row: dict[str, Any], intervals: Mapping[str, int]) -> Due:
    is_interval = row["plan__trigger"] == ContactPlan.Trigger.INTERVAL
    if is_interval:
        interval = intervals.get(row["client__cycle__tier"] or "", 0)
    else:
        before = row["offset_before"]
        interval = FIRST_STEP_DAYS if before is None else row["step__offset_days"] - before
    return Due(
        membership=row["pk"],
        due_on=row["due_on"],
        interval=max(interval, 1),
        title=row["step__title"],
        plan=row["plan__name"],
        channel=row["step__channel"],
        minutes=row["step__minutes"],
        purpose=row["plan__purpose"],
        keeps_own_days=not is_interval,
        may_retry=row["turn"] == MORNING,
    )


# --- Promises -----------------------------------------------------------------------------------------------------


def _tasks() -> Any:
    tasks = Task.objects.unscoped(reason=WHY).filter(done_at=None, is_cancelled=False, due_on__lte=Later("on"))
    theirs = Q(client__owner__among=Later("owners")) | Q(assignee__among=Later("people"))
    due = tasks.filter(theirs, client__deceased_on=None)
    return due.order_by(F("due_at").asc(nulls_last=True), "due_on", "pk").values(
        "pk",
        "client",
        "client__owner",
        "client__team",
        "assignee",
        "title",
        "due_on",
        "due_at",
        "channel",
        "minutes",
        "kind",
        "from_log",
        "created_at",
    )


TASKS = Statement(_tasks)


def promises_due(users: Iterable[User], owners: Owners, on: datetime.date) -> dict[int, dict[int, Promise]]:
    """By person and client the first that is due: an hour that was agreed goes before a day."""
    everybody = sorted({owner for whose in owners.values() for owner in whose})
    rows = reassigned(TASKS.ask(people=list(owners), owners=everybody, on=on), on)
    found: dict[int, dict[int, Promise]] = {}
    for user in users:
        if user.pk in owners:
            mine = _of_one(rows, user, owners[user.pk])
            found[user.pk] = {row["client"]: _promise(row) for row in reversed(mine)}
    return found


def reassigned(rows: list[dict[str, Any]], on: datetime.date) -> list[dict[str, Any]]:
    """A task of somebody who may not see the client any more falls to its owner: a promise is in somebody's day.

    The rows, which are changed, hold `assignee`, `client__owner` and `client__team`.
    """
    named = {row["assignee"] for row in rows if row["assignee"] != row["client__owner"]} - {None}
    sights = {user.pk: sight_of(user, on=on) for user in User.objects.filter(pk__in=named)} if named else {}
    for row in rows:
        sight = sights.get(row["assignee"])
        if sight is not None and not sight.holds(row["client__owner"], row["client__team"]):
            row["assignee"] = None
    return rows


def _of_one(rows: list[dict[str, Any]], user: User, owners: Collection[int]) -> list[dict[str, Any]]:
    """Those of the clients worked on unless somebody else shall do it; of others those that the person shall do."""
    own = [row for row in rows if row["client__owner"] in owners and row["assignee"] in (None, *owners)]
    elsewhere = [row for row in rows if row["assignee"] == user.pk and row["client__owner"] not in owners]
    if not elsewhere:
        return own
    asked = Task.objects.visible_to(user).filter(pk__among=[row["pk"] for row in elsewhere])
    kept = {*asked.values_list("pk", flat=True), *(row["pk"] for row in own)}
    return [row for row in rows if row["pk"] in kept]


def _promise(row: dict[str, Any]) -> Promise:
    return Promise(
        task=row["pk"],
        title=row["title"],
        due_on=row["due_on"],
        at=row["due_at"],
        channel=row["channel"],
        minutes=row["minutes"],
        is_callback=row["kind"] == Task.Kind.CALLBACK,
        from_log=row["from_log"],
        made_at=row["created_at"],
    )


# --- What was left undone -----------------------------------------------------------------------------------------


def carried_by(people: Collection[int], on: datetime.date) -> dict[int, dict[int, int]]:
    """By person and client, on how many working days it stood in this agenda without a contact."""
    since = on - datetime.timedelta(days=CARRIED_DAYS)
    days = AgendaDay.objects.filter(on__lt=on, on__gte=since, minutes__gt=0)
    newer = days.filter(user=OuterRef("user"), on__gt=OuterRef("on"))
    last = days.filter(user__among=list(people)).exclude(Exists(newer))
    lines = AgendaLine.objects.unscoped(reason=WHY).filter(day__in=last).exclude(state=AgendaLine.State.DONE)
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for person, client, carried, state in lines.values_list("day__user", "client", "carried", "state"):
        found[person][client] = carried + (state == AgendaLine.State.OPEN)
    return found
