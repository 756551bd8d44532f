"""The régua de contato: twelve weeks of one client, from contacts made and days they were due."""

import datetime
import itertools
from collections.abc import Collection, Sequence
from typing import Final, NamedTuple

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.days import midnight
from core.phrases import kept_per_language

WEEKS: Final = 12
WEEK: Final = datetime.timedelta(days=7)
SPAN: Final = WEEKS * WEEK
DONE, MISSED, NOW, NONE = "done", "miss", "now", ""
# A full mark, an outline and a dash: x is counted from the left end of the week.
SHAPES: Final = {
    DONE: (0.0, 3.0, 5.0, 12.0, 1.5),
    NOW: (0.0, 3.0, 5.0, 12.0, 1.5),
    MISSED: (0.6, 3.6, 3.8, 10.8, 1.2),
    NONE: (0.0, 8.0, 5.0, 2.5, 1.2),
}
STEP: Final = 7.6


class Rule(NamedTuple):
    """`drawing` is the SVG with a name of its own, `text` the label beside it."""

    drawing: SafeString
    text: str


def rule(contacted: Collection[datetime.date], *, on: datetime.date, interval: int = 0, is_due: bool = False) -> Rule:
    """`contacted` are the days of contacts, the last one before the weeks as well; without `interval` none was due."""
    found = marks(contacted, on=on, interval=interval, is_due=is_due)
    return Rule(_drawing(tuple(found)), _text(contacted, on=on, interval=interval))


def drawing(contacted: Collection[datetime.date], *, on: datetime.date, interval: int, is_due: bool) -> SafeString:
    """The SVG alone."""
    return _drawing(tuple(marks(contacted, on=on, interval=interval, is_due=is_due)))


def since(on: datetime.date) -> datetime.datetime:
    """From when on contacts matter: the last one before the weeks says when the next was due."""
    return midnight(on) - 2 * SPAN


def marks(contacted: Collection[datetime.date], *, on: datetime.date, interval: int, is_due: bool) -> list[str]:
    """One mark a week, the oldest first; the last week ends today."""
    days = sorted(day for day in contacted if day <= on)
    due = _due_days(days, until=on, interval=interval) if interval else set()
    # Weeks ago.
    made, missed = ({(on - day) // WEEK for day in weeks} for weeks in (days, due))
    found = [DONE if ago in made else MISSED if ago in missed else NONE for ago in reversed(range(WEEKS))]
    if is_due and on not in days:
        found[-1] = NOW
    return found


def _due_days(days: list[datetime.date], *, until: datetime.date, interval: int) -> set[datetime.date]:
    """The days on which a contact was due and none had been made: an interval after the last one, and again."""
    every = datetime.timedelta(days=interval)
    found = set()
    for day, following in itertools.pairwise([*days, until]):
        due = day + every
        while due < following:
            found.add(due)
            due += every
    return found


@kept_per_language
def _drawing(found: tuple[str, ...]) -> SafeString:
    parts = []
    for week, mark in enumerate(found):
        left, top, width, height, radius = SHAPES[mark]
        name = format_html(' class="{}"', mark) if mark else ""
        parts.append((name, f"{1 + week * STEP + left:.1f}", top, width, height, radius))
    rects = format_html_join("", '<rect{} x="{}" y="{}" width="{}" height="{}" rx="{}"/>', parts)
    return format_html(
        '<svg class="rule" viewBox="0 0 92 18" role="img" aria-label="{}">{}</svg>', spoken(found), rects
    )


def spoken(found: Sequence[str]) -> str:
    """Ritmo: 6 contatos feitos, 1 perdido, o próximo é agora"""
    made, missed = found.count(DONE), found.count(MISSED)
    parts = [ngettext("%(count)s semana com contato", "%(count)s semanas com contato", made) % {"count": made}]
    if missed:
        parts.append(ngettext("%(count)s perdida", "%(count)s perdidas", missed) % {"count": missed})
    if NOW in found:
        parts.append(_("o próximo é agora"))
    return _("Doze semanas: %(parts)s") % {"parts": ", ".join(parts)}


def _text(contacted: Collection[datetime.date], *, on: datetime.date, interval: int) -> str:
    last = max((day for day in contacted if day <= on), default=None)
    if last is None:
        said = _("nenhum contato ainda")
    elif last == on:
        said = _("último contato hoje")
    else:
        ago = (on - last).days
        said = ngettext("último contato há %(count)s dia", "último contato há %(count)s dias", ago) % {"count": ago}
    if not interval:
        return said
    plan = ngettext("plano de %(count)s dia", "plano de %(count)s dias", interval) % {"count": interval}
    return f"{said}, {plan}"
