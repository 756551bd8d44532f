"""From asking to answering: how many of those asked in some days received, opened and answered."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from nps.models import Invitation, Opening, SurveyChannel
from nps.series import Series, Window, invitations_told
from people.models import User

# What DOMAIN 4 plans with, in percent of those asked.
EXPECTED: Final[dict[str, tuple[int, int | None]]] = {
    SurveyChannel.EMAIL: (5, 20),
    SurveyChannel.WHATSAPP: (20, 40),
    SurveyChannel.SMS: (5, 15),
    SurveyChannel.PHONE: (30, None),
}


@dataclass(frozen=True)
class Funnel:
    """Of one channel, or of all of them."""

    label: str | Promise
    asked: int
    delivered: int
    opened: int
    answered: int
    expected: tuple[int, int | None] | None = None

    @property
    def rate(self) -> int:
        return round(100 * self.answered / self.asked) if self.asked else 0


def funnels(user: User, series: Series, window: Window) -> list[Funnel]:
    """Of the questions asked in these days: each channel and, of several, all together at the end."""
    asked = invitations_told(user, series).filter(asked_on__gte=window.first, asked_on__lte=window.last)
    found = [_funnel(row) for row in _steps(asked)]
    if len(found) > 1:
        sums = {step: sum(getattr(funnel, step) for funnel in found) for step in _STEPS}
        found.append(Funnel(_("Todos"), **sums))
    return found


_STEPS: Final = ("asked", "delivered", "opened", "answered")


def _steps(invitations: QuerySet[Invitation]) -> QuerySet[Invitation, Any]:
    was_opened = Q(Exists(Opening.objects.filter(invitation=OuterRef("pk"))))
    was_answered = Q(state=Invitation.State.ANSWERED)
    # Not every channel tells of a delivery; what was opened or answered has arrived.
    has_arrived = Q(delivered_at__isnull=False) | was_opened | was_answered
    return (
        invitations.exclude(state=Invitation.State.WAITING)
        .order_by()
        .values("channel")
        .annotate(
            asked=Count("pk"),
            delivered=Count("pk", filter=has_arrived),
            opened=Count("pk", filter=was_opened),
            answered=Count("pk", filter=was_answered),
        )
        .order_by("channel")
    )


def _funnel(row: Mapping[str, Any]) -> Funnel:
    counts = {step: row[step] for step in _STEPS}
    return Funnel(SurveyChannel(row["channel"]).label, **counts, expected=EXPECTED.get(row["channel"]))
