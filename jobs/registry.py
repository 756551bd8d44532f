"""Which kinds of jobs exist. Apps register their handlers in `tasks.py`; JobsConfig loads these modules."""

import datetime
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.functional import Promise

if TYPE_CHECKING:
    from jobs.running import Run  # The run needs the models, and the models need this registry.

type Text = str | Promise
type Work = Callable[["Run"], None]


class UnknownKindError(LookupError):
    """No loaded app handles this kind of job."""


@dataclass(frozen=True)
class Handler:
    kind: str
    label: Text
    work: Work
    # When set, the tick adds one job a day at this local time, keyed by the local date.
    daily_at: datetime.time | None = None
    steps: Mapping[str, Text] = field(default_factory=dict)


_handlers: dict[str, Handler] = {}
_count_labels: dict[str, Text] = {}


def handler(
    kind: str,
    *,
    label: Text,
    daily_at: datetime.time | None = None,
    steps: Mapping[str, Text] | None = None,
    counts: Mapping[str, Text] | None = None,
) -> Callable[[Work], Work]:
    """Registers the function that does jobs of `kind`; `counts` names what it counts, for people."""

    def register(work: Work) -> Work:
        known = _handlers.get(kind)
        if known is not None and known.work.__module__ != work.__module__:
            raise ValueError(f"The kind {kind!r} has a handler in {known.work.__module__} already.")
        _handlers[kind] = Handler(kind, label, work, daily_at, dict(steps or {}))
        _count_labels.update(counts or {})
        return work

    return register


def find(kind: str) -> Handler:
    try:
        return _handlers[kind]
    except KeyError:
        raise UnknownKindError(kind) from None


def daily() -> list[tuple[str, datetime.time]]:
    return [(known.kind, known.daily_at) for known in _handlers.values() if known.daily_at is not None]


def choices() -> list[tuple[str, Text]]:
    return sorted(((known.kind, known.label) for known in _handlers.values()), key=lambda pair: str(pair[1]))


def label_of(kind: str) -> Text:
    return _handlers[kind].label if kind in _handlers else kind


def step_label(kind: str, name: str) -> Text:
    return _handlers[kind].steps.get(name, name) if kind in _handlers else name


def in_words(counts: Mapping[str, int]) -> list[tuple[Text, int]]:
    """Names and figures, in the order in which their handlers named them."""
    known = [name for name in _count_labels if name in counts]
    unknown = [name for name in counts if name not in _count_labels]
    return [(_count_labels.get(name, name.replace("_", " ")), counts[name]) for name in (*known, *unknown)]
