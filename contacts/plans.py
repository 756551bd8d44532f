"""Clients in contact plans: who enters and leaves, what a contact does to them, and what is due on a day (DOMAIN 3).

A membership stands before one step, due on an allowed day. A contact that carried the step out moves it on; a call
nobody answered tries again in the next half of the day; a client has one step a day, that of the plan that comes first.
"""

import datetime
from collections.abc import Iterable
from typing import Any, Final
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from brazil.postal import DEFAULT_ZONE, ZONE_BY_UF
from clients.models import Client
from clients.versions import lock
from contacts import admission
from contacts.models import (
    ContactLog,
    ContactPlan,
    Direction,
    LogChannel,
    OutcomeGroup,
    PlanMembership,
    PlanStep,
)
from contacts.workdays import Workdays
from people import activity
from people.models import User

State: Final = PlanMembership.State
MORNING, AFTERNOON = "morning", "afternoon"
NOON: Final = datetime.time(12)
WRITTEN: Final = frozenset({LogChannel.WHATSAPP, LogChannel.SMS, LogChannel.EMAIL})
BOUNCED: Final = "bounced"

ALL_DONE: Final = _("Todos os passos feitos")
NO_CONTACT: Final = _("Sem contato")
TALKED: Final = _("Falou com o cliente")


class PlanRefusedError(Exception):
    """The client may not enter the plan; the text says why."""


# --- Entering and leaving ------------------------------------------------------------------------------


@transaction.atomic
def join(
    client: Client,
    plan: ContactPlan,
    *,
    by: User,
    on: datetime.date,
    anchored_on: datetime.date | None = None,
) -> PlanMembership:
    """Puts one client into a plan by hand. Raises PlanRefusedError.

    `anchored_on` is day zero: without it `on`, or the end of the client's next contract for plans that count from it.
    """
    client = lock(client.pk)
    steps = list(plan.steps.all())
    anchored_on = anchored_on or _day_zero(client, plan, on)
    if reason := _not_ready(plan, steps, anchored_on) or admission.refusal(client, plan, on):
        raise PlanRefusedError(str(reason))
    assert anchored_on is not None  # noqa: S101  _not_ready has looked
    first = admission.entry(plan, steps, anchored_on=anchored_on, on=on, uf=client.uf, workdays=Workdays.load())
    membership = PlanMembership.objects.create(
        client=client, plan=plan, step=first.step, due_on=first.due_on, anchored_on=anchored_on, started_by=by
    )
    activity.record("plan_joined", client, by=by, plan=plan.name)
    return membership


def _not_ready(plan: ContactPlan, steps: list[PlanStep], anchored_on: datetime.date | None) -> str | Promise:
    if not plan.is_active:
        return _("Este plano está pausado.")
    if not steps:
        return _("Este plano ainda não tem passos.")
    return "" if anchored_on else _("O cliente não tem contrato com data de fim pela frente.")


def _day_zero(client: Client, plan: ContactPlan, on: datetime.date) -> datetime.date | None:
    one = Client.objects.unscoped(reason="a client in hand").filter(pk=client.pk)
    anchors: QuerySet[Any, datetime.date] = admission.anchored(one, plan, on).values_list("anchor", flat=True)
    return anchors.first()


@transaction.atomic
def leave(membership: PlanMembership, reason: str, *, by: User) -> None:
    """Takes a client out of a plan; whoever left already stays as they are."""
    client = lock(membership.client_id)
    fresh = running().select_for_update(of=("self",)).filter(pk=membership.pk).select_related("plan").first()
    if fresh is not None:
        end(fresh, State.STOPPED, reason)
        fresh.save()
        activity.record("plan_left", client, by=by, plan=fresh.plan.name, reason=reason)


def running() -> QuerySet[PlanMembership]:
    everybody = PlanMembership.objects.unscoped(reason="rules of plans; the caller holds the clients")
    return everybody.filter(state=State.RUNNING)


# --- What a contact does to the plans ------------------------------------------------------------------


@transaction.atomic
def advance_after(log: ContactLog) -> None:
    """Moves the client's plans as the contact says. `contacts.logs` calls it and holds the client.

    What came in from the client, and a correction of what was counted already, is no try of ours.
    """
    is_try = log.group not in {OutcomeGroup.REACHED, OutcomeGroup.BLOCKED}
    if is_try and (log.direction == Direction.IN or log.corrects_id):
        return
    mine = running().filter(client=log.client_id).select_related("plan", "step").prefetch_related("plan__steps")
    members = sorted(mine.order_by("pk").select_for_update(of=("self",)), key=_rank)
    if members:
        _Contact(log).move(members)


def _rank(member: PlanMembership) -> tuple[int, datetime.date, int]:
    """Order among the plans of one client: the highest priority first, then whoever waits longest."""
    return -member.plan.priority, member.due_on or datetime.date.max, member.pk


