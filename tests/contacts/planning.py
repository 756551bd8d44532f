"""Plans, members and contacts on days that are given, not today."""

import datetime
from typing import Any

from django.utils import timezone

from clients.models import Client
from contacts import plans
from contacts.models import ContactLog, ContactOutcome, ContactPlan, PlanMembership, PlanStep
from people.models import User

MONDAY = datetime.date(2026, 3, 2)


def day(month: int, number: int, year: int = 2026) -> datetime.date:
    return datetime.date(year, month, number)


def moment(on: datetime.date, hour: int = 10) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(on, datetime.time(hour)))


def make_plan(name: str, *steps: tuple[int, str], **fields: Any) -> ContactPlan:
    plan = ContactPlan.objects.create(name=name, **fields)
    for position, (offset, channel) in enumerate(steps, 1):
        PlanStep.objects.create(
            plan=plan, position=position, offset_days=offset, channel=channel, title=f"Passo {position}"
        )
    return plan


def default(name: str) -> ContactPlan:
    return ContactPlan.objects.get(name=name)


def members() -> Any:
    return PlanMembership.objects.unscoped(reason="test")


def enter(client: Client, plan: ContactPlan, on: datetime.date, *, by: User, **said: Any) -> PlanMembership:
    """As if the day of joining were today."""
    membership = plans.join(client, plan, by=by, on=on, **said)
    membership.started_at = moment(on, 8)
    membership.save()
    return membership


def contact(
    client: Client,
    by: User,
    code: str,
    on: datetime.date,
    *,
    hour: int = 10,
    channel: str = "call",
    membership: PlanMembership | None = None,
    **said: Any,
) -> ContactLog:
    """A contact as contacts.logs writes it, followed by what plans make of it."""
    log = ContactLog.objects.create(
        client=client,
        by=by,
        channel=channel,
        outcome=ContactOutcome.objects.get(code=code),
        started_at=moment(on, hour),
        plan_step=membership.step_id if membership else None,
        **said,
    )
    plans.advance_after(log)
    return log
