"""Tasks and notes at the screen."""

import datetime
import json
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from contacts import promises
from people.models import User
from tests.contacts.talking import make_ana, task_of
from tests.factories import Cast

HTMX = {"headers": {"HX-Request": "true"}}
type AtDesk = Callable[[User], Browser]


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_ana(cast.julia)


def address(name: str, record: Any) -> str:
    return reverse(f"contacts:{name}", args=[record.pk])


def planned(**fields: Any) -> dict[str, Any]:
    day = timezone.localdate() + datetime.timedelta(days=1)
    return {"title": "Enviar o carnê", "due_on": day.isoformat(), "kind": "task", "minutes": "10", **fields}


def test_task_create_promises_once(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    browser, fields = at_desk(cast.julia), planned(form_key="k1", due_time="15:00", assignee=cast.sonia.pk)
    for _ in range(2):
        assert browser.post(address("task_create", ana), fields).status_code == 303
    task = ana.tasks.get()
    assert (task.assignee, timezone.localtime(task.due_at).strftime("%H:%M")) == (cast.sonia, "15:00")


@pytest.mark.parametrize("fields", [{"due_on": "2020-01-01"}, {"title": ""}, {"minutes": "999"}])
def test_task_create_says_what_is_wrong(cast: Cast, ana: Client, at_desk: AtDesk, fields: dict[str, Any]) -> None:
    answer = at_desk(cast.julia).post(address("task_create", ana), planned(form_key="k1", **fields), **HTMX)
    assert answer.status_code == 422


def test_nothing_is_planned_with_who_has_died(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    Client.objects.visible_to(cast.julia).update(deceased_on=timezone.localdate())
    browser, fields = at_desk(cast.julia), planned(form_key="k1")
    answer = browser.post(address("task_create", ana), fields, **HTMX)
    assert (answer.status_code, ana.tasks.count()) == (422, 0)
    assert "O cliente faleceu" in answer.content.decode()
    assert "Enviar o carnê" in answer.content.decode()
    spoken = {"outcome": "interested", "channel": "call", "next_date": fields["due_on"], "form_key": "k2"}
    answer = browser.post(address("log_create", ana), spoken, **HTMX)
    assert (answer.status_code, ana.contact_logs.count()) == (422, 0)
    assert "O cliente faleceu" in answer.content.decode()


def test_task_goes_to_nobody_who_may_not_see_the_client(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    fields = planned(form_key="k1", assignee=cast.davi.pk)
    assert at_desk(cast.julia).post(address("task_create", ana), fields).status_code == 422


def test_task_edit_keeps_an_old_day_and_shows_conflicts(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    task = task_of(ana, cast.julia, days=-3)
    browser, url = at_desk(cast.julia), address("task_edit", task)
    assert "Enviar o carnê" in browser.get(url).content.decode()
    same_day = {"due_on": task.due_on.isoformat(), "version": 1}
    assert browser.post(url, planned(title="Levar o carnê", **same_day)).status_code == 303
    late = browser.post(url, planned(title="Rasgar o carnê", **same_day))
    assert late.status_code == 409
    assert "Levar o carnê" in late.content.decode()


def test_task_edit_sets_back_the_hour(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    task = promises.promise(ana, by=cast.julia, title="Ligar", due_at=timezone.now() + datetime.timedelta(days=1))
    browser, url = at_desk(cast.julia), address("task_edit", task)
    assert f"{timezone.localtime(task.due_at):%H:%M}" in browser.get(url).content.decode()
    browser.post(url, planned(version=1, due_time=""))
    task.refresh_from_db()
    assert task.due_at is None


@pytest.mark.parametrize("act", ["task_done", "task_cancel"])
def test_task_ends_with_one_tap_and_an_undo(cast: Cast, ana: Client, at_desk: AtDesk, act: str) -> None:
    task = task_of(ana, cast.julia)
    browser = at_desk(cast.julia)
    told = json.loads(browser.post(address(act, task), **HTMX)["HX-Trigger"])
    task.refresh_from_db()
    assert not task.is_open
    assert {"tasks-changed", "client-changed"} <= set(told)
    browser.post(told["aviso"]["undo_url"], **HTMX)
    task.refresh_from_db()
    assert task.is_open
    assert at_desk(cast.davi).post(address(act, task)).status_code == 404


def test_note_create_tells_whom_it_told(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    browser, url = at_desk(cast.julia), address("note_create", ana)
    assert f'data-mentions="{address("note_mentions", ana)}"' in browser.get(url, **HTMX).content.decode()
    answer = browser.post(url, {"form_key": "k1", "text": "Veja, @Sônia Reis", "is_highlight": "on"}, **HTMX)
    assert json.loads(answer["HX-Trigger"])["aviso"]["text"] == "Anotação salva. Avisamos Sônia."
    answer = browser.post(url, {"form_key": "k2", "text": "Gosta de café"}, **HTMX)
    assert json.loads(answer["HX-Trigger"])["aviso"]["text"] == "Anotação salva."
    assert ana.client_notes.filter(is_highlight=True).count() == 1


def test_note_mentions_offers_who_sees_the_client(cast: Cast, ana: Client, at_desk: AtDesk) -> None:
    browser, url = at_desk(cast.julia), address("note_mentions", ana)
    assert 'data-mention="Sônia Reis"' in browser.get(f"{url}?q=so").content.decode()
    assert "Nenhum colega" in browser.get(f"{url}?q=davi").content.decode()
