"""What a person has on each day: tasks and callbacks, steps of plans, contracts that end, birthdays.

The clients are the person's own and those covered today; who looks must see them too.
"""

import datetime
from calendar import isleap
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from django.db.models import Q
from django.db.models.functions import ExtractDay, ExtractMonth
from django.utils import timezone

from brazil.holidays import holiday_name
from clients.models import BelongsToClientQuerySet, Client
from clients.models.client import PersonType
from contacts.models import PlanMembership, Task
from contracts.models import Contract
from contracts.validity import in_force_on
from people.models import User
from people.visibility import covered_by
from portfolio.agenda_due import reassigned

DAY = datetime.timedelta(days=1)
WEEK = datetime.timedelta(days=7)
# A month of one seller; of each kind the first ones, the screen says that there are more.
MOST_OF_A_KIND = 1_000


class Kind(StrEnum):
    CALLBACK = "callback"
    TASK = "task"
    DEADLINE = "deadline"
    STEP = "step"
    RENEWAL = "renewal"
    BIRTHDAY = "birthday"


TASKS = frozenset({Kind.CALLBACK, Kind.TASK, Kind.DEADLINE})
ORDER = {kind: place for place, kind in enumerate(Kind)}


@dataclass(frozen=True)
class Entry:
    """`at` is the agreed moment, when there is one; `pk` the record that the entry tells of."""

    kind: Kind
    on: datetime.date
    pk: int
    client_id: int
    name: str
    title: str = ""
    at: datetime.datetime | None = None
    minutes: int = 0
    is_done: bool = False

    @property
    def is_task(self) -> bool:
        return self.kind in TASKS

    @property
    def order(self) -> tuple[Any, ...]:
        """What has an hour first, by it; then tasks, steps, renewals and birthdays by name."""
        return (self.at is None, self.at, ORDER[self.kind], self.name, self.pk)


@dataclass(frozen=True)
class Day:
    on: datetime.date
    entries: list[Entry]
    holiday: str = ""


def week_of(day: datetime.date) -> list[datetime.date]:
    monday = day - day.weekday() * DAY
    return [monday + number * DAY for number in range(7)]


def month_of(day: datetime.date) -> list[list[datetime.date]]:
    """The weeks, Monday to Sunday, that hold a day of the month."""
    monday = week_of(day.replace(day=1))[0]
    weeks = []
    while (monday.year, monday.month) <= (day.year, day.month):
        weeks.append(week_of(monday))
        monday += WEEK
    return weeks


def next_month(day: datetime.date, *, back: bool = False) -> datetime.date:
    """The first of the month after, or before."""
    first = day.replace(day=1)
    return (first - DAY).replace(day=1) if back else (first + 31 * DAY).replace(day=1)


def agenda(viewer: User, person: User, days: list[datetime.date]) -> list[Day]:
    """`days` without gaps, with what `person` has on each, as far as `viewer` may see it."""
    by_day: dict[datetime.date, list[Entry]] = defaultdict(list)
    for entry in entries(viewer, person, days[0], days[-1]):
        by_day[entry.on].append(entry)
    return [Day(day, sorted(by_day[day], key=lambda entry: entry.order), holiday_name(day)) for day in days]


def entries(viewer: User, person: User, first: datetime.date, last: datetime.date) -> Iterator[Entry]:
    """In the same few questions however many days there are."""
    whose = [person.pk, *covered_by(person, on=timezone.localdate())]
    yield from _tasks(viewer, person, whose, first, last)
    yield from _steps(viewer, whose, first, last)
    yield from _renewals(viewer, whose, first, last)
    yield from _birthdays(viewer, whose, first, last)


def _tasks(viewer: User, person: User, whose: list[int], first: datetime.date, last: datetime.date) -> Iterator[Entry]:
    """Of nobody in particular means of whoever owns the client; who covers has the tasks of who is away."""
    mine = Q(assignee=person) | Q(client__owner__among=whose)
    tasks = Task.objects.visible_to(viewer).filter(mine, due_on__range=(first, last), is_cancelled=False)
    columns = ("kind", "title", "due_on", "due_at", "minutes", "done_at")
    told = _named(tasks.order_by("due_on", "pk"), *columns, "assignee", "client__owner", "client__team")
    for row in reassigned(list(told), timezone.localdate()):
        is_mine = row["client__owner"] in whose and row["assignee"] in (None, *whose)
        if not is_mine and row["assignee"] != person.pk:
            continue
        yield Entry(
            Kind(row["kind"]),
            row["due_on"],
            row["pk"],
            row["client"],
            _name(row),
            title=row["title"],
            at=row["due_at"],
            minutes=row["minutes"],
            is_done=row["done_at"] is not None,
        )


def _steps(viewer: User, whose: list[int], first: datetime.date, last: datetime.date) -> Iterator[Entry]:
    running = PlanMembership.objects.visible_to(viewer).filter(
        state=PlanMembership.State.RUNNING, due_on__range=(first, last), client__owner__among=whose
    )
    for row in _named(running.order_by("due_on", "pk"), "due_on", "step__title"):
        yield Entry(Kind.STEP, row["due_on"], row["pk"], row["client"], _name(row), title=row["step__title"] or "")


def _renewals(viewer: User, whose: list[int], first: datetime.date, last: datetime.date) -> Iterator[Entry]:
    ending = Contract.objects.visible_to(viewer).filter(
        in_force_on(timezone.localdate()), end_on__range=(first, last), will_not_renew=False, client__owner__among=whose
    )
    for row in _named(ending.order_by("end_on", "pk"), "end_on", "product__name"):
        title = row["product__name"] or ""
        yield Entry(Kind.RENEWAL, row["end_on"], row["pk"], row["client"], _name(row), title=title)


def _named(found: BelongsToClientQuerySet[Any], *columns: str) -> Any:
    return found.values("pk", "client", "client__name", "client__social_name", *columns)[:MOST_OF_A_KIND]


def _name(row: dict[str, Any], prefix: str = "client__") -> str:
    return str(row[f"{prefix}social_name"] or row[f"{prefix}name"])


def _birthdays(viewer: User, whose: list[int], first: datetime.date, last: datetime.date) -> Iterator[Entry]:
    """Of people alive; who was born on a 29 February has it on the 28th of the other years."""
    days = {_month_and_day(day): day for day in _dates(first, last)}
    eve = days.get((2, 28))
    if eve and not isleap(eve.year):
        days[2, 29] = eve
    born = ExtractMonth("birth_date") * 100 + ExtractDay("birth_date")
    people = (
        Client.objects.visible_to(viewer)
        .filter(owner__among=whose, person_type=PersonType.PERSON, deceased_on=None)
        .annotate(born=born)
        .filter(born__in=[month * 100 + day for month, day in days])
    )
    columns = ("pk", "name", "social_name", "born")
    for row in people.order_by("name_key", "pk").values(*columns)[:MOST_OF_A_KIND]:
        on = days[divmod(row["born"], 100)]
        yield Entry(Kind.BIRTHDAY, on, row["pk"], row["pk"], _name(row, prefix=""))


def _month_and_day(day: datetime.date) -> tuple[int, int]:
    return day.month, day.day


def _dates(first: datetime.date, last: datetime.date) -> list[datetime.date]:
    return [first + number * DAY for number in range((last - first).days + 1)]
