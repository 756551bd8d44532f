"""Answers for htmx and plain requests alike: notices, redirects, invalid forms, conflicts."""

import json
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme


def is_fragment(request: HttpRequest) -> bool:
    """Whether htmx asks for a part of the page (a boosted or restored request wants the whole)."""
    htmx = getattr(request, "htmx", None)
    return htmx is not None and bool(htmx) and not htmx.boosted and not htmx.history_restore_request


def invalid(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The form again with its errors and everything that was typed."""
    return render(request, template, context, status=422)


def conflict(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Somebody else saved first: shows both texts, keeps what was typed."""
    return render(request, template, context, status=409)


def notice(text: str, *, undo_url: str = "", events: tuple[str, ...] = ()) -> HttpResponse:
    """204 whose headers raise a notice (with "Desfazer" when `undo_url` is given) and further htmx events."""
    triggers: dict[str, Any] = {"aviso": {"text": str(text), "undo_url": undo_url}}
    triggers.update(dict.fromkeys(events, True))
    response = HttpResponse(status=204)
    # ASCII escapes: header values travel as latin-1.
    response.headers["HX-Trigger"] = json.dumps(triggers)
    return response


def done(
    request: HttpRequest,
    text: str,
    *,
    url: str,
    undo_url: str = "",
    events: tuple[str, ...] = ("close-dialog",),
) -> HttpResponse:
    """After a successful write: a notice in place for htmx, a redirect with a message otherwise."""
    if is_fragment(request):
        return notice(text, undo_url=undo_url, events=events)
    messages.success(request, text, extra_tags=undo_url)
    return HttpResponseRedirect(url, status=303)


def go_to(request: HttpRequest, url: str) -> HttpResponse:
    """Leaves the page: 303, or the header that makes htmx load the address whole."""
    if getattr(request, "htmx", None):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return HttpResponseRedirect(url, status=303)


def safe_next(request: HttpRequest, default: str) -> str:
    """The `next` address if it stays on this host."""
    url = request.POST.get("next") or request.GET.get("next") or ""
    if url_has_allowed_host_and_scheme(url, allowed_hosts={request.get_host()}, require_https=request.is_secure()):
        return url
    return default
