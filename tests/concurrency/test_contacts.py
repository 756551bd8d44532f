"""Contacts with one client at the same moment."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import Phone
from contacts import logs, promises
from contacts.models import ContactLog, Task
from tests.concurrency.parallel import browser_of, together
from tests.contacts.talking import callback_of, log_of, make_ana
from tests.factories import Cast, make_client

# The outcomes come with a migration: the emptying between tests must bring them back.
pytestmark = pytest.mark.django_db(transaction=True)


def test_two_people_log_at_once(cast: Cast) -> None:
    """Both contacts stand, the promise is finished once, and nobody's version moved."""
    ana = make_ana(cast.julia)
    callback_of(ana, cast.julia)
    together(
        [
            lambda: log_of(ana, cast.julia, next_on=timezone.localdate()),
            lambda: log_of(ana, cast.sonia, "wrong_number"),
            lambda: log_of(ana, cast.bento, "never"),
            lambda: log_of(ana, cast.mauro, "never"),
        ]
    )
    assert ana.contact_logs.count() == 4
    finished = ContactLog.objects.unscoped(reason="test").filter(finished_tasks__isnull=False)
    assert finished.count() == 1
    assert list(ana.opt_outs.values_list("channel", "purpose")) == [("any", "offer")]
    ana.refresh_from_db()
    assert ana.version == 1


def test_two_wrong_numbers_at_once_leave_one_first_number(cast: Cast) -> None:
    ana = make_ana(cast.julia)
    together([lambda who=who: log_of(ana, who, "wrong_number") for who in (cast.julia, cast.sonia, cast.bento)])
    assert Phone.objects.unscoped(reason="test").filter(client=ana, is_primary=True).count() == 1


def test_undo_meets_a_new_contact(cast: Cast) -> None:
    """Whichever comes first, the callback that was due ends open or finished by the log that stands."""
    ana = make_ana(cast.julia)
    task = callback_of(ana, cast.julia)
    first = log_of(ana, cast.julia)
    together([lambda: logs.undo(first, by=cast.julia), lambda: log_of(ana, cast.sonia)])
    task.refresh_from_db()
    standing = ana.contact_logs.get(undone_at=None)
    assert task.done_log in (None, standing)


def test_undo_pressed_twice_at_once_happens_once(cast: Cast) -> None:
    ana = make_ana(cast.julia)
    log = log_of(ana, cast.julia, next_on=timezone.localdate())

    def undo() -> str:
        try:
            logs.undo(log, by=cast.julia)
        except logs.WindowClosedError:
            return "late"
        return "undone"

    assert sorted(together([undo, undo])) == ["late", "undone"]
    assert not ana.tasks.exists()


def test_a_form_sent_twice_at_once_writes_once(cast: Cast) -> None:
    ana = make_client("Ana", owner=cast.julia)
    url = reverse("contacts:log_create", args=[ana.pk])
    fields = {"form_key": "k1", "outcome": "interested", "channel": "call"}
    browsers = [browser_of(cast.julia) for _ in range(3)]

    def send(browser: Any) -> int:
        status: int = browser.post(url, fields).status_code
        return status

    assert together([lambda browser=browser: send(browser) for browser in browsers]) == [303, 303, 303]
    assert ana.contact_logs.count() == 1


def test_task_finished_by_two_is_finished_once(cast: Cast) -> None:
    ana = make_ana(cast.julia)
    task = callback_of(ana, cast.julia)

    def fresh() -> Task:
        return Task.objects.unscoped(reason="test").get(pk=task.pk)

    together([lambda: promises.finish(fresh(), by=cast.julia), lambda: promises.finish(fresh(), by=cast.sonia)])
    task.refresh_from_db()
    assert task.done_by in (cast.julia, cast.sonia)
    assert task.version == 2
