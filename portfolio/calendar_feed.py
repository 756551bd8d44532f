"""The calendar for other programs: a secret address per person, of which only the hash is kept, and what it answers.

By default a line says what is to be done and the client's initials: calendars are copied to phones and to other
companies. Whoever wants the names turns them on.
"""

import datetime
import hashlib
import secrets
from collections import Counter

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from icalendar import Calendar, Event

from people import activity
from people.models import User
from people.roles import Permission
from portfolio import calendar
from portfolio.calendar import DAY, Entry, Kind
from portfolio.models import CalendarFeed

SECRET_BYTES = 16
BEHIND, AHEAD = 14 * DAY, 120 * DAY
REFRESH = datetime.timedelta(hours=2)
TITLES = {
    Kind.CALLBACK: gettext_lazy("Retorno: %s"),
    Kind.TASK: gettext_lazy("Tarefa: %s"),
    Kind.DEADLINE: gettext_lazy("Prazo: %s"),
    Kind.RENEWAL: gettext_lazy("Fim de contrato: %s"),
    Kind.BIRTHDAY: gettext_lazy("Aniversário: %s"),
}


def open_feed(user: User, *, shows_names: bool) -> str:
    """A new secret, which stops an earlier one; this is the only time it can be read."""
    secret = secrets.token_urlsafe(SECRET_BYTES)
    values = {"digest": _digest(secret), "created_at": timezone.now(), "shows_names": shows_names}
    CalendarFeed.objects.update_or_create(user=user, defaults=values)
    activity.record("calendar_feed_opened", user, by=user, shows_names=shows_names)
    return secret


def close_feed(user: User) -> None:
    CalendarFeed.objects.filter(user=user).delete()
    activity.record("calendar_feed_closed", user, by=user)


def find(secret: str) -> CalendarFeed | None:
    """Nobody's once the person may no longer log in."""
    feed = CalendarFeed.objects.select_related("user").filter(digest=_digest(secret)).first()
    return feed if feed and feed.user.may(Permission.VIEW_CLIENTS) else None


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def written(feed: CalendarFeed, *, on: datetime.date) -> bytes:
    """RFC 5545: moments in UTC, days as dates."""
    book = Calendar()
    book.add("prodid", f"-//{settings.COMPANY_NAME}//Carteira//PT")
    book.add("version", "2.0")
    book.add("x-wr-calname", _("Carteira de %(name)s") % {"name": feed.user.first_name})
    book.add("x-wr-timezone", settings.TIME_ZONE)
    book.add("refresh-interval", REFRESH, parameters={"VALUE": "DURATION"})
    stamp = datetime.datetime.combine(on, datetime.time(), datetime.UTC)
    steps: Counter[datetime.date] = Counter()
    for entry in calendar.entries(feed.user, feed.user, on - BEHIND, on + AHEAD):
        if entry.kind == Kind.STEP:
            steps[entry.on] += 1
        elif not entry.is_done:
            book.add_component(_event(entry, shows_names=feed.shows_names, stamp=stamp))
    for day, count in sorted(steps.items()):
        book.add_component(_steps(feed.user, day, count, stamp=stamp))
    return bytes(book.to_ical())


def _event(entry: Entry, *, shows_names: bool, stamp: datetime.datetime) -> Event:
    # A task that moves stays the same line; a birthday comes again.
    year = f"-{entry.on:%Y}" if entry.kind == Kind.BIRTHDAY else ""
    event = _blank(f"{entry.kind}-{entry.pk}{year}", stamp)
    event.add("summary", str(TITLES[entry.kind]) % (entry.name if shows_names else initials(entry.name)))
    event.add("url", f"{settings.SITE_URL}/clientes/{entry.client_id}/")
    if shows_names and entry.title:
        event.add("description", entry.title)
    if entry.at is None:
        return _whole_day(event, entry.on)
    begins = entry.at.astimezone(datetime.UTC)
    event.add("dtstart", begins)
    event.add("dtend", begins + datetime.timedelta(minutes=entry.minutes))
    return event


def _steps(user: User, day: datetime.date, count: int, *, stamp: datetime.datetime) -> Event:
    """One line a day: a full portfolio has dozens of steps on each."""
    event = _blank(f"steps-{user.pk}-{day:%Y%m%d}", stamp)
    text = ngettext("%(count)s contato dos planos", "%(count)s contatos dos planos", count)
    event.add("summary", text % {"count": count})
    return _whole_day(event, day)


def _blank(uid: str, stamp: datetime.datetime) -> Event:
    event = Event()
    event.add("uid", f"{uid}@carteira")
    event.add("dtstamp", stamp)
    return event


def _whole_day(event: Event, day: datetime.date) -> Event:
    """The end is the day after, and nobody is busy because of it."""
    event.add("dtstart", day)
    event.add("dtend", day + DAY)
    event.add("transp", "TRANSPARENT")
    return event


def initials(name: str) -> str:
    """Maria das Dores Lima → M. L."""
    words = [word for word in name.split() if word[0].isalnum()]
    return " ".join(f"{word[0].upper()}." for word in ([words[0], words[-1]] if len(words) > 1 else words))
