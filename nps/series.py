"""Which answers are counted together, of which days, and for whom.

Relational and transactional answers are never mixed (DOMAIN 4): a series is one survey, or those of one kind. Each
answer counts for the owner and the team of the day of asking. A seller is told of their own alone.
"""

import datetime
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.db.models import Count, Q

from nps.models import Answer, Group, Invitation, Survey
from nps.models.answer import AnswerQuerySet
from nps.models.invitation import InvitationQuerySet
from nps.scores import Tally
from people.models import User
from people.roles import Reach

ROLLING_DAYS: Final = 90
MONTHS: Final = 12
_ONE_DAY: Final = datetime.timedelta(days=1)


@dataclass(frozen=True)
class Series:
    """Surveys whose answers may be counted together."""

    surveys: tuple[Survey, ...]

    @property
    def ids(self) -> list[int]:
        return [survey.pk for survey in self.surveys]

    @property
    def is_anonymous(self) -> bool:
        return any(survey.is_anonymous for survey in self.surveys)


class Window(NamedTuple):
    """Days from `first` to `last`, both counted."""

    first: datetime.date
    last: datetime.date

    @classmethod
    def rolling(cls, last: datetime.date) -> "Window":
        return cls(last - (ROLLING_DAYS - 1) * _ONE_DAY, last)

    @classmethod
    def of_month(cls, day: datetime.date) -> "Window":
        first = day.replace(day=1)
        return cls(first, months_after(first, 1) - _ONE_DAY)

    @classmethod
    def of_year(cls, last: datetime.date) -> "Window":
        """The month of `last` and the eleven before it."""
        return cls(months_after(last.replace(day=1), 1 - MONTHS), last)

    @property
    def before(self) -> "Window":
        """As long, and ending the day before: whole months for whole months."""
        if self.first.day > 1 or (self.last - self.first).days == ROLLING_DAYS - 1:
            return Window.rolling(self.first - _ONE_DAY)
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return Window(months_after(self.first, -months), self.first - _ONE_DAY)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, datetime.date) and self.first <= day <= self.last


def months_after(first: datetime.date, months: int) -> datetime.date:
    years, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return datetime.date(years, month + 1, 1)


def answers_told(user: User, series: Series) -> AnswerQuerySet:
    """Those that count in what `user` is told, with those that were left out."""
    return Answer.objects.told_of(user).filter(own(user), survey__in=series.ids)


def invitations_told(user: User, series: Series) -> InvitationQuerySet:
    return Invitation.objects.told_of(user).filter(own(user), survey__in=series.ids)


def own(user: User) -> Q:
    """What a seller is told of: their own alone."""
    # Whoever covers a colleague works for their clients, but is not told their score.
    return Q(owner=user) if user.reach is Reach.OWN else Q()


def scored(group: Group) -> Q:
    """The answers of a group."""
    return Q(score__gte=group.scores.start, score__lt=group.scores.stop)


COUNTS: Final = {
    "promoters": Count("pk", filter=scored(Group.PROMOTER)),
    "passives": Count("pk", filter=scored(Group.PASSIVE)),
    "detractors": Count("pk", filter=scored(Group.DETRACTOR)),
}


def tally_of(row: Mapping[str, Any]) -> Tally:
    return Tally(row["promoters"], row["passives"], row["detractors"])
