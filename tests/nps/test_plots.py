"""The drawing of the months. Pure tests: no database."""

import datetime

from nps.models import NpsSettings
from nps.plots import Plot, plot_of
from nps.reports import Month
from nps.scores import Tally, shown
from nps.series import Window

SETTINGS = NpsSettings()
MANY, FEW, NONE = Tally(60, 25, 15), Tally(1, 0, 0), Tally()


def months(*pairs: tuple[Tally, Tally | None]) -> list[Month]:
    """Pairs of a month's tally and that of the 90 days up to its end."""
    return [
        Month(
            Window.of_month(datetime.date(2026, number, 1)),
            shown(score, SETTINGS),
            rolling and shown(rolling, SETTINGS),
        )
        for number, (score, rolling) in enumerate(pairs, start=1)
    ]


def drawn(*pairs: tuple[Tally, Tally | None]) -> Plot:
    plot = plot_of(months(*pairs))
    assert plot is not None
    return plot


def test_without_a_score_nothing_is_drawn() -> None:
    assert plot_of(months((FEW, MANY), (NONE, None))) is None


def test_grid_holds_every_interval() -> None:
    assert drawn((MANY, None)).grid == [("0", 148), ("+50", 81), ("+100", 14)]
    assert drawn((Tally(0, 25, 30), None)).grid == [("−100", 148), ("−50", 81), ("0", 14)]


def test_months_without_a_score_keep_their_place() -> None:
    plot = drawn((MANY, None), (FEW, None))

    assert [(mark.x, mark.y, mark.high, mark.low) for mark in plot.marks] == [("25.00%", 88, 70, 109)]
    assert [x for _month, x in plot.names] == ["25.00%", "75.00%"]


def test_line_breaks_where_there_is_no_score() -> None:
    plot = drawn((MANY, MANY), (MANY, MANY), (MANY, FEW), (MANY, MANY), (MANY, None))

    assert plot.lines == ["10.00,55.00 30.00,55.00"]
