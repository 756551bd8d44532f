"""The company's logo in letters, which mail programs fetch."""

from http import HTTPStatus
from typing import Final

from django.http import HttpRequest, HttpResponse

from nps.models import Brand
from people.access import public

REASON: Final = "the logo in a survey's letter, the same for everybody: mail programs have no login"
# Named by its digest it never changes; without it, or by an older one, a day.
FOREVER: Final = "public, max-age=31536000, immutable"
A_DAY: Final = "public, max-age=86400"


@public(reason=REASON)
def logo(request: HttpRequest) -> HttpResponse:
    brand = Brand.current("png")
    if brand is None:
        return HttpResponse(status=HTTPStatus.NOT_FOUND, headers={"Cache-Control": "no-store"})
    kept = FOREVER if request.GET.get("v") == brand.digest else A_DAY
    return HttpResponse(brand.png, content_type="image/png", headers={"Cache-Control": kept})
