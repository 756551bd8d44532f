"""The months of a report as a drawing: where its points, intervals and lines stand."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final, NamedTuple

from nps.reports import Month
from nps.scores import Shown, signed

TOP: Final = 14
HEIGHT: Final = 134
_STEP: Final = 50


class Mark(NamedTuple):
    """A month: `x` in percent of the width, the others in pixels from the top."""

    month: Month
    x: str
    y: int
    high: int
    low: int


@dataclass(frozen=True)
class Plot:
    """`grid` are pairs of a score and its height; `names` say where each month stands; `lines` are stretches without a
    gap of the score of 90 days, in a box of 100 by 100."""

    grid: list[tuple[str, int]]
    marks: list[Mark]
    names: list[tuple[Month, str]]
    lines: list[str]


@dataclass(frozen=True)
class _Scale:
    bottom: int
    top: int

    def share(self, points: int) -> float:
        """0 at the top, 1 at the bottom."""
        return (self.top - points) / (self.top - self.bottom)

    def pixel(self, points: int) -> int:
        return TOP + round(HEIGHT * self.share(points))


def plot_of(months: Sequence[Month]) -> Plot | None:
    """None where no month has a score to show."""
    shown = [month.score for month in months if not month.score.is_hidden]
    if not shown:
        return None
    rolled = [month.rolling for month in months if month.rolling and not month.rolling.is_hidden]
    scale = _scale_of([*shown, *rolled])
    places = [f"{100 * (number + 0.5) / len(months):.2f}" for number in range(len(months))]
    return Plot(
        grid=[(signed(points), scale.pixel(points)) for points in range(scale.bottom, scale.top + 1, _STEP)],
        marks=[_mark(month, x, scale) for month, x in zip(months, places, strict=True) if not month.score.is_hidden],
        names=[(month, f"{x}%") for month, x in zip(months, places, strict=True)],
        lines=list(_lines(months, places, scale)),
    )


def _scale_of(scores: Iterable[Shown]) -> _Scale:
    lows, highs = zip(*(score.tally.interval for score in scores), strict=True)
    bottom = math.floor(min(*lows, 0) / _STEP) * _STEP
    return _Scale(bottom, max(math.ceil(max(*highs, 0) / _STEP) * _STEP, bottom + _STEP))


def _mark(month: Month, x: str, scale: _Scale) -> Mark:
    low, high = month.score.tally.interval
    return Mark(month, f"{x}%", scale.pixel(month.score.tally.score or 0), scale.pixel(high), scale.pixel(low))


def _lines(months: Sequence[Month], places: Sequence[str], scale: _Scale) -> Iterable[str]:
    """A month alone makes no line."""
    pairs = list(zip(months, places, strict=True))
    for is_seen, stretch in groupby(
        pairs, key=lambda pair: pair[0].rolling is not None and not pair[0].rolling.is_hidden
    ):
        points = [f"{x},{100 * scale.share(_score(month)):.2f}" for month, x in stretch if is_seen]
        if len(points) > 1:
            yield " ".join(points)


def _score(month: Month) -> int:
    return (month.rolling.tally.score if month.rolling else None) or 0
