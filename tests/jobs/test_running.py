"""Claim, fence, chunks, retries and the sweep."""

import datetime
import time

import pytest
from django.conf import settings
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from jobs import running, workers
from jobs.models import NIGHTLY, Job, JobStep
from jobs.running import JobError, LeaseLostError, PausedError, Run, describe
from people.models import Team
from tests.jobs.making import make_job

pytestmark = pytest.mark.django_db
DAY = datetime.date(2026, 11, 20)
NEXT_DAY = datetime.date(2026, 11, 21)


def claimed(**fields) -> Run:
    make_job(**fields)
    return claim()


def claim(*, only: Job | None = None) -> Run:
    run = running.claim(only=only.pk if only else None)
    assert run is not None
    return run


def lease_of(job: Job) -> datetime.datetime:
    job.refresh_from_db()
    assert job.lease_until is not None
    return job.lease_until


def expire(job: Job) -> None:
    Job.objects.filter(pk=job.pk).update(lease_until=timezone.now() - datetime.timedelta(seconds=1))


def taken_over(run: Run) -> Run:
    """The lease of `run` ended and somebody else claimed the job."""
    expire(run.job)
    running.sweep()
    other = claim()
    assert other.job.pk == run.job.pk
    return other


# --- Claim ---------------------------------------------------------------------------------------------


def test_claim_takes_a_lease_and_counts_the_try():
    run = claimed()
    assert (run.job.state, run.job.attempt, run.job.started_at is None) == ("running", 1, False)
    assert timezone.now() < lease_of(run.job) <= timezone.now() + settings.JOB_LEASE
    assert run.job.worker
    assert running.claim() is None


def test_claim_order_is_priority_then_date_then_age():
    now = timezone.now()
    plain = make_job(due_at=now - datetime.timedelta(minutes=1))
    newer_night = make_job(NIGHTLY, local_date=NEXT_DAY, due_at=now - datetime.timedelta(hours=3))
    older_night = make_job(NIGHTLY, local_date=DAY, due_at=now)
    urgent = make_job(priority=10, due_at=now)
    make_job(due_at=now + datetime.timedelta(minutes=1))
    order = []
    while run := running.claim():
        order.append(run.job)
        run.finish()
    assert order == [urgent, plain, older_night, newer_night]


@pytest.mark.parametrize("state", ["running", "failed"])
def test_claim_lets_a_newer_night_wait_for_the_older(state):
    later = timezone.now() + datetime.timedelta(hours=1)
    older = make_job(NIGHTLY, local_date=DAY, state=state, due_at=later)
    newer = make_job(NIGHTLY, local_date=NEXT_DAY)
    assert running.claim() is None
    Job.objects.filter(pk=older.pk).update(state="dead", finished_at=timezone.now())
    assert claim().job == newer


def test_claim_never_runs_an_older_night_beside_a_newer_one():
    make_job(NIGHTLY, local_date=NEXT_DAY, state="running")
    older = make_job(NIGHTLY, local_date=DAY)
    assert running.claim() is None
    assert running.claim(only=older.pk) is None


def test_claim_only_takes_the_named_job_before_its_time():
    wanted = make_job(due_at=timezone.now() + datetime.timedelta(hours=1))
    make_job()
    assert claim(only=wanted).job == wanted
    assert running.claim(only=wanted.pk) is None


def test_claim_loses_gracefully_against_another_night(monkeypatch):
    make_job(NIGHTLY, local_date=DAY, state="running")
    newer = make_job(NIGHTLY, local_date=NEXT_DAY)
    # What two workers see when both look before either commits: only the constraint stands between them.
    monkeypatch.setattr(running, "_next", lambda only: newer)
    assert running.claim() is None


# --- Chunks and the fence ------------------------------------------------------------------------------


def test_chunk_saves_effects_checkpoint_progress_counts_and_lease():
    run = claimed()
    expire(run.job)
    with run.chunk(done=5, total=20, checkpoint={"next": 6}, made=5) as part:
        Team.objects.create(name="efeito")
        part.count(made=1, skipped=2)
    job = Job.objects.get()
    assert (job.progress_done, job.progress_total, job.checkpoint) == (5, 20, {"next": 6})
    assert job.counts == {"made": 6, "skipped": 2}
    assert lease_of(job) > timezone.now()
    assert run.checkpoint == {"next": 6}
    with run.chunk(made=1):
        pass
    assert Job.objects.get().counts == {"made": 7, "skipped": 2}
    assert Job.objects.get().progress_done == 5


