"""An import that is killed or stopped on the way ends in the same state as one that is not."""

import csv
import os
import subprocess
import sys
import time
from datetime import timedelta
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings
from django.db import connection

from clients.models import Client, Phone
from imports import batches, checking, running
from imports.client_check import ClientJudge
from imports.client_writing import ClientWriter
from imports.models import ImportBatch, State
from imports.reports import report_dicts
from imports.work import AtOnce
from jobs import running as jobs_running
from jobs import workers
from jobs.models import Job
from people.roles import Role
from tests.factories import make_user
from tests.imports.uploads import DATA, SAMPLE, TODAY, checked, receive

CHUNK = 40
# A worker as slow as a large file would make it.
WORKER = f"""
import time, django
django.setup()
from imports import running
from imports.client_writing import ClientWriter
from jobs import workers
running.CHUNK = {CHUNK}
write_sets = ClientWriter.write_sets
def slow(self, first, last):
    write_sets(self, first, last)
    time.sleep(0.15)
ClientWriter.write_sets = slow
print("ready", flush=True)
workers.work_off()
"""


class StoppedError(Exception):
    pass


def failing(method, calls: int):
    """The method, but its n-th call ends in an error after its work is done."""
    count = iter(range(1, 1_000))

    def wrapped(self, *args):
        result = method(self, *args)
        if next(count) == calls:
            raise StoppedError
        return result

    return wrapped


def expected_rows() -> list[dict[str, str]]:
    with (DATA / "messy_clients_sample.expected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def everyone():
    return Client.objects.unscoped(reason="test")


def assert_whole(batch: ImportBatch) -> None:
    assert list(report_dicts(batch)) == expected_rows()
    assert everyone().count() == 167
    assert everyone().exclude(document="").values("document").distinct().count() == 159
    numbers = Phone.objects.unscoped(reason="test").values_list("client", "e164")
    assert len(numbers) == len(set(numbers))


@pytest.mark.django_db
def test_check_goes_on_where_it_was_stopped(monkeypatch):
    batch = receive(SAMPLE.read_bytes(), by=make_user(role=Role.ADMIN))
    batch.state = State.MAPPED
    batch.save()
    monkeypatch.setattr(checking, "CHUNK", CHUNK)
    with monkeypatch.context() as patch:
        patch.setattr(ClientJudge, "store", failing(ClientJudge.store, 3))
        with pytest.raises(StoppedError):
            checking.check(batch, AtOnce(), today=TODAY)
    batch = ImportBatch.objects.unscoped(reason="test").get(pk=batch.pk)
    assert batch.checked_until == 2 * CHUNK

    checking.check(batch, AtOnce(), today=TODAY)

    assert list(report_dicts(batch)) == expected_rows()


@pytest.mark.django_db
def test_check_of_an_older_mapping_writes_nothing_more(monkeypatch):
    batch = receive(SAMPLE.read_bytes(), by=make_user(role=Role.ADMIN))
    stale = ImportBatch.objects.unscoped(reason="test").get(pk=batch.pk)
    batches.map_columns(batch, batch.columns, {}, source="", remember=False, by=batch.created_by)
    stale.state = State.MAPPED

    checking.check(stale, AtOnce(), today=TODAY)

    assert batch.rows.count() == 205


@pytest.mark.django_db
def test_run_goes_on_where_it_was_stopped(monkeypatch):
    batch = checked(SAMPLE.read_bytes(), by=make_user(role=Role.ADMIN))
    monkeypatch.setattr(running, "CHUNK", CHUNK)
    with monkeypatch.context() as patch:
        patch.setattr(ClientWriter, "write_sets", failing(ClientWriter.write_sets, 3))
        with pytest.raises(StoppedError):
            batches.start(batch, by=batch.created_by, now=True)
    batch = ImportBatch.objects.unscoped(reason="test").get(pk=batch.pk)
    assert (batch.state, batch.written_until) == (State.RUNNING, 2 * CHUNK)

    running.run(batch, AtOnce())

    assert_whole(batch)


@pytest.mark.django_db(transaction=True)
def test_worker_killed_between_chunks_loses_and_doubles_nothing(settings):
    settings.JOB_LEASE = timedelta(seconds=1)
    batch = checked(SAMPLE.read_bytes(), by=make_user(role=Role.ADMIN))
    batches.start(batch, by=batch.created_by)
    written = []

    for _ in range(2):
        kill_a_worker(after=0.25)
        batch.refresh_from_db()
        written.append(batch.written_until)
        time.sleep(1.1)
        jobs_running.sweep()
    assert written[-1] < 205
    workers.work_off()

    batch.refresh_from_db()
    assert batch.state == State.DONE
    assert Job.objects.get(pk=batch.job_id).state == Job.State.DONE
    assert_whole(batch)


def kill_a_worker(*, after: float) -> None:
    address = urlsplit(os.environ["DATABASE_URL"])
    url = urlunsplit(address._replace(path=f"/{connection.settings_dict['NAME']}"))
    environment = os.environ | {
        "DATABASE_URL": url,
        "DJANGO_SETTINGS_MODULE": "carteira.settings",
        "SECRET_KEY": "only-for-this-process",
        "JOB_LEASE_SECONDS": "1",
    }
    worker = subprocess.Popen(
        [sys.executable, "-c", WORKER], cwd=settings.BASE_DIR, env=environment, stdout=subprocess.PIPE
    )
    assert worker.stdout is not None
    assert worker.stdout.readline().strip() == b"ready"
    time.sleep(after)
    worker.kill()
    worker.wait()
    worker.stdout.close()
