"""A large distribution: a job computes, applies and undoes it part by part, while the page shows how far it is."""

import pytest
from django.test import Client as Browser
from django.urls import reverse

from clients import ownership
from clients.models import Client, DistributionReason, Ownership
from jobs import running, workers
from jobs.models import Job
from jobs.running import Run
from people.models import User
from portfolio import distribution, handover, tasks
from portfolio.models import DistributionBatch, DistributionMove
from tests.factories import Cast, make_cast, make_client

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def cast(monkeypatch: pytest.MonkeyPatch) -> Cast:
    """A company whose large queue is one of more than 3 clients, worked off in parts of 2."""
    monkeypatch.setattr(distribution, "AT_ONCE", 3)
    monkeypatch.setattr(distribution, "PART", 2)
    return make_cast()


def queue(count: int) -> list[Client]:
    return [make_client(f"Fila {index}") for index in range(count)]


def owners() -> list[User | None]:
    clients = Client.objects.unscoped(reason="test").select_related("owner")
    return [client.owner for client in clients.order_by("pk")]


def test_large_queue_is_computed_applied_and_undone_by_jobs(cast: Cast, client: Browser) -> None:
    queue(5)
    client.force_login(cast.mauro)

    page = client.post(reverse("portfolio:distribution_propose"), follow=True).content.decode()
    assert "Calculando a prévia" in page
    batch = DistributionBatch.objects.get()
    assert (batch.state, batch.created_by) == ("computing", cast.mauro)
    progress = reverse("portfolio:distribution_progress", args=[batch.pk])
    assert 'hx-trigger="every 2s"' in client.get(progress, headers={"HX-Request": "true"}).content.decode()

    workers.work_off()
    detail = reverse("portfolio:distribution_detail", args=[batch.pk])
    assert client.get(progress, headers={"HX-Request": "true"}).headers["HX-Redirect"] == detail
    assert client.get(progress).headers["Location"] == detail
    assert "Distribuir 5 clientes" in client.get(detail).content.decode()

    applying = client.post(reverse("portfolio:distribution_apply", args=[batch.pk]), follow=True)
    assert "Distribuindo os clientes" in applying.content.decode()
    assert owners() == [None] * 5
    workers.work_off()
    batch.refresh_from_db()
    assert (batch.state, batch.placed) == ("applied", 5)
    assert set(owners()) == {cast.julia, cast.caio, cast.davi}
    job = Job.objects.get(kind=tasks.APPLY)
    assert (job.state, job.progress_done, job.progress_total) == ("done", 5, 5)

    undoing = client.post(reverse("portfolio:distribution_undo", args=[batch.pk]), follow=True)
    assert "Desfazendo a distribuição" in undoing.content.decode()
    workers.work_off()
    batch.refresh_from_db()
    assert batch.state == "undone"
    assert owners() == [None] * 5
    assert Ownership.objects.unscoped(reason="test").filter(until__isnull=True).count() == 0


def test_asking_twice_for_the_same_work_starts_one_job(cast: Cast, client: Browser) -> None:
    queue(4)
    batch = distribution.propose(by=cast.mauro)
    client.force_login(cast.mauro)
    for _time in range(2):
        client.post(reverse("portfolio:distribution_apply", args=[batch.pk]))
    assert Job.objects.filter(kind=tasks.APPLY).count() == 1


def test_queue_that_is_empty_by_the_time_of_the_job_is_told(cast: Cast, client: Browser) -> None:
    waiting = queue(4)
    client.force_login(cast.mauro)
    client.post(reverse("portfolio:distribution_propose"))
    Client.objects.unscoped(reason="test").filter(pk__in=[one.pk for one in waiting]).update(owner=cast.julia)

    workers.work_off()

    batch = DistributionBatch.objects.get()
    assert batch.state == "discarded"
    page = client.get(reverse("portfolio:distribution_detail", args=[batch.pk])).content.decode()
    assert "Nada a distribuir" in page


def spells_of(batch: DistributionBatch) -> int:
    return Ownership.objects.unscoped(reason="test").filter(batch=batch.pk).count()


def begun(cast: Cast, client: Browser) -> tuple[DistributionBatch, Run]:
    """A large batch whose job has been claimed, its parts planned."""
    queue(7)
    batch = distribution.propose(by=cast.mauro)
    client.force_login(cast.mauro)
    client.post(reverse("portfolio:distribution_apply", args=[batch.pk]))
    batch.refresh_from_db()
    run = running.claim()
    assert run is not None
    with run.chunk():
        handover.plan(batch, size=2)
    return batch, run


