"""Moments people choose with one tap: later today, tomorrow, in three days, next week. Pure.

A moment travels as text: `2026-11-23` is a day, `2026-11-23T15:00` an hour of the person's own clock.
"""

import datetime
from typing import Final, NamedTuple

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from brazil.holidays import ONE_DAY
from contacts.workdays import Workdays

HOURS: Final = (datetime.time(10), datetime.time(11, 30), datetime.time(15), datetime.time(17))
MORNING, AFTERNOON = datetime.time(9, 30), datetime.time(15)
SOON: Final = datetime.timedelta(minutes=20)
MOST_OF_TODAY: Final = 2
# Far enough for every promise; what lies beyond cannot even be read back from the database.
LAST_YEAR: Final = 2100


class Moment(NamedTuple):
    value: str
    label: str


def days_ahead(today: datetime.date, uf: str, workdays: Workdays) -> list[Moment]:
    """For the next contact, when the hour does not matter. Days that fall together are said once."""
    monday = today + (7 - today.weekday()) * ONE_DAY
    wanted = [
        (today + ONE_DAY, _("amanhã")),
        (today + 3 * ONE_DAY, _("em 3 dias")),
        (monday, _("próxima semana")),
    ]
    found: dict[datetime.date, Moment] = {}
    for day, name in wanted:
        real = workdays.on_or_after(day, uf)
        label = name if real == day else date_format(real, "D, j/n").lower()
        found.setdefault(real, Moment(real.isoformat(), label))
    return list(found.values())


def hours_ahead(now: datetime.datetime, uf: str, workdays: Workdays) -> list[Moment]:
    """For a promised return: the hours left today, then morning and afternoon of the next working days."""
    local = timezone.localtime(now)
    today = local.date()
    left = [hour for hour in HOURS if (local + SOON).time() < hour] if (local + SOON).date() == today else []
    found = [_moment(today, hour, _("hoje")) for hour in left[-MOST_OF_TODAY:]]
    tomorrow = workdays.after(today, uf)
    name = _("amanhã") if tomorrow == today + ONE_DAY else date_format(tomorrow, "l").lower()
    later = workdays.after(tomorrow, uf)
    later_name = date_format(later, "l").lower()
    return [
        *found,
        *(_moment(tomorrow, hour, name) for hour in (MORNING, AFTERNOON)),
        *(_moment(later, hour, later_name) for hour in (MORNING, AFTERNOON)),
    ]


def _moment(day: datetime.date, hour: datetime.time, name: str) -> Moment:
    return Moment(f"{day.isoformat()}T{hour:%H:%M}", f"{name} {hour:%H:%M}")


def read(value: str) -> tuple[datetime.date | None, datetime.datetime | None]:
    """The day, or the moment when an hour was said. Raises ValueError for other text and beyond `LAST_YEAR`."""
    at = datetime.datetime.fromisoformat(value) if "T" in value else None
    day = at.date() if at else datetime.date.fromisoformat(value)
    if day.year > LAST_YEAR:
        raise ValueError(value)
    if at is None:
        return day, None
    return None, at if at.tzinfo else timezone.make_aware(at)
