"""A database that is slow or gone answers 503 with a way out; other errors stay errors (RELIABILITY F4)."""

import pytest
from django.core.handlers.exception import convert_exception_to_response
from django.db import InterfaceError, OperationalError, connection
from django.http import HttpRequest, HttpResponse
from django.test import Client as Browser
from django.test import RequestFactory, override_settings

from core.middleware import is_outage
from tests.factories import make_user

URLS = override_settings(ROOT_URLCONF="tests.core.outage_urls")


def browser() -> Browser:
    return Browser(raise_request_exception=False)


@pytest.mark.django_db
@URLS
def test_statement_that_takes_too_long_answers_503() -> None:
    answer = browser().get("/devagar/")

    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert "fora do ar por um momento" in answer.content.decode()
    assert "Tentar de novo" in answer.content.decode()


@pytest.mark.django_db(transaction=True)
@URLS
def test_connection_that_is_cut_answers_503_and_the_next_request_works() -> None:
    answer = browser().get("/cortada/")

    assert answer.status_code == 503
    assert browser().get("/saude/").status_code == 200
    connection.close()
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")
        assert cursor.fetchone() == (1,)


@pytest.mark.django_db
@URLS
def test_other_database_errors_stay_errors() -> None:
    answer = browser().get("/errada/")

    assert answer.status_code == 500
    assert "Retry-After" not in answer.headers


@pytest.mark.django_db(transaction=True)
def test_database_that_is_away_before_the_view_answers_503() -> None:
    """The session and the person are read by middleware, where no view's exception handler helps."""
    visitor = browser()
    visitor.force_login(make_user("Júlia Prado"))
    working = connection.settings_dict["NAME"]
    connection.close()
    connection.settings_dict["NAME"] = "nowhere"
    try:
        answer = visitor.get("/minha-conta/")
    finally:
        connection.close()
        connection.settings_dict["NAME"] = working

    assert (answer.status_code, answer.headers.get("Retry-After")) == (503, "5")
    assert visitor.get("/minha-conta/").status_code == 200


@pytest.mark.parametrize(
    ("error", "passing"),
    [
        (OperationalError("no connection"), True),
        (InterfaceError("connection already closed"), True),
        (ValueError("other"), False),
    ],
)
def test_is_outage_knows_errors_without_a_state(error: Exception, passing: bool) -> None:
    assert is_outage(error) is passing


def test_is_outage_leaves_other_states_alone() -> None:
    class DiskFullError(Exception):
        sqlstate = "53100"

    error = OperationalError("disk full")
    error.__cause__ = DiskFullError()

    assert is_outage(error) is False


@pytest.mark.parametrize(("error", "status"), [(OperationalError("closed"), 503), (ValueError("other"), 500)])
def test_outage_in_any_other_middleware_answers_503(error: Exception, status: int) -> None:
    """Django turns what middleware raises into the page of error 500."""

    def raising(request: HttpRequest) -> HttpResponse:
        raise error

    answer = convert_exception_to_response(raising)(RequestFactory().get("/"))

    assert answer.status_code == status
