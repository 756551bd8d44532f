"""When letters of surveys leave: in working hours, and so many an hour, also those that come late."""

import datetime
from typing import Final

from django.db.models import Max, QuerySet
from django.utils import timezone

from contacts.workdays import Workdays
from jobs.models import OutboxMessage
from nps.models import NpsSettings, SurveyChannel

OPENS, CLOSES = datetime.time(9), datetime.time(18)
KINDS: Final = {
    SurveyChannel.EMAIL.value: "survey_email",
    SurveyChannel.WHATSAPP.value: "survey_whatsapp",
    SurveyChannel.SMS.value: "survey_sms",
}
HOUR: Final = datetime.timedelta(hours=1)
DAY: Final = datetime.timedelta(days=1)
State: Final = OutboxMessage.State


def hours_of(day: datetime.date) -> tuple[datetime.datetime, datetime.datetime]:
    opens, closes = (timezone.make_aware(datetime.datetime.combine(day, at)) for at in (OPENS, CLOSES))
    return opens, closes


def gap(settings: NpsSettings) -> datetime.timedelta:
    return HOUR / settings.per_hour


def letters() -> QuerySet[OutboxMessage]:
    return OutboxMessage.objects.filter(kind__in=KINDS.values())


def later(message: OutboxMessage, now: datetime.datetime) -> datetime.datetime | None:
    """The moment for which the letter waits, behind all the others; None where it may leave.

    The night gives each letter a moment of a working day. After an outage, or for another try, it comes at any other.
    """
    settings = NpsSettings.current()
    is_late = message.attempts > 1 or now - message.due_at > HOUR
    is_full = letters().filter(state=State.SENT, claimed_at__gt=now - HOUR).count() >= settings.per_hour
    if not is_full and (not is_late or opening(now) == now):
        return None
    last = letters().filter(state=State.QUEUED).aggregate(last=Max("due_at"))["last"]
    return opening(max(last or now, now) + gap(settings))


def opening(at: datetime.datetime) -> datetime.datetime:
    """The first moment from `at` on that lies in working hours."""
    day, workdays = timezone.localdate(at), Workdays.load()
    if workdays.allows(day, "") and at < hours_of(day)[1]:
        return max(at, hours_of(day)[0])
    return hours_of(workdays.on_or_after(day + DAY, ""))[0]
