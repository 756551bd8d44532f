"""Parts of a page that are the same for everybody who has the same menu and rights: rendered once per process."""

from typing import Any

from django import template
from django.conf import settings
from django.template import RequestContext
from django.template.loader import render_to_string
from django.utils.safestring import SafeString, mark_safe

from core.phrases import kept_per_language

register = template.Library()

# Stands in what is kept wherever the token of the request goes.
TOKEN = "token-of-the-request"  # noqa: S105


@register.simple_tag(takes_context=True)
def kept_include(context: RequestContext, name: str, **values: Any) -> SafeString:
    """Includes a template that knows nothing but these values and `csrf_token`; nothing of a person may be in them."""
    # Who writes templates sees what they write.
    render = kept if not settings.DEBUG else kept.__wrapped__  # type: ignore[attr-defined]
    return mark_safe(render(name, **values).replace(TOKEN, str(context.get("csrf_token", ""))))  # noqa: S308


@kept_per_language
def kept(name: str, **values: Any) -> str:
    return render_to_string(name, {**values, "csrf_token": TOKEN})
