"""Small functions around every request."""

from collections.abc import Callable

from django.conf import settings
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.template.loader import render_to_string
from django.utils import translation

from core.phrases import keep_lookups

GetResponse = Callable[[HttpRequest], HttpResponse]

# lock_not_available, query_canceled (statement timeout), admin_shutdown, crash_shutdown, cannot_connect_now
_PASSING_STATES = {"55P03", "57014", "57P01", "57P02", "57P03", None}


def is_outage(error: BaseException) -> bool:
    """Whether the database is away or overloaded, so that the same request may work in a moment."""
    return isinstance(error, OperationalError | InterfaceError) and (
        getattr(error.__cause__, "sqlstate", None) in _PASSING_STATES
    )


def database_outage(get_response: GetResponse) -> Callable[[HttpRequest], HttpResponse]:
    """A stopped database becomes a friendly 503 with retry, not a stack trace."""

    class Outage:
        def __call__(self, request: HttpRequest) -> HttpResponse:
            try:
                return get_response(request)
            except (OperationalError, InterfaceError) as error:
                if not is_outage(error):
                    raise
                return unavailable()

        def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
            return unavailable() if is_outage(exception) else None

    return Outage()


def unavailable() -> HttpResponse:
    return HttpResponse(render_to_string("503.html"), status=503, headers={"Retry-After": "5"})


def one_language(get_response: GetResponse) -> Callable[[HttpRequest], HttpResponse]:
    """Speaks the language of the company, whatever the browser would like: there is no other."""
    keep_lookups(settings.LANGUAGE_CODE)

    def speak(request: HttpRequest) -> HttpResponse:
        translation.activate(settings.LANGUAGE_CODE)
        response = get_response(request)
        response.headers.setdefault("Content-Language", settings.LANGUAGE_CODE)
        return response

    return speak


def private_pages(get_response: GetResponse) -> Callable[[HttpRequest], HttpResponse]:
    """Pages of logged-in people are never stored by browsers or proxies."""

    def keep_private(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        if request.user.is_authenticated and "Cache-Control" not in response.headers:
            response.headers["Cache-Control"] = "no-store, private"
        return response

    return keep_private
