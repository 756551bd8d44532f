"""How often an address that needs no login may be asked for: counted per IP address, for all processes."""

import time

from allauth.core.internal import ratelimit
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse

_APP = "carteira"


def too_often(request: HttpRequest, action: str, *, rate: str) -> HttpResponse | None:
    """The answer 429 where `rate` (`20/m/ip`) is exceeded. Reading is neither counted nor refused."""
    if ratelimit.consume(request, app=_APP, action=action, config={action: rate}):
        return None
    return HttpResponse(status=429)


def count(request: HttpRequest, action: str, *, rate: str) -> None:
    """One more, of reading too."""
    ratelimit.consume(request, app=_APP, action=action, config={action: rate}, limit_get=True)


def is_used_up(request: HttpRequest, action: str, *, rate: str) -> bool:
    """Whether `rate` leaves nothing. Asking counts nothing and waits for nobody."""
    limit = ratelimit.parse_rate(rate)
    key = ratelimit.get_cache_key(request, app=_APP, action=action, rate=limit)
    allowed, _history = ratelimit.apply_rate(cache.get(key, []), time.time(), limit, dry_run=True)
    return not allowed
