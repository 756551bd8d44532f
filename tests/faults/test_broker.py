"""Redis is killed, emptied, away or full: pages answer, jobs wait and are all done afterwards (F3)."""

import shutil
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from carteira import embedded
from tests.faults.installation import SCALE, Installation, Site, lives, wait_for
from tests.faults.tally import Tally
from tests.faults.visitor import Visitor

pytestmark = pytest.mark.skipif(not shutil.which("redis-server"), reason="needs redis-server")

# So many companies lose their broker at the same time: one after the other would take an hour.
SITES = 5 if SCALE > 1 else 1
ROUNDS = max(1, SCALE // SITES)
AWAY_SECONDS = 60 if SCALE > 1 else 3
FULL_SECONDS = 5 if SCALE > 1 else 1
READ, WRITE = "/tarefas/", "/tarefas/teste/"
PAGES = 10


def tell(site: Site, *words: str) -> bytes:
    """One command to the site's Redis."""
    parts = "".join(f"${len(word)}\r\n{word}\r\n" for word in words)
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(10)
        client.connect(str(embedded.redis_socket(site.folder)))
        client.sendall(f"*{len(words)}\r\n{parts}".encode())
        return client.recv(200)


@contextmanager
def killed(site: Site) -> Iterator[None]:
    site.end_redis()
    yield
    site.redis()


@contextmanager
def emptied(site: Site) -> Iterator[None]:
    assert tell(site, "FLUSHALL") == b"+OK\r\n"
    yield


@contextmanager
def away(site: Site) -> Iterator[None]:
    site.end_redis()
    gone = time.monotonic()
    yield
    time.sleep(max(0, gone + AWAY_SECONDS - time.monotonic()))
    site.redis()


@contextmanager
def full(site: Site) -> Iterator[None]:
    assert tell(site, "CONFIG", "SET", "maxmemory", "1") == b"+OK\r\n"
    assert tell(site, "SET", "word", "x").startswith(b"-OOM")
    yield
    time.sleep(FULL_SECONDS)
    assert tell(site, "CONFIG", "SET", "maxmemory", "256mb") == b"+OK\r\n"


class Company:
    """A site with everything running, and somebody at its pages."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.before: list[float] = []
        self.during: list[float] = []
        self.statuses: set[int] = set()
        site.settle_night()
        site.redis()
        self.worker = site.celery()
        site.schedule()
        self.visitor: Visitor = site.web()
        self.look([])  # The first pages are slow by nature.

    def ask_for_work(self, jobs: int) -> None:
        self.statuses |= {self.visitor.post(WRITE).status for _ in range(jobs)}

    def look(self, seconds: list[float]) -> None:
        for _ in range(PAGES):
            answer = self.visitor.get(READ)
            self.statuses.add(answer.status)
            seconds.append(answer.seconds)

    def keep_working(self) -> bool:
        """As the launcher does: a worker that ended is started again. True, for conditions."""
        if not lives(self.worker):
            self.worker = self.site.celery()
        return True

    def works(self) -> bool:
        return self.keep_working() and bool(self.site.rows("SELECT 1 FROM jobs_job WHERE state = 'running'"))

    def is_done(self) -> bool:
        return self.keep_working() and not self.site.unfinished()

    def suffer(self, fault: Callable[..., object]) -> float:
        """Seconds from the end of the fault until every job is done."""
        self.look(self.before)
        self.ask_for_work(1)
        wait_for(lambda: self.works() or self.is_done(), "a job runs")
        with fault(self.site):  # type: ignore[attr-defined]
            self.ask_for_work(1)
            self.look(self.during)
        since = time.monotonic()
        wait_for(self.is_done, "every job ended", seconds=300)
        return time.monotonic() - since


@pytest.fixture(scope="module")
def companies(installation: Installation) -> Iterator[list[Company]]:
    companies = [Company(installation.site()) for _ in range(SITES)]
    yield companies
    for company in companies:
        company.site.close()


@pytest.mark.parametrize(
    "fault",
    [
        pytest.param(kind, id=name, marks=pytest.mark.fault("F3", name))
        for name, kind in {
            f"Redis away for {AWAY_SECONDS} s": away,
            "Redis killed": killed,
            "Redis emptied": emptied,
            "Redis without memory": full,
        }.items()
    ],
)
def test_jobs_outlive_the_broker(companies: list[Company], tally: Tally, fault: Callable[..., object]) -> None:
    with ThreadPoolExecutor(SITES) as together:
        for _ in range(ROUNDS):
            for seconds in together.map(lambda company: company.suffer(fault), companies):
                tally.tried += 1
                tally.recovered(seconds)
    tally.compare(
        before=[seconds for company in companies for seconds in company.before],
        during=[seconds for company in companies for seconds in company.during],
    )
    for company in companies:
        assert company.statuses == {200, 303}
        tally.count(lost=company.site.lost(), twice=company.site.twice())