def test_job_killed_between_two_parts_goes_on_where_it_was(cast: Cast, client: Browser) -> None:
    batch, run = begun(cast, client)
    with run.chunk() as part:
        part.done = distribution.apply_next(batch, by=cast.mauro)
    assert (part.done, spells_of(batch)) == (4, 4)
    run.release()

    workers.work_off()

    batch.refresh_from_db()
    assert (batch.state, batch.placed) == ("applied", 7)
    assert spells_of(batch) == 7


def killed_before_the_end(run: Run, batch: DistributionBatch) -> None:
    with run.chunk():
        distribution.apply_next(batch, by=run.job.created_by)
        raise InterruptedError


def test_job_killed_before_it_notes_the_parts_that_are_done_does_none_twice(cast: Cast, client: Browser) -> None:
    batch, run = begun(cast, client)
    with pytest.raises(InterruptedError):
        killed_before_the_end(run, batch)
    # One of those clients goes back to the queue before the job is taken up again: it stays there.
    released = Ownership.objects.unscoped(reason="test").filter(batch=batch.pk).order_by("client").first()
    assert released is not None
    ownership.assign([released.client_id], None, by=cast.mauro, reason=DistributionReason.RELEASED)
    run.release()

    workers.work_off()

    batch.refresh_from_db()
    assert (batch.state, batch.placed) == ("applied", 7)
    assert spells_of(batch) == 7
    assert owners().count(None) == 1


def test_part_that_is_done_is_not_done_again_by_a_worker_that_comes_late(cast: Cast, client: Browser) -> None:
    batch, run = begun(cast, client)
    able = {cast.julia.pk, cast.caio.pk, cast.davi.pk}
    (first, *_others) = batch.parts.values_list("pk", flat=True)
    for _time in range(2):
        handover.hand_over_part(first, batch=batch, able=able, by=cast.mauro)
    assert spells_of(batch) == 2
    assert handover.done(batch) == 2
    run.release()


def test_what_changed_since_the_preview_is_refused_by_the_job_too(cast: Cast, client: Browser) -> None:
    batch, run = begun(cast, client)
    everyone = Client.objects.unscoped(reason="test").order_by("pk")
    edited, taken = everyone[:2]
    everyone.filter(pk=edited.pk).update(version=2)
    ownership.assign([taken.pk], cast.caio, by=cast.mauro, reason=DistributionReason.MANUAL)
    run.release()

    workers.work_off()

    batch.refresh_from_db()
    refused = DistributionMove.objects.unscoped(reason="test").exclude(refused="").order_by("client")
    assert batch.placed == 5
    assert [(move.client_id, move.refused) for move in refused] == [
        (edited.pk, "O cliente foi alterado depois da prévia."),
        (taken.pk, "O cliente ganhou responsável depois da prévia."),
    ]


def test_batch_whose_job_gave_up_says_so_and_goes_on_when_asked(cast: Cast, client: Browser) -> None:
    batch, run = begun(cast, client)
    with run.chunk():
        distribution.apply_next(batch, by=cast.mauro)
    Job.objects.filter(pk=run.job.pk).update(max_attempts=1)
    run = Run(Job.objects.get(pk=run.job.pk))
    run.fail(RuntimeError())
    assert Job.objects.get(pk=run.job.pk).state == "dead"
    resume = reverse("portfolio:distribution_resume", args=[batch.pk])

    assert "parada por erro" in client.get(reverse("portfolio:distribution")).content.decode()
    page = client.get(reverse("portfolio:distribution_detail", args=[batch.pk])).content.decode()
    assert resume in page
    assert "every 2s" not in page

    for _time in range(2):
        client.post(resume)
    workers.work_off()

    batch.refresh_from_db()
    assert (batch.state, batch.placed) == ("applied", 7)
    assert spells_of(batch) == 7


@pytest.mark.parametrize("kind", [tasks.PROPOSE, tasks.APPLY, tasks.UNDO])
def test_job_whose_batch_moved_on_does_nothing(cast: Cast, kind: str) -> None:
    queue(4)
    batch = distribution.propose(by=cast.mauro)
    job = Job.objects.create(kind=kind, payload={"batch": batch.pk}, created_by=cast.mauro)

    workers.work_off()

    job.refresh_from_db()
    assert job.state == "done"
    assert owners() == [None] * 4
    assert DistributionMove.objects.unscoped(reason="test").count() == 4
