"""The hour of the program: it goes on from where it is put, so that a morning is one on a Sunday night as well."""

import datetime

import pytest
from django.utils import timezone

# No holiday anywhere near it.
TUESDAY = datetime.date(2026, 3, 10)


class _Stands(type):
    """For datetime itself, wherever Django asks what a value is."""

    def __instancecheck__(cls, value: object) -> bool:
        return isinstance(value, datetime.datetime)


class _Moved(metaclass=_Stands):
    ahead = datetime.timedelta()

    @classmethod
    def now(cls, tz: datetime.tzinfo | None = None) -> datetime.datetime:
        return datetime.datetime.now(tz) + cls.ahead


class Clock:
    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        # Below `timezone.now`: defaults of fields hold that very function.
        monkeypatch.setattr(timezone, "datetime", _Moved)
        monkeypatch.setattr(_Moved, "ahead", _Moved.ahead)

    def put(self, hour: int, minute: int = 0) -> None:
        wanted = timezone.make_aware(datetime.datetime.combine(TUESDAY, datetime.time(hour, minute)))
        _Moved.ahead = wanted - datetime.datetime.now(datetime.UTC)
