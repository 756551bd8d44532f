"""PostgreSQL and Redis go away and come back; two schedules tick at once (F3, F4, F5)."""

import shutil
import time
from functools import partial

import pytest
from django.utils import timezone

from tests.faults.installation import SCALE, Installation, crash, kill, lives, wait_for


def more_effects_than(installation: Installation, effects: set[int]) -> bool:
    return installation.effects() > effects


def test_database_crash_during_jobs_loses_no_committed_row(installation: Installation) -> None:
    installation.enqueue(10 * SCALE, points=10, pause_ms=40)
    workers = [installation.worker() for _ in range(2)]
    for _ in range(2 * SCALE):
        effects = installation.effects()
        wait_for(partial(more_effects_than, installation, effects), "further effects")
        effects = installation.effects()
        crash(installation.server)
        time.sleep(0.2)
        installation.server.ensure_running()
        assert effects <= installation.effects()
    wait_for(lambda: not installation.unfinished(), "every job ended")
    assert all(lives(worker) for worker in workers)
    assert installation.faults() == []


@pytest.mark.skipif(not shutil.which("redis-server"), reason="needs redis-server")
def test_redis_away_delays_jobs_and_loses_none(installation: Installation) -> None:
    # Tonight's run is done already, so that a tick only wakes the worker.
    installation.insert(kind="nightly", local_date=timezone.localdate(), state="done", finished_at="now")
    redis = installation.redis()
    installation.celery()
    installation.enqueue(3, points=3, pause_ms=0)
    wait_for(lambda: not installation.unfinished(), "a nudge wakes the worker")
    kill(redis)
    assert max(installation.enqueue(1, points=3, pause_ms=0) for _ in range(5)) < 1.5
    assert installation.unfinished() == 5
    installation.redis()
    deadline = time.monotonic() + 240
    while installation.unfinished():
        # The schedule ticks again and again; how soon the worker reconnects is Celery's patience, not ours.
        assert time.monotonic() < deadline
        installation.ask("tick")
        time.sleep(1)
    assert installation.faults() == []


def test_schedules_that_tick_at_once_add_one_night(installation: Installation) -> None:
    for _ in range(5 * SCALE):
        installation.forget_jobs()
        assert any(installation.ask("tick", "tick", "tick"))
        assert installation.rows("SELECT count(*) FROM jobs_job WHERE kind = 'nightly'") == [(1,)]
