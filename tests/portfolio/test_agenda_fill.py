"""What fits into a day: held against an exact knapsack, within the minutes and the contacts, with its reserves."""

import random
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from portfolio import agenda_fill
from portfolio.agenda_fill import Presence, Room, fill, in_order, missing, reserve_of

MINUTES = (3, 3, 5, 8, 8, 8, 10, 20, 45)


@dataclass(frozen=True)
class One:
    client: int
    points: float
    minutes: int
    share: str = "rest"


def exact(ones: Sequence[One], room: Room) -> float:
    """Every sum of minutes for every number of contacts: the most points there can be."""
    best = [[0.0] * (room.minutes + 1) for _ in range(room.contacts + 1)]
    for one in ones:
        for number in range(room.contacts, 0, -1):
            for end in range(room.minutes, one.minutes - 1, -1):
                best[number][end] = max(best[number][end], best[number - 1][end - one.minutes] + one.points)
    return best[room.contacts][room.minutes]


def random_day(seed: int) -> tuple[list[One], Room]:
    draw = random.Random(seed)
    size = draw.choice((3, 10, 30, 60, 100))
    ones = [One(n, round(draw.uniform(1, 150), 2), draw.choice(MINUTES)) for n in range(size)]
    return ones, Room(minutes=draw.choice((0, 30, 60, 120, 240, 360)), contacts=draw.choice((5, 10, 20, 40)))


@pytest.mark.parametrize("part", range(10))
def test_fill_reaches_98_percent_of_the_exact_knapsack_on_300_days(part: int) -> None:
    for seed in range(30 * part, 30 * part + 30):
        ones, room = random_day(seed)
        taken = fill(ones, room)
        assert sum(one.minutes for one in taken) <= room.minutes
        assert len(taken) <= room.contacts
        assert sum(one.points for one in taken) >= 0.98 * exact(ones, room), seed


ones = st.builds(
    One,
    client=st.integers(1, 10_000),
    points=st.floats(1, 200, allow_nan=False),
    minutes=st.sampled_from(MINUTES),
    share=st.sampled_from(("rest", "revival", "relation")),
)
days = st.lists(ones, max_size=60, unique_by=lambda one: one.client)
rooms = st.builds(
    Room,
    minutes=st.integers(0, 400),
    contacts=st.integers(0, 40),
    reserves=st.fixed_dictionaries({"revival": st.integers(0, 60), "relation": st.integers(0, 60)}),
)


@given(ranked=days, room=rooms, seed=st.integers())
def test_fill_never_exceeds_the_room_and_is_the_same_in_any_order(ranked: list[One], room: Room, seed: int) -> None:
    taken = fill(ranked, room)
    assert sum(one.minutes for one in taken) <= room.minutes
    assert len(taken) <= room.contacts
    assert len({one.client for one in taken}) == len(taken)
    shuffled = random.Random(seed).sample(ranked, len(ranked))
    assert fill(shuffled, room) == taken


@given(ranked=days, minutes=st.integers(100, 400))
def test_reserves_are_kept_wherever_there_is_something_to_do(ranked: list[One], minutes: int) -> None:
    """Short of a reserve is only a share all of whose contacts are taken, or too long for what is left."""
    reserves = {"revival": minutes * 15 // 100, "relation": minutes * 15 // 100}
    room = Room(minutes, 200, reserves)
    taken = fill(ranked, room)
    free = minutes - sum(one.minutes for one in taken)
    for share, least in reserves.items():
        spent = sum(one.minutes for one in taken if one.share == share)
        waiting = [one for one in ranked if one.share == share and one not in taken]
        longest = max((one.minutes for one in ranked), default=0)
        assert spent >= least or not waiting or min(one.minutes for one in waiting) > free - longest


def test_reserve_takes_the_densest_of_its_share_and_the_rest_flows_back() -> None:
    rest = [One(n, 100, 8) for n in range(1, 50)]
    revival = [One(100, 10, 8, "revival"), One(101, 20, 8, "revival"), One(102, 5, 8, "revival")]
    room = Room(80, 40, {"revival": 12, "relation": 12})
    taken = fill([*rest, *revival], room)
    assert {one.client for one in taken if one.share == "revival"} == {100, 101}
    assert sum(one.minutes for one in taken) == 80
    # Nothing of relationship is due: its minutes went to the others.
    assert sum(one.share == "rest" for one in taken) == 8


def test_a_share_that_has_its_part_already_reserves_nothing() -> None:
    rest = [One(n, 100, 8) for n in range(1, 50)]
    taken = fill([*rest, One(100, 10, 8, "revival")], Room(80, 40, {"revival": 0}))
    assert all(one.share == "rest" for one in taken)


def test_short_reserve_stops_at_the_number_of_contacts() -> None:
    revival = [One(n, 1, 8, "revival") for n in range(100, 110)]
    taken = fill([One(1, 50, 8), *revival], Room(200, 2, {"revival": 80}))
    assert len(taken) == 2


def test_in_order_keeps_the_order_and_passes_over_what_is_too_long() -> None:
    promised = [One(1, 0, 10), One(2, 0, 45), One(3, 0, 10)]
    assert [one.client for one in in_order(promised, Room(30, 40))] == [1, 3]
    assert [one.client for one in in_order(promised, Room(300, 1))] == [1]


def test_exchange_replaces_what_brings_less() -> None:
    """By density 100 minutes would go to thirty short ones; the long one is worth more than what it displaces."""
    short = [One(n, 10, 3) for n in range(1, 60)]
    taken = fill([*short, One(99, 160, 45)], Room(135, 40))
    assert 99 in {one.client for one in taken}


@pytest.mark.parametrize(
    ("presence", "minutes"),
    [
        (Presence(Decimal(8)), 360),
        (Presence(Decimal("4.5")), 270),
        (Presence(Decimal(0)), 0),
        (Presence(Decimal(8), is_working_day=False), 0),
    ],
)
def test_minutes_are_the_hours_up_to_the_capacity(presence: Presence, minutes: int) -> None:
    assert presence.minutes(360) == minutes


def test_reserve_counts_what_was_spent_and_rounds_up() -> None:
    assert reserve_of(360, 15, 0) == 54
    assert reserve_of(350, 15, 0) == 53
    assert reserve_of(360, 15, 50) == 4
    assert reserve_of(360, 15, 60) == 0


def test_missing_minutes_of_what_did_not_fit() -> None:
    assert missing(One(1, 1, 20), Room(8, 3)) == 12
    assert missing(One(1, 1, 8), Room(8, 0)) == 0


def test_exchange_fills_room_that_is_left_and_ends_after_some_rounds() -> None:
    """Each round mends one place: an empty pack gets as many as there are rounds."""
    mended = agenda_fill._exchanged([], [One(n, 10.0, 5) for n in range(12)], Room(360, 40))
    assert len(mended) == agenda_fill.MOST_ROUNDS
