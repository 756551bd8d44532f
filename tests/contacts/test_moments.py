"""The moments offered for a tap, and what a moment says as text."""

import datetime

import pytest
from django.utils import timezone

from contacts import moments
from contacts.workdays import Workdays

PLAIN = Workdays({})
FRIDAY, SUNDAY = datetime.date(2026, 11, 27), datetime.date(2026, 11, 22)


def at(day: datetime.date, hour: int, minute: int = 0) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(hour, minute)))


def test_days_ahead_are_working_days() -> None:
    found = moments.days_ahead(datetime.date(2026, 11, 23), "SP", PLAIN)
    assert [(moment.value, moment.label) for moment in found] == [
        ("2026-11-24", "amanhã"),
        ("2026-11-26", "em 3 dias"),
        ("2026-11-30", "próxima semana"),
    ]


def test_days_that_fall_together_are_said_once() -> None:
    """From a Friday, tomorrow, three days and next week are all the same Monday."""
    found = moments.days_ahead(FRIDAY, "SP", PLAIN)
    assert [(moment.value, moment.label) for moment in found] == [("2026-11-30", "seg, 30/11")]


@pytest.mark.parametrize(
    ("now", "first"),
    [
        (at(FRIDAY, 8), ["2026-11-27T15:00", "2026-11-27T17:00"]),
        (at(FRIDAY, 15), ["2026-11-27T17:00"]),
        (at(FRIDAY, 18), []),
        (at(FRIDAY, 23, 50), []),
    ],
)
def test_hours_ahead_begin_with_what_is_left_of_today(now: datetime.datetime, first: list[str]) -> None:
    found = [moment.value for moment in moments.hours_ahead(now, "SP", PLAIN)]
    later = ["2026-11-30T09:30", "2026-11-30T15:00", "2026-12-01T09:30", "2026-12-01T15:00"]
    assert found == [*first, *later]


def test_hours_ahead_name_their_day() -> None:
    assert [moment.label for moment in moments.hours_ahead(at(SUNDAY, 18), "SP", PLAIN)] == [
        "amanhã 09:30",
        "amanhã 15:00",
        "terça-feira 09:30",
        "terça-feira 15:00",
    ]
    assert moments.hours_ahead(at(FRIDAY, 18), "SP", PLAIN)[0].label == "segunda-feira 09:30"


def test_local_holidays_are_no_days_for_a_contact() -> None:
    workdays = Workdays({"SP": frozenset({datetime.date(2026, 11, 24), datetime.date(2026, 11, 30)})})
    days = [moment.value for moment in moments.days_ahead(datetime.date(2026, 11, 23), "SP", workdays)]
    assert days == ["2026-11-25", "2026-11-26", "2026-12-01"]
    assert moments.hours_ahead(at(FRIDAY, 18), "SP", workdays)[0].value == "2026-12-01T09:30"


def test_read_tells_day_from_moment() -> None:
    assert moments.read("2026-11-27") == (FRIDAY, None)
    assert moments.read("2026-11-27T15:00") == (None, at(FRIDAY, 15))
    assert moments.read("2026-11-27T15:00-03:00") == (None, at(FRIDAY, 15))
    for text in ("amanhã", "2026-13-01", "2026-11-27Tx", "9999-12-31T23:30", "2101-01-01"):
        with pytest.raises(ValueError, match=r".+"):
            moments.read(text)
