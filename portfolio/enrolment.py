"""A contact plan for everybody in a segment: at once as a job, and every night who joined since."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Segment
from contacts import admission
from contacts.models import ContactPlan
from contracts.nightly import Chunks
from people import activity
from people.models import User
from people.visibility import visible_people
from portfolio import segments
from portfolio.models import SegmentPlan

# Why somebody of the segment stays out, in the words of a column.
LABELS = {
    "deceased": _("Falecidos"),
    "opted_out": _("Pediram para não ser contatados"),
    "running": _("Já estão no plano"),
    "resting": _("Em descanso deste plano"),
    "other_class": _("De outra carteira"),
}


@dataclass(frozen=True)
class Preview:
    """How many of a segment would enter, and why the others would not; the first reason counts."""

    total: int
    entering: int
    left_out: list[tuple[str, int]]


def preview(segment: Segment, plan: ContactPlan, *, user: User, on: datetime.date) -> Preview:
    found: QuerySet[Any] = segments.clients_of(segment, user=user).order_by()
    total, rest, left_out = found.count(), found, []
    for name, condition in admission.obstacles(plan, on).items():
        if count := rest.filter(Q(condition)).count():
            left_out.append((str(LABELS[name]), count))
            rest = rest.exclude(condition)
    return Preview(total, total - sum(count for _label, count in left_out), left_out)


@transaction.atomic
def apply(segment: Segment, plan: ContactPlan, *, by: User, keeps_filling: bool) -> SegmentPlan:
    """Writes down what is wanted; the job of the caller carries it out. Who wants it to go on takes it over from who
    is gone."""
    link, _is_new = SegmentPlan.objects.update_or_create(
        segment=segment, plan=plan, by=by, defaults={"keeps_filling": keeps_filling, "at": timezone.now()}
    )
    if keeps_filling:
        for left in abandoned(segment, user=by).filter(plan=plan):
            stop_filling(left, by=by)
    activity.record("segment_planned", segment, by=by, plan=plan.pk, keeps_filling=keeps_filling)
    return link


def abandoned(segment: Segment, *, user: User) -> QuerySet[SegmentPlan]:
    """Fillings whose author, a colleague in the sight of `user`, works here no more: the night brings in nobody."""
    gone = User.objects.filter(visible_people(user), is_active=False)
    links = SegmentPlan.objects.filter(segment=segment, keeps_filling=True, by__in=gone)
    return links.select_related("segment", "plan", "by").order_by("pk")


def fill(link: SegmentPlan, *, on: datetime.date, run: Chunks | None = None) -> int:
    """Everybody of the segment that may enter; doing it again adds only who joined since. Raises BrokenSegmentError."""
    if not (link.by.is_active and link.plan.is_active):
        return 0
    found = segments.clients_of(link.segment, user=link.by).order_by()
    new = admission.anchored(admission.newcomers(found, link.plan, link.at), link.plan, on)
    return admission.enrol(link.plan, new, on=on, by=link.by, run=run)


def fill_segments(day: datetime.date, run: Chunks | None = None) -> dict[str, int]:
    """A step of the night. A segment with a broken filter is left as it is: it says so where it is shown."""
    links = SegmentPlan.objects.filter(keeps_filling=True).select_related("segment", "plan", "by").order_by("pk")
    counts = {"segment_joined": 0, "segment_broken": 0}
    for link in links:
        try:
            counts["segment_joined"] += fill(link, on=day, run=run)
        except segments.BrokenSegmentError:
            counts["segment_broken"] += 1
    return counts


def stop_filling(link: SegmentPlan, *, by: User) -> None:
    """Nobody else enters by itself; who is in the plan stays."""
    SegmentPlan.objects.filter(pk=link.pk).update(keeps_filling=False)
    activity.record("segment_plan_stopped", link.segment, by=by, plan=link.plan_id)
