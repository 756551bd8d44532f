"""Edits that never overwrite what somebody else saved (RELIABILITY 7), and the lock that comes first."""

from collections.abc import Mapping
from typing import Any, Protocol

from django.db.models import F

from clients.models import Client


class Versioned(Protocol):
    pk: Any
    version: int


class StaleRecordError(Exception):
    """Somebody saved first; `current` is the record as it stands now."""

    def __init__(self, current: Any) -> None:
        super().__init__(f"{type(current).__name__} {current.pk}")
        self.current = current


def lock(client_id: int) -> Client:
    """The client's row, locked before any row that hangs on it: the order that keeps deadlocks away."""
    everyone = Client.objects.unscoped(reason="the caller holds the record")
    return everyone.select_for_update(of=("self",)).get(pk=client_id)


def write(record: Versioned, changes: Mapping[str, Any], *, version: int) -> None:
    """Saves `changes` when nobody saved since `version` was read; raises StaleRecordError otherwise."""
    same = type(record).objects.unscoped(reason="a record in hand").filter(pk=record.pk)  # type: ignore[attr-defined]
    if not same.filter(version=version).update(**changes, version=F("version") + 1):
        raise StaleRecordError(same.get())
    for name, value in changes.items():
        setattr(record, name, value)
    record.version = version + 1
