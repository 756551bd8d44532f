"""The night of contact plans: who leaves by itself, and whom a sale, a birthday or the carteira puts into one.

A night looks back some days, as sales are written down late; what an event has started it starts no second time.
"""

import datetime
import itertools
from collections.abc import Callable, Iterator
from typing import Any, Final

from django.db.models import DateField, Exists, F, OuterRef, Q, QuerySet, Value
from django.db.models.functions import TruncDate
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.models import Channel, Client, OptOut, PortfolioClass, Purpose
from contacts import admission, intervals
from contacts.models import ContactPlan, PlanMembership
from contacts.plans import running
from contracts.models import ClassChange
from contracts.nightly import CHUNK, Chunks, PlainChunks

Trigger: Final = ContactPlan.Trigger
LOOK_BACK: Final = datetime.timedelta(days=7)
# A greeting that nobody sent by then is not sent any more.
GREETING_LASTS: Final = datetime.timedelta(days=7)
# Memberships that a night starts carry its moment, also when the night runs late.
NIGHT: Final = datetime.time(3, 10)
LEAP_DAY: Final = (2, 29)


def trigger(day: datetime.date, run: Chunks | None = None) -> dict[str, int]:
    """A step of the night. A second run for the same date changes nothing."""
    run = run or PlainChunks()
    left = sum(_stop(members, state, reason, run) for members, state, reason in _over(day))
    joined = sum(_start(plan, day, run) for plan in ContactPlan.objects.filter(is_active=True))
    return {"plan_left": left, "plan_joined": joined}


# --- Who leaves ----------------------------------------------------------------------------------------


def _over(day: datetime.date) -> Iterator[tuple[QuerySet[PlanMembership], PlanMembership.State, str | Promise]]:
    """Memberships that end by themselves, and why."""
    stopped, members = PlanMembership.State.STOPPED, running()
    yield members.filter(client__deceased_on__isnull=False), stopped, _("Cliente falecido")
    wishes = OptOut.objects.unscoped(reason="who wants no contact").filter(
        Q(purpose=Purpose.ANY) | Q(purpose=OuterRef("plan__purpose")), client=OuterRef("client"), channel=Channel.ANY
    )
    yield members.filter(Exists(wishes)), stopped, _("Pediu para não ser contatado")
    bought = Q(client__cycle__last_on__gte=TruncDate("started_at"), client__cycle__last_on__lte=day)
    yield members.filter(bought, plan__stops_on_purchase=True), stopped, _("Comprou")
    elsewhere = members.exclude(plan__portfolio_class="").exclude(plan__portfolio_class=F("client__portfolio_class"))
    yield elsewhere, stopped, _("Mudou de carteira")
    next_contract = Q(plan__trigger=Trigger.RENEWAL, client__cycle__anchor_on__gt=F("anchored_on"))
    yield members.filter(next_contract), stopped, _("Outro contrato vence agora")
    late = Q(plan__trigger=Trigger.BIRTHDAY, due_on__lt=day - GREETING_LASTS)
    yield members.filter(late), PlanMembership.State.FINISHED, _("Passou da data")


def _stop(members: QuerySet[PlanMembership], state: PlanMembership.State, reason: str | Promise, run: Chunks) -> int:
    ids = list(members.order_by("pk").values_list("pk", flat=True))
    for batch in itertools.batched(ids, CHUNK, strict=False):
        with run.chunk():
            running().filter(pk__in=batch).update(
                state=state, ended_at=timezone.now(), end_reason=str(reason), due_on=None
            )
    return len(ids)


# --- Who enters ----------------------------------------------------------------------------------------


def _start(plan: ContactPlan, day: datetime.date, run: Chunks) -> int:
    candidates = _CANDIDATES.get(plan.trigger)
    if candidates is None:
        return 0
    found = admission.unanswered(candidates(day), plan)
    at = timezone.make_aware(datetime.datetime.combine(day, NIGHT))
    return admission.enrol(plan, found, on=day, at=min(at, timezone.now()), run=run)


def _clients() -> QuerySet[Client]:
    return Client.objects.unscoped(reason="the night of contact plans")


def _on(day: datetime.date) -> Value:
    return Value(day, DateField())


def _sold(day: datetime.date) -> QuerySet[Client]:
    """Who bought or signed in the last days; day zero is that day."""
    recent = _clients().filter(cycle__last_on__gte=day - LOOK_BACK, cycle__last_on__lt=day)
    return recent.annotate(event=F("cycle__last_on"), anchor=F("cycle__last_on"))


def _celebrating(day: datetime.date) -> QuerySet[Client]:
    """Birthdays and days of foundation, of clients who have bought; 29 February is kept on the 28th."""
    dates = Q(birth_date__month=day.month, birth_date__day=day.day)
    if (day + datetime.timedelta(days=1)).timetuple()[1:3] == (3, 1) and day.day == 28:
        dates |= Q(birth_date__month=LEAP_DAY[0], birth_date__day=LEAP_DAY[1])
    ours = _clients().filter(dates).exclude(portfolio_class=PortfolioClass.PROSPECT)
    return ours.annotate(event=_on(day), anchor=_on(day))


def _renewing(day: datetime.date) -> QuerySet[Client]:
    """Everybody in renewal; day zero is the end of the contract that put them there."""
    ending = _clients().filter(portfolio_class=PortfolioClass.RENEWAL, cycle__anchor_on__isnull=False)
    return ending.annotate(event=F("cycle__anchor_on"), anchor=F("cycle__anchor_on"))


def _gone_quiet(day: datetime.date) -> QuerySet[Client]:
    """Who became inactive in the last days. Clients that came so with an import never were ours to lose."""
    changes = ClassChange.objects.unscoped(reason="the night of contact plans").filter(
        client=OuterRef("pk"),
        on__gt=day - LOOK_BACK,
        on__lte=day,
        to_class=PortfolioClass.INACTIVE,
        from_class__in=(PortfolioClass.ACTIVE, PortfolioClass.RENEWAL),
    )
    quiet = _clients().filter(Exists(changes), portfolio_class=PortfolioClass.INACTIVE)
    return quiet.annotate(event=F("class_since"), anchor=_on(day))


def _overdue(day: datetime.date) -> QuerySet[Any]:
    """Who was not spoken to for as long as their tier says."""
    everybody: Any = intervals.with_intervals(_clients(), day)
    late: QuerySet[Any] = everybody.filter(overdue_days__gte=0).annotate(event=F("interval_due_on"), anchor=_on(day))
    return late


_CANDIDATES: Final[dict[str, Callable[[datetime.date], QuerySet[Any]]]] = {
    Trigger.SALE: _sold,
    Trigger.BIRTHDAY: _celebrating,
    Trigger.RENEWAL: _renewing,
    Trigger.INACTIVE: _gone_quiet,
    Trigger.INTERVAL: _overdue,
}
