"""Putting a client off from another page than Meu dia: told in a notice, and the panels of that page reload."""

import datetime
import json
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from portfolio.models import Postponement
from tests.factories import Cast, make_client

pytestmark = pytest.mark.django_db


@pytest.fixture
def browser(cast: Cast) -> Browser:
    browser = Browser()
    browser.force_login(cast.julia)
    return browser


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana", owner=cast.julia)


def put_off(browser: Browser, ana: Client, *, page: str) -> Any:
    until = timezone.localdate() + datetime.timedelta(days=3)
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{page}"}
    return browser.post(
        reverse("portfolio:agenda_snooze", args=[ana.pk]), {"until": until.isoformat()}, headers=headers
    )


def test_client_page_stays_where_it_is(browser: Browser, ana: Client) -> None:
    answer = put_off(browser, ana, page=ana.get_absolute_url())
    told = json.loads(answer.headers["HX-Trigger"])
    made = Postponement.objects.unscoped(reason="test").get()
    assert (answer.status_code, answer.content, "HX-Retarget" in answer.headers) == (204, b"", False)
    assert {"close-dialog", "client-changed"} < set(told)
    assert told["aviso"]["text"].startswith("Ana adiado para ")
    undo = told["aviso"]["undo_url"]
    assert undo == reverse("portfolio:agenda_unsnooze", args=[made.pk])
    headers = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{ana.get_absolute_url()}"}
    undone = browser.post(undo, headers=headers)
    assert (undone.status_code, json.loads(undone.headers["HX-Trigger"])["aviso"]["text"]) == (
        204,
        "Adiamento desfeito.",
    )
    made.refresh_from_db()
    assert made.undone_at is not None


@pytest.mark.parametrize("query", ["", "?dia=2026-01-01"])
def test_my_day_gets_its_list(browser: Browser, ana: Client, query: str) -> None:
    answer = put_off(browser, ana, page=reverse("portfolio:my_day") + query)
    assert (answer.status_code, answer.headers["HX-Retarget"]) == (200, "#agenda")


def test_without_htmx_the_page_tells(browser: Browser, ana: Client) -> None:
    until = timezone.localdate() + datetime.timedelta(days=3)
    url = reverse("portfolio:agenda_snooze", args=[ana.pk])
    answer = browser.post(url, {"until": until.isoformat()})
    assert (answer.status_code, answer.headers["Location"]) == (303, reverse("portfolio:my_day"))
