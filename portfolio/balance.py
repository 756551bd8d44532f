"""Sharing clients out fairly (SCIENCE 6): heaviest first, to the allowed seller whose share stays smallest.

Pure: arrays in, choices out. The three criteria are expected value, expected contact time and count, in this order.
Reference: LPT, R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

CRITERIA = ("value", "time", "count")
SUM_WEIGHT = 0.25
WINSOR_QUANTILE = 0.999

# Clients whose additions to every seller are worked out at once: few enough to stay in the processor's cache.
_BLOCK = 16

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
UNPLACED = -1


@dataclass(frozen=True)
class Problem:
    """`weights`: clients × 3, raw units. `cell[j]`: the group of client j; `allowed`: cells × sellers.
    `load`: sellers × 3, what they have already. `share`: each seller's part of the capacity, summing to 1.
    `room`: clients each may still take (inf: no limit).
    """

    weights: Floats
    cell: Integers
    allowed: NDArray[np.bool_]
    load: Floats
    share: Floats
    room: Floats

    def among(self, sellers: NDArray[np.bool_]) -> "Problem":
        """The same with these sellers alone; shares stay those of the whole."""
        return replace(
            self,
            allowed=self.allowed[:, sellers],
            load=self.load[sellers],
            share=self.share[sellers],
            room=self.room[sellers],
        )


@dataclass(frozen=True)
class Solution:
    """`seller[j]` is the index of the seller of client j, or UNPLACED. Loads are fractions of the whole,
    sellers × 3; `fair_part[j]` tells the chosen seller's load after j over its fair share, per criterion."""

    seller: Integers
    before: Floats
    after: Floats
    fair_part: Floats

    @property
    def placed(self) -> NDArray[np.bool_]:
        chosen: NDArray[np.bool_] = self.seller != UNPLACED
        return chosen


def winsorised(values: Floats) -> Floats:
    """Caps the very heavy at P99.9, so that one giant does not hide all other differences."""
    if not values.size:
        return values
    return np.minimum(values, np.quantile(values, WINSOR_QUANTILE, method="higher"))


def normalised(weights: Floats, load: Floats) -> tuple[Floats, Floats]:
    """Weights and loads as fractions of their common total per criterion."""
    total = weights.sum(axis=0) + load.sum(axis=0)
    total[total == 0] = 1.0
    return weights / total, load / total


def share_out(problem: Problem) -> Solution:
    """Places every client that some seller with room may take. Ties go to the seller listed first."""
    weights, before = normalised(problem.weights, problem.load)
    order = _order(weights, problem)
    seller = np.full(len(weights), UNPLACED, dtype=np.int64)
    for cells, sellers in _apart(problem.allowed):
        mine = order[cells[problem.cell[order]]]
        chosen = _choose(weights[mine], before[sellers], problem.among(sellers), problem.cell[mine])
        placed = chosen != UNPLACED
        seller[mine[placed]] = np.flatnonzero(sellers)[chosen[placed]]
    fair_part = np.zeros_like(weights)
    after = before.copy()
    taken = order[seller[order] != UNPLACED]
    for one in range(len(problem.share)):
        mine = taken[seller[taken] == one]
        loads = before[one] + weights[mine].cumsum(axis=0)
        fair_part[mine] = loads / problem.share[one]
        after[one] += weights[mine].sum(axis=0)
    return Solution(seller=seller, before=before, after=after, fair_part=fair_part)


def _order(weights: Floats, problem: Problem) -> Integers:
    """Clients that few sellers may take first, then the heaviest; equal ones keep the caller's order (id)."""
    choices = problem.allowed.sum(axis=1)[problem.cell]
    return np.lexsort((np.arange(len(weights)), -weights.sum(axis=1), choices)).astype(np.int64)


def _apart(allowed: NDArray[np.bool_]) -> list[tuple[NDArray[np.bool_], NDArray[np.bool_]]]:
    """Groups of cells and their sellers that have nothing to do with each other, such as teams: few sellers are
    compared faster than many. Cells that nobody may take are in none."""
    groups: list[tuple[NDArray[np.bool_], NDArray[np.bool_]]] = []
    for index in np.flatnonzero(allowed.any(axis=1)):
        cells, sellers = np.arange(len(allowed)) == index, allowed[index]
        for group in [group for group in groups if (group[1] & sellers).any()]:
            groups = [other for other in groups if other is not group]
            cells, sellers = cells | group[0], sellers | group[1]
        groups.append((cells, sellers))
    return groups


def _choose(weights: Floats, load: Floats, problem: Problem, cell: Integers) -> Integers:
    """The seller of each client, taken in this order: the one of least cost `max + SUM_WEIGHT · sum` of its loads
    over its share. The sum is spread over the criteria beforehand (`_with_sum`), so that one step a client remains:
    add, take the largest, find the least. The loop has no arrays to make: it is the time of a distribution.
    """
    usable = (problem.room > 0) & (problem.share > 0)
    closed = np.where(problem.allowed & usable, 0.0, np.inf)
    room = problem.room.copy()
    over_share = np.divide(1.0, problem.share, out=np.zeros_like(problem.share), where=problem.share > 0)
    costs = np.ascontiguousarray((_with_sum(load) * over_share[:, None]).T)
    parts, largest = np.empty_like(costs), np.empty_like(over_share)
    value, minutes, count = parts
    heavy = _with_sum(weights)
    chosen = np.full(len(weights), UNPLACED, dtype=np.int64)
    for start in range(0, len(weights), _BLOCK):
        more = heavy[start : start + _BLOCK, :, None] * over_share
        for client, (added, group) in enumerate(zip(more, cell[start : start + _BLOCK].tolist(), strict=True), start):
            np.add(costs, added, out=parts)
            np.maximum(value, minutes, out=largest)
            np.maximum(largest, count, out=largest)
            np.add(largest, closed[group], out=largest)
            best = int(largest.argmin())
            if largest[best] == np.inf:
                continue
            chosen[client] = best
            costs[:, best] = parts[:, best]
            room[best] -= 1
            if room[best] <= 0:
                closed[:, best] = np.inf
    return chosen


def _with_sum(loads: Floats) -> Floats:
    """max(a) + w·Σa equals max(a + w·Σa): each criterion carries its part of the sum."""
    return loads + SUM_WEIGHT * loads.sum(axis=1, keepdims=True)


@dataclass(frozen=True)
class Fairness:
    """`max_over_mean` is 1 when every seller carries exactly its share; Jain's index is 1 then too."""

    max_over_mean: float
    jain: float


def fairness(load: Floats, share: Floats) -> Fairness:
    """One criterion: `load` per seller against `share`, over the sellers with capacity."""
    working = share > 0
    relative = load[working] / share[working]
    if not relative.size or not relative.sum():
        return Fairness(1.0, 1.0)
    return Fairness(
        max_over_mean=float(relative.max() / relative.mean()),
        jain=float(relative.sum() ** 2 / (len(relative) * (relative**2).sum())),
    )


def giants(weights: Floats, load: Floats, sellers: int) -> NDArray[np.bool_]:
    """Clients heavier than a fair share on some criterion: placed, but left out of the fairness figure."""
    if not sellers:
        return np.zeros(len(weights), dtype=np.bool_)
    fractions, _ = normalised(weights, load)
    return (fractions > 1.0 / sellers).any(axis=1)