def test_chunk_that_fails_saves_nothing():
    run = claimed()
    with pytest.raises(DatabaseError), run.chunk(done=5, made=5):
        Team.objects.bulk_create([Team(name="efeito"), Team(name="efeito")])
    assert not Team.objects.exists()
    assert Job.objects.get().counts == {}


def test_zombie_writes_nothing():
    zombie = claimed()
    heir = taken_over(zombie)
    with pytest.raises(LeaseLostError), zombie.chunk(done=1):
        Team.objects.create(name="do zumbi")
    for act in (zombie.finish, zombie.release, lambda: zombie.fail(JobError("x"))):
        with pytest.raises(LeaseLostError):
            act()
    assert not Team.objects.exists()
    with heir.chunk(done=1):
        Team.objects.create(name="do herdeiro")
    heir.finish()
    assert Job.objects.get().state == "done"


def test_late_worker_that_nobody_replaced_goes_on():
    run = claimed()
    expire(run.job)
    with run.chunk(done=1):
        pass
    assert running.sweep() == running.Swept()


def test_chunk_pauses_only_after_one_of_its_own():
    run = claimed()
    run.deadline = time.monotonic() - 1
    with run.chunk(done=1, checkpoint={"next": 2}):
        pass
    with pytest.raises(PausedError), run.chunk(done=2):
        pass
    run.release()
    job = Job.objects.get()
    assert (job.state, job.checkpoint, job.tries, job.max_attempts) == ("queued", {"next": 2}, 0, 5)


# --- How a try ends ------------------------------------------------------------------------------------


def test_failure_waits_longer_each_time_and_then_stops():
    job = make_job()
    waits = []
    for attempt in range(1, 5):
        run = claim(only=job)
        run.fail(ZeroDivisionError())
        job.refresh_from_db()
        assert job.attempt == attempt
        waits.append(round((job.due_at - timezone.now()) / settings.JOB_LEASE, 1) if job.state == "failed" else None)
    assert waits == [0.2, 1.0, 4.0, None]
    assert (job.state, job.finished_at is None) == ("dead", False)
    assert running.claim(only=job.pk) is None


def test_finish_clears_checkpoint_and_fills_progress():
    run = claimed()
    with run.chunk(done=7, total=9, checkpoint={"next": 8}):
        pass
    run.finish()
    job = Job.objects.get()
    assert (job.state, job.progress_done, job.checkpoint, job.lease_until) == ("done", 9, {}, None)


def test_sweep_requeues_and_buries():
    lost, poison, alive = (make_job(state="running", attempt=n) for n in (1, 4, 1))
    lost.steps.create(name="um", position=1, state="running")
    for job in (lost, poison):
        expire(job)
    assert running.sweep() == running.Swept(requeued=1, dead=1)
    states = {job.pk: job.state for job in Job.objects.all()}
    assert states == {lost.pk: "queued", poison.pk: "dead", alive.pk: "running"}
    assert Job.objects.get(pk=poison.pk).error == "O processo foi interrompido."
    assert lost.steps.get().state == "waiting"


def test_describe_tells_kind_and_place_but_no_values():
    try:
        Team.objects.create(name="a" * 200, parent_id=7)
    except DatabaseError as error:
        text = describe(error)
    assert text.startswith("DataError · tests/jobs/test_running.py:")
    assert describe(JobError("O arquivo sumiu.")) == "O arquivo sumiu."
    assert describe(ValueError("Ana 529.982.247-25")) == "ValueError"


# --- Steps ---------------------------------------------------------------------------------------------


def test_step_has_its_own_checkpoint_progress_and_counts():
    run = claimed()
    run.plan(["um", "dois"])
    with run.step("um", position=1) as step:
        with step.chunk(done=2, total=4, checkpoint={"next": 3}, rows=2):
            pass
        with step.chunk(done=4, checkpoint={"next": 5}, rows=2):
            pass
        assert step.checkpoint == {"next": 5}
        step.complete({"rows": 2, "extra": 1})
    with run.step("dois", position=2) as step:
        assert (step.checkpoint, step.payload) == ({}, {})
    first, second = run.job.steps.all()
    assert (first.state, first.counts, first.progress_done) == ("done", {"rows": 4, "extra": 1}, 4)
    assert (second.state, second.percent) == ("done", None)
    assert run.finished_steps() == {"um", "dois"}
    assert (run.job.progress_done, run.job.progress_total) == (2, 2)


