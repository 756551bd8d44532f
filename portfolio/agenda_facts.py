"""What the day of each person is computed from: a fixed number of queries, however many people and clients."""

import datetime
import itertools
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, NamedTuple

from django.db.models import Case, DateField, F, FloatField, OuterRef, Q, Subquery, When
from django.db.models.functions import Cast, Coalesce, ExtractDay, ExtractMonth
from django.utils import timezone

from clients.models import Client, PortfolioClass
from clients.models.client import PersonType
from contacts import gate_facts, intervals
from contacts.hours import Rules
from contacts.models import ContactLog, ContactSettings
from contacts.plans import NOON
from contacts.workdays import Workdays
from contracts import classification, windows
from contracts.classification import Days, Formula
from contracts.evaluation import Question
from contracts.models import ClassReason, Tier
from core.days import midnight
from core.statements import Later, Replanned, Statement
from people.models import User
from portfolio import agenda_due, agenda_sieve, numbers, pace
from portfolio.agenda import MESSAGES, Due, Facts, Promise, birthdays_on
from portfolio.models import Postponement

WHY: Final = "of the people whose day it is and whom they cover"
TIERS: Final = (Tier.A, Tier.B, Tier.C, Tier.D)
# A promise is on top so long before its hour.
SOON: Final = datetime.timedelta(minutes=10)
type Row = dict[str, Any]


@dataclass(frozen=True)
class Frame:
    """What holds for everybody on that day: read once for a whole night. `now` decides which half of it we are in."""

    on: datetime.date
    now: datetime.datetime
    settings: ContactSettings
    numbers: dict[str, Any]
    borders: list[float]
    question: Question
    rules: Rules
    workdays: Workdays

    @cached_property
    def intervals(self) -> dict[str, int]:
        return intervals.days_by_tier(self.settings)

    @cached_property
    def rests_since(self) -> datetime.date:
        """Who was contacted before that day rests no more."""
        return self.on - datetime.timedelta(days=self.settings.quiet_days)

    @cached_property
    def is_afternoon(self) -> bool:
        return timezone.localtime(self.now).time() >= NOON

    @cached_property
    def gate_at(self) -> datetime.datetime:
        """The gate is asked for the middle of the day: at night and in the evening the list is the same."""
        return timezone.make_aware(datetime.datetime.combine(self.on, NOON))


def frame_on(on: datetime.date, *, now: datetime.datetime | None = None) -> Frame:
    return Frame(
        on=on,
        now=now or max(timezone.now(), midnight(on)),
        settings=ContactSettings.current(),
        numbers=numbers.given(on),
        borders=pace.borders(),
        question=Question.without_means(on),
        rules=gate_facts.rules_on(on),
        workdays=Workdays.load(),
    )


class Known(NamedTuple):
    """Those of one person who may have a reason; so many more have one and would not get in."""

    facts: list[Facts]
    unread: int


def facts_for(users: Sequence[User], frame: Frame) -> dict[int, Known]:
    """By person own clients and those of colleagues who are covered today. Who is away is not among the people."""
    owners = agenda_due.owners_for(users, frame.on)
    everybody = sorted({owner for whose in owners.values() for owner in whose})
    promises = agenda_due.promises_due(users, owners, frame.on)
    plans = agenda_due.steps_due(everybody, frame.on, workdays=frame.workdays, intervals=frame.intervals)
    carried = agenda_due.carried_by(owners, frame.on)
    due = {*plans, *itertools.chain(*promises.values(), *carried.values())}
    clients = read(everybody, sorted(due), frame)
    of_owner: dict[int, list[int]] = defaultdict(list)
    unread: dict[int, dict[int, int]] = defaultdict(dict)
    for pk, row in clients.items():
        of_owner[row["owner"]].append(pk)
        unread[row["owner"]][row["share"]] = row["unread"]
    return {
        person: Known(
            [
                facts_of(clients[pk], frame, mine.get(pk), plans.get(pk), carried[person].get(pk, 0))
                for pk in sorted({*mine, *(pk for owner in owners[person] for pk in of_owner[owner])})
                if pk in clients
            ],
            sum(sum(unread[owner].values()) for owner in owners[person]),
        )
        for person, mine in promises.items()
    }


# --- Clients --------------------------------------------------------------------------------------------------

_COLUMNS: Final = (
    "pk",
    "owner",
    "portfolio_class",
    "class_reason",
    "cycle__anchor_on",
    "cycle__contract",
    "cycle__contract__product__name",
    "recency_days",
    "cycle_days",
    "limit_days",
    "p_alive",
    "chance",
    "value",
    "every",
    "overdue",
    "is_always_read",
    "birth_date",
    "person_type",
    "pulse__last_at",
    "pulse__last_log",
    "pulse__reached_at",
    "last_on",
    "last_channel",
)


def read(owners: list[int], due: list[int], frame: Frame) -> dict[int, Row]:
    given = {
        "recent": frame.rests_since,
        "borders": frame.borders,
        **_days(frame),
        **frame.numbers,
        **agenda_sieve.POINTS,
    }
    rows = CLIENTS.ask(owners=owners, due=due, **given)
    clients = {row["pk"]: row for row in rows}
    renewing = [pk for pk, row in clients.items() if row["portfolio_class"] == PortfolioClass.RENEWAL]
    opens = windows.opening_days(renewing, frame.question)
    for pk in renewing:
        clients[pk]["opens_on"] = opens.get(clients[pk]["cycle__contract"])
    for put_off in POSTPONED.ask(clients=list(clients)):
        clients[put_off["client"]] |= put_off
    return clients


