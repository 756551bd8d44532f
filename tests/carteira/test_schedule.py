"""The night: steps in order, each recorded, stopped by a failure and resumed from it; by hand too."""

import csv
import datetime
import io
import json

import pytest
from django.core.management import CommandError, call_command

from carteira import schedule
from carteira.schedule import NIGHT, NightStep
from jobs import running, workers
from jobs.models import NIGHTLY, Job
from jobs.running import JobError
from people.models import Absence, Activity
from tests.factories import make_user
from tests.jobs.making import make_job

DAY = datetime.date(2026, 11, 20)
calls: list[str] = []


def first(day, run=None):
    calls.append(f"first {day}")
    return {"ended": 3}


def second(day, run=None):
    calls.append("second")
    with run.chunk(done=1, total=1, ended=1):
        pass


def third(day, run=None):
    calls.append("third")
    return {"moved": 0}


def broken(day, run=None):
    calls.append("broken")
    raise JobError("Sem vendedores.")


@pytest.fixture
def night(monkeypatch):
    def choose(*names: str) -> None:
        steps = [NightStep(name, name, f"{__name__}:{name}") for name in names]
        monkeypatch.setattr(schedule, "NIGHT", tuple(steps))

    calls.clear()
    choose("first", "second", "third")
    return choose


@pytest.mark.parametrize("step", NIGHT, ids=lambda step: step.name)
def test_every_step_of_the_night_exists(step):
    assert callable(step.resolve())


def test_night_names_are_unique():
    assert len({step.name for step in NIGHT}) == len(NIGHT)


@pytest.mark.django_db
def test_night_runs_every_step_in_order(night):
    make_job(NIGHTLY, local_date=DAY)
    workers.work_off()
    job = Job.objects.get()
    assert calls == ["first 2026-11-20", "second", "third"]
    assert [(step.name, step.position, step.state, step.counts) for step in job.steps.all()] == [
        ("first", 1, "done", {"ended": 3}),
        ("second", 2, "done", {"ended": 1}),
        ("third", 3, "done", {"moved": 0}),
    ]
    assert (job.state, job.progress_done, job.counts) == ("done", 3, {"ended": 4, "moved": 0})


@pytest.mark.django_db
def test_the_real_night_runs_to_its_end():
    make_job(NIGHTLY, local_date=DAY)
    workers.work_off()
    job = Job.objects.get()
    assert [(step.name, step.state, step.error) for step in job.steps.all()] == [
        (step.name, "done", "") for step in NIGHT
    ]
    assert job.state == "done"


@pytest.mark.django_db
def test_failing_step_stops_the_night_and_is_retried_from_there(night, monkeypatch):
    night("first", "broken", "third")
    job = make_job(NIGHTLY, local_date=DAY)
    workers.work_off()
    assert [step.state for step in job.steps.all()] == ["done", "failed", "waiting"]
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "Sem vendedores.")
    monkeypatch.setattr(f"{__name__}.broken", second)
    run = running.claim(only=job.pk)
    assert run is not None
    workers.execute(run)
    assert calls == ["first 2026-11-20", "broken", "second", "third"]
    assert [step.state for step in job.steps.all()] == ["done", "done", "done"]
    assert [step.error for step in job.steps.all()] == ["", "", ""]


@pytest.mark.django_db
def test_missing_step_fails_without_stopping_the_program(night, monkeypatch):
    monkeypatch.setattr(schedule, "NIGHT", (NightStep("gone", "x", "carteira.schedule:nobody_wrote_this"),))
    make_job(NIGHTLY, local_date=DAY)
    workers.work_off()
    assert Job.objects.get().state == "failed"
    assert Job.objects.get().steps.get().error.startswith("ImportError")


@pytest.mark.django_db
def test_night_without_a_date_fails_with_the_reason():
    make_job(NIGHTLY)
    workers.work_off()
    assert Job.objects.get().error == "A rotina da noite precisa de uma data."


# --- manage.py nightly --------------------------------------------------------------------------------


def nightly(*arguments: str) -> str:
    out = io.StringIO()
    call_command("nightly", "--date", str(DAY), *arguments, stdout=out)
    return out.getvalue()


@pytest.mark.django_db
def test_nightly_prints_json_and_may_be_repeated(night):
    found = json.loads(nightly("--json"))
    assert (found["date"], found["state"]) == ("2026-11-20", "done")
    assert [(row["name"], row["state"], row["counts"]) for row in found["rows"]] == [
        ("first", "done", {"ended": 3}),
        ("second", "done", {"ended": 1}),
        ("third", "done", {"moved": 0}),
    ]
    assert [row["counts"] for row in json.loads(nightly("--json"))["rows"]] == [row["counts"] for row in found["rows"]]
    assert (Job.objects.get().attempt, len(calls)) == (2, 6)


@pytest.mark.django_db
def test_nightly_prints_csv(night):
    rows = list(csv.DictReader(io.StringIO(nightly())))
    assert [(row["name"], row["state"], row["counts"]) for row in rows] == [
        ("first", "done", "ended=3"),
        ("second", "done", "ended=1"),
        ("third", "done", "moved=0"),
    ]


@pytest.mark.django_db
def test_nightly_fails_loudly(night):
    night("first", "broken", "third")
    out = io.StringIO()
    with pytest.raises(CommandError, match=r"2026-11-20 falhou: Sem vendedores\."):
        call_command("nightly", "--date", str(DAY), "--json", stdout=out)
    assert [row["state"] for row in json.loads(out.getvalue())["rows"]] == ["done", "failed", "waiting"]


@pytest.mark.django_db
@pytest.mark.parametrize("text", ["31/02/2026", "2026-13-01", "9999-12-31", "ontem"])
def test_nightly_refuses_what_is_no_date(text):
    with pytest.raises(CommandError, match="não é uma data"):
        call_command("nightly", "--date", text)


def test_nightly_refuses_a_slip_of_the_year():
    with pytest.raises(CommandError, match="mais de 92 dias à frente"):
        call_command("nightly", "--date", "2126-11-22")


@pytest.mark.django_db
@pytest.mark.parametrize(("day", "reason"), [(DAY, "já está em andamento"), (DAY.replace(day=19), "outra data")])
def test_nightly_refuses_beside_another_night(night, day, reason):
    make_job(NIGHTLY, local_date=day, state="running")
    with pytest.raises(CommandError, match=reason):
        nightly()
    assert not calls
    assert Job.objects.count() == 1


# --- Covers -------------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_finished_covers_are_logged_once(monkeypatch):
    caio, julia = make_user("Caio"), make_user("Júlia")
    step = next(step for step in NIGHT if step.name == "covers")
    monkeypatch.setattr(schedule, "NIGHT", (step,))
    ended = [
        Absence.objects.create(user=julia, cover=caio, starts_on=DAY.replace(day=1), ends_on=DAY.replace(day=last))
        for last in (18, 19, 20)
    ]
    Absence.objects.create(user=caio, starts_on=DAY.replace(day=1), ends_on=DAY.replace(day=19))
    for _ in range(2):
        assert json.loads(nightly("--json"))["rows"][0]["counts"] == {"ended": 1}
    logged = Activity.objects.filter(verb="cover_ended").order_by("object_id")
    assert [activity.object_id for activity in logged] == [absence.pk for absence in ended[:2]]
    assert step.resolve()(DAY) == {"ended": 1}