def test_step_records_its_failure():
    run = claimed()
    with pytest.raises(JobError), run.step("um", position=1):
        raise JobError("Sem vendedores.")
    step = JobStep.objects.get()
    assert (step.state, step.error, step.finished_at is None) == ("failed", "Sem vendedores.", False)


def two_chunks(step: running.Step) -> None:
    for number in (1, 2):
        with step.chunk(done=number, checkpoint={"next": number + 1}):
            pass


def test_paused_step_waits():
    run = claimed()
    run.deadline = time.monotonic() - 1
    with pytest.raises(PausedError), run.step("um", position=1) as step:
        two_chunks(step)
    assert JobStep.objects.get().state == "waiting"
    run.release()
    again = claim()
    with again.step("um", position=1) as step:
        assert step.checkpoint == {"next": 2}


def test_step_of_a_zombie_writes_nothing():
    zombie = claimed()
    with pytest.raises(LeaseLostError), zombie.step("um", position=1):
        taken_over(zombie)
    assert JobStep.objects.get().state == "waiting"


# --- The loop ------------------------------------------------------------------------------------------


def test_work_off_runs_until_the_queue_is_empty():
    jobs = [make_job(payload={"points": number}) for number in (1, 2, 3)]
    assert workers.work_off() == 3
    assert [Job.objects.get(pk=job.pk).counts for job in jobs] == [
        {"points": 1},
        {"points": 2},
        {"points": 3},
    ]
    assert workers.work_off() == 0


def test_work_off_pauses_a_long_job_and_a_later_one_goes_on(monkeypatch):
    make_job(payload={"points": 4, "pause_ms": 30})
    assert workers.work_off(budget=0.02) == 1
    job = Job.objects.get()
    assert (job.state, job.counts) == ("queued", {"points": 1})
    assert workers.work_off() == 1
    job.refresh_from_db()
    assert (job.state, job.counts, job.steps.count()) == ("done", {"points": 4}, 4)


@pytest.mark.parametrize(
    ("kind", "payload", "error"), [("nobody_knows", {}, "UnknownKindError"), ("selfcheck", {}, "KeyError")]
)
def test_failing_job_is_tried_again_and_the_queue_moves_on(kind, payload, error):
    poison = make_job(kind, payload=payload, priority=5)
    fine = make_job(payload={"points": 1})
    assert workers.work_off() == 2
    poison.refresh_from_db()
    fine.refresh_from_db()
    assert (poison.state, fine.state) == ("failed", "done")
    assert poison.error.startswith(error)


def test_lost_job_is_left_to_its_new_owner(kinds):
    @kinds("steal", label="x")
    def steal(run: Run) -> None:
        taken_over(run)

    make_job("steal")
    assert workers.work_off() == 1
    assert (Job.objects.get().state, Job.objects.get().attempt) == ("running", 2)


@pytest.mark.parametrize("end", [KeyboardInterrupt, SystemExit])
def test_ended_worker_gives_the_job_back(kinds, end):
    @kinds("stop", label="x")
    def stop(run: Run) -> None:
        raise end

    make_job("stop")
    with pytest.raises(end):
        workers.work_off()
    assert (Job.objects.get().state, Job.objects.get().tries) == ("queued", 0)


def test_failure_that_cannot_be_written_is_left_to_the_sweep(kinds):
    @kinds("gone", label="x")
    def gone(run: Run) -> None:
        taken_over(run)
        raise ZeroDivisionError

    make_job("gone")
    assert workers.work_off() == 1
    assert Job.objects.get().state == "running"


def test_jobs_have_their_own_statement_timeout(kinds):
    found = []

    def timeout() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW statement_timeout")
            return str(cursor.fetchone()[0])

    kinds("look", label="x")(lambda run: found.append(timeout()))
    before = timeout()
    make_job("look")
    workers.work_off()
    assert found == ["2min"]
    assert timeout() == before


def test_chunk_refuses_to_hide_inside_another_transaction(transactional_db):
    run = claimed()
    with pytest.raises(RuntimeError, match="durable"), transaction.atomic(), run.chunk():
        pass
