"""Parts of a page that are the same for everybody who has the same menu and rights: rendered once per process."""

from typing import Any

from django import template
from django.conf import settings
from django.template import RequestContext
from django.template.loader import render_to_string
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString, mark_safe

from core.phrases import kept_per_language

register = template.Library()

# Stands in what is kept wherever the token of the request goes.
PLACE = "place-of-the-csrf-token"


@register.simple_tag(takes_context=True)
def kept_include(context: RequestContext, name: str, **values: Any) -> SafeString:
    """Includes a template that knows nothing but these values and `csrf_token`; nothing of a person may be in them."""
    # Who writes templates sees what they write.
    written = rendered(name, **values) if settings.DEBUG else kept(name, **values)
    token = conditional_escape(str(context.get("csrf_token", "")))
    # What a template wrote is escaped already, and so is the only thing that is put in.
    return mark_safe(written.replace(PLACE, token))  # noqa: S308


def rendered(name: str, **values: Any) -> str:
    return render_to_string(name, {**values, "csrf_token": PLACE})


kept = kept_per_language(rendered)
