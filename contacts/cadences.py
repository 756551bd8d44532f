"""Contact plans as leaders write them: steps added, moved and removed while clients stand before them.

Every change claims the plan's version. Whoever stood before a step that is gone goes on to the next one.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Max
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.versions import StaleRecordError
from contacts import plans
from contacts.models import ContactPlan, PlanMembership, PlanStep
from contacts.workdays import Workdays
from people import activity
from people.models import User

# Of a copy: everything but its own name and whether it is in use.
COPIED: Final = (
    "trigger",
    "anchor",
    "purpose",
    "portfolio_class",
    "stops_when_reached",
    "stops_on_purchase",
    "max_attempts",
    "rest_days",
    "priority",
)
COPIED_STEP: Final = ("position", "offset_days", "channel", "title", "template", "script", "minutes")
WRITTEN: Final = ("step", "due_on", "turn", "attempts", "state", "ended_at", "end_reason")
BATCH: Final = 2_000


@transaction.atomic
def create(values: Mapping[str, Any], *, by: User) -> ContactPlan:
    """A plan without steps; it waits, paused, until it has some."""
    plan = ContactPlan.objects.create(**values, is_active=False)
    activity.record("plan_created", plan, by=by, name=plan.name)
    return plan


@transaction.atomic
def edit(plan: ContactPlan, values: Mapping[str, Any], *, version: int, by: User) -> None:
    """Raises StaleRecordError when somebody saved since `version`."""
    _claim(plan, version)
    for name, value in values.items():
        setattr(plan, name, value)
    plan.save(update_fields=[*values])
    activity.record("plan_edited", plan, by=by, name=plan.name)


@transaction.atomic
def set_active(plan: ContactPlan, is_active: bool, *, by: User) -> None:
    """A paused plan takes nobody in and asks for nothing; who is in it waits."""
    if ContactPlan.objects.filter(pk=plan.pk, is_active=not is_active).update(
        is_active=is_active, version=F("version") + 1
    ):
        activity.record("plan_activated" if is_active else "plan_paused", plan, by=by, name=plan.name)


@transaction.atomic
def duplicate(plan: ContactPlan, *, by: User) -> ContactPlan:
    """A copy, paused and without clients."""
    copy = ContactPlan.objects.create(
        name=_free_name(plan.name), is_active=False, **{name: getattr(plan, name) for name in COPIED}
    )
    PlanStep.objects.bulk_create(
        PlanStep(plan=copy, **{name: getattr(step, name) for name in COPIED_STEP}) for step in plan.steps.all()
    )
    activity.record("plan_created", copy, by=by, name=copy.name, copied_from=plan.pk)
    return copy


def _free_name(name: str) -> str:
    room = ContactPlan._meta.get_field("name").max_length or 80
    taken = set(ContactPlan.objects.values_list("name", flat=True))
    endings = (_(" (cópia %(number)s)") % {"number": number} for number in range(1, len(taken) + 2))
    return next(found for ending in endings if (found := name[: room - len(ending)] + ending) not in taken)


# --- Steps ---------------------------------------------------------------------------------------------


@transaction.atomic
def add_step(plan: ContactPlan, values: Mapping[str, Any], *, version: int, by: User) -> PlanStep:
    """At the end. Raises StaleRecordError."""
    _claim(plan, version)
    last = plan.steps.aggregate(last=Max("position"))["last"] or 0
    step = PlanStep.objects.create(plan=plan, position=last + 1, **values)
    _tell(plan, by)
    return step


@transaction.atomic
def edit_step(step: PlanStep, values: Mapping[str, Any], *, version: int, by: User) -> None:
    """Whoever stands before the step and was not tried yet is due on its new day. Raises StaleRecordError."""
    _claim(step.plan, version)
    moved = values.get("offset_days", step.offset_days) != step.offset_days
    for name, value in values.items():
        setattr(step, name, value)
    step.save(update_fields=[*values])
    if moved:
        _place(_before(step).filter(attempts=0), [step])
    _tell(step.plan, by)


@transaction.atomic
def move_step(step: PlanStep, *, up: bool, version: int, by: User) -> None:
    """Changes place with its neighbour; at the end of the row nothing happens. Raises StaleRecordError."""
    _claim(step.plan, version)
    steps = list(step.plan.steps.all())
    place = next(place for place, other in enumerate(steps) if other.pk == step.pk)
    target = place - 1 if up else place + 1
    if 0 <= target < len(steps):
        steps[place], steps[target] = steps[target], steps[place]
        _number(steps)
        _tell(step.plan, by)


@transaction.atomic
def remove_step(step: PlanStep, *, version: int, by: User) -> None:
    """Whoever stood before it goes on to the next step; after the last one the plan is finished for them. Raises
    StaleRecordError."""
    plan = step.plan
    _claim(plan, version)
    others = list(plan.steps.exclude(pk=step.pk))
    _place(_before(step), [later for later in others if later.position > step.position])
    step.delete()
    _number(others)
    _tell(plan, by)


def _claim(plan: ContactPlan, version: int) -> None:
    mine = ContactPlan.objects.filter(pk=plan.pk)
    if not mine.filter(version=version).update(version=F("version") + 1):
        raise StaleRecordError(mine.get())
    plan.version = version + 1


def _number(steps: Sequence[PlanStep]) -> None:
    """Positions from 1 in the order given; the constraint is asked at the end of the transaction."""
    for position, step in enumerate(steps, 1):
        step.position = position
    PlanStep.objects.bulk_update(steps, ["position"])


def _tell(plan: ContactPlan, by: User) -> None:
    activity.record("plan_steps_changed", plan, by=by, name=plan.name)


def _before(step: PlanStep) -> Any:
    return plans.running().filter(step=step)


def _place(members: Any, steps: Sequence[PlanStep]) -> None:
    """Puts them before the first of the steps, or ends the plan for them when there is none; from tomorrow on, as a
    client has one step a day."""
    tomorrow, workdays = timezone.localdate() + datetime.timedelta(days=1), Workdays.load()
    found = members.select_related("client").order_by("client", "pk").select_for_update(of=("self",))
    changed = [_placed(member, steps, tomorrow, workdays) for member in found]
    PlanMembership.objects.unscoped(reason="members of a plan that changed").bulk_update(
        changed, WRITTEN, batch_size=BATCH
    )


def _placed(
    member: PlanMembership, steps: Iterable[PlanStep], tomorrow: datetime.date, workdays: Workdays
) -> PlanMembership:
    step = next(iter(steps), None)
    if step is None:
        plans.end(member, PlanMembership.State.FINISHED, plans.ALL_DONE)
    else:
        plans.stand_before(member, step, not_before=tomorrow, uf=member.client.uf, workdays=workdays)
    return member
