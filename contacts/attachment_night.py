"""Files that nobody can bring back any more leave the disk.

Rows go first, files after: whoever dies in between leaves a file without a row, and so does a client that is erased or
an upload that was rolled back. Every night finds those, whatever left them behind.
"""

import datetime
from collections.abc import Iterator
from itertools import batched
from pathlib import PurePosixPath
from typing import Final

from django.core.files.storage import Storage
from django.utils import timezone

from contacts.models import Attachment, ContactSettings
from jobs.running import Step

FOLDER: Final = "attachments"
# An upload that is still being written has no row yet.
YOUNG: Final = datetime.timedelta(days=1)
AT_ONCE: Final = 1_000


def delete_files(day: datetime.date, *, run: Step | None = None) -> dict[str, int]:
    """Those removed for longer than anything may be undone, and those that belong to nothing."""
    now = timezone.now()
    rows = Attachment.objects.unscoped(reason="the night's own")
    rows.filter(removed_at__lt=now - datetime.timedelta(hours=ContactSettings.current().edit_hours)).delete()
    storage = Attachment._meta.get_field("file").storage
    found = 0
    for names in batched(_names(storage), AT_ONCE, strict=False):
        by_key = {PurePosixPath(name).name: name for name in names}
        kept = rows.filter(key__in=by_key).values_list("key", flat=True)
        for name in set(names) - {by_key[key] for key in kept}:
            if storage.get_modified_time(name) < now - YOUNG:
                storage.delete(name)
                found += 1
    return {"files_deleted": found}


def _names(storage: Storage) -> Iterator[str]:
    """Everything below the folder: years, months, files."""
    waiting = [FOLDER] if storage.exists(FOLDER) else []
    while waiting:
        folder = waiting.pop()
        folders, files = storage.listdir(folder)
        waiting += [f"{folder}/{name}" for name in folders]
        yield from (f"{folder}/{name}" for name in files)
