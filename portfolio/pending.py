"""What is promised, planned and was said, as parts of a query on clients: for `portfolio.next_action` and the régua."""

from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import JSONObject

from contacts.models import ContactLog, OutcomeGroup, PlanMembership, Task
from core.statements import Later
from portfolio.models import Postponement

WHY = "of a visible client"


def jobs(*, most: int, **narrowed: Any) -> ArraySubquery:
    """Open tasks by their day, then the ones done last."""
    tasks = Task.objects.unscoped(reason=WHY).filter(client=OuterRef("pk"), is_cancelled=False, **narrowed)
    names = ("id", "title", "kind", "channel", "due_on", "due_at", "note", "from_log", "done_at")
    row = JSONObject(**{name: name for name in names}, assignee="assignee__name")
    open_first = F("done_at").desc(nulls_first=True)
    return ArraySubquery(tasks.order_by(open_first, "due_on", "due_at", "pk").values(row=row)[:most])


def members() -> ArraySubquery:
    running = PlanMembership.objects.unscoped(reason=WHY).filter(
        client=OuterRef("pk"), state=PlanMembership.State.RUNNING
    )
    row = JSONObject(
        id="id",
        plan="plan__name",
        is_active="plan__is_active",
        step="step__title",
        channel="step__channel",
        due_on="due_on",
        attempts="attempts",
    )
    return ArraySubquery(running.order_by("-plan__priority", "due_on", "pk").values(row=row))


def spoken() -> ArraySubquery:
    """The moments the régua draws, from `rule_since` on: conversations of the last weeks and some before."""
    logs = ContactLog.objects.unscoped(reason=WHY).filter(
        client=OuterRef("pk"), undone_at=None, group=OutcomeGroup.REACHED, started_at__gte=Later("rule_since")
    )
    return ArraySubquery(logs.order_by("started_at").values("started_at"))


def put_off() -> Subquery:
    kept = Postponement.objects.unscoped(reason=WHY).filter(client=OuterRef("pk"), undone_at=None)
    return Subquery(kept.order_by("-at", "-id").values("until_on")[:1])
