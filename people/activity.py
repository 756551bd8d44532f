"""The activity log: written in the transaction of the act it tells."""

from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models

from people.models import Activity, User


def record(verb: str, subject: models.Model | None = None, *, by: User | None, **changes: Any) -> Activity:
    """Adds one line: `by` did `verb` to `subject`. `by=None` is the night. `changes` must be JSON values."""
    content_type = ContentType.objects.get_for_model(subject) if subject is not None else None
    return Activity.objects.create(
        by=by,
        verb=verb,
        content_type=content_type,
        object_id=subject.pk if subject is not None else None,
        changes=changes,
    )
