"""The single answers that a person may read, with what they wrote."""

from dataclasses import dataclass
from typing import Final

from django.db.models import Count, Q, QuerySet

from nps import themes
from nps.models import Answer, Group
from nps.models.answer import AnswerQuerySet
from nps.scores import ANONYMOUS_BELOW
from nps.segments import Dimension, in_segment
from nps.series import Series, Window, own, scored
from people.models import User

# The newest ones: a theme of years ago needs no answer, and a page must not read them all.
MOST_READ: Final = 1_000


@dataclass(frozen=True)
class Narrowing:
    """What a list is narrowed to; nothing by default."""

    group: Group | None = None
    words: str = ""
    only_flagged: bool = False
    only_left_out: bool = False
    dimension: Dimension | None = None
    key: str = ""


EVERYTHING: Final = Narrowing()


def readable(user: User) -> AnswerQuerySet:
    """Those of clients whom `user` sees and, of anonymous surveys, those that are some of several."""
    return Answer.objects.visible_to(user) | _unnamed(user, Q())


def listed(user: User, series: Series, window: Window, narrowing: Narrowing = EVERYTHING) -> AnswerQuerySet:
    """Of an anonymous survey all or none: told apart by a group, they would say whose client wrote them."""
    within = Q(survey__in=series.ids, answered_on__gte=window.first, answered_on__lte=window.last)
    found = Answer.objects.visible_to(user).filter(within)
    if narrowing.dimension is None:
        found |= _unnamed(user, within)
    else:
        found = found.filter(in_segment(narrowing.dimension, narrowing.key))
    if narrowing.group is not None:
        found = found.filter(scored(narrowing.group))
    if narrowing.only_flagged:
        found = found.exclude(flags=[])
    if narrowing.only_left_out:
        found = found.exclude(left_out_by=None)
    if narrowing.words:
        found = found.filter(pk__among=themes.speaking_of(comments_of(found), narrowing.words))
    return found


def _unnamed(user: User, within: Q) -> AnswerQuerySet:
    told = Answer.objects.told_of(user).filter(own(user), within, client=None)
    several = told.order_by().values("survey").annotate(answers=Count("pk")).filter(answers__gte=ANONYMOUS_BELOW)
    return told.filter(survey__in=[row["survey"] for row in several])


def comments_of(answers: QuerySet[Answer]) -> list[themes.Comment]:
    rows = answers.exclude(comment="").order_by("-answered_on", "-pk").values_list("pk", "comment", "score")
    return [themes.Comment(*row) for row in rows[:MOST_READ]]
