"""How often an address that needs no login may be posted to: counted per IP address, for all processes."""

from allauth.core.internal import ratelimit
from django.http import HttpRequest, HttpResponse


def too_often(request: HttpRequest, action: str, *, rate: str) -> HttpResponse | None:
    """The answer 429 where `rate` (`20/m/ip`) is exceeded. Reading is neither counted nor refused."""
    if ratelimit.consume(request, app="carteira", action=action, config={action: rate}):
        return None
    return HttpResponse(status=429)
