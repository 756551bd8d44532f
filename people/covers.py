"""Covers end by their dates; the night only notes that they did."""

import datetime
from contextlib import AbstractContextManager
from typing import Any, Protocol

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Exists, OuterRef

from people import activity
from people.models import Absence, Activity

ENDED = "cover_ended"


class Chunks(Protocol):
    """What this step needs of a job's run."""

    def chunk(self) -> AbstractContextManager[Any]: ...


def close_finished(day: datetime.date, run: Chunks | None = None) -> dict[str, int]:
    """Logs once that a cover ended before `day`; counts those whose last day was the day before."""
    finished = Absence.objects.filter(cover__isnull=False, ended_early_at__isnull=True, ends_on__lt=day)
    logged = Activity.objects.filter(
        verb=ENDED, content_type=ContentType.objects.get_for_model(Absence), object_id=OuterRef("pk")
    )
    with run.chunk() if run else transaction.atomic():
        for absence in finished.exclude(Exists(logged)).order_by("pk"):
            activity.record(ENDED, absence, by=None, cover=absence.cover_id, ends_on=absence.ends_on.isoformat())
    return {"ended": finished.filter(ends_on=day - datetime.timedelta(days=1)).count()}
