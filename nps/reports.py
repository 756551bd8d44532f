"""What the answers say together: score, change, groups, months and how many of those asked answered.

A report is of one survey or of one kind: relational and transactional answers are never mixed (DOMAIN 4). Everything
is attributed to the owner, team, product, state and class of the day of asking. Whoever does not lead surveys sees
closed months alone, and a seller only their own.
"""

import datetime
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final, NamedTuple

from django.db import models
from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients.models import PortfolioClass
from nps.models import Answer, Group, Invitation, NpsSettings, Opening, Survey, SurveyChannel
from nps.models.answer import AnswerQuerySet
from nps.scores import ANONYMOUS_BELOW, Shown, Tally, Trust, comparable, differs, shown
from people.models import User
from people.roles import Reach

ROLLING_DAYS: Final = 90
MONTHS: Final = 12
STAFF: Final = "equipe"
_ONE_DAY: Final = datetime.timedelta(days=1)


def scored(group: Group) -> Q:
    """The answers of a group."""
    return Q(score__gte=group.scores.start, score__lt=group.scores.stop)


_COUNTS: Final = {
    "promoters": Count("pk", filter=scored(Group.PROMOTER)),
    "passives": Count("pk", filter=scored(Group.PASSIVE)),
    "detractors": Count("pk", filter=scored(Group.DETRACTOR)),
}


# --- What is counted -----------------------------------------------------------------------------------


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
        return cls(first, _months_after(first, 1) - _ONE_DAY)

    @classmethod
    def of_year(cls, last: datetime.date) -> "Window":
        """The month of `last` and the eleven before it."""
        return cls(_months_after(last.replace(day=1), 1 - MONTHS), last)

    @property
    def before(self) -> "Window":
        """As long, and ending the day before: whole months for whole months."""
        if self.first.day > 1 or (self.last - self.first).days == ROLLING_DAYS - 1:
            return Window.rolling(self.first - _ONE_DAY)
        months = (self.last.year - self.first.year) * 12 + self.last.month - self.first.month + 1
        return Window(_months_after(self.first, -months), self.first - _ONE_DAY)

    def __contains__(self, day: object) -> bool:
        return isinstance(day, datetime.date) and self.first <= day <= self.last


def _months_after(first: datetime.date, months: int) -> datetime.date:
    years, month = divmod(first.year * 12 + first.month - 1 + months, 12)
    return datetime.date(years, month + 1, 1)


def answers_told(user: User, series: Series) -> AnswerQuerySet:
    """Those that count in what `user` is told."""
    told = Answer.objects.told_of(user).filter(survey__in=series.ids, left_out_by=None)
    return told.filter(_own(user))


def _own(user: User) -> Q:
    # Whoever covers a colleague works for their clients, but is not told their score.
    return Q(owner=user) if user.reach is Reach.OWN else Q()


def _tally(row: Mapping[str, Any]) -> Tally:
    return Tally(row["promoters"], row["passives"], row["detractors"])


# --- Score, change, months -----------------------------------------------------------------------------


