"""Workers die at any moment: no job is lost, no effect happens twice, poison ends (F2, F9)."""

import os
import random
import signal
import time
from functools import partial

import pytest

from tests.faults.installation import SCALE, Site, kill_group, wait_for
from tests.faults.tally import Tally

KILLS = 5 * SCALE
MIX = ((40, 30), (10, 30), (1, 0))  # Points and milliseconds between them: long, middling and tiny jobs.


class Victim:
    """A running job, and the process that has it."""

    def __init__(self, site: Site) -> None:
        self.site = site
        self.job = self.attempt = self.pid = 0

    def appears(self) -> bool:
        for job, attempt, worker in self.site.rows(
            "SELECT id, attempt, worker FROM jobs_job WHERE state = 'running' AND attempt < max_attempts"
            " ORDER BY attempt, random() LIMIT 1"  # Who is killed at the last try is poison.
        ):
            self.job, self.attempt, self.pid = job, attempt, int(worker.rpartition(":")[2])
        return bool(self.pid)

    def is_taken_up(self) -> bool:
        """Somebody else has it, or it ended before the signal came."""
        query = "SELECT attempt > %s OR state = 'done' FROM jobs_job WHERE id = %s"
        return bool(self.site.rows(query, self.attempt, self.job)[0][0])


def top_up(site: Site) -> None:
    """There is always something to kill."""
    if site.unfinished() < 4:
        for points, pause in MIX:
            site.enqueue(2, points=points, pause_ms=pause)


def end(site: Site, tally: Tally) -> None:
    wait_for(lambda: not site.unfinished(), "every job ended", seconds=300)
    tally.count(lost=site.lost(), twice=site.twice())


@pytest.mark.fault("F2", "worker killed")
def test_killed_workers_lose_nothing_and_repeat_nothing(site: Site, tally: Tally) -> None:
    for _ in range(3):
        site.worker()
    for _ in range(KILLS):
        top_up(site)
        victim = Victim(site)
        wait_for(victim.appears, "a worker to hit")
        time.sleep(random.uniform(0, 0.2))
        kill_group(victim.pid)
        killed = time.monotonic()
        tally.tried += 1
        site.worker()
        wait_for(victim.is_taken_up, "its job goes on")
        tally.recovered(time.monotonic() - killed)
    end(site, tally)


@pytest.mark.fault("F2", "child of the pool killed")
def test_killed_children_of_the_pool_lose_nothing_and_repeat_nothing(site: Site, tally: Tally) -> None:
    site.settle_night()
    site.redis()
    site.celery(children=2)
    site.schedule()
    while tally.tried < KILLS:
        top_up(site)
        victim = Victim(site)
        wait_for(victim.appears, "a child to hit")
        time.sleep(random.uniform(0, 0.2))
        try:
            os.kill(victim.pid, signal.SIGKILL)
        except ProcessLookupError:
            # After some hundred tasks a child makes room for a new one by itself.
            continue
        killed = time.monotonic()
        tally.tried += 1
        wait_for(victim.is_taken_up, "its job goes on")
        tally.recovered(time.monotonic() - killed)
    end(site, tally)


def test_frozen_worker_that_wakes_up_writes_nothing(site: Site) -> None:
    site.enqueue(1, points=10, pause_ms=150)
    zombie = site.worker()
    wait_for(site.effects, "the first effect")
    os.kill(zombie, signal.SIGSTOP)
    heir = site.worker()
    wait_for(lambda: site.running_on(heir), "the heir has the job")
    os.kill(zombie, signal.SIGCONT)
    wait_for(lambda: not site.unfinished(), "the job ended")
    time.sleep(0.3)
    assert site.faults() == []
    assert site.rows("SELECT attempt FROM jobs_job") == [(2,)]


def test_worker_that_is_asked_to_end_gives_its_job_back(site: Site) -> None:
    site.enqueue(1, points=10, pause_ms=100)
    worker = site.worker()
    wait_for(site.effects, "the first effect")
    os.kill(worker, signal.SIGTERM)
    wait_for(lambda: site.rows("SELECT 1 FROM jobs_job WHERE state = 'queued'"), "the job is back")
    site.worker()
    wait_for(lambda: not site.unfinished(), "the job ended")
    assert site.faults() == []
    assert site.rows("SELECT attempt, max_attempts FROM jobs_job") == [(2, 5)]


@pytest.mark.fault("F9", "poison job")
def test_poison_ends_after_four_tries_and_the_queue_moves_on(site: Site, tally: Tally) -> None:
    killers, failures = max(1, SCALE // 4), SCALE
    for _ in range(killers):
        kill_its_worker_four_times(site)
    # The first poison kills its process; this one fails by itself: nobody handles its kind.
    for _ in range(failures):
        site.insert(kind="unheard_of")
    site.enqueue(SCALE, points=2, pause_ms=0)
    site.worker()
    tally.tried = killers + failures
    wait_for(lambda: not site.unfinished(), "every job ended")
    assert site.rows(
        "SELECT kind, state, attempt, error <> '', count(*) FROM jobs_job GROUP BY 1, 2, 3, 4 ORDER BY 1, 2"
    ) == [
        ("selfcheck", "dead", 4, True, killers),
        ("selfcheck", "done", 1, False, SCALE),
        ("unheard_of", "dead", 4, True, failures),
    ]


def kill_its_worker_four_times(site: Site) -> None:
    site.enqueue(1, points=100, pause_ms=100)
    poison = site.number("SELECT max(id) FROM jobs_job")
    for _ in range(4):
        worker = site.worker()
        wait_for(partial(site.running_on, worker, job=poison), "poison runs")
        kill_group(worker)
    heir = site.worker()
    wait_for(lambda: site.rows("SELECT 1 FROM jobs_job WHERE id = %s AND state = 'dead'", poison), "poison is dead")
    kill_group(heir)
