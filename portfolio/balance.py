"""Sharing clients out fairly (SCIENCE 6): heaviest first, to the allowed seller whose share stays smallest.

Pure: arrays in, choices out. The three criteria are expected value, expected contact time and count, in this order.
Reference: LPT, R. L. Graham, "Bounds on multiprocessing timing anomalies", 1969.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

CRITERIA = ("value", "time", "count")
SUM_WEIGHT = 0.25
WINSOR_QUANTILE = 0.999

Floats = NDArray[np.float64]
UNPLACED = -1


@dataclass(frozen=True)
class Problem:
    """`weights`: clients × 3, raw units. `allowed`: clients × sellers. `load`: sellers × 3, what they have already.
    `share`: each seller's part of the capacity, summing to 1. `room`: clients each may still take (inf: no limit).
    """

    weights: Floats
    allowed: NDArray[np.bool_]
    load: Floats
    share: Floats
    room: Floats


@dataclass(frozen=True)
class Solution:
    """`seller[j]` is the index of the seller of client j, or UNPLACED. Loads are fractions of the whole,
    sellers × 3; `fair_part[j]` tells the chosen seller's load after j over its fair share, per criterion."""

    seller: NDArray[np.int64]
    before: Floats
    after: Floats
    fair_part: Floats


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
    load, room = before.copy(), problem.room.copy()
    count = len(weights)
    seller = np.full(count, UNPLACED, dtype=np.int64)
    fair_part = np.zeros((count, len(CRITERIA)))
    share = np.where(problem.share > 0, problem.share, np.inf)[:, None]
    for client in _order(weights, problem.allowed):
        open_to = problem.allowed[client] & (room > 0) & (problem.share > 0)
        if not open_to.any():
            continue
        parts = (load + weights[client]) / share
        cost = parts.max(axis=1) + SUM_WEIGHT * parts.sum(axis=1)
        cost[~open_to] = np.inf
        chosen = int(cost.argmin())
        seller[client] = chosen
        load[chosen] += weights[client]
        room[chosen] -= 1
        fair_part[client] = load[chosen] / problem.share[chosen]
    return Solution(seller=seller, before=before, after=load, fair_part=fair_part)


def _order(weights: Floats, allowed: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Clients that few sellers may take first, then the heaviest; equal ones keep the caller's order (id)."""
    choices = allowed.sum(axis=1)
    return np.lexsort((np.arange(len(weights)), -weights.sum(axis=1), choices)).astype(np.int64)


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