class Change(StrEnum):
    """How a score stands to another one; "" where they cannot be compared."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    UNKNOWN = ""


class Day(NamedTuple):
    on: datetime.date
    by_staff: bool
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
    flagged: int
    months: list[Month]
    # Over the whole year that the months show.
    year: Change

    @property
    def is_empty(self) -> bool:
        return not any(month.score.tally.total for month in self.months) and not self.total.tally.total


def report_of(user: User, series: Series, window: Window, *, newest: datetime.date, settings: NpsSettings) -> Report:
    year = Window.of_year(newest)
    first = min(window.before.first, Window.rolling(Window.of_month(year.first).last).first)
    days = _days(answers_told(user, series).filter(answered_on__gte=first, answered_on__lte=newest))
    read = _Reader(days, settings, is_anonymous=series.is_anonymous)
    total, before = read.shown(window), read.shown(window.before)
    months = _months(read, newest)
    return Report(
        window=window,
        total=total,
        before=before,
        change=change_between(before, total),
        by_staff=read.shown(window, by_staff=True),
        by_client=read.shown(window, by_staff=False),
        flagged=sum(day.flagged for day in days if day.on in window),
        months=months,
        year=change_between(read.shown(Window.rolling(year.first)), read.shown(Window.rolling(newest))),
    )


def change_between(before: Shown, now: Shown) -> Change:
    """Says only what holds beyond both margins."""
    if not comparable(before, now):
        return Change.UNKNOWN
    if not differs(before.tally, now.tally):
        return Change.SAME
    return Change.UP if now.tally.adjusted.score > before.tally.adjusted.score else Change.DOWN


def _days(answers: AnswerQuerySet) -> list[Day]:
    rows = (
        answers.order_by()
        .values("answered_on", staff=Q(by__isnull=False))
        .annotate(**_COUNTS, flagged=Count("pk", filter=~Q(flags=[])))
    )
    return [Day(row["answered_on"], row["staff"], _tally(row), row["flagged"]) for row in rows]


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
    windows = [Window.of_month(_months_after(first, number)) for number in range(MONTHS)]
    windows[-1] = Window(windows[-1].first, newest)
    scores = [read.shown(window) for window in windows]
    if read.is_anonymous:
        # Windows that overlap would tell the answers of the days in which they differ.
        return [Month(window, score, None) for window, score in zip(windows, _veiled(scores), strict=True)]
    return [
        Month(window, score, read.shown(Window.rolling(window.last)))
        for window, score in zip(windows, scores, strict=True)
    ]


def _veiled(scores: list[Shown]) -> list[Shown]:
    """Of parts of a known whole: what a few hidden answers say could be worked out, so the smallest of the others is
    hidden with them."""
    few = sum(score.tally.total for score in scores if score.is_hidden)
    seen = [score for score in scores if not score.is_hidden]
    if not 0 < few < ANONYMOUS_BELOW or not seen:
        return scores
    least = min(seen, key=lambda score: score.tally.total)
    return [replace(score, trust=Trust.HIDDEN) if score is least else score for score in scores]


# --- Groups --------------------------------------------------------------------------------------------


class Dimension(models.TextChoices):
    OWNER = "vendedor", _("Vendedor")
    TEAM = "equipe", _("Equipe")
    PRODUCT = "produto", _("Produto")
    UF = "uf", _("UF")
    CLASS = "carteira", _("Carteira")
    CHANNEL = "canal", _("Canal")


_CHANNELS: Final[dict[str, str | Promise]] = {**dict(SurveyChannel.choices), STAFF: _("Anotada pela equipe")}
# The field of each group, where its name stands, and what is said of those that have none.
_GROUPED: Final[dict[str, tuple[str, str, Any]]] = {
    Dimension.OWNER: ("owner", "owner__name", _("Sem responsável")),
    Dimension.TEAM: ("team", "team__name", _("Sem equipe")),
    Dimension.PRODUCT: ("product", "product__name", _("Sem produto")),
    Dimension.UF: ("uf", "uf", _("Sem UF")),
    Dimension.CLASS: ("portfolio_class", "portfolio_class", ""),
}
_BY_CHANNEL: Final = Case(When(by__isnull=False, then=Value(STAFF)), default=F("channel"))


class Segment(NamedTuple):
    """One row of a table of groups. `against` is how it stands to all the others together."""

    key: str
    label: str
    score: Shown
    against: Change


def dimensions_for(user: User) -> list[Dimension]:
    """A seller is one owner and one team."""
    own = {Dimension.OWNER, Dimension.TEAM} if user.reach is Reach.OWN else set()
    return [dimension for dimension in Dimension if dimension not in own]


def segments(
    user: User, series: Series, window: Window, dimension: Dimension, *, settings: NpsSettings
) -> list[Segment]:
    """The largest first: in small ones the score is mostly chance."""
    found = answers_told(user, series).filter(answered_on__gte=window.first, answered_on__lte=window.last)
    rows = sorted(_grouped(found, dimension), key=lambda row: (-row[2].total, row[1]))
    scores = [shown(tally, settings, is_anonymous=series.is_anonymous) for _key, _label, tally in rows]
    if series.is_anonymous:
        scores = _veiled(scores)
    whole = sum((tally for _key, _label, tally in rows), Tally())
    others = [shown(whole - tally, settings, is_anonymous=series.is_anonymous) for _key, _label, tally in rows]
    return [
        Segment(key, label, score, change_between(rest, score))
        for (key, label, _tally), score, rest in zip(rows, scores, others, strict=True)
    ]


def _grouped(answers: AnswerQuerySet, dimension: Dimension) -> Iterable[tuple[str, str, Tally]]:
    if dimension is Dimension.CHANNEL:
        rows = answers.order_by().values(key=_BY_CHANNEL, label=_BY_CHANNEL)
    else:
        field, name, _nobody = _GROUPED[dimension]
        rows = answers.order_by().values(key=Cast(field, CharField()), label=F(name))
    return [(row["key"] or "", _label(dimension, row["label"]), _tally(row)) for row in rows.annotate(**_COUNTS)]


def _label(dimension: Dimension, name: str | None) -> str:
    if dimension is Dimension.CHANNEL:
        return str(_CHANNELS.get(name or "", ""))
    if dimension is Dimension.CLASS:
        return str(dict(PortfolioClass.choices).get(name or "", ""))
    return name or str(_GROUPED[dimension][2])


def label_of(answers: AnswerQuerySet, dimension: Dimension, key: str) -> str:
    """The name of a row, read from its answers: "" where there are none."""
    if dimension is Dimension.CHANNEL:
        return _label(dimension, key)
    names = answers.order_by().values_list(_GROUPED[dimension][1], flat=True)[:1]
    return "".join(_label(dimension, name) for name in names)


def in_segment(dimension: Dimension, key: str) -> Q:
    """The answers of a row; of none where the key is none of ours."""
    if dimension is Dimension.CHANNEL:
        return Q(by__isnull=False) if key == STAFF else Q(channel=key, by=None)
    field = _GROUPED[dimension][0]
    if dimension in {Dimension.UF, Dimension.CLASS}:
        return Q(**{field: key})
    if not key:
        return Q(**{f"{field}__isnull": True})
    return Q(**{field: int(key)}) if key.isascii() and key.isdecimal() and len(key) < 10 else Q(pk__in=[])


# --- From asking to answering --------------------------------------------------------------------------


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
    asked = Invitation.objects.told_of(user).filter(_own(user), survey__in=series.ids)
    asked = asked.filter(asked_on__gte=window.first, asked_on__lte=window.last)
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
