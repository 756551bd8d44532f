"""What a contact changed besides its own row, written down value by value, so that an undo puts back exactly that.

Rules need not tell: the client's records are read before and after, and the difference is the effect.
"""

import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Model, Q

from clients.models import Client, Email, OptOut, Phone
from contacts.models import ContactLog, PlanMembership, PlanStep, Task
from people.models import Notification

type Values = dict[str, Any]
type Picture = dict[str, dict[int, Values]]

MODELS: Mapping[str, Any] = {
    "client": Client,
    "phone": Phone,
    "email": Email,
    "opt_out": OptOut,
    "task": Task,
    "membership": PlanMembership,
}
_OF: Mapping[str, str] = {"client": "pk"}
_OPEN_TASK = Q(done_at__isnull=True, is_cancelled=False)
# Of tasks and memberships only the living ones can change; a wish in nobody's name is the client's own.
_LIVING: Mapping[str, Q] = {
    "task": _OPEN_TASK,
    "membership": Q(state=PlanMembership.State.RUNNING),
    "opt_out": Q(by__isnull=False),
}
_FIELDS: Mapping[str, tuple[str, ...]] = {
    "client": ("deceased_on",),
    "phone": ("status", "is_primary"),
    "email": ("status", "is_primary"),
    "opt_out": (),
    "task": ("done_at", "done_by_id", "done_log_id", "is_cancelled"),
    "membership": ("state", "step_id", "due_on", "turn", "attempts", "ended_at", "end_reason", "anchored_on"),
}


def picture(client_id: int, kinds: Iterable[str], *, known: Picture | None = None) -> Picture:
    """The values as they stand; rows of `known` are looked at again even when they live no more."""
    known = known or {}
    return {kind: _values(kind, client_id, known.get(kind, {})) for kind in kinds}


def _values(kind: str, client_id: int, known: Mapping[int, Values]) -> dict[int, Values]:
    rows = _rows(kind).filter(**{_OF.get(kind, "client_id"): client_id})
    if kind in _LIVING:
        rows = rows.filter(_LIVING[kind] | Q(pk__in=list(known)))
    return {row.pop("pk"): {name: _plain(value) for name, value in row.items()} for row in _ordered(rows, kind)}


def _ordered(rows: Any, kind: str) -> Any:
    return rows.order_by("pk").values("pk", *_FIELDS[kind])


def _rows(kind: str) -> Any:
    return MODELS[kind].objects.unscoped(reason="effects of a contact on its client")


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime.date) else value


def between(before: Picture, after: Picture) -> dict[str, Any]:
    """`added`: [kind, id]; `changed`: [kind, id, old values, new values]. Empty when nothing happened."""
    added = [[kind, pk] for kind, rows in after.items() for pk in rows if pk not in before[kind]]
    changed = []
    for kind, rows in before.items():
        for pk, old in rows.items():
            new = {name: now for name, now in after[kind][pk].items() if now != old[name]}
            if new:
                changed.append([kind, pk, {name: old[name] for name in new}, new])
    return {"added": added, "changed": changed} if added or changed else {}


def take_back(log: ContactLog) -> int:
    """Puts back what the log changed and nobody changed since; returns how many records had moved on and were left."""
    added: list[tuple[str, int]] = log.effects.get("added", [])
    changed: list[tuple[str, int, Values, Values]] = log.effects.get("changed", [])
    Notification.objects.filter(pk__in=log.effects.get("notices", []), read_at=None).delete()
    undone = [_remove(*record) for record in added] + [_restore(*record) for record in sorted(changed, key=_comes_back)]
    return undone.count(False)


def _comes_back(change: tuple[str, int, Values, Values]) -> bool:
    """A client has one primary phone: the present one gives way before the old one comes back."""
    return bool(change[2].get("is_primary"))


def _remove(kind: str, pk: int) -> bool:
    rows = _rows(kind).filter(_LIVING.get(kind, Q()), pk=pk)
    return bool(rows.delete()[0])


def _restore(kind: str, pk: int, old: Values, new: Values) -> bool:
    row = _rows(kind).filter(pk=pk).first()
    if row is None or any(_plain(getattr(row, name)) != value for name, value in new.items()):
        return False
    values = {name: _stored(row, name, value) for name, value in old.items()}
    if values.get("is_primary") and _has_heir(row):
        del values["is_primary"]
    try:
        with transaction.atomic():
            _rows(kind).filter(pk=pk).update(**values)
    except IntegrityError:
        # The client entered the plan again meanwhile.
        return False
    return True


def _stored(row: Model, name: str, value: Any) -> Any:
    """The value for the database. Of what a record points at, only steps of plans may be gone."""
    if name == "step_id":
        return value if PlanStep.objects.filter(pk=value).exists() else None
    field: Any = row._meta.get_field(name.removesuffix("_id"))
    return value if field.is_relation else field.to_python(value)


def _has_heir(row: Any) -> bool:
    same = type(row).objects.unscoped(reason="effects of a contact on its client")
    found: bool = same.filter(client=row.client_id, is_primary=True).exists()
    return found
