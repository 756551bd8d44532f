"""Asking for work: the row, the key, the payload, and a broker that is away."""

import datetime
import logging
import socket
import threading
import time

import pytest
from celery import current_app
from django.db import transaction
from django.utils import timezone

from jobs import queue, registry
from jobs.models import NIGHTLY, Job
from jobs.tasks import SELFCHECK
from people.models import Activity
from tests.jobs.making import make_job

DAY = datetime.date(2026, 11, 20)


@pytest.fixture
def nudges(monkeypatch):
    sent = []
    monkeypatch.setattr(queue, "nudge", lambda: sent.append(True))
    return sent


@pytest.mark.django_db
def test_enqueue_writes_row_and_nudges_on_commit(cast, nudges, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        job = queue.enqueue(SELFCHECK, {"points": 3, "days": [DAY]}, by=cast.ada)
        assert not nudges
    assert nudges == [True]
    job.refresh_from_db()
    assert (job.payload, job.created_by, job.state) == (
        {"points": 3, "days": ["2026-11-20"]},
        cast.ada,
        "queued",
    )


@pytest.mark.django_db(transaction=True)
def test_enqueue_disappears_with_its_transaction(nudges):
    with transaction.atomic():
        queue.enqueue(SELFCHECK, {"points": 1})
        transaction.set_rollback(True)
    assert not Job.objects.exists()
    assert not nudges


@pytest.mark.django_db
def test_enqueue_for_later_waits_for_the_tick(nudges, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        queue.enqueue(SELFCHECK, {"points": 1}, due_at=timezone.now() + datetime.timedelta(hours=1))
    assert not nudges


@pytest.mark.django_db
def test_enqueue_returns_known_job_of_key_and_of_date():
    first = queue.enqueue(SELFCHECK, {"points": 1}, dedupe_key="import:7")
    assert queue.enqueue(SELFCHECK, {"points": 2}, dedupe_key="import:7") == first
    night = queue.enqueue(NIGHTLY, {}, local_date=DAY)
    assert queue.enqueue(NIGHTLY, {}, local_date=DAY) == night
    assert Job.objects.count() == 2


@pytest.mark.django_db
def test_enqueue_refuses_unknown_kind():
    with pytest.raises(registry.UnknownKindError):
        queue.enqueue("unheard_of", {})


@pytest.mark.parametrize("value", ["529.982.247-25", "Ana Prado", "ana@exemplo.com", 1.5, timezone.now(), {"a": 1}])
def test_payload_refuses_what_may_be_personal(value):
    with pytest.raises(ValueError, match="ids, dates"):
        queue.plain([value])


@pytest.mark.parametrize("value", [None, True, 7, "2026-11-20", "create_products", [1, 2]])
def test_payload_keeps_ids_dates_and_words(value):
    assert queue.plain(value) == value


@pytest.mark.django_db
def test_run_again_goes_on_from_checkpoint(cast, nudges):
    job = make_job(state="dead", attempt=4, checkpoint={"next": 3}, error="x", progress_done=2)
    queue.run_again(job, by=cast.ada)
    job.refresh_from_db()
    assert (job.state, job.max_attempts, job.checkpoint, job.error, job.tries) == (
        "queued",
        8,
        {"next": 3},
        "",
        0,
    )
    assert Activity.objects.get(verb="job_repeated").by == cast.ada


@pytest.mark.django_db
@pytest.mark.parametrize(("state", "from_start"), [("done", False), ("dead", True)])
def test_run_again_from_start_forgets_progress(cast, nudges, state, from_start):
    job = make_job(state=state, attempt=1, checkpoint={"next": 3}, counts={"points": 2}, progress_done=2)
    job.steps.create(name="um", position=1)
    job = queue.run_again(job, by=cast.ada, from_start=from_start)
    assert (job.checkpoint, job.counts, job.progress_done, job.steps.count()) == ({}, {}, 0, 0)


@pytest.mark.django_db
def test_run_again_refuses_a_running_job(cast):
    with pytest.raises(queue.StillRunningError):
        queue.run_again(make_job(state="running"), by=cast.ada)


@pytest.mark.django_db
def test_enqueue_again_repeats_only_what_was_tried(cast, nudges):
    fresh = queue.enqueue_again(NIGHTLY, local_date=DAY, by=cast.ada)
    assert queue.enqueue_again(NIGHTLY, local_date=DAY, by=cast.ada).max_attempts == 4
    Job.objects.filter(pk=fresh.pk).update(state="done", attempt=1, finished_at=timezone.now())
    again = queue.enqueue_again(NIGHTLY, local_date=DAY, by=cast.ada)
    assert (again.pk, again.state, again.max_attempts) == (fresh.pk, "queued", 5)


# --- The broker ---------------------------------------------------------------------------------------------


@pytest.fixture
def broker_at(monkeypatch):
    def choose(address: str) -> None:
        monkeypatch.setattr(current_app.conf, "broker_write_url", address)

    return choose


def test_nudge_reaches_a_broker_that_is_there():
    assert queue.nudge() is True


def test_nudge_to_absent_broker_is_quick_and_said_once(broker_at, tmp_path, caplog):
    broker_at(f"redis+socket://{tmp_path}/nobody.sock")
    began = time.monotonic()
    with caplog.at_level(logging.WARNING, logger="jobs.queue"):
        assert [queue.nudge() for _ in range(20)] == [False] * 20
    assert time.monotonic() - began < 1
    assert [record.message.split(" (")[0] for record in caplog.records] == ["Broker away"]


def test_nudge_to_silent_broker_gives_up_within_a_second(broker_at):
    with socket.create_server(("127.0.0.1", 0)) as server:
        threading.Thread(target=_take_and_never_answer, args=(server,), daemon=True).start()
        broker_at(f"redis://127.0.0.1:{server.getsockname()[1]}/0")
        began = time.monotonic()
        assert queue.nudge() is False
        assert time.monotonic() - began < 1.6


def _take_and_never_answer(server: socket.socket) -> None:
    held = []
    while True:
        try:
            held.append(server.accept())
        except OSError:
            return
