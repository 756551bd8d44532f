"""A night killed at any of its borders ends, after the sweep, as the night that nobody killed (F6)."""

import datetime
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from contracts.models import ClassChange
from jobs import running, workers
from jobs.models import NIGHTLY, Job, JobStep
from jobs.running import Run
from people.models import Absence, Activity
from tests.factories import make_cast, make_client, make_contract, make_purchase
from tests.jobs.making import make_job

DAY = datetime.date(2026, 11, 20)
CLIENTS = (
    "SELECT c.name, c.portfolio_class, u.name FROM clients_client c"
    " LEFT JOIN people_user u ON u.id = c.owner_id ORDER BY c.name"
)
OWNERSHIPS = "SELECT client_id, owner_id, reason FROM clients_ownership ORDER BY 1, 2, 3"


class Killed(BaseException):
    pass


@pytest.fixture
def company(db: None, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    cast = make_cast()
    for number in range(6):
        client = make_client(f"Cliente {number}", owner=[cast.julia, cast.caio, cast.davi][number % 3])
        for days in range(20, 400, 40 + 10 * number):
            make_purchase(client, DAY - datetime.timedelta(days=days))
    make_contract(make_client("Com contrato", owner=cast.julia), DAY.replace(year=2025), DAY.replace(month=12))
    make_client("Sem ninguém", team=cast.sul)
    Absence.objects.create(user=cast.julia, cover=cast.caio, starts_on=DAY.replace(day=1), ends_on=DAY.replace(day=19))


def rows(query: str) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query)
        return list(cursor.fetchall())


def what_it_left() -> list[Any]:
    return [
        rows(CLIENTS),
        rows(OWNERSHIPS),
        sorted(ClassChange.objects.unscoped(reason="test").values_list("client__name", "to_class", "reason")),
        sorted(Activity.objects.values_list("verb", flat=True)),
        list(JobStep.objects.values_list("name", "state")),
        list(Job.objects.values_list("state", "error")),
    ]


@pytest.fixture
def borders(monkeypatch: pytest.MonkeyPatch) -> dict[str, int]:
    """Counts committed chunks; `kill_at` ends the process right after that one, with no goodbye."""
    state = {"passed": 0, "kill_at": 0}
    fenced, end = Run.fenced, workers._end

    @contextmanager
    def counted(run: Run) -> Iterator[Job]:
        with fenced(run) as row:
            yield row
        state["passed"] += 1
        if state["passed"] == state["kill_at"]:
            raise Killed

    monkeypatch.setattr(Run, "fenced", counted)
    monkeypatch.setattr(workers, "_end", lambda run, error: end(run, error) if error else None)
    return state


def night(borders: dict[str, int], *, kill_at: int) -> list[Any]:
    borders.update(passed=0, kill_at=kill_at)
    make_job(NIGHTLY, local_date=DAY)
    try:
        workers.work_off()
    except Killed:
        Job.objects.update(lease_until=timezone.now() - datetime.timedelta(seconds=1))
        running.sweep()
        workers.work_off()
    return what_it_left()


def test_killed_night_ends_like_a_quiet_one(company: None, borders: dict[str, int]) -> None:
    quiet = transaction.savepoint_create()
    expected = night(borders, kill_at=0)
    assert expected[-1] == [("done", "")]
    assert len(expected[2]) > 5
    chunks = borders["passed"]
    transaction.savepoint_rollback(quiet)
    for kill_at in range(1, chunks):
        before = transaction.savepoint_create()
        assert night(borders, kill_at=kill_at) == expected, f"killed after chunk {kill_at} of {chunks}"
        transaction.savepoint_rollback(before)
