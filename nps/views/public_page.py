"""What the pages of a survey have in common: who may open them, how often, and what they tell of themselves."""

import hashlib
from base64 import b64encode
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache, cached_property, wraps
from http import HTTPStatus
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, HttpResponseRedirect
from django.shortcuts import render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.csp import CSP, build_policy
from django.views.decorators.csrf import csrf_exempt

from contacts.wording import first_name_of
from core.rates import count, is_used_up, too_often
from nps import answers, tokens
from nps.models import Answer, Brand, Invitation, Survey
from people.access import public

REASON = "the address in a survey's letter, 128 random bits: clients and their mail programs have no login"
# Of one network address in a minute: guesses, and posts to each page.
GUESSES = "20/m/ip"
POSTS = "30/m/ip"
PRIVATE = {"Cache-Control": "no-store", "Referrer-Policy": "no-referrer", "X-Robots-Tag": "noindex"}


@dataclass(frozen=True)
class Page:
    """A page of the survey that the token opens."""

    request: HttpRequest
    token: str
    invitation: Invitation

    @property
    def survey(self) -> Survey:
        return self.invitation.survey

    @cached_property
    def answer(self) -> Answer | None:
        return answers.standing_answer(self.invitation, self.token)

    @property
    def is_post(self) -> bool:
        return self.request.method == "POST"

    @property
    def first_name(self) -> str:
        """All that a page tells of its client, and an anonymous survey not even that."""
        client = self.invitation.client
        if self.survey.is_anonymous:
            return ""
        decides = client.people.filter(decides=True).order_by("pk").first() if client.person_type == "PJ" else None
        return first_name_of(client, decides.name if decides else "")

    def show(self, template: str, *, status: int = HTTPStatus.OK, **context: Any) -> HttpResponse:
        survey, owner = self.survey, self.invitation.client.owner
        common = {
            "token": self.token,
            "survey": survey,
            "company": survey.company_name,
            "first_name": self.first_name,
            "owner": None if survey.is_anonymous else owner,
            "brand": Brand.current("webp"),
        }
        return render(self.request, f"nps/public/{template}.html", common | context, status=status)

    def go(self, view: str, query: str = "") -> HttpResponse:
        return HttpResponseRedirect(reverse(f"nps:{view}", args=[self.token]) + query, status=HTTPStatus.SEE_OTHER)

    def missing(self) -> HttpResponse:
        return _missing(self.request)


def survey_page(
    *methods: str,
) -> Callable[[Callable[[Page], HttpResponse]], Callable[..., HttpResponseBase]]:
    """A page that whoever has the token may open. Posts need no CSRF token: there is no login to abuse."""

    def declare(view: Callable[[Page], HttpResponse]) -> Callable[..., HttpResponseBase]:
        @csrf_exempt
        @public(reason=REASON, methods=methods)
        @wraps(view)
        def opened(request: HttpRequest, token: str) -> HttpResponse:
            response = _answered(request, token, view)
            for name, value in {**PRIVATE, str(CSP.HEADER_ENFORCE): _policy()}.items():
                response.headers[name] = value
            return response

        return opened

    return declare


def _answered(request: HttpRequest, token: str, view: Callable[[Page], HttpResponse]) -> HttpResponse:
    """After too many guesses even a true token opens nothing: a guess must not be told from a hit."""
    guessing = is_used_up(request, "nps_guess", rate=GUESSES)
    if guessing or too_often(request, f"nps_{view.__name__}", rate=POSTS):
        return _refused(request, "many", HTTPStatus.TOO_MANY_REQUESTS)
    invitation = tokens.found(token)
    if invitation is None:
        count(request, "nps_guess", rate=GUESSES)
        return _missing(request)
    return view(Page(request, token, invitation))


def _missing(request: HttpRequest) -> HttpResponse:
    return _refused(request, "missing", HTTPStatus.NOT_FOUND)


def _refused(request: HttpRequest, template: str, status: HTTPStatus) -> HttpResponse:
    """The same for everybody, byte by byte."""
    context = {"company": settings.COMPANY_NAME, "brand": Brand.current("webp")}
    return render(request, f"nps/public/{template}.html", context, status=status)


@cache
def _policy() -> str:
    """Only the style of these pages, by its hash: it comes with the page, so that one answer is all that is loaded."""
    style = render_to_string("nps/public/style.css").encode()
    digest = b64encode(hashlib.sha256(style).digest()).decode()
    return build_policy(
        {
            "default-src": [CSP.NONE],
            "style-src": [f"'sha256-{digest}'"],
            "img-src": ["data:"],
            "form-action": [CSP.SELF],
            "base-uri": [CSP.NONE],
            "frame-ancestors": [CSP.NONE],
        }
    )
