"""The screen of jobs: who sees which, the fragments that refresh, and starting again."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from jobs import queue
from jobs.models import NIGHTLY, Job
from jobs.templatetags.jobs import about, span
from people.roles import Role
from tests.factories import make_user
from tests.jobs.making import make_job

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
DAY = datetime.date(2026, 11, 20)


@pytest.fixture(autouse=True)
def nudges(monkeypatch):
    sent = []
    monkeypatch.setattr(queue, "nudge", lambda: sent.append(True))
    return sent


@pytest.fixture
def as_(client, cast):
    def log_in(name: str):
        client.force_login(getattr(cast, name))
        return client

    return log_in


@pytest.mark.parametrize(
    ("who", "view", "run"),
    [
        ("ada", 200, 303),
        ("aurora", 200, 403),
        ("sonia", 200, 403),
        ("mauro", 200, 403),
        ("julia", 403, 403),
        ("bento", 403, 403),
    ],
)
def test_jobs_follow_permissions(as_, who, view, run):
    night = make_job(NIGHTLY, local_date=DAY, state="dead")
    client = as_(who)
    assert client.get(reverse("jobs:job_list")).status_code == view
    assert client.get(reverse("jobs:job_detail", args=[night.pk])).status_code == view
    assert client.get(reverse("jobs:job_progress", args=[night.pk])).status_code == view
    assert client.post(reverse("jobs:queue_check")).status_code == run
    assert client.post(reverse("jobs:night_run"), {"day": "2020-01-01"}).status_code == run
    assert client.post(reverse("jobs:job_retry", args=[night.pk])).status_code == run


def test_job_of_another_person_is_404_like_an_absent_one(as_, cast):
    foreign = make_job(created_by=cast.mauro)
    client = as_("sonia")
    for name in ("jobs:job_detail", "jobs:job_progress"):
        assert client.get(reverse(name, args=[foreign.pk])).status_code == 404
        assert client.get(reverse(name, args=[10**30])).status_code == 404


def test_job_list_shows_state_who_counts_and_error(as_, cast):
    make_job(created_by=cast.ada, state="done", counts={"points": 1200}, started_at=timezone.now())
    make_job(NIGHTLY, local_date=DAY, state="dead", error="O processo foi interrompido.")
    page = as_("ada").get(reverse("jobs:job_list")).content.decode()
    for text in ("Teste da fila", "Concluída", "Ada Nunes", "Pontos gravados: 1.200", "Rotina da noite"):
        assert text in page
    assert "O processo foi interrompido." in page
    assert "2 tarefas" in page


@pytest.mark.parametrize(
    ("state", "refreshes"), [("running", True), ("queued", True), ("done", False), ("dead", False)]
)
def test_job_list_refreshes_only_while_something_moves(as_, state, refreshes):
    make_job(state=state)
    page = as_("ada").get(reverse("jobs:job_list"), headers=HTMX).content.decode()
    assert ("every 3s" in page) is refreshes
    assert "<html" not in page


def test_job_list_filters_by_kind_and_state(as_):
    make_job(state="done")
    make_job(NIGHTLY, local_date=DAY, state="dead")
    client = as_("ada")

    def kinds(**query: str) -> list[str]:
        return [job.kind for job in client.get(reverse("jobs:job_list"), query).context["rows"]]

    assert kinds(kind=NIGHTLY) == [NIGHTLY]
    assert kinds(state="done") == ["selfcheck"]
    assert kinds(kind="nonsense") == [NIGHTLY, "selfcheck"]
    empty = client.get(reverse("jobs:job_list"), {"state": "failed"}).content.decode()
    assert "Nenhuma tarefa com estes filtros" in empty


def test_job_list_when_empty_says_what_it_is_for(as_):
    assert "Nenhuma tarefa ainda" in as_("sonia").get(reverse("jobs:job_list")).content.decode()


def test_job_list_pages(as_):
    Job.objects.bulk_create(Job(kind="selfcheck") for _ in range(51))
    client = as_("ada")
    first = client.get(reverse("jobs:job_list"))
    assert len(first.context["rows"]) == 50
    second = f'href="{reverse("jobs:job_list")}?pagina=2"'
    assert second in first.content.decode()
    refused = client.post(reverse("jobs:night_run"), {"day": ""})
    assert (refused.status_code, second in refused.content.decode()) == (422, True)
    assert len(client.get(reverse("jobs:job_list"), {"pagina": "2"}).context["rows"]) == 1


@pytest.mark.parametrize("jobs", [1, 3])
def test_job_list_asks_the_same_number_of_queries(as_, cast, jobs, django_assert_num_queries):
    client = as_("ada")
    client.get(reverse("jobs:job_list"))
    for _ in range(jobs):
        make_job(created_by=cast.ada, state="done")
    with django_assert_num_queries(6):
        client.get(reverse("jobs:job_list"))


def test_job_detail_shows_steps_and_notice(as_):
    job = make_job(
        NIGHTLY,
        local_date=DAY,
        state="running",
        started_at=timezone.now() - datetime.timedelta(seconds=65),
        progress_done=1,
        progress_total=3,
        payload={"skipped_from": "2026-11-02", "skipped_to": "2026-11-13"},
    )
    job.steps.create(name="classify", position=1, state="done", counts={"ended": 2})
    job.steps.create(name="covers", position=2, state="failed", error="Sem banco.")
    job.steps.create(name="distribute", position=3, state="running", progress_done=50, progress_total=200)
    page = as_("sonia").get(reverse("jobs:job_detail", args=[job.pk])).content.decode()
    for text in (
        "Classificar a carteira",
        "Coberturas encerradas: 2",
        "Sem banco.",
        "50 / 200 · 25%",
        "1 de 3",
        "33%",
    ):
        assert text in page
    assert "não houve rotina de 2 nov" in page
    assert "Executar de novo" not in page
    part = as_("sonia").get(reverse("jobs:job_detail", args=[job.pk]), headers=HTMX).content.decode()
    assert "Etapas" in part
    assert "<html" not in part


def test_job_progress_refreshes_and_tells_its_end(as_):
    job = make_job(state="running", progress_done=782, progress_total=1212, started_at=timezone.now())
    answer = as_("ada").get(reverse("jobs:job_progress", args=[job.pk]))
    page = answer.content.decode()
    for text in ("782 de 1.212", "64%", "every 3s", "cerca de 1 segundo"):
        assert text in page
    assert "HX-Trigger-After-Settle" not in answer.headers
    Job.objects.update(state="done", finished_at=timezone.now())
    answer = as_("ada").get(reverse("jobs:job_progress", args=[job.pk]))
    assert "every 3s" not in answer.content.decode()
    assert answer.headers["HX-Trigger-After-Settle"] == "job-finished"


def test_job_retry_puts_a_dead_job_back(as_):
    job = make_job(state="dead", attempt=4)
    client = as_("ada")
    assert "Executar de novo" in client.get(reverse("jobs:job_detail", args=[job.pk])).content.decode()
    answer = client.post(reverse("jobs:job_retry", args=[job.pk]))
    assert answer.headers["Location"] == reverse("jobs:job_detail", args=[job.pk])
    job.refresh_from_db()
    assert (job.state, job.max_attempts) == ("queued", 8)


@pytest.mark.parametrize("state", ["done", "running", "queued"])
def test_job_retry_refuses_what_needs_none(as_, state):
    job = make_job(state=state)
    answer = as_("ada").post(reverse("jobs:job_retry", args=[job.pk]), follow=True)
    assert "nada foi repetido" in answer.content.decode()
    job.refresh_from_db()
    assert job.state == state


def test_job_retry_refuses_a_job_taken_meanwhile(as_, monkeypatch):
    job = make_job(state="running")
    monkeypatch.setattr(Job, "may_retry", True)
    answer = as_("ada").post(reverse("jobs:job_retry", args=[job.pk]), follow=True)
    assert "nada foi repetido" in answer.content.decode()


def test_night_run_enqueues_the_date_once(as_, cast):
    client = as_("ada")
    for _ in range(2):
        client.post(reverse("jobs:night_run"), {"day": "2020-01-01"})
    job = Job.objects.get()
    assert (job.kind, str(job.local_date), job.created_by, job.state) == (
        NIGHTLY,
        "2020-01-01",
        cast.ada,
        "queued",
    )


def test_night_run_refuses_the_future_and_a_running_night(as_):
    client = as_("ada")
    tomorrow = timezone.localdate() + datetime.timedelta(days=2)
    answer = client.post(reverse("jobs:night_run"), {"day": tomorrow.isoformat()})
    assert answer.status_code == 422
    assert "Escolha um dia que já passou, hoje ou amanhã." in answer.content.decode()
    make_job(NIGHTLY, local_date=DAY.replace(year=2020), state="running")
    answer = client.post(reverse("jobs:night_run"), {"day": "2020-11-20"}, follow=True)
    assert "nada foi repetido" in answer.content.decode()


def test_queue_check_enqueues_the_diagnostic_job(as_, cast):
    answer = as_("ada").post(reverse("jobs:queue_check"))
    job = Job.objects.get()
    assert (job.kind, job.created_by) == ("selfcheck", cast.ada)
    assert answer.headers["Location"] == reverse("jobs:job_detail", args=[job.pk])


def test_admin_only_reads(client, settings):
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    job = make_job()
    job.steps.create(name="um", position=1)
    client.force_login(make_user(role=Role.ADMIN, is_superuser=True))
    address = reverse("admin:jobs_job_change", args=[job.pk])
    assert client.get(reverse("admin:jobs_job_changelist")).status_code == 200
    assert client.get(address).status_code == 200
    assert client.post(address, {"state": "done"}).status_code == 403
    assert client.get(reverse("admin:jobs_job_add")).status_code == 403


@pytest.mark.parametrize(
    ("seconds", "text"), [(0.4, "menos de 1 s"), (40, "40 s"), (125, "2 min 5 s"), (3780, "1 h 3 min")]
)
def test_span_reads_as_words(seconds, text):
    assert span(datetime.timedelta(seconds=seconds)) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "cerca de 1 segundo"), (40, "cerca de 40 segundos"), (170, "cerca de 3 minutos")],
)
def test_about_reads_as_words(seconds, text):
    assert about(datetime.timedelta(seconds=seconds)) == text
    assert about(None) == span(None) == ""
