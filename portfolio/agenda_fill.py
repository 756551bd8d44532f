"""What fits into a day: points per minute, within the minutes and the number of contacts (SCIENCE 7). Pure.

Where the number of contacts is the tighter limit, points per minute alone would take the shortest ones: then each
contact costs a price in minutes as well, and the price that brings the most points is taken.
"""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final, Protocol

PRICES: Final = (1, 2, 4, 8, 16, 32, 64, 1_000)
MOST_ROUNDS: Final = 10
SMALL: Final = 120


class Fitting(Protocol):
    """What is to be placed: `client` breaks ties, so that the same facts give the same list."""

    @property
    def client(self) -> int: ...
    @property
    def points(self) -> float: ...
    @property
    def minutes(self) -> int: ...
    @property
    def share(self) -> str: ...


@dataclass(frozen=True)
class Room:
    """What is left of a day; `reserves` are the minutes that a share should get at least."""

    minutes: int
    contacts: int
    reserves: Mapping[str, int] = field(default_factory=dict)

    def without(self, taken: Collection[Fitting]) -> "Room":
        minutes = max(self.minutes - sum(one.minutes for one in taken), 0)
        return Room(minutes, max(self.contacts - len(taken), 0), self.reserves)


@dataclass(frozen=True)
class Presence:
    """How long somebody works on a day."""

    hours: Decimal
    is_working_day: bool = True

    def minutes(self, most: int) -> int:
        if not self.is_working_day:
            return 0
        return min(most, int(self.hours * 60))


def by_density(one: Fitting, price: int = 0) -> tuple[float, int]:
    return (-one.points / (one.minutes + price), one.client)


def fill[F: Fitting](ranked: Sequence[F], room: Room) -> list[F]:
    """The ranked contacts of the day, the most points per minute first."""
    chosen = packed(ranked, room)
    if short := _short(chosen, ranked, room):
        reserved = _reserved(short, ranked, room)
        kept = {one.client for one in reserved}
        rest = packed([one for one in ranked if one.client not in kept], room.without(reserved))
        chosen = [*reserved, *rest]
    return sorted(chosen, key=by_density)


def in_order[F: Fitting](promised: Sequence[F], room: Room) -> list[F]:
    """Of the promised ones, which come in an order of their own, those that fit."""
    taken: list[F] = []
    for one in promised:
        left = room.without(taken)
        if one.minutes <= left.minutes and left.contacts:
            taken.append(one)
    return taken


# --- Reserves --------------------------------------------------------------------------------------------------


def _minutes_in[F: Fitting](share: str, chosen: Sequence[F]) -> int:
    return sum(one.minutes for one in chosen if one.share == share)


def _short[F: Fitting](chosen: Sequence[F], ranked: Sequence[F], room: Room) -> list[str]:
    """Shares that got less than is reserved although there was more to do. What nobody needs flows back."""
    kept = {one.client for one in chosen}
    waiting = {one.share for one in ranked if one.client not in kept}
    return [share for share, least in room.reserves.items() if share in waiting and _minutes_in(share, chosen) < least]


def _reserved[F: Fitting](short: Sequence[str], ranked: Sequence[F], room: Room) -> list[F]:
    """The densest of each short share until its reserve is reached; the others' reserves are kept whole as well."""
    taken: list[F] = []
    for share, least in room.reserves.items():
        for one in sorted((one for one in ranked if one.share == share), key=by_density):
            left = room.without(taken)
            if _minutes_in(share, taken) >= least or not left.contacts:
                break
            if one.minutes <= left.minutes:
                taken.append(one)
    return taken


# --- The knapsack ------------------------------------------------------------------------------------------------


def packed[F: Fitting](ranked: Sequence[F], room: Room) -> list[F]:
    if room.minutes <= SMALL:
        return _exact(ranked, room)
    packs = [_greedy(ranked, room)]
    if len(packs[0]) == room.contacts:
        packs += [_greedy(ranked, room, price=price) for price in PRICES]
    return _exchanged(max(packs, key=_total), ranked, room)


def _greedy[F: Fitting](ranked: Sequence[F], room: Room, *, price: int = 0) -> list[F]:
    taken: list[F] = []
    minutes = room.minutes
    for one in sorted(ranked, key=lambda one: by_density(one, price)):
        if len(taken) == room.contacts:
            break
        if one.minutes <= minutes:
            taken.append(one)
            minutes -= one.minutes
    return taken


type Chain[F] = tuple[F, Chain[F]] | None


def _exact[F: Fitting](ranked: Sequence[F], room: Room) -> list[F]:
    """In a short time one long contact decides: there every sum of minutes is tried."""
    worth = _worth_trying(ranked, room)
    shortest = min((one.minutes for one in worth), default=1)
    # One sheet of sums for each number of contacts, if that may be the tighter limit.
    is_limited = room.contacts * shortest < room.minutes
    sheets = room.contacts if is_limited else 1
    best: list[list[tuple[float, Chain[F]]]] = [[(0.0, None)] * (room.minutes + 1) for _ in range(sheets + 1)]
    for one in worth:
        for number in range(sheets, 0, -1):
            sums, before = best[number], best[number - 1 if is_limited else number]
            for end in range(room.minutes, one.minutes - 1, -1):
                points, chain = before[end - one.minutes]
                if points + one.points > sums[end][0]:
                    sums[end] = (points + one.points, (one, chain))
    return list(_links(best[sheets][room.minutes][1]))


def _worth_trying[F: Fitting](ranked: Sequence[F], room: Room) -> list[F]:
    """Of those that take as long, as many as fit: the others give less."""
    seen: Counter[int] = Counter()
    worth = []
    for one in sorted(ranked, key=lambda one: (-one.points, one.client)):
        seen[one.minutes] += 1
        if seen[one.minutes] * one.minutes <= room.minutes and seen[one.minutes] <= room.contacts:
            worth.append(one)
    return worth


def _links[F: Fitting](chain: Chain[F]) -> Iterator[F]:
    while chain is not None:
        one, chain = chain
        yield one


def _total[F: Fitting](pack: Sequence[F]) -> float:
    return sum(one.points for one in pack)


def _exchanged[F: Fitting](pack: list[F], ranked: Sequence[F], room: Room) -> list[F]:
    """Puts one that was left out in the place of one that brings less, as long as it fits."""
    for _ in range(MOST_ROUNDS):
        better = _exchange(pack, ranked, room)
        if better is None:
            break
        pack = better
    return pack


def _exchange[F: Fitting](pack: list[F], ranked: Sequence[F], room: Room) -> list[F] | None:
    kept = {one.client for one in pack}
    spare = room.without(pack)
    best, gain = None, 1e-9
    for new in ranked:
        if new.client in kept:
            continue
        if spare.contacts and new.minutes <= spare.minutes and new.points > gain:
            best, gain = [*pack, new], new.points
        for old in pack:
            if new.points - old.points > gain and new.minutes - old.minutes <= spare.minutes:
                best, gain = [*(one for one in pack if one is not old), new], new.points - old.points
    return best


def missing(one: Fitting, left: Room) -> int:
    """Minutes that would have been needed; 0 where the number of contacts was the limit."""
    return max(one.minutes - left.minutes, 0)


def reserve_of(minutes: int, percent: int, spent: int) -> int:
    """Of the day's minutes, less what was spent on it already today; rounded up."""
    return max(-(-minutes * percent // 100) - spent, 0)
