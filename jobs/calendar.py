"""Which dates of a daily job are due. Pure: no database, no clock, no Django.

A date is due once its local time has come. Moments are compared in UTC, so that a day without that hour, or
with that hour twice, is due exactly once.
"""

import datetime
from dataclasses import dataclass

LONGEST_CATCH_UP = 7


@dataclass(frozen=True)
class Due:
    """`dates` oldest first. `skipped`: first and last of the missed dates before them, which get no run."""

    dates: tuple[datetime.date, ...] = ()
    skipped: tuple[datetime.date, datetime.date] | None = None


def due_moment(day: datetime.date, *, at: datetime.time, zone: datetime.tzinfo) -> datetime.datetime:
    """When the job of `day` is due, in UTC. Of an hour that comes twice, the first."""
    return datetime.datetime.combine(day, at, zone).astimezone(datetime.UTC)


def latest_due(now: datetime.datetime, *, at: datetime.time, zone: datetime.tzinfo) -> datetime.date:
    today = now.astimezone(zone).date()
    if due_moment(today, at=at, zone=zone) <= now.astimezone(datetime.UTC):
        return today
    return today - datetime.timedelta(days=1)


def due_dates(
    now: datetime.datetime,
    *,
    at: datetime.time,
    zone: datetime.tzinfo,
    last: datetime.date | None,
    longest: int = LONGEST_CATCH_UP,
) -> Due:
    """The dates after `last`, the newest one that has a run. Without any run, the latest date alone."""
    latest = latest_due(now, at=at, zone=zone)
    if last is None:
        return Due((latest,))
    missed = (latest - last).days
    if missed <= 0:
        return Due()
    dates = tuple(latest - datetime.timedelta(days=days) for days in reversed(range(min(missed, longest))))
    if missed <= longest:
        return Due(dates)
    return Due(dates, (last + datetime.timedelta(days=1), dates[0] - datetime.timedelta(days=1)))
