"""Where the provider of mail tells of bounces, complaints and unsubscriptions."""

import logging

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from contacts import mail_providers, mail_reports
from core.rates import count, is_used_up
from people.access import public

logger = logging.getLogger(__name__)

# Of posts that proved nothing; a provider may tell of as many mails as it carried.
REFUSALS = "30/m/ip"
# A thousand events in one post; a bounce that quotes the mail is far smaller.
MOST_BYTES = 1024 * 1024


@csrf_exempt
@public(reason="mail providers cannot log in: their password or signature is checked", methods=("POST",))
def mail_report(request: HttpRequest, provider: str) -> HttpResponse:
    if not settings.MAIL_REPORTS or provider != settings.MAIL_REPORTS:
        raise Http404
    if is_used_up(request, "mail_report", rate=REFUSALS):
        return HttpResponse(status=429)
    # Said before anything is read.
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BYTES:
        count(request, "mail_report", rate=REFUSALS)
        return HttpResponse(status=413)
    try:
        reports = mail_providers.read(request)
    except mail_providers.UnprovenError:
        count(request, "mail_report", rate=REFUSALS)
        return HttpResponse(status=403)
    except mail_providers.UnreadableError as error:
        logger.warning("A report of %s could not be read: %s.", provider, error)
        return HttpResponse(status=400)
    for report in reports:
        mail_reports.hear(report)
    # Not 204: some providers take nothing else for an answer.
    return HttpResponse()
