"""Which survey pages were opened: a row of the log after the answer was made, and nothing while it is made."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from core.days import midnight
from nps import tokens
from nps.models import Invitation, Opening

type GetResponse = Callable[[HttpRequest], HttpResponse]


def expect(request: HttpRequest, invitation: Invitation) -> None:
    """The page of this invitation is about to be shown."""
    request.opened_invitation = invitation  # type: ignore[attr-defined]


def log(get_response: GetResponse) -> GetResponse:
    """Middleware. Asking for headers and loading ahead open nothing."""

    def answer(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        opened: Invitation | None = getattr(request, "opened_invitation", None)
        if opened is not None and request.method == "GET" and response.status_code == 200 and not _is_ahead(request):
            Opening.objects.create(invitation=opened, **_when(opened))
        return response

    return answer


def _is_ahead(request: HttpRequest) -> bool:
    purpose = request.headers.get("Sec-Purpose") or request.headers.get("Purpose") or ""
    return "prefetch" in purpose


def _when(invitation: Invitation) -> dict[str, Any]:
    """Of an anonymous survey only that it was opened: when, or after whom, would tell whose an answer is."""
    if not invitation.survey.is_anonymous:
        return {"at": timezone.now()}
    return {"pk": tokens.stray_id(), "at": midnight(invitation.asked_on)}
