"""What the composer on a client's page offers: outcomes by group, and when to speak again."""

import datetime
from typing import Any, Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext as _

from contacts import moments
from contacts.models import Consequence, ContactOutcome, LogChannel, OutcomeGroup
from core.models import new_form_key
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
    channels: str


class Composer(NamedTuple):
    form_key: str
    channels: list[tuple[str, str, str | Promise]]
    groups: list[tuple[str | Promise, list[Choice]]]
    days: list[moments.Moment]
    usual: str


def _outcomes() -> Any:
    names = ("code", "label", "group", "channels", "details", "consequence")
    return ContactOutcome.objects.filter(is_active=True).order_by("position", "label").values(*names)


OUTCOMES = Statement(_outcomes)


def composer_for(client: Any, interval: Interval | None, members: list[Member], *, today: datetime.date) -> Composer:
    outcomes = OUTCOMES.ask()
    groups = [(group.label, [*_choices(outcomes, group)]) for group in OutcomeGroup]
    return Composer(
        new_form_key(),
        [(str(channel), icon, channel.label) for channel, icon in CHANNELS],
        [(label, choices) for label, choices in groups if choices],
        moments.days_ahead(today, client.uf),
        usual_next(interval, members, today=today),
    )


def _choices(outcomes: list[dict[str, Any]], group: OutcomeGroup) -> list[Choice]:
    """Who asks not to be contacted says where: those details are choices of their own."""
    found = []
    for outcome in outcomes:
        if outcome["group"] == group:
            channels = " ".join(outcome["channels"])
            details = outcome["details"] if outcome["consequence"] == Consequence.OPT_OUT else [""]
            for detail in details:
                value = f"{outcome['code']}:{detail}" if detail else outcome["code"]
                label = f"{outcome['label']}: {detail.lower()}" if detail else outcome["label"]
                found.append(Choice(value, label, channels))
    return found


def usual_next(interval: Interval | None, members: list[Member], *, today: datetime.date) -> str:
    """What happens by itself when no day is said."""
    if any(member.is_active and member.due_on for member in members):
        return _("Próximo: pelo plano")
    if interval is None:
        return _("Próximo: sem data")
    return _("Próximo: %(day)s, pela faixa") % {"day": day(today + datetime.timedelta(days=interval.days))}