class _Contact:
    """One contact and the plans of its client."""

    def __init__(self, log: ContactLog) -> None:
        self.log = log
        self.uf = log.client.uf
        self.moment = log.started_at.astimezone(ZoneInfo(ZONE_BY_UF.get(self.uf, DEFAULT_ZONE)))
        self.day = timezone.localtime(log.started_at).date()
        self.workdays = Workdays.load()

    def move(self, members: list[PlanMembership]) -> None:
        carried_out = self._carried_out(members)
        for member in members:
            if self.log.group == OutcomeGroup.BLOCKED:
                end(member, State.STOPPED, str(self.log.outcome))
            elif not self._began_later(member) or member is carried_out:
                self._one(member, is_its_own=member is carried_out)
            member.save()

    def _carried_out(self, members: list[PlanMembership]) -> PlanMembership | None:
        """Whose step this was: the one the log names, else the one that was due."""
        named = [member for member in members if self.log.plan_step and member.step_id == self.log.plan_step]
        due = [member for member in members if self._is_due(member) and not self._began_later(member)]
        return next(iter([*named, *due]), None)

    def _is_due(self, member: PlanMembership) -> bool:
        return member.plan.is_active and member.due_on is not None and member.due_on <= self.day

    def _began_later(self, member: PlanMembership) -> bool:
        """A contact written down late says nothing to a plan that began after it."""
        return timezone.localtime(member.started_at).date() > self.day

    def _one(self, member: PlanMembership, *, is_its_own: bool) -> None:
        if self.log.group == OutcomeGroup.REACHED and member.plan.stops_when_reached:
            end(member, State.FINISHED, TALKED)
        elif is_its_own:
            self._its_own(member)
        elif member.due_on and member.due_on <= self.day:
            # One step a day: the others wait.
            member.due_on = self.workdays.after(self.day, self.uf)

    def _its_own(self, member: PlanMembership) -> None:
        is_message = member.step is not None and member.step.channel in WRITTEN
        was_written = self.log.channel in WRITTEN
        if self.log.group == OutcomeGroup.REACHED or (is_message and self._was_sent()):
            self._go_on(member, ALL_DONE)
        elif is_message == was_written or self.log.plan_step == member.step_id:
            self._try_again(member)

    def _was_sent(self) -> bool:
        """Written and not returned: what a message can do is done, read or not."""
        not_back = self.log.outcome.code != BOUNCED and self.log.group == OutcomeGroup.NOT_REACHED
        return self.log.channel in WRITTEN and not_back

    def _try_again(self, member: PlanMembership) -> None:
        """In the other half of the day: after a morning the same afternoon, after an afternoon the next morning."""
        member.attempts += 1
        if member.attempts >= member.plan.max_attempts:
            self._go_on(member, NO_CONTACT)
            return
        member.turn = MORNING if self.moment.time() < NOON else AFTERNOON
        next_day = self.workdays.on_or_after if member.turn == MORNING else self.workdays.after
        member.due_on = next_day(self.day, self.uf)

    def _go_on(self, member: PlanMembership, reason: str | Promise) -> None:
        """To the next step, never on the same day. A step done late moves the later ones by as much, but where days
        count from the end of a contract."""
        later = [step for step in member.plan.steps.all() if _is_after(step, member.step)]
        if not later:
            end(member, State.FINISHED, reason)
            return
        if member.plan.anchor == ContactPlan.Anchor.START and member.due_on:
            member.anchored_on += max(self.day - member.due_on, datetime.timedelta(0))
        tomorrow = self.day + datetime.timedelta(days=1)
        stand_before(member, later[0], not_before=tomorrow, uf=self.uf, workdays=self.workdays)


def _is_after(step: PlanStep, done: PlanStep | None) -> bool:
    return done is None or step.position > done.position


def stand_before(
    member: PlanMembership, step: PlanStep, *, not_before: datetime.date, uf: str, workdays: Workdays
) -> None:
    """Puts the membership before a step, with its tries ahead of it."""
    member.step, member.turn, member.attempts = step, "", 0
    member.due_on = workdays.on_or_after(max(admission.day_of(step, member.anchored_on), not_before), uf)


def end(member: PlanMembership, state: PlanMembership.State, reason: str | Promise) -> None:
    """For this client the plan is over; the caller saves."""
    member.state, member.end_reason = state, str(reason)[:120]
    member.due_on, member.ended_at = None, timezone.now()


# --- What is due ---------------------------------------------------------------------------------------


def due_for(client_ids: Iterable[int], day: datetime.date) -> list[PlanMembership]:
    """The step of each client on that day: at most one, of the plan with the highest priority; the others wait.

    On a day that is none for the client's UF nothing is due. Two queries, however many clients.
    """
    due = running().filter(client__in=list(client_ids), due_on__lte=day, step__isnull=False)
    members = due.filter(plan__is_active=True, client__deceased_on=None).select_related("plan", "step", "client")
    workdays = Workdays.load()
    first: dict[int, PlanMembership] = {}
    for member in sorted(members, key=_rank):
        if workdays.allows(day, member.client.uf):
            first.setdefault(member.client_id, member)
    return list(first.values())
