"""Where providers of messages tell what became of them."""

from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from contacts import adapters, deliveries
from core.rates import too_often
from people.access import public

# Providers tell of each message up to four times, thousands of them on a busy morning.
RATE = "1200/m/ip"


@csrf_exempt
@public(reason="providers cannot log in: their adapter checks the signature of each report", methods=("POST",))
def provider_report(request: HttpRequest, channel: str) -> HttpResponse:
    if refusal := too_often(request, "provider_report", rate=RATE):
        return refusal
    adapter = adapters.reports_of(channel) if channel in deliveries.PROVIDED else None
    if adapter is None:
        raise Http404
    try:
        reports = adapter.read_callback(request.body, request.headers)
    except ValueError:
        return HttpResponse(status=403)
    for report in reports:
        deliveries.hear(channel, report)
    return HttpResponse(status=204)
