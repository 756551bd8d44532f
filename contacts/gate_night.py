"""The gate's part of the night."""

import datetime

from contacts import calls, kept
from jobs.running import Step


def keep_and_count(day: datetime.date, *, run: Step | None = None) -> dict[str, int]:
    """Keeps the refusals that are settled, and warns of too many calls in the month of the day that has ended."""
    return {"kept": kept.keep_all(), "call_notices": calls.warn(day - datetime.timedelta(days=1))}
