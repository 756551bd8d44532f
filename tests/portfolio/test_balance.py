"""The sharing rule against SCIENCE 6 and S8, and against an exact search on small cases."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio.balance import (
    UNPLACED,
    Problem,
    fairness,
    giants,
    normalised,
    share_out,
    winsorised,
)


def problem(weights, *, sellers=2, allowed=None, load=None, hours=None, room=None) -> Problem:
    weights = np.asarray(weights, dtype=float)
    hours = np.asarray(hours if hours is not None else [8.0] * sellers)
    # Given per client, every client is a cell of its own; else all are one.
    cell = np.zeros(len(weights), dtype=np.int64) if allowed is None else np.arange(len(weights))
    return Problem(
        weights=weights,
        cell=cell,
        allowed=np.ones((1, sellers), dtype=bool) if allowed is None else np.asarray(allowed, dtype=bool),
        load=np.zeros((sellers, 3)) if load is None else np.asarray(load, dtype=float),
        share=hours / hours.sum(),
        room=np.full(sellers, np.inf) if room is None else np.asarray(room, dtype=float),
    )


def skewed(count: int, seed: int) -> np.ndarray:
    generator = np.random.default_rng(seed)
    value = winsorised(generator.lognormal(5, 1.2, count))
    return np.column_stack([value, generator.choice([3.0, 4.5, 9.0], count), np.ones(count)])


def test_three_thousand_clients_over_eight_sellers_are_within_two_percent():
    found = share_out(problem(skewed(3_000, 1), sellers=8))

    for criterion in range(3):
        result = fairness(found.after[:, criterion], np.full(8, 1 / 8))
        assert result.max_over_mean <= 1.02
        assert result.jain >= 0.98


@pytest.mark.parametrize("seed", range(10))
def test_a_small_book_stays_within_a_quarter(seed):
    weights = skewed(120, seed)
    found = share_out(problem(weights, sellers=5))

    heavy = giants(weights, np.zeros((5, 3)), 5)
    for criterion in range(3):
        load = np.zeros(5)
        part = normalised(weights, np.zeros((5, 3)))[0][:, criterion]
        np.add.at(load, found.seller[~heavy], part[~heavy])
        assert fairness(load, np.full(5, 1 / 5)).max_over_mean <= 1.25


def test_seller_with_half_the_hours_gets_half():
    found = share_out(problem(skewed(900, 3), sellers=2, hours=[8.0, 4.0]))

    assert np.bincount(found.seller).tolist() == pytest.approx([600, 300], abs=30)


def test_only_what_is_missing_goes_to_the_seller_who_has_less():
    found = share_out(problem([[1, 1, 1]] * 4, sellers=2, load=[[6, 6, 6], [2, 2, 2]]))

    assert found.seller.tolist() == [1, 1, 1, 1]


def test_nobody_goes_over_the_limit_of_clients():
    found = share_out(problem([[1, 1, 1]] * 5, sellers=2, room=[1, 2]))

    assert sorted(found.seller.tolist()) == [UNPLACED, UNPLACED, 0, 1, 1]


def test_client_nobody_may_take_stays_unplaced():
    found = share_out(problem([[1, 1, 1], [2, 2, 2]], allowed=[[False, False], [True, True]]))

    assert found.seller[0] == UNPLACED
    assert found.seller[1] != UNPLACED


def test_constrained_client_is_placed_before_the_free_ones():
    found = share_out(problem([[9, 9, 9], [1, 1, 1]], allowed=[[True, True], [True, False]], room=[1, np.inf]))

    assert found.seller.tolist() == [1, 0]


def test_seller_without_hours_gets_nothing():
    found = share_out(problem([[1, 1, 1]] * 6, sellers=2, hours=[8.0, 0.0]))

    assert set(found.seller.tolist()) == {0}


def test_fair_part_is_the_load_of_the_chosen_seller_over_its_share():
    found = share_out(problem([[3, 1, 1], [1, 1, 1]]))

    # The heavier client goes first: 3/4 of the value over half of the capacity.
    assert found.fair_part[0].tolist() == pytest.approx([1.5, 1.0, 1.0])
    assert found.fair_part[1].tolist() == pytest.approx([0.5, 1.0, 1.0])


def test_no_clients_is_no_work():
    found = share_out(problem(np.zeros((0, 3))))

    assert found.seller.tolist() == []
    assert winsorised(np.array([])).tolist() == []


def test_giant_is_told_apart():
    weights = np.array([[100.0, 1, 1], [1, 1, 1], [1, 1, 1]])

    assert giants(weights, np.zeros((2, 3)), 2).tolist() == [True, False, False]
    assert giants(weights, np.zeros((0, 3)), 0).tolist() == [False, False, False]


def test_fairness_of_equal_and_of_empty_loads():
    assert fairness(np.array([2.0, 1.0]), np.array([2 / 3, 1 / 3])).jain == pytest.approx(1.0)
    assert fairness(np.array([0.0, 0.0]), np.array([0.5, 0.5])).max_over_mean == 1.0
    # 3 against 1 on equal shares: max 3 / mean 2; Jain 16 / (2·10)
    uneven = fairness(np.array([0.75, 0.25]), np.array([0.5, 0.5]))
    assert uneven.max_over_mean == pytest.approx(1.5)
    assert uneven.jain == pytest.approx(0.8)


def one_by_one(problem: Problem) -> list[int]:
    """The rule as SCIENCE 6 says it, seller by seller: what `share_out` does with arrays."""
    weights, load = normalised(problem.weights, problem.load)
    room, chosen = problem.room.copy(), [UNPLACED] * len(weights)
    allowed = problem.allowed[problem.cell]
    for client in sorted(range(len(weights)), key=lambda j: (allowed[j].sum(), -weights[j].sum(), j)):
        costs = {}
        for seller in range(len(problem.share)):
            if allowed[client, seller] and room[seller] > 0 and problem.share[seller] > 0:
                parts = (load[seller] + weights[client]) / problem.share[seller]
                costs[seller] = parts.max() + 0.25 * parts.sum()
        if costs:
            best = min(costs, key=costs.__getitem__)
            chosen[client] = best
            load[best] += weights[client]
            room[best] -= 1
    return chosen


@pytest.mark.parametrize("seed", range(8))
def test_arrays_choose_what_the_rule_chooses_seller_by_seller(seed):
    generator = np.random.default_rng(seed)
    sellers, cells, clients = 7, 4, 150
    case = Problem(
        weights=skewed(clients, seed),
        cell=generator.integers(0, cells, clients),
        allowed=generator.random((cells, sellers)) < 0.6,
        load=generator.random((sellers, 3)) * 500,
        share=np.array([0.0, 0.1, 0.1, 0.2, 0.2, 0.2, 0.2]),
        room=np.array([np.inf, 3, np.inf, np.inf, 20, np.inf, 0]),
    )
    found = share_out(case)

    assert found.seller.tolist() == one_by_one(case)
    placed = found.seller != UNPLACED
    fractions, before = normalised(case.weights, case.load)
    np.add.at(before, found.seller[placed], fractions[placed])
    assert found.after == pytest.approx(before)


@given(st.lists(st.integers(1, 50), min_size=2, max_size=7), st.integers(2, 3))
def test_largest_share_is_within_grahams_bound_of_the_best(weights, sellers):
    rows = [[weight] * 3 for weight in weights]
    found = share_out(problem(rows, sellers=sellers))

    best = min(
        max(sum(w for w, s in zip(weights, choice, strict=True) if s == k) for k in range(sellers))
        for choice in itertools.product(range(sellers), repeat=len(weights))
    )
    largest = max(sum(w for w, s in zip(weights, found.seller, strict=True) if s == k) for k in range(sellers))
    assert largest <= best * (4 / 3 - 1 / (3 * sellers)) + 1e-9


def test_teams_that_share_nobody_are_shared_out_as_if_each_were_alone():
    weights = skewed(60, 5)
    teams = np.array([[1, 1, 0, 0, 0], [0, 1, 1, 0, 0], [0, 0, 0, 1, 1], [0, 0, 0, 0, 0]], dtype=bool)
    whole = problem(weights, sellers=5, allowed=teams[np.arange(60) % 4])

    found = share_out(whole)

    for cells, sellers in (((0, 1), slice(0, 3)), ((2,), slice(3, 5))):
        mine = np.isin(np.arange(60) % 4, cells)
        alone = share_out(problem(weights, sellers=5, allowed=whole.allowed * mine[:, None]))
        assert found.seller[mine].tolist() == alone.seller[mine].tolist()
        assert found.after[sellers].tolist() == alone.after[sellers].tolist()
    assert set(found.seller[np.arange(60) % 4 == 3]) == {UNPLACED}
