"""Tasks and callbacks: promised, moved, finished, cancelled, opened again."""

import datetime

import pytest
from django.utils import timezone

from clients.models import Client
from clients.versions import StaleRecordError
from contacts import promises
from contacts.models import Task
from people.models import Activity
from tests.contacts.talking import log_of, make_ana, task_of
from tests.factories import Cast

DAY = datetime.timedelta(days=1)


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_ana(cast.julia)


def test_promise_without_a_day_is_refused(cast: Cast, ana: Client) -> None:
    with pytest.raises(promises.DayMissingError):
        promises.promise(ana, by=cast.julia, title="Ligar")


def test_nothing_is_promised_to_who_has_died(cast: Cast, ana: Client) -> None:
    Client.objects.visible_to(cast.julia).update(deceased_on=timezone.localdate())
    with pytest.raises(promises.DeceasedError):
        promises.promise(ana, by=cast.julia, title="Ligar", due_on=timezone.localdate())
    log = log_of(Client.objects.visible_to(cast.julia).get(), cast.julia, next_on=timezone.localdate())
    assert (log.next_on, ana.tasks.exists()) == (timezone.localdate(), False)


def test_promised_moment_tells_its_day_where_people_are(cast: Cast, ana: Client) -> None:
    late = datetime.datetime(2030, 5, 10, 22, 30, tzinfo=timezone.get_current_timezone())
    task = promises.promise(ana, by=cast.julia, title="Ligar", due_at=late)
    assert (task.due_on, task.due_at) == (datetime.date(2030, 5, 10), late)


def test_move_to_another_day_forgets_the_hour(cast: Cast, ana: Client) -> None:
    task = promises.promise(ana, by=cast.julia, title="Ligar", due_at=timezone.now())
    promises.move(task, by=cast.julia, due_on=timezone.localdate() + DAY)
    task.refresh_from_db()
    assert (task.due_on, task.due_at, task.version) == (timezone.localdate() + DAY, None, 2)
    assert Activity.objects.get(verb="task_changed").changes["fields"] == ["due_at", "due_on"]


def test_edit_of_what_somebody_changed_is_refused(cast: Cast, ana: Client) -> None:
    task = task_of(ana, cast.julia)
    promises.edit(Task.objects.visible_to(cast.julia).get(), {"title": "Outra"}, version=1, by=cast.sonia)
    with pytest.raises(StaleRecordError):
        promises.edit(task, {"title": "Minha"}, version=1, by=cast.julia)


def test_finishing_twice_changes_nothing(cast: Cast, ana: Client) -> None:
    task = task_of(ana, cast.julia)
    promises.finish(task, by=cast.julia)
    promises.finish(task, by=cast.sonia)
    promises.cancel(task, by=cast.sonia)
    task.refresh_from_db()
    assert (task.done_by, task.is_cancelled) == (cast.julia, False)
    assert Activity.objects.filter(verb__startswith="task_").count() == 2


def test_reopening_undoes_both_ends(cast: Cast, ana: Client) -> None:
    done, cancelled = task_of(ana, cast.julia), task_of(ana, cast.julia)
    promises.finish(done, by=cast.julia)
    promises.cancel(cancelled, by=cast.julia)
    for task in (done, cancelled):
        promises.reopen(task, by=cast.julia)
        promises.reopen(task, by=cast.julia)
        task.refresh_from_db()
        assert task.is_open
    assert Activity.objects.filter(verb="task_reopened").count() == 2
