"""PostgreSQL goes away and comes back; two schedules tick at once, at any time of any clock (F4, F5)."""

import datetime
import time
from functools import partial

import pytest

from tests.faults.installation import SCALE, Installation, Site, crash, lives, wait_for
from tests.faults.tally import Tally
from tests.faults.visitor import Answer, Visitor

WRITE = "/tarefas/teste/"
READ = "/tarefas/"
# RELIABILITY F4: web and workers are back within this, without a restart.
DATABASE_LIMIT = 10


def busy(site: Site) -> Visitor:
    """Web and workers at work."""
    for _ in range(2):
        site.worker()
    return site.web()


def has_more_effects(site: Site, effects: set[int]) -> bool:
    return site.effects() > effects


def keep_busy(site: Site) -> set[int]:
    """The effects committed so far, while others are on their way."""
    if site.unfinished() < 3:
        site.enqueue(4, points=20, pause_ms=40)
        # Each outage spends a try, and here they come every few seconds: one job may well meet four.
        site.rows("UPDATE jobs_job SET max_attempts = 100")
    effects = site.effects()
    wait_for(partial(has_more_effects, site, effects), "further effects")
    return site.effects()


def is_friendly(answer: Answer) -> bool:
    """An answer, or the page of the outage with the time after which to try again."""
    if answer.status == 503:
        return bool(answer.retry_after) and "fora do ar por um momento" in answer.text
    return answer.status in {200, 303}


def back_again(site: Site, visitor: Visitor, effects: set[int], since: float) -> float:
    """Seconds until pages answer and workers work."""
    wait_for(lambda: visitor.get(READ).status == 200, "pages answer")
    wait_for(lambda: has_more_effects(site, effects) or not site.unfinished(), "workers work")
    return time.monotonic() - since


def accepted(answers: list[Answer]) -> set[int]:
    """The jobs whose form was answered with where they are."""
    return {int(answer.location.split("/")[-2]) for answer in answers if answer.status == 303}


def end(site: Site, tally: Tally, promised: set[int]) -> None:
    wait_for(lambda: not site.unfinished(), "every job ended", seconds=300)
    kept = {row[0] for row in site.rows("SELECT id FROM jobs_job")}
    tally.count(lost=[*site.lost(), *(promised - kept)], twice=site.twice())


@pytest.mark.fault("F4", "PostgreSQL stopped at once", limit=DATABASE_LIMIT)
def test_database_crash_loses_no_committed_row(installation: Installation, site: Site, tally: Tally) -> None:
    visitor = busy(site)
    answers: list[Answer] = []
    for _ in range(SCALE):
        effects = keep_busy(site)
        answers.append(visitor.post(WRITE))
        crash(installation.server)
        tally.tried += 1
        answers.append(visitor.get(READ))
        assert answers[-1].status == 503
        installation.server.ensure_running()
        since = time.monotonic()
        assert effects <= site.effects()
        tally.recovered(back_again(site, visitor, effects, since))
    assert [answer for answer in answers if not is_friendly(answer)] == []
    assert all(lives(process) for process in site.processes)
    end(site, tally, accepted(answers))


@pytest.mark.fault("F4", "every backend ended", limit=DATABASE_LIMIT)
def test_ended_backends_lose_no_committed_row(site: Site, tally: Tally) -> None:
    visitor = busy(site)
    answers: list[Answer] = []
    for _ in range(SCALE):
        effects = keep_busy(site)
        site.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        since = time.monotonic()
        tally.tried += 1
        answers += [visitor.get(READ), visitor.post(WRITE)]
        assert effects <= site.effects()
        tally.recovered(back_again(site, visitor, effects, since))
    assert [answer for answer in answers if not is_friendly(answer)] == []
    assert all(lives(process) for process in site.processes)
    end(site, tally, accepted(answers))


# --- The schedule (the machine's clock stays: each tick is told what time it is) ------------------------

MINUTE = datetime.timedelta(minutes=1)


def every(minutes: int, first: str, last: str) -> list[str]:
    """Moments in UTC."""
    moment, end = datetime.datetime.fromisoformat(first), datetime.datetime.fromisoformat(last)
    moments = []
    while moment <= end:
        moments.append(moment.isoformat())
        moment += minutes * MINUTE
    return moments


STEP = 60 if SCALE > 1 else 360
# The night is due at 3:10 in São Paulo: 6:10 in UTC today, 5:10 in the summers of the past.
SCHEDULES = {
    "two schedules at once": (["2026-11-20T12:00+00:00"] * 3, ["2026-11-20"]),
    "schedule dead for three days": (
        ["2026-11-17T06:11+00:00", "2026-11-20T12:00+00:00"],
        ["2026-11-17", "2026-11-18", "2026-11-19", "2026-11-20"],
    ),
    "clock one hour back": (
        ["2026-11-20T05:00+00:00", "2026-11-20T06:30+00:00", "2026-11-20T05:30+00:00", "2026-11-20T06:31+00:00"],
        ["2026-11-19", "2026-11-20"],
    ),
    "clock one hour ahead": (
        ["2026-11-20T05:30+00:00", "2026-11-20T06:30+00:00", "2026-11-20T05:31+00:00", "2026-11-20T06:11+00:00"],
        ["2026-11-19", "2026-11-20"],
    ),
    "summer time begins": (
        every(STEP, "2018-11-03T12:00+00:00", "2018-11-05T12:00+00:00"),
        ["2018-11-03", "2018-11-04", "2018-11-05"],
    ),
    "summer time ends": (
        every(STEP, "2019-02-15T12:00+00:00", "2019-02-18T12:00+00:00"),
        ["2019-02-15", "2019-02-16", "2019-02-17", "2019-02-18"],
    ),
}


@pytest.mark.fault("F5", "two schedules, clocks, pauses, summer time")
@pytest.mark.parametrize("name", SCHEDULES)
def test_one_night_per_local_date_whatever_the_clock(site: Site, tally: Tally, name: str) -> None:
    moments, dates = SCHEDULES[name]
    for _ in range(max(1, SCALE // 10)):
        site.rows("TRUNCATE jobs_job CASCADE")
        for moment in moments:
            assert any(site.ask("tick", moment, times=2))
        tally.tried += 1
        nights = "SELECT local_date::text FROM jobs_job WHERE kind = 'nightly' ORDER BY"
        found = [row[0] for row in site.rows(f"{nights} 1")]
        tally.count(lost=set(dates) - set(found), twice=sorted(set(found) - set(dates)) + found[len(dates) :])
    site.worker()
    wait_for(lambda: not site.unfinished(), "every night ran")
    # Once each, and the oldest date first.
    ran = site.rows(f"{nights} finished_at")
    assert [row[0] for row in ran] == dates
    assert site.rows("SELECT DISTINCT state, attempt FROM jobs_job") == [("done", 1)]
