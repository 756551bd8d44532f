"""How jobs look: state chips and spans of time."""

import datetime

from django import template
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.templatetags.design import chip
from jobs import outbox
from jobs.models import Job, JobStep, OutboxMessage

register = template.Library()

CHIPS = {
    Job.State.QUEUED: ("line", "clock"),
    Job.State.RUNNING: ("info", "refresh"),
    Job.State.DONE: ("ativa", "circle-check"),
    Job.State.FAILED: ("renova", "alert-triangle"),
    Job.State.DEAD: ("danger", "circle-x"),
    JobStep.State.WAITING: ("line", "clock"),
}

MESSAGE_CHIPS = {
    OutboxMessage.State.QUEUED: ("line", "clock"),
    OutboxMessage.State.SENDING: ("info", "refresh"),
    OutboxMessage.State.SENT: ("ativa", "circle-check"),
    OutboxMessage.State.FAILED: ("danger", "circle-x"),
    OutboxMessage.State.UNKNOWN: ("renova", "alert-triangle"),
    OutboxMessage.State.CANCELLED: ("line", "x"),
}


@register.simple_tag
def message_chip(message: OutboxMessage) -> str:
    cls, icon = MESSAGE_CHIPS[message.state]  # type: ignore[index]
    return chip(cls, icon, message.get_state_display())


@register.filter
def message_kind(message: OutboxMessage) -> str:
    return str(outbox.label_of(message.kind))


@register.simple_tag
def state_chip(subject: Job | JobStep) -> str:
    cls, icon = CHIPS[subject.state]  # type: ignore[index]
    return chip(cls, icon, subject.get_state_display())


@register.filter
def span(value: datetime.timedelta | None) -> str:
    """menos de 1 s; 40 s; 2 min 5 s; 1 h 3 min"""
    if value is None:
        return ""
    seconds = int(value.total_seconds())
    if seconds < 1:
        return _("menos de 1 s")
    minutes, seconds = divmod(seconds, 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return _("%(hours)s h %(minutes)s min") % {"hours": hours, "minutes": minutes}
    if minutes:
        return _("%(minutes)s min %(seconds)s s") % {"minutes": minutes, "seconds": seconds}
    return _("%(seconds)s s") % {"seconds": seconds}


@register.filter
def about(value: datetime.timedelta | None) -> str:
    """cerca de 40 segundos; cerca de 3 minutos"""
    if value is None:
        return ""
    seconds = max(int(value.total_seconds()), 1)
    if seconds < 60:
        return ngettext("cerca de %(n)s segundo", "cerca de %(n)s segundos", seconds) % {"n": seconds}
    minutes = round(seconds / 60)
    return ngettext("cerca de %(n)s minuto", "cerca de %(n)s minutos", minutes) % {"n": minutes}
