"""Error pages with a way out; the pages of 404 and 403 never tell whether a record exists."""

import sys

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.template.loader import render_to_string

from core.middleware import is_outage, unavailable


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return HttpResponse(render_to_string("400.html"), status=400)


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "403.html", status=403)


def page_not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return render(request, "404.html", status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    error = sys.exception()
    # What middleware met, where core.middleware.database_outage does not reach.
    if error is not None and is_outage(error):
        return unavailable()
    # No request context: the error may lie in it, or in the database behind it.
    return HttpResponse(render_to_string("500.html"), status=500)
