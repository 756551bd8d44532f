"""Answers for htmx and plain requests: notices, redirects, and the address one came from."""

import json

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.fallback import FallbackStorage
from django.http import HttpRequest
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from core import answers


def request(method: str = "GET", path: str = "/", data: dict[str, str] | None = None, **headers: str) -> HttpRequest:
    made = getattr(RequestFactory(), method.lower())(path, data or {}, headers=headers)
    made.htmx = HtmxDetails(made)
    made.session = {}
    made._messages = FallbackStorage(made)
    return made


def htmx(**headers: str) -> HttpRequest:
    return request(**{"hx-request": "true", **headers})


def test_is_fragment_is_htmx_asking_for_a_part() -> None:
    assert answers.is_fragment(htmx())
    assert not answers.is_fragment(request())
    assert not answers.is_fragment(htmx(**{"hx-boosted": "true"}))
    assert not answers.is_fragment(htmx(**{"hx-history-restore-request": "true"}))
    assert not answers.is_fragment(RequestFactory().get("/"))


def test_notice_raises_events_in_ascii() -> None:
    answer = answers.notice("Ação feita", undo_url="/desfazer/", events=("client-changed",))

    assert answer.status_code == 204
    assert answer.headers["HX-Trigger"].isascii()
    assert json.loads(answer.headers["HX-Trigger"]) == {
        "aviso": {"text": "Ação feita", "undo_url": "/desfazer/"},
        "client-changed": True,
    }


def test_done_is_a_notice_for_htmx_and_a_redirect_otherwise() -> None:
    assert json.loads(answers.done(htmx(), "Feito", url="/x/").headers["HX-Trigger"]) == {
        "aviso": {"text": "Feito", "undo_url": ""},
        "close-dialog": True,
    }
    plain = request()
    answer = answers.done(plain, "Feito", url="/x/", undo_url="/u/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/x/")
    assert [(str(message), message.extra_tags) for message in get_messages(plain)] == [("Feito", "/u/")]


def test_go_to_leaves_the_page() -> None:
    assert answers.go_to(htmx(), "/x/").headers["HX-Redirect"] == "/x/"
    answer = answers.go_to(request(), "/x/")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/x/")


@pytest.mark.django_db
def test_invalid_and_conflict_keep_their_status() -> None:
    assert answers.invalid(request(), "404.html", {}).status_code == 422
    assert answers.conflict(request(), "409.html", {}).status_code == 409


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("/carteira/", "/carteira/"),
        ("http://testserver/x/", "http://testserver/x/"),
        ("https://ladrao.example/", "/início/"),
        ("//ladrao.example/", "/início/"),
        ("/\\ladrao.example/", "/início/"),
        ("javascript:alert(1)", "/início/"),
        ("", "/início/"),
    ],
)
def test_safe_next_stays_on_this_host(url: str, expected: str) -> None:
    assert answers.safe_next(request(data={"next": url}), "/início/") == expected
    assert answers.safe_next(request("POST", data={"next": url}), "/início/") == expected
