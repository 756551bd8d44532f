"""Stopping offers from the mail itself."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

from contacts import offers
from core.rates import too_often
from people.access import public

RATE = "30/m/ip"


@csrf_exempt
@public(
    reason="the address in an offer by mail, signed: clients and their mail programs have no login",
    methods=("GET", "POST"),
)
def offer_stop(request: HttpRequest, token: str) -> HttpResponse:
    """Opening it asks, posting stops (RFC 8058: a program that opens links stops nothing)."""
    if refusal := too_often(request, "offer_stop", rate=RATE):
        return refusal
    log = offers.log_of(token)
    if log is None:
        raise Http404
    if request.method == "POST":
        offers.stop(log)
    response = render(request, "contacts/offer_stop.html", {"is_stopped": request.method == "POST"})
    response.headers["X-Robots-Tag"] = "noindex"
    return response
