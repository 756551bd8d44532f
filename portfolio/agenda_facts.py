"""What the day of one person is computed from: a fixed number of queries, however many clients."""

import datetime
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from django.db.models import F, Func, IntegerField, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce, ExtractDay, ExtractMonth, TruncDate
from django.utils import timezone

from clients.models import Client, PortfolioClass, Purpose
from clients.models.client import PersonType
from contacts import gate_facts, intervals
from contacts.hours import Rules
from contacts.models import ContactPlan, ContactSettings, OutcomeGroup, PlanMembership, PlanStep, Task
from contacts.plans import MORNING, NOON
from contacts.workdays import Workdays
from contracts import classification, windows
from contracts.classification import Formula
from contracts.evaluation import Question
from contracts.models import ClassReason, Tier
from core.statements import Later, Statement
from people.models import User
from people.visibility import covered_by
from portfolio import numbers, pace
from portfolio.agenda import MESSAGES, Due, Facts, Promise, birthdays_on
from portfolio.models import AgendaDay, AgendaLine, Postponement

WHY: Final = "of one person and whom they cover"
TIERS: Final = (Tier.A, Tier.B, Tier.C, Tier.D)
# The first step of a plan has none before it to count from.
FIRST_STEP_DAYS: Final = 7
# Farther back nobody remembers what was left undone.
CARRIED_DAYS: Final = 14
# A promise is on top so long before its hour.
SOON: Final = datetime.timedelta(minutes=10)


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

    @property
    def is_afternoon(self) -> bool:
        return timezone.localtime(self.now).time() >= NOON

    @property
    def gate_at(self) -> datetime.datetime:
        """The gate is asked for the middle of the day: at night and in the evening the list is the same."""
        return timezone.make_aware(datetime.datetime.combine(self.on, NOON))


def frame_on(on: datetime.date, *, now: datetime.datetime | None = None) -> Frame:
    return Frame(
        on=on,
        now=now or max(timezone.now(), timezone.make_aware(datetime.datetime.combine(on, datetime.time()))),
        settings=ContactSettings.current(),
        numbers=numbers.given(on),
        borders=pace.borders(),
        question=Question.without_means(on),
        rules=gate_facts.rules_on(on),
        workdays=Workdays.load(),
    )


def facts_for(user: User, frame: Frame) -> list[Facts]:
    """Everybody who may have a reason: own clients and those of colleagues who are covered today."""
    owners = [user.pk, *covered_by(user, on=frame.on)]
    promises, plans = _promises(user, owners, frame), _plans(owners, frame)
    rows = CLIENTS.ask(owners=owners, due=[*promises, *plans], **_days(frame), **frame.numbers)
    renewing = [row["pk"] for row in rows if row["portfolio_class"] == PortfolioClass.RENEWAL]
    opens = windows.opening_days(renewing, frame.question)
    carried = _carried(user, frame)
    return [
        _facts(row, promises.get(row["pk"]), plans.get(row["pk"]), opens, carried.get(row["pk"], 0), frame)
        for row in rows
    ]


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
    "p_buys",
    "cycle__value_12m",
    "cycle__tier",
    "birth_date",
    "person_type",
    "spoken_on",
    "put_off",
    "put_off_at",
    "pulse__last_at",
    "last_on",
    "pulse__last_log",
    "pulse__last_log__group",
    "pulse__last_log__channel",
    "pulse__reached_at",
)


def _clients() -> Any:
    living = Client.objects.unscoped(reason=WHY).filter(deceased_on=None)
    numbered = classification.numbered(living, {name: Later(name) for name in classification.GIVEN})
    put_off = Postponement.objects.unscoped(reason=WHY).filter(client=OuterRef("pk"), undone_at=None)
    newest = put_off.order_by("-at", "-id")
    told = numbered.annotate(
        p_alive=Formula("p_alive", F("cycle__gaps"), F("span_days"), F("age_days"), F("mean_days")),
        spoken_on=TruncDate(Coalesce(intervals.LAST_REACHED, F("created_at"))),
        last_on=TruncDate(intervals.LAST_TRIED),
        put_off=Subquery(newest.values("until_on")[:1]),
        put_off_at=Subquery(newest.values("at")[:1]),
        born=ExtractMonth("birth_date") * 100 + ExtractDay("birth_date"),
    )
    found = told.filter(Q(owner__among=Later("owners")) & _has_reason() | Q(pk__among=Later("due")))
    return found.order_by("pk").values(*_COLUMNS)


def _has_reason() -> Q:
    """Whoever else of the owner's clients has none: most of them are never read."""
    reasons = Q(portfolio_class__in=(PortfolioClass.RENEWAL, PortfolioClass.INACTIVE))
    reasons |= Q(class_reason=ClassReason.WITHIN_CYCLE, recency_days__gt=F("cycle_days"))
    reasons |= Q(born=_number("born")) | Q(born=_number("born_too"))
    for tier in TIERS:
        reasons |= Q(cycle__tier=tier, spoken_on__lte=Later(f"spoken_{tier.lower()}"))
    return reasons


def _number(name: str) -> Func:
    return Func(Later(name), template="(%(expressions)s)::integer", output_field=IntegerField())


CLIENTS = Statement(_clients)


