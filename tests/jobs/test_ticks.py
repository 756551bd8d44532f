"""The tick adds what the calendar asks for, once, and wakes the workers."""

import datetime

import psycopg
import pytest
from django.db import connection
from django.db.models import QuerySet
from django.utils import timezone

from jobs import queue, tasks, workers
from jobs.models import NIGHTLY, Job
from portfolio.digest import KIND as DIGEST
from tests.jobs.making import make_job

pytestmark = pytest.mark.django_db
NIGHT = datetime.time(3, 10)


@pytest.fixture
def nudges(monkeypatch):
    sent = []
    monkeypatch.setattr(queue, "nudge", lambda: sent.append(True))
    return sent


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=datetime.UTC)


def _nights() -> QuerySet[Job]:
    """Other kinds have dates of their own."""
    return Job.objects.filter(kind=NIGHTLY).order_by("local_date")


def nights() -> list[str]:
    return [str(day) for day in _nights().values_list("local_date", flat=True)]


def test_tick_adds_the_night_once(nudges, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        assert workers.tick(now=at("2026-11-20 06:10"))
        assert workers.tick(now=at("2026-11-20 06:10:30"))
    assert nights() == ["2026-11-20"]
    assert nudges


def test_tick_without_due_jobs_wakes_nobody(nudges, django_capture_on_commit_callbacks):
    for kind in (NIGHTLY, DIGEST):
        make_job(kind, local_date=datetime.date(2026, 11, 20), state="done")
    with django_capture_on_commit_callbacks(execute=True):
        workers.tick(now=at("2026-11-20 12:00"))
    assert not nudges


def test_tick_catches_up_oldest_first_after_three_days(nudges):
    workers.tick(now=at("2026-11-16 07:00"))
    workers.tick(now=at("2026-11-19 07:00"))
    assert nights() == ["2026-11-16", "2026-11-17", "2026-11-18", "2026-11-19"]
    assert not _nights().exclude(payload={}).exists()


def test_tick_after_a_long_pause_says_what_was_left_out(nudges):
    make_job(NIGHTLY, local_date=datetime.date(2026, 11, 1), state="done")
    workers.tick(now=at("2026-11-20 07:00"))
    assert len(nights()) == 8
    first = _nights()[1]
    assert first.local_date == datetime.date(2026, 11, 14)
    assert first.skipped == (datetime.date(2026, 11, 2), datetime.date(2026, 11, 13))


def test_clock_that_jumps_adds_no_date_twice(nudges):
    for moment in (
        "2026-11-20 05:30",
        "2026-11-20 06:30",
        "2026-11-20 05:30",
        "2026-11-20 07:30",
        "2026-11-21 05:00",
    ):
        workers.tick(now=at(moment))
    assert nights() == ["2026-11-19", "2026-11-20"]


def test_night_of_the_future_stops_nobody(nudges):
    make_job(NIGHTLY, local_date=datetime.date(2030, 1, 1), state="done")
    workers.tick(now=at("2026-11-20 07:00"))
    assert nights() == ["2026-11-20", "2030-01-01"]


@pytest.mark.parametrize(
    ("days", "expected"),
    [
        # 0:00 did not exist on the 4th; 23:00 to 23:59 came twice on the 16th.
        (
            ["2018-11-03 06:10", "2018-11-04 05:10", "2018-11-05 05:10"],
            ["2018-11-03", "2018-11-04", "2018-11-05"],
        ),
        (
            ["2019-02-16 05:10", "2019-02-17 01:30", "2019-02-17 02:30", "2019-02-17 06:10"],
            ["2019-02-16", "2019-02-17"],
        ),
    ],
)
def test_change_of_summer_time_gives_one_night_a_date(nudges, days, expected):
    for moment in days:
        workers.tick(now=at(moment))
    assert nights() == expected


def test_second_tick_at_the_same_moment_does_nothing(nudges):
    parameters = {"dbname": connection.settings_dict["NAME"]} | {
        name: value
        for name in ("host", "port", "user")
        if (value := connection.settings_dict[name.upper()] or connection.settings_dict["OPTIONS"].get(name))
    }
    with psycopg.connect(**parameters) as other:
        other.execute("SELECT pg_advisory_xact_lock(%s)", [workers.TICK_LOCK])
        assert not workers.tick(now=at("2026-11-20 07:00"))
        assert nights() == []
    assert workers.tick(now=at("2026-11-20 07:00"))


def test_tick_sweeps(nudges):
    job = make_job(state="running", lease_until=timezone.now() - datetime.timedelta(seconds=1))
    workers.tick()
    job.refresh_from_db()
    assert job.state == "queued"


def test_work_task_calls_for_more_hands_only_after_work(nudges, monkeypatch):
    make_job(payload={"points": 1})
    tasks.work()
    assert not nudges
    make_job(payload={"points": 1})
    monkeypatch.setattr(workers, "BUDGET_SECONDS", 0)
    monkeypatch.setattr(workers, "work_off", lambda: 1)
    tasks.work()
    assert nudges == [True]
    monkeypatch.setattr(workers, "work_off", lambda: 0)
    tasks.work()
    assert nudges == [True]


def test_tick_task_ticks(nudges):
    tasks.tick()
    assert Job.objects.filter(kind=NIGHTLY).count() == 1
