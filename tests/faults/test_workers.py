"""Workers die at any moment: no job is lost, no effect happens twice, poison ends (F2, F9)."""

import os
import random
import signal
import time
from functools import partial

from tests.faults.installation import SCALE, Installation, kill_worker, wait_for


def busy_or_over(installation: Installation, worker: int) -> bool:
    return installation.running_on(worker) or not installation.unfinished()


def test_killed_workers_lose_nothing_and_repeat_nothing(installation: Installation) -> None:
    installation.enqueue(16 * SCALE, points=10, pause_ms=30)
    workers = [installation.worker() for _ in range(3)]
    for number in range(6 * SCALE):
        place = number % len(workers)
        victim = workers[place]
        wait_for(partial(busy_or_over, installation, victim), "a worker to hit")
        time.sleep(random.uniform(0, 0.3))
        kill_worker(victim)
        workers[place] = installation.worker()
    wait_for(lambda: not installation.unfinished(), "every job ended")
    assert installation.faults() == []


def test_frozen_worker_that_wakes_up_writes_nothing(installation: Installation) -> None:
    installation.enqueue(1, points=10, pause_ms=150)
    zombie = installation.worker()
    wait_for(installation.effects, "the first effect")
    os.kill(zombie, signal.SIGSTOP)
    heir = installation.worker()
    wait_for(lambda: installation.running_on(heir), "the heir has the job")
    os.kill(zombie, signal.SIGCONT)
    wait_for(lambda: not installation.unfinished(), "the job ended")
    time.sleep(0.3)
    assert installation.faults() == []
    assert installation.rows("SELECT attempt FROM jobs_job") == [(2,)]


def test_poison_ends_after_four_tries_and_the_queue_moves_on(installation: Installation) -> None:
    installation.enqueue(1, points=100, pause_ms=100)
    [(poison,)] = installation.rows("SELECT id FROM jobs_job")
    # The first poison kills its process; this one fails by itself: nobody handles its kind.
    installation.insert(kind="unheard_of")
    worker = installation.worker()
    for _ in range(4):
        wait_for(partial(installation.running_on, worker, job=poison), "poison runs")
        kill_worker(worker)
        worker = installation.worker()
    installation.enqueue(1, points=2, pause_ms=0)
    wait_for(lambda: not installation.unfinished(), "every job ended")
    assert installation.rows("SELECT kind, state, attempt, error <> '' FROM jobs_job ORDER BY id") == [
        ("selfcheck", "dead", 4, True),
        ("unheard_of", "dead", 4, True),
        ("selfcheck", "done", 1, False),
    ]


def test_worker_that_is_asked_to_end_gives_its_job_back(installation: Installation) -> None:
    installation.enqueue(1, points=10, pause_ms=100)
    worker = installation.worker()
    wait_for(installation.effects, "the first effect")
    os.kill(worker, signal.SIGTERM)
    wait_for(lambda: installation.rows("SELECT 1 FROM jobs_job WHERE state = 'queued'"), "the job is back")
    installation.worker()
    wait_for(lambda: not installation.unfinished(), "the job ended")
    assert installation.faults() == []
    assert installation.rows("SELECT attempt, max_attempts FROM jobs_job") == [(2, 5)]
