"""What a measurement says: a value, the limit it is held against, and the budget for their ratio."""

import gc
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Options:
    """How much is measured. `quick` takes few repetitions: it shows that everything runs, not how fast.

    `rows` is the length of a measured file, else that of its topic.
    """

    repeat: int = 5
    seconds: int = 20
    quick: bool = False
    rows: int = 0


@dataclass(frozen=True, slots=True)
class Figure:
    """`value` in `unit`; `limit` is the physical limit measured in the same run, in the same unit.

    Without a limit the budget is absolute and the ratio is the value itself. Without a budget the figure is only
    told, never judged. A budget is met by a ratio of at most the budget; with `at_least`, of at least it.
    """

    name: str
    value: float
    unit: str
    limit: float | None = None
    budget: float | None = None
    at_least: bool = False

    @property
    def ratio(self) -> float:
        return self.value / self.limit if self.limit else self.value

    @property
    def is_met(self) -> bool | None:
        if self.budget is None:
            return None
        return self.ratio >= self.budget if self.at_least else self.ratio <= self.budget

    def as_json(self) -> dict[str, Any]:
        told = {name: getattr(self, name) for name in ("name", "value", "unit", "limit", "ratio", "budget")}
        return told | {"met": self.is_met} | ({"at_least": True} if self.at_least else {})


class BenchError(Exception):
    """Why nothing could be measured, in words for the operator."""


def seconds_of(action: Callable[[], object]) -> float:
    """Wall time of one call, the collector of garbage kept out of it."""
    gc.collect()
    start = time.perf_counter()
    action()
    return time.perf_counter() - start


def median_seconds(action: Callable[[], object], *, repeat: int) -> float:
    """The median of several calls, after one that warms the caches."""
    action()
    return statistics.median(seconds_of(action) for _ in range(repeat))


@contextmanager
def stopwatch() -> Iterator[list[float]]:
    """Appends the seconds the body took to the list it yields."""
    taken: list[float] = []
    start = time.perf_counter()
    yield taken
    taken.append(time.perf_counter() - start)
