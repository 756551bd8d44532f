"""What a person should see: written by the rules that know of it, counted on every page, marked as read.

The text names no personal data beyond a client's name; whoever may no longer see the client finds the address closed.
"""

import datetime
from collections.abc import Iterable
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from core.statements import Later, Statement
from people.models import Notification, User

# The bell says "99+" beyond.
MOST_COUNTED = 100
LONGEST = Notification._meta.get_field("text").max_length or 0


def notify(
    recipients: User | Iterable[User], kind: str, text: str, *, url: str = "", by: User | None = None
) -> list[Notification]:
    """One notice for each recipient who can log in; nobody hears of what they did themselves."""
    people = [recipients] if isinstance(recipients, User) else recipients
    told = {person.pk: person for person in people if person.is_active and (by is None or person.pk != by.pk)}
    text = text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…"
    return Notification.objects.bulk_create(
        Notification(recipient=person, kind=kind, text=text, url=url, by=by) for person in told.values()
    )


def notices_of(user: User) -> QuerySet[Notification]:
    return Notification.objects.filter(recipient=user)


def unread_of(user: User) -> QuerySet[Notification]:
    return notices_of(user).filter(read_at=None)


def mark_read(notices: QuerySet[Notification]) -> int:
    """How many were unread until now."""
    return notices.filter(read_at=None).update(read_at=timezone.now())


def unread_count(user: User) -> int:
    """At most MOST_COUNTED: every page asks."""
    return len(UNREAD.ask(user=user.pk))


def _unread() -> Any:
    unread = Notification.objects.filter(recipient=Later("user"), read_at=None)
    return unread.order_by().values("pk")[:MOST_COUNTED]


UNREAD = Statement(_unread)


def waiting(user: User, *, on: datetime.date) -> QuerySet[Notification]:
    """Unread ones that no daily mail has told of, and those that the mail of this day tells of."""
    return unread_of(user).exclude(digested_on__lt=on)