def _clients() -> Any:
    today, spoken = agenda_sieve.given("on", DateField()), Coalesce(intervals.LAST_REACHED, F("created_at"))
    living = Client.objects.unscoped(reason=WHY).filter(deceased_on=None)
    numbered = classification.numbered(living, {name: Later(name) for name in classification.GIVEN})
    alive = Formula("p_alive", F("cycle__gaps"), F("span_days"), F("age_days"), F("mean_days"))
    channel = ContactLog.objects.unscoped(reason=WHY).filter(pk=OuterRef("pulse__last_log")).values("channel")
    told = numbered.annotate(
        # Chances only where they are a reason.
        p_alive=Case(When(portfolio_class=PortfolioClass.INACTIVE, then=alive)),
        chance=Case(When(LATE, then=F("p_buys"))),
        value=Cast("cycle__value_12m", FloatField()),
        every=_every(),
        silent_days=Days(today, intervals.day_of(spoken)),
        last_on=intervals.day_of(intervals.LAST_TRIED),
        born=ExtractMonth("birth_date") * 100 + ExtractDay("birth_date"),
    )
    told = told.annotate(
        overdue=F("silent_days") - F("every"),
        last_channel=Case(When(last_on__gte=Later("recent"), then=Subquery(channel))),
    )
    found = told.filter(Q(owner__among=Later("owners")) & _has_reason() | Q(pk__among=Later("due")))
    return found.annotate(is_always_read=agenda_sieve.is_always_read()).values(*_COLUMNS)


def _postponed() -> Any:
    """What was last said of each client, whether it still holds or not."""
    put_off = Postponement.objects.unscoped(reason=WHY).filter(client__among=Later("clients"), undone_at=None)
    return put_off.order_by("client", "-at", "-id").distinct("client").values("client", "until_on", "at")


LATE: Final = Q(class_reason=ClassReason.WITHIN_CYCLE, recency_days__gt=F("cycle_days"))


def _has_reason() -> Q:
    """Whoever else of the owner's clients has none: most of them are never read."""
    reasons = Q(portfolio_class__in=(PortfolioClass.RENEWAL, PortfolioClass.INACTIVE))
    return reasons | LATE | agenda_sieve.GREETED | agenda_sieve.OVERDUE


def _every() -> Case:
    """Days between two contacts, by tier; none for who is in none."""
    return Case(*(When(cycle__tier=tier, then=agenda_sieve.given(f"every_{tier.lower()}")) for tier in TIERS))


CLIENTS, POSTPONED = Statement(_clients, cursor=Replanned, within=agenda_sieve.SIFT), Statement(_postponed)


def _days(frame: Frame) -> dict[str, Any]:
    """Days of birth that are greeted, and how often each tier is spoken to."""
    born = [month * 100 + day for month, day in birthdays_on(frame.on)]
    every = {f"every_{tier.lower()}": interval or None for tier, interval in frame.intervals.items()}
    return {"born": born[0], "born_too": born[-1], **every}


def facts_of(
    row: Row, frame: Frame, promise: Promise | None = None, plan: Due | None = None, carried: int = 0
) -> Facts:
    last_at, last_on = row["pulse__last_at"], row["last_on"]
    was_spoken = row["pulse__reached_at"] == last_at or row["last_channel"] in MESSAGES
    tried_today = last_on == frame.on
    if promise is not None and tried_today:
        promise.was_tried = _was_tried(promise, row["pulse__last_log"], last_at)
    if plan is not None and plan.may_retry:
        plan.may_retry = frame.is_afternoon and last_at is not None and timezone.localtime(last_at).time() < NOON
    return Facts(
        client=row["pk"],
        on=frame.on,
        owner=row["owner"] or 0,
        portfolio_class=row["portfolio_class"],
        reason=row["class_reason"],
        anchor_on=row["cycle__anchor_on"],
        opens_on=row.get("opens_on"),
        product=row["cycle__contract__product__name"] or "",
        recency=row["recency_days"],
        cycle=row["cycle_days"],
        limit=row["limit_days"],
        p_alive=row["p_alive"],
        p_buys=row["chance"],
        pace=pace.place((row["value"] or 0) / 12, frame.borders),
        birth_date=row["birth_date"],
        is_company=row["person_type"] == PersonType.COMPANY,
        plan=plan or _by_interval(row, frame),
        promise=promise,
        rested_on=last_on if was_spoken else None,
        tried_today=tried_today,
        postponed_until=row.get("until_on"),
        postponed_at=row.get("at"),
        carried=carried,
    )


def _was_tried(promise: Promise, last_log: int, last_at: datetime.datetime) -> bool:
    """An attempt of today that neither made the promise nor came well before its hour."""
    return promise.from_log != last_log and (promise.at is None or promise.at <= last_at + SOON)


def _by_interval(row: Row, frame: Frame) -> Due | None:
    """The contact that the tier alone asks for, in no plan."""
    if row["overdue"] is None or row["overdue"] < 0:
        return None
    due_on = frame.on - datetime.timedelta(days=row["overdue"])
    return Due(membership=None, due_on=due_on, interval=row["every"], was_spoken=row["pulse__reached_at"] is not None)
