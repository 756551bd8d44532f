"""Days as stretches of time in the company's zone."""

import datetime

from django.utils import timezone


def midnight(day: datetime.date) -> datetime.datetime:
    """The first moment of the day."""
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time()))
