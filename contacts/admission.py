"""Who may enter a contact plan, written once: asked of one client by name, and of millions as a condition."""

import datetime
import itertools
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from django.db.models import BooleanField, DateField, Exists, ExpressionWrapper, OuterRef, Q, QuerySet, Subquery, Value
from django.db.models.expressions import BaseExpression
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.models import Channel, Client, OptOut, Purpose
from contacts.models import ContactPlan, PlanMembership, PlanStep
from contacts.workdays import Workdays
from contracts.models import Contract
from contracts.nightly import CHUNK, Chunks, PlainChunks
from people.models import User

RUNNING: Final = PlanMembership.State.RUNNING

REFUSALS: Final[dict[str, str | Promise]] = {
    "deceased": _("O cliente faleceu: nenhum plano começa."),
    "opted_out": _("O cliente pediu para não ser contatado."),
    "running": _("O cliente já está neste plano."),
    "resting": _("O cliente está em descanso deste plano, {days} dias depois do fim."),
    "other_class": _("Este plano é só da carteira {name}, e o cliente não está nela."),
}


class Entry(NamedTuple):
    """Where a client enters a plan."""

    step: PlanStep
    due_on: datetime.date


def begins_on(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time.min))


def obstacles(plan: ContactPlan, on: datetime.date) -> dict[str, Q | Exists]:
    """What keeps a client out of the plan on that day, each by its name in REFUSALS."""
    mine = _members(plan)
    wishes = OptOut.objects.unscoped(reason="who wants no contact").filter(client=OuterRef("pk"), channel=Channel.ANY)
    found: dict[str, Q | Exists] = {
        "deceased": Q(deceased_on__isnull=False),
        "opted_out": Exists(wishes.filter(purpose__in=(Purpose.ANY, plan.purpose))),
        "running": Exists(mine.filter(state=RUNNING)),
    }
    if plan.rest_days:
        rested = begins_on(on - datetime.timedelta(days=plan.rest_days - 1))
        found["resting"] = Exists(mine.filter(ended_at__gte=rested))
    if plan.portfolio_class:
        found["other_class"] = ~Q(portfolio_class=plan.portfolio_class)
    return found


def refusal(client: Client, plan: ContactPlan, on: datetime.date) -> str:
    """Why this client may not enter, in words; empty when it may."""
    asked = {f"is_{name}": _asked(condition) for name, condition in obstacles(plan, on).items()}
    answers = Client.objects.unscoped(reason="a client in hand").filter(pk=client.pk).values(**asked).get()
    names = [name for name in REFUSALS if answers.get(f"is_{name}")]
    if not names:
        return ""
    return str(REFUSALS[names[0]]).format(days=plan.rest_days, name=plan.get_portfolio_class_display())


def _asked(condition: Q | Exists) -> BaseExpression:
    return ExpressionWrapper(condition, output_field=BooleanField())


def admitted(clients: QuerySet[Any], plan: ContactPlan, on: datetime.date) -> QuerySet[Any]:
    """Those of the clients that may enter."""
    for condition in obstacles(plan, on).values():
        clients = clients.exclude(condition)
    return clients


def unanswered(clients: QuerySet[Client], plan: ContactPlan) -> QuerySet[Any]:
    """Those whose `event` (a day) has not put them into the plan yet: a night may look at the same event again."""
    return clients.exclude(Exists(_members(plan).filter(anchored_on__gte=OuterRef("event"))))


def _members(plan: ContactPlan) -> QuerySet[PlanMembership]:
    everybody = PlanMembership.objects.unscoped(reason="who is or was in a plan")
    return everybody.filter(plan=plan, client=OuterRef("pk"))


def entry(
    plan: ContactPlan,
    steps: Sequence[PlanStep],
    *,
    anchored_on: datetime.date,
    on: datetime.date,
    uf: str,
    workdays: Workdays,
) -> Entry:
    """The first step. A plan that counts from the end of a contract takes up the alert whose day has come; before
    the first one it begins at once: loans can be renewed long before their end."""
    step = steps[0]
    if plan.anchor == ContactPlan.Anchor.END_OF_CONTRACT:
        step = next((late for late in reversed(steps) if day_of(late, anchored_on) <= on), step)
        return Entry(step, workdays.on_or_after(on, uf))
    return Entry(step, workdays.on_or_after(max(day_of(step, anchored_on), on), uf))


def day_of(step: PlanStep, anchored_on: datetime.date) -> datetime.date:
    return anchored_on + datetime.timedelta(days=step.offset_days)


def enrol(
    plan: ContactPlan,
    clients: QuerySet[Any],
    *,
    on: datetime.date,
    by: User | None = None,
    at: datetime.datetime | None = None,
    run: Chunks | None = None,
) -> int:
    """Puts all of the clients that may enter into the plan, in chunks; returns how many.

    `clients` carries the annotation `anchor`, the day zero of each (see `anchored`).
    """
    run, at = run or PlainChunks(), at or timezone.now()
    steps, workdays = list(plan.steps.all()), Workdays.load()
    if not steps:
        return 0
    rows = admitted(clients, plan, on).order_by("pk").values_list("pk", "uf", "anchor")
    for batch in itertools.batched(list(rows), CHUNK, strict=False):
        entered = []
        for pk, uf, anchored_on in batch:
            first = entry(plan, steps, anchored_on=anchored_on, on=on, uf=uf, workdays=workdays)
            entered.append(
                PlanMembership(
                    client_id=pk,
                    plan=plan,
                    step=first.step,
                    due_on=first.due_on,
                    anchored_on=anchored_on,
                    started_at=at,
                    started_by=by,
                )
            )
        with run.chunk():
            PlanMembership.objects.bulk_create(entered, ignore_conflicts=True)
    return len(rows)


def anchored(clients: QuerySet[Client], plan: ContactPlan, on: datetime.date) -> QuerySet[Any]:
    """Day zero for `enrol`: `on`, or the end of each one's next contract where the plan counts from it; without one
    a client is left out."""
    if plan.anchor == ContactPlan.Anchor.START:
        return clients.annotate(anchor=Value(on, DateField()))
    contracts = Contract.objects.unscoped(reason="contracts of the clients given")
    ahead = contracts.filter(client=OuterRef("pk"), status__in=Contract.BINDING, end_on__gte=on, cancelled_on=None)
    ends: QuerySet[Any] = clients.annotate(anchor=Subquery(ahead.order_by("end_on").values("end_on")[:1]))
    return ends.filter(anchor__isnull=False)


def newcomers(clients: QuerySet[Client], plan: ContactPlan, since: datetime.datetime) -> QuerySet[Client]:
    """Those who have not been in the plan since that moment."""
    return clients.exclude(Exists(_members(plan).filter(started_at__gte=since)))
