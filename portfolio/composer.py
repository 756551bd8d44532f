"""What the composer on a client's page offers: outcomes by group, and when to speak again."""

import datetime
from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from contacts import moments
from contacts.models import Consequence, ContactOutcome, LogChannel, OutcomeGroup
from contacts.workdays import Workdays
from core.models import new_form_key
from core.phrases import kept_per_language
from core.statements import Statement
from core.templatetags.formats import day
from portfolio.next_action import Interval, Member

CHANNELS: Final = (
    (LogChannel.CALL, "phone"),
    (LogChannel.WHATSAPP, "brand-whatsapp"),
    (LogChannel.EMAIL, "mail"),
    (LogChannel.VISIT, "map-pin"),
)


class Choice(NamedTuple):
    """`channels` are those it fits, parted by spaces; none: all."""

    value: str
    label: str
    group: str
    channels: str


class Composer(NamedTuple):
    form_key: str
    channels: list[tuple[str, str, str | Promise]]
    outcomes: SafeString
    days: list[moments.Moment]
    usual: str


def _outcomes() -> Any:
    names = ("code", "label", "group", "channels", "details", "consequence")
    return ContactOutcome.objects.filter(is_active=True).order_by("position", "label").values(*names)


OUTCOMES = Statement(_outcomes)


def composer_for(client: Any, interval: Interval | None, members: list[Member], *, today: datetime.date) -> Composer:
    return Composer(
        new_form_key(),
        [(str(channel), icon, channel.label) for channel, icon in CHANNELS],
        options_of(tuple(choices())),
        moments.days_ahead(today, client.uf, Workdays.load()),
        usual_next(interval, members, today=today),
    )


def choices() -> Iterator[Choice]:
    """Who asks not to be contacted says where: those details are choices of their own."""
    for outcome in OUTCOMES.ask():
        details = outcome["details"] if outcome["consequence"] == Consequence.OPT_OUT else [""]
        for detail in details:
            value = f"{outcome['code']}:{detail}" if detail else outcome["code"]
            label = f"{outcome['label']}: {detail.lower()}" if detail else outcome["label"]
            yield Choice(value, label, outcome["group"], " ".join(outcome["channels"]))


@kept_per_language
def options_of(found: tuple[Choice, ...]) -> SafeString:
    """The options by group: the same for everybody until an administrator changes the outcomes."""
    groups = ((group.label, [choice for choice in found if choice.group == group]) for group in OutcomeGroup)
    return format_html_join(
        "", '<optgroup label="{}">{}</optgroup>', ((label, _options(members)) for label, members in groups if members)
    )


def _options(members: list[Choice]) -> SafeString:
    return format_html_join(
        "", '<option value="{}"{}>{}</option>', ((one.value, _fits(one), one.label) for one in members)
    )


def _fits(choice: Choice) -> str:
    return format_html(' data-channels="{}"', choice.channels) if choice.channels else ""


def usual_next(interval: Interval | None, members: list[Member], *, today: datetime.date) -> str:
    """What happens by itself when no day is said."""
    if any(member.is_active and member.due_on for member in members):
        return _("Próximo: pelo plano")
    if interval is None:
        return _("Próximo: sem data")
    return _("Próximo: %(day)s, pela faixa") % {"day": day(today + datetime.timedelta(days=interval.days))}
