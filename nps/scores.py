"""The score and how sure one may be of it (DOMAIN 4). Pure arithmetic: no database, no dates.

The score is the plain one, 100 * (promoters - detractors) / all answers. The interval of 95 % comes from counts with
a little added (0.75 promoters, 1.5 passives, 0.75 detractors): the plain form calls five promoters of five certain.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from math import floor, hypot, sqrt
from typing import Final, NamedTuple, Self

from nps.models import NpsSettings

_EXTREMES_ADDED: Final = 0.75
_PASSIVES_ADDED: Final = 1.5
_Z: Final = 196  # 1.96 standard errors, in points of a hundred
# An answer that names nobody must stay one of several, whatever the settings say.
ANONYMOUS_BELOW: Final = 5


class Estimate(NamedTuple):
    """In points, not rounded."""

    score: float
    margin: float


def estimate(promoters: float, passives: float, detractors: float) -> Estimate:
    """The score of these counts, which are not all zero, and its margin of 95 %, in the plain form."""
    total = promoters + passives + detractors
    share = (promoters - detractors) / total
    variance = (promoters + detractors) / total - share**2
    # Of promoters alone nothing varies, and what floats leave may lie below zero.
    return Estimate(100 * share, _Z * sqrt(max(variance, 0) / total))


def rounded(points: float) -> int:
    """Half away from zero."""
    return floor(points + 0.5) if points >= 0 else -floor(0.5 - points)


@dataclass(frozen=True)
class Tally:
    """How many answers of each group."""

    promoters: int = 0
    passives: int = 0
    detractors: int = 0

    def __add__(self, other: Self) -> "Tally":
        return Tally(*(one + two for one, two in zip(self.counts, other.counts, strict=True)))

    def __sub__(self, other: Self) -> "Tally":
        return Tally(*(one - two for one, two in zip(self.counts, other.counts, strict=True)))

    @property
    def counts(self) -> tuple[int, int, int]:
        return self.promoters, self.passives, self.detractors

    @property
    def total(self) -> int:
        return sum(self.counts)

    @property
    def score(self) -> int | None:
        """From -100 to 100; None of no answers."""
        if not self.total:
            return None
        # Whole numbers: a half stays a half.
        twice = 200 * abs(self.promoters - self.detractors) + self.total
        points = twice // (2 * self.total)
        return points if self.promoters >= self.detractors else -points

    @property
    def adjusted(self) -> Estimate:
        return estimate(
            self.promoters + _EXTREMES_ADDED, self.passives + _PASSIVES_ADDED, self.detractors + _EXTREMES_ADDED
        )

    @property
    def margin(self) -> float:
        """Half of the interval's width before it is clipped."""
        return self.adjusted.margin

    @property
    def interval(self) -> tuple[int, int]:
        """Where the score of everybody lies, 95 times of 100."""
        score, margin = self.adjusted
        return rounded(max(score - margin, -100)), rounded(min(score + margin, 100))

    @property
    def shares(self) -> tuple[int, int, int]:
        """Percent of promoters, passives and detractors, which add up to 100 (or are all zero)."""
        return tuple(percentages(self.counts))  # type: ignore[return-value]


def percentages(counts: Sequence[int]) -> list[int]:
    """Whole percents that add up to 100: what rounding down leaves goes to the largest rests."""
    total = sum(counts)
    if not total:
        return [0] * len(counts)
    shares = [100 * count // total for count in counts]
    rests = sorted(range(len(counts)), key=lambda place: -(100 * counts[place] % total))
    for place in rests[: 100 - sum(shares)]:
        shares[place] += 1
    return shares


def differs(one: Tally, other: Tally) -> bool:
    """Whether two scores are further apart than chance would have them."""
    return abs(one.adjusted.score - other.adjusted.score) > hypot(one.margin, other.margin)


class Trust(StrEnum):
    """How much of a score is shown."""

    HIDDEN = "hidden"
    WARNED = "warned"
    FULL = "full"


@dataclass(frozen=True)
class Shown:
    """A tally as people read it."""

    tally: Tally
    trust: Trust

    @property
    def is_hidden(self) -> bool:
        return self.trust is Trust.HIDDEN

    @property
    def is_warned(self) -> bool:
        return self.trust is Trust.WARNED

    @property
    def score(self) -> str:
        return "" if self.is_hidden or self.tally.score is None else signed(self.tally.score)

    @property
    def low(self) -> str:
        return "" if self.is_hidden else signed(self.tally.interval[0])

    @property
    def high(self) -> str:
        return "" if self.is_hidden else signed(self.tally.interval[1])


def shown(tally: Tally, settings: NpsSettings, *, is_anonymous: bool = False) -> Shown:
    """Too few answers say nothing; few ones are shown with a warning. No answers are never a score."""
    least = max(settings.hidden_below, ANONYMOUS_BELOW if is_anonymous else 1)
    if tally.total < least:
        return Shown(tally, Trust.HIDDEN)
    return Shown(tally, Trust.WARNED if tally.total < settings.warned_below else Trust.FULL)


def comparable(one: Shown, other: Shown) -> bool:
    return not one.is_hidden and not other.is_hidden


class Change(StrEnum):
    """How a score stands to another one; "" where they cannot be compared."""

    UP = "up"
    DOWN = "down"
    SAME = "same"
    UNKNOWN = ""


def change_between(before: Shown, now: Shown) -> Change:
    """Says only what holds beyond both margins."""
    if not comparable(before, now):
        return Change.UNKNOWN
    if not differs(before.tally, now.tally):
        return Change.SAME
    return Change.UP if now.tally.adjusted.score > before.tally.adjusted.score else Change.DOWN


def veiled(scores: list[Shown]) -> list[Shown]:
    """Of parts of a known whole: what a few hidden answers say could be worked out, so the smallest of the others is
    hidden with them."""
    few = sum(score.tally.total for score in scores if score.is_hidden)
    seen = [score for score in scores if not score.is_hidden]
    if not 0 < few < ANONYMOUS_BELOW or not seen:
        return scores
    least = min(seen, key=lambda score: score.tally.total)
    return [replace(score, trust=Trust.HIDDEN) if score is least else score for score in scores]


def signed(points: int) -> str:
    """+45, 0, −10."""
    return f"{points:+d}".replace("-", "\N{MINUS SIGN}") if points else "0"
