"""What the answers of a series say together: score, change and months."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, Q

from nps.models import NpsSettings
from nps.models.answer import AnswerQuerySet
from nps.scores import Change, Shown, Tally, change_between, shown, veiled
from nps.series import COUNTS, MONTHS, Series, Window, answers_told, months_after, tally_of
from people.models import User


class Day(NamedTuple):
    on: datetime.date
    by_staff: bool
    is_left_out: bool
    tally: Tally
    flagged: int


class Month(NamedTuple):
    """`rolling` is the score of the 90 days up to its end; None where it would tell single answers."""

    window: Window
    score: Shown
    rolling: Shown | None


@dataclass(frozen=True)
class Report:
    window: Window
    total: Shown
    before: Shown
    change: Change
    # Written down by staff on the phone, and all the others.
    by_staff: Shown
    by_client: Shown
    # Of those that count; and how many do not.
    flagged: int
    left_out: int
    months: list[Month]
    # Over the whole year that the months show.
    year: Change

    @property
    def is_empty(self) -> bool:
        return not any(month.score.tally.total for month in self.months) and not self.total.tally.total


def report_of(user: User, series: Series, window: Window, *, newest: datetime.date, settings: NpsSettings) -> Report:
    year = Window.of_year(newest)
    first = min(window.before.first, Window.rolling(year.first).first)
    days = _days(answers_told(user, series).filter(answered_on__gte=first, answered_on__lte=newest))
    counted = [day for day in days if not day.is_left_out]
    read = _Reader(counted, settings, is_anonymous=series.is_anonymous)
    total, before = read.shown(window), read.shown(window.before)
    return Report(
        window=window,
        total=total,
        before=before,
        change=change_between(before, total),
        by_staff=read.shown(window, by_staff=True),
        by_client=read.shown(window, by_staff=False),
        flagged=sum(day.flagged for day in counted if day.on in window),
        left_out=sum(day.tally.total for day in days if day.is_left_out and day.on in window),
        months=_months(read, newest),
        year=change_between(read.shown(Window.rolling(year.first)), read.shown(Window.rolling(newest))),
    )


def _days(answers: AnswerQuerySet) -> list[Day]:
    rows = (
        answers.order_by()
        .values("answered_on", staff=Q(by__isnull=False), is_out=Q(left_out_by__isnull=False))
        .annotate(**COUNTS, flagged=Count("pk", filter=~Q(flags=[])))
    )
    return [Day(row["answered_on"], row["staff"], row["is_out"], tally_of(row), row["flagged"]) for row in rows]


@dataclass(frozen=True)
class _Reader:
    """Reads the score of any window from the tallies of days."""

    days: Sequence[Day]
    settings: NpsSettings
    is_anonymous: bool

    def shown(self, window: Window, *, by_staff: bool | None = None) -> Shown:
        tallies = (day.tally for day in self.days if day.on in window and by_staff in {None, day.by_staff})
        return shown(sum(tallies, Tally()), self.settings, is_anonymous=self.is_anonymous)


def _months(read: _Reader, newest: datetime.date) -> list[Month]:
    first = Window.of_year(newest).first
    windows = [Window.of_month(months_after(first, number)) for number in range(MONTHS)]
    windows[-1] = Window(windows[-1].first, newest)
    scores = [read.shown(window) for window in windows]
    if read.is_anonymous:
        # Windows that overlap would tell the answers of the days in which they differ.
        return [Month(window, score, None) for window, score in zip(windows, veiled(scores), strict=True)]
    return [
        Month(window, score, read.shown(Window.rolling(window.last)))
        for window, score in zip(windows, scores, strict=True)
    ]
