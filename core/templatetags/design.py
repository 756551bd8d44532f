"""The small pieces of the interface: icon, avatar, chips, health, bars, headings that sort."""

import math
import zlib
from collections.abc import Mapping
from typing import Any

from django import template
from django.template import RequestContext
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.translation import gettext_lazy as _

from core.phrases import gettext, kept_per_language
from core.templatetags.formats import days_count

register = template.Library()

AVATAR_COLOURS = 6
NAME_PARTICLES = frozenset({"da", "das", "de", "del", "di", "do", "dos", "e"})
# How a company is registered says nothing of its name.
COMPANY_KINDS = frozenset({"ltda", "me", "epp", "mei", "eireli", "sa", "s.a", "s/a", "slu"})
# Class of the portfolio: CSS class, icon, name.
CLASS_CHIPS: Mapping[str, tuple[str, str, Any]] = {
    "active": ("ativa", "", _("Ativa")),
    "renewal": ("renova", "refresh", _("Renovação")),
    "inactive": ("inativa", "history", _("Inativa")),
    "prospect": ("prosp", "user-heart", _("Prospect")),
}


@register.simple_tag
@kept_per_language
def icon(name: str, cls: str = "") -> str:
    """`{% icon "phone" %}`, `{% icon "phone" "i-lg" %}`; the name must be in assets/icons.txt."""
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}#{}"></use></svg>',
        f"i {cls}".strip(),
        static("icons.svg"),
        name,
    )


@register.inclusion_tag("components/logo.html")
def logo() -> dict[str, Any]:
    return {}


@register.inclusion_tag("components/empty_art.html")
def empty_art() -> dict[str, Any]:
    """The drawing of a wallet that goes with an empty place."""
    return {}


def initials(name: str) -> str:
    words = [word for word in name.split() if word.casefold() not in NAME_PARTICLES and word[0].isalnum()]
    while len(words) > 1 and words[-1].casefold().rstrip(".") in COMPANY_KINDS:
        words.pop()
    ends = words[:1] + words[1:][-1:]
    return "".join(word[0] for word in ends).upper() or "?"


@register.simple_tag
def avatar(name: str, size: str = "") -> str:
    """Initials on a colour that stays with the name; size "lg" or "xl"."""
    colour = zlib.crc32(name.strip().casefold().encode()) % AVATAR_COLOURS + 1
    cls = f"av av-{size} av-{colour}" if size else f"av av-{colour}"
    return format_html('<span class="{}" aria-hidden="true">{}</span>', cls, initials(name))


@register.simple_tag
@kept_per_language
def tier(letter: str | None) -> str:
    """Badge of the tier, A to D."""
    if not letter:
        return ""
    return format_html(
        '<span class="k k-{}"><span class="visually-hidden">{} </span>{}</span>',
        letter.lower(),
        gettext("Classe"),
        letter,
    )


@register.simple_tag
def health(score: float | None) -> str:
    """Five rising marks and the number from 0 to 100."""
    if score is None:
        return ""
    return _health(round(min(max(score, 0), 100)))


@kept_per_language
def _health(value: int) -> str:
    level = " low" if value < 35 else " mid" if value < 60 else ""
    lit = math.ceil(value / 20)
    marks = format_html_join(
        "",
        '<rect x="{}" y="{}" width="5" height="{}" rx="1.2"{}/>',
        ((n * 7, 8 - n * 2, 4 + n * 2, format_html(' class="{}"', "on") if n < lit else "") for n in range(5)),
    )
    return format_html(
        '<span class="health{}"><svg viewBox="0 0 34 12" aria-hidden="true">{}</svg>'
        '<span class="visually-hidden">{} </span>{}</span>',
        level,
        marks,
        gettext("Saúde"),
        value,
    )


def percent(value: float) -> str:
    return f"{min(max(float(value), 0), 100):.4g}%"


@register.simple_tag
def bar(pct: float | None, cls: str = "f", label: str = "", pace: float | None = None, size: str = "") -> str:
    """Progress in percent; `pace` is the tick of where one should be today; size "lg"."""
    spoken = format_html('role="img" aria-label="{}"' if label else 'aria-hidden="{}"', label or "true")
    tick = ""
    if pace is not None:
        tick = format_html('<rect class="pace" x="{}" width="2" height="100%"/>', percent(pace))
    return format_html(
        '<svg class="{}" {}><rect class="{}" width="{}" height="100%"/>{}</svg>',
        f"bar bar-{size}" if size else "bar",
        spoken,
        cls,
        percent(pct or 0),
        tick,
    )


@register.simple_tag
def chip(cls: str, icon_name: str = "", text: str = "", days: object = "") -> str:
    """`{% chip "danger" "clock" "Atrasado" "9 dias" %}`; an empty icon or measure is left out."""
    return format_html(
        '<span class="chip c-{}">{}{}{}</span>',
        cls,
        icon(icon_name) if icon_name else "",
        text,
        format_html("<b>{}</b>", days) if days not in (None, "") else "",
    )


@register.simple_tag
def class_chip(portfolio_class: str | None, days: int | str | None = None) -> str:
    """Chip of a class by its code name; a whole number of days is written out."""
    if not portfolio_class:
        return ""
    cls, icon_name, name = CLASS_CHIPS[portfolio_class]
    return chip(cls, icon_name, name, days_count(days) if isinstance(days, int) else days)


@register.simple_tag(takes_context=True)
def sort_header(
    context: RequestContext,
    field: str,
    label: str,
    current: str = "",
    target: str = "",
    cls: str = "",
    param: str = "ordem",
) -> str:
    """Heading that sorts by `field`; `current` is the order in force ("-name" is descending).

    With `target` the list is replaced by htmx, and the address changes with it.
    """
    request = context.request
    descending = current == f"-{field}"
    sorted_here = current.lstrip("-") == field
    query = request.GET.copy()
    query.pop("pagina", None)
    query[param] = f"-{field}" if sorted_here and not descending else field
    address = f"{request.path}?{query.urlencode()}"
    htmx = ""
    if target:
        htmx = format_html(' hx-get="{}" hx-target="{}" hx-swap="outerHTML" hx-push-url="true"', address, target)
    order = ""
    if sorted_here:
        order = format_html(' aria-sort="{}"', "descending" if descending else "ascending")
    arrow = icon("chevron-down" if descending else "chevron-up") if sorted_here else ""
    return format_html(
        '<th scope="col"{}{}><a href="{}"{}>{}{}</a></th>',
        format_html(' class="{}"', cls) if cls else "",
        order,
        address,
        htmx,
        label,
        arrow,
    )
