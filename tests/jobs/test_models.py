"""The last guard is the database: every constraint refuses what it names."""

import datetime

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from jobs.models import NIGHTLY, Job, JobStep
from tests.jobs.making import make_job

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 11, 20)


@pytest.mark.parametrize(
    ("constraint", "first", "second"),
    [
        ("job_once_per_local_date", {"local_date": DAY}, {"local_date": DAY}),
        (
            "job_one_dated_run_at_once",
            {"state": "running", "local_date": DAY},
            {"state": "running", "local_date": datetime.date(2026, 11, 21)},
        ),
        ("job_dedupe_key_once", {"dedupe_key": "x"}, {"dedupe_key": "x"}),
        ("job_state_known", {}, {"state": "lost"}),
        ("job_running_has_lease", {}, {"state": "running", "lease_until": None}),
        ("job_ended_has_time", {}, {"state": "done", "finished_at": None}),
        ("job_ended_has_time", {}, {"state": "queued", "finished_at": timezone.now()}),
        ("job_attempts_within_limit", {}, {"attempt": 5}),
        ("job_attempts_within_limit", {}, {"attempt": 0, "max_attempts": 0}),
    ],
)
def test_database_refuses(constraint, first, second):
    make_job(NIGHTLY, **first)
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        make_job(NIGHTLY, **second)


def test_undated_jobs_of_one_kind_run_side_by_side():
    make_job(state="running")
    make_job(state="running")
    assert Job.objects.count() == 2


@pytest.mark.parametrize(("constraint", "values"), [("job_step_once", {}), ("job_step_state_known", {"state": "lost"})])
def test_database_refuses_step(constraint, values):
    job = make_job()
    JobStep.objects.create(job=job, name="um", position=1)
    values = {"name": "um" if constraint == "job_step_once" else "dois", "position": 2} | values
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic():
        JobStep.objects.create(job=job, **values)


def test_progress_and_remaining_time():
    started = timezone.now() - datetime.timedelta(seconds=30)
    job = make_job(state="running", started_at=started, progress_done=30, progress_total=120)
    assert job.percent == 25
    assert job.remaining is not None
    assert 85 < job.remaining.total_seconds() < 100
    assert make_job().remaining is None
    assert make_job(progress_done=5).percent is None


def test_visible_to_follows_role(cast):
    jobs = {
        "ada": make_job(created_by=cast.ada),
        "sonia": make_job(created_by=cast.sonia),
        "night": make_job(NIGHTLY, local_date=DAY),
        "alone": make_job(),
    }
    everything = set(jobs.values())
    seen = {
        name: set(Job.objects.visible_to(getattr(cast, name))) for name in ("ada", "aurora", "sonia", "mauro", "julia")
    }
    assert seen == {
        "ada": everything,
        "aurora": everything,
        "sonia": {jobs["sonia"], jobs["night"]},
        "mauro": {jobs["night"]},
        "julia": set(),
    }
