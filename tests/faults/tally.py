"""What a fault test counted; `make faults` prints it as one table."""

from collections.abc import Collection, Iterator
from dataclasses import asdict, dataclass
from typing import Any

import pytest

from tests.faults.installation import LEASE_SECONDS

# RELIABILITY F2: a job goes on at most this long after its worker, broker or database is back.
RECOVERY_LIMIT = 2 * LEASE_SECONDS + 30
PROPERTY = "fault"
MARKER = "fault(number, what): the row of the table that the test counts for"


@dataclass
class Tally:
    fault: str
    what: str
    limit: float = RECOVERY_LIMIT
    tried: int = 0
    lost: int = 0
    twice: int = 0
    recoveries: int = 0
    longest: float = 0.0
    # Pages while the part is away, against pages before: p95 over p95. Zero where no page was asked for.
    slowdown: float = 0.0

    def recovered(self, seconds: float) -> None:
        self.recoveries += 1
        self.longest = max(self.longest, seconds)

    def count(self, *, lost: Collection[Any] = (), twice: Collection[Any] = ()) -> None:
        """Counts what is wrong, and fails with it."""
        self.lost += len(lost)
        self.twice += len(twice)
        assert not lost, lost
        assert not twice, twice

    def compare(self, before: list[float], during: list[float]) -> None:
        self.slowdown = max(self.slowdown, p95(during) / p95(before))

    def told(self) -> dict[str, Any]:
        return asdict(self)


def p95(seconds: list[float]) -> float:
    return sorted(seconds)[int(len(seconds) * 0.95)]


@pytest.fixture
def tally(request: pytest.FixtureRequest) -> Iterator[Tally]:
    mark = request.node.get_closest_marker("fault")
    tally = Tally(*mark.args, **mark.kwargs)
    failures = request.session.testsfailed
    yield tally
    failed = request.session.testsfailed > failures
    request.node.user_properties.append((PROPERTY, tally.told() | {"failed": failed}))
