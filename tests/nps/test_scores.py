"""The score, its interval, and what may be compared. Pure tests: no database."""

import random
from decimal import ROUND_HALF_UP, Decimal, localcontext
from fractions import Fraction

import pytest

from nps.models import NpsSettings
from nps.scores import Estimate, Shown, Tally, Trust, comparable, differs, estimate, percentages, rounded, shown, signed

SAMPLES = 1_000


def points(number: Decimal) -> int:
    """ROUND_HALF_UP of decimal is half away from zero."""
    return int(number.quantize(Decimal(1), rounding=ROUND_HALF_UP))


def recommended(promoters: int, passives: int, detractors: int) -> tuple[int, int, int]:
    """Score, low and high by another way: the mean of +1, 0 and -1 and its standard error, in exact fractions."""
    people = promoters + passives + detractors
    mean = Fraction(promoters, people) - Fraction(detractors, people)
    weights = {1: promoters + Fraction(3, 4), 0: passives + Fraction(3, 2), -1: detractors + Fraction(3, 4)}
    size = sum(weights.values())
    centre = sum(value * weight for value, weight in weights.items()) / size
    spread = sum(weight * (value - centre) ** 2 for value, weight in weights.items()) / size
    with localcontext(prec=60):
        score, middle, error = (Decimal(x.numerator) / x.denominator * 100 for x in (mean, centre, spread / size))
        half = (error / 100).sqrt() * 196
        low, high = max(middle - half, Decimal(-100)), min(middle + half, Decimal(100))
        return points(score), points(low), points(high)


def test_score_and_interval_equal_an_independent_computation_on_a_thousand_samples() -> None:
    chance = random.Random(20261122)
    sizes = (1, 3, 10, 40, 200, 5_000, 300_000)
    for _ in range(SAMPLES):
        size = chance.choice(sizes)
        counts = chance.randint(0, size), chance.randint(0, size), chance.randint(0, size)
        counts = counts if any(counts) else (0, 1, 0)
        tally = Tally(*counts)

        assert (tally.score, *tally.interval) == recommended(*counts), counts


@pytest.mark.parametrize(
    ("counts", "score"),
    [
        ((60, 25, 15), 45),
        ((6, 3, 1), 50),
        ((5, 0, 0), 100),
        ((0, 0, 3), -100),
        ((0, 4, 0), 0),
        ((0, 0, 0), None),
        # 100 * 1/200: half a point goes away from zero, on both sides.
        ((1, 199, 0), 1),
        ((0, 199, 1), -1),
        ((1, 200, 0), 0),
    ],
)
def test_score_counts_passives_and_rounds_half_away_from_zero(counts: tuple[int, int, int], score: int | None) -> None:
    assert Tally(*counts).score == score


@pytest.mark.parametrize(
    ("counts", "interval"),
    [((60, 25, 15), (29, 58)), ((120, 50, 30), (34, 55)), ((6, 3, 1), (0, 77)), ((5, 0, 0), (17, 100))],
)
def test_interval_is_of_the_adjusted_form(counts: tuple[int, int, int], interval: tuple[int, int]) -> None:
    """Five promoters of five leave doubt; the plain form has none there."""
    assert Tally(*counts).interval == interval


@pytest.mark.parametrize(
    ("counts", "score", "margin"), [((60, 25, 15), 45, 14.5), ((120, 50, 30), 45, 10.3), ((5, 0, 0), 100, 0)]
)
def test_plain_margin_is_that_of_the_book(counts: tuple[int, int, int], score: int, margin: float) -> None:
    plain = estimate(*counts)

    assert (rounded(plain.score), round(plain.margin, 1)) == (score, margin)


def test_margin_is_half_of_the_interval() -> None:
    tally = Tally(60, 25, 15)

    assert tally.adjusted == Estimate(pytest.approx(43.69, abs=0.01), tally.margin)
    assert tally.margin == pytest.approx(14.35, abs=0.01)


@pytest.mark.parametrize(("given", "expected"), [(0.5, 1), (-0.5, -1), (2.4, 2), (-2.4, -2), (0, 0)])
def test_rounding_goes_away_from_zero(given: float, expected: int) -> None:
    assert rounded(given) == expected


def test_tallies_add_up_and_come_apart() -> None:
    whole = Tally(6, 3, 1) + Tally(1, 1, 1)

    assert whole == Tally(7, 4, 2)
    assert whole - Tally(1, 1, 1) == Tally(6, 3, 1)
    assert whole.total == 13


@pytest.mark.parametrize(
    ("counts", "shares"),
    [((60, 25, 15), (60, 25, 15)), ((1, 1, 1), (34, 33, 33)), ((2, 1, 0), (67, 33, 0)), ((0, 0, 0), (0, 0, 0))],
)
def test_shares_add_up_to_a_hundred(counts: tuple[int, int, int], shares: tuple[int, int, int]) -> None:
    assert Tally(*counts).shares == shares


def test_percentages_take_any_number_of_parts() -> None:
    assert percentages([1, 1, 1, 1, 1, 1]) == [17, 17, 17, 17, 16, 16]
    assert percentages([]) == []


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        (Tally(60, 25, 15), Tally(50, 25, 25), False),
        (Tally(60, 25, 15), Tally(40, 25, 35), True),
        (Tally(600, 250, 150), Tally(550, 250, 200), True),
        (Tally(5, 0, 0), Tally(3, 1, 1), False),
    ],
)
def test_scores_differ_beyond_both_margins(one: Tally, other: Tally, expected: bool) -> None:
    assert differs(one, other) is differs(other, one) is expected


@pytest.mark.parametrize(
    ("total", "trust"), [(0, Trust.HIDDEN), (4, Trust.HIDDEN), (5, Trust.WARNED), (29, Trust.WARNED), (30, Trust.FULL)]
)
def test_small_samples_are_hidden_or_warned(total: int, trust: Trust) -> None:
    found = shown(Tally(total, 0, 0), NpsSettings())

    assert found.trust == trust
    assert (found.is_hidden, found.is_warned) == (trust == Trust.HIDDEN, trust == Trust.WARNED)


def test_settings_say_what_is_small_but_anonymous_answers_stay_among_five() -> None:
    lax = NpsSettings(hidden_below=0, warned_below=2)

    assert shown(Tally(0, 0, 0), lax).is_hidden
    assert shown(Tally(0, 0, 1), lax).is_warned
    assert shown(Tally(0, 0, 2), lax).trust == Trust.FULL
    assert shown(Tally(0, 0, 4), lax, is_anonymous=True).is_hidden
    assert not shown(Tally(0, 0, 5), lax, is_anonymous=True).is_hidden


def test_what_is_hidden_shows_no_figure_and_is_not_compared() -> None:
    few, many = shown(Tally(4, 0, 0), NpsSettings()), shown(Tally(60, 25, 15), NpsSettings())

    assert (few.score, few.low, few.high) == ("", "", "")
    assert (many.score, many.low, many.high) == ("+45", "+29", "+58")
    assert comparable(many, many)
    assert not comparable(many, few)
    assert not comparable(few, many)


def test_a_tally_of_nothing_has_no_score_to_show() -> None:
    assert Shown(Tally(), Trust.FULL).score == ""


@pytest.mark.parametrize(("points_", "text"), [(45, "+45"), (0, "0"), (-10, "−10")])
def test_points_carry_their_sign(points_: int, text: str) -> None:
    assert signed(points_) == text