def _days(frame: Frame) -> dict[str, Any]:
    """Days of birth that are greeted; and for each tier, until when a client was last spoken to who is due now."""
    born = [month * 100 + day for month, day in birthdays_on(frame.on)]
    days: dict[str, Any] = {"born": born[0], "born_too": born[-1]}
    for tier, interval in frame.intervals.items():
        days[f"spoken_{tier.lower()}"] = frame.on - datetime.timedelta(days=interval) if interval else None
    return days


def _facts(
    row: dict[str, Any],
    promise: Promise | None,
    plan: Due | None,
    opens: dict[int, datetime.date],
    carried: int,
    frame: Frame,
) -> Facts:
    last_at, last_on = row["pulse__last_at"], row["last_on"]
    was_spoken = row["pulse__last_log__group"] == OutcomeGroup.REACHED or row["pulse__last_log__channel"] in MESSAGES
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
        opens_on=opens.get(row["cycle__contract"]),
        product=row["cycle__contract__product__name"] or "",
        recency=row["recency_days"],
        cycle=row["cycle_days"],
        limit=row["limit_days"],
        p_alive=row["p_alive"],
        p_buys=row["p_buys"],
        pace=pace.place(float(row["cycle__value_12m"] or 0) / 12, frame.borders),
        birth_date=row["birth_date"],
        is_company=row["person_type"] == PersonType.COMPANY,
        plan=plan or _by_interval(row, frame),
        promise=promise,
        rested_on=last_on if was_spoken else None,
        tried_today=tried_today,
        postponed_until=row["put_off"],
        postponed_at=row["put_off_at"],
        carried=carried,
    )


def _was_tried(promise: Promise, last_log: int, last_at: datetime.datetime) -> bool:
    """An attempt of today that neither made the promise nor came well before its hour."""
    return promise.from_log != last_log and (promise.at is None or promise.at <= last_at + SOON)


def _by_interval(row: dict[str, Any], frame: Frame) -> Due | None:
    """The contact that the tier alone asks for, in no plan."""
    interval = frame.intervals.get(row["cycle__tier"] or "", 0)
    due_on = row["spoken_on"] + datetime.timedelta(days=interval)
    if not interval or due_on > frame.on:
        return None
    return Due(membership=None, due_on=due_on, interval=interval, was_spoken=row["pulse__reached_at"] is not None)


# --- What is due ------------------------------------------------------------------------------------------------


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


MEMBERSHIPS = Statement(_memberships)


def _plans(owners: list[int], frame: Frame) -> dict[int, Due]:
    """One step per client, of the plan that comes first (as `contacts.plans.due_for`)."""
    found: dict[int, Due] = {}
    for row in MEMBERSHIPS.ask(owners=owners, on=frame.on):
        if row["client"] not in found and frame.workdays.allows(frame.on, row["client__uf"]):
            found[row["client"]] = _due(row, frame)
    return found


def _due(row: dict[str, Any], frame: Frame) -> Due:
    is_interval = row["plan__trigger"] == ContactPlan.Trigger.INTERVAL
    if is_interval:
        interval = frame.intervals.get(row["client__cycle__tier"] or "", 0)
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


def _promises(user: User, owners: list[int], frame: Frame) -> dict[int, Promise]:
    """The first of each client that is due: an hour that was agreed goes before a day."""
    due = Task.objects.visible_to(user).filter(done_at=None, is_cancelled=False, due_on__lte=frame.on)
    own = Q(assignee=user) | Q(client__owner__among=owners) & (Q(assignee=None) | Q(assignee__among=owners))
    rows = due.filter(own, client__deceased_on=None).order_by(F("due_at").asc(nulls_last=True), "due_on", "pk")
    found: dict[int, Promise] = {}
    for row in rows.values(
        "pk", "client", "title", "due_on", "due_at", "channel", "minutes", "kind", "from_log", "created_at"
    ):
        promise = Promise(
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
        found.setdefault(row["client"], promise)
    return found


# --- What was left undone -----------------------------------------------------------------------------------------


def _carried(user: User, frame: Frame) -> dict[int, int]:
    """By client, on how many working days it stood in this agenda without a contact."""
    days = AgendaDay.objects.filter(user=user, on__lt=frame.on, minutes__gt=0)
    last = days.filter(on__gte=frame.on - datetime.timedelta(days=CARRIED_DAYS)).order_by("-on").values("pk")[:1]
    lines = AgendaLine.objects.unscoped(reason=WHY).filter(day=Subquery(last)).exclude(state=AgendaLine.State.DONE)
    return {
        client: carried + (state == AgendaLine.State.OPEN)
        for client, carried, state in lines.values_list("client", "carried", "state")
    }


def purposes_of(facts: list[Facts], frame: Frame) -> dict[int, str]:
    """What the gate is asked for: a callback answers a request, a plan says its own, the rest by contract."""
    by_contract = gate_facts.purposes_of([one.client for one in facts], on=frame.on)
    return {one.client: _purpose(one, by_contract[one.client]) for one in facts}


def _purpose(facts: Facts, by_contract: str) -> str:
    is_asked_for = facts.promise is not None and facts.promise.is_callback
    if is_asked_for or facts.portfolio_class == PortfolioClass.RENEWAL:
        return Purpose.SERVICE
    if facts.plan is not None and facts.plan.purpose:
        return facts.plan.purpose
    return by_contract
