from datetime import date

import pytest

from brazil.holidays import add_working_days, holiday_name, is_working_day, next_working_day, working_days

FEBRUARY = (date(2026, 2, 1), date(2026, 2, 28))


def test_working_days_of_known_months() -> None:
    assert working_days(date(2026, 11, 1), date(2026, 11, 30)) == 19
    assert working_days(date(2026, 12, 1), date(2026, 12, 31)) == 22


def test_working_days_depend_on_the_calendar() -> None:
    assert working_days(*FEBRUARY) == 20
    assert working_days(*FEBRUARY, bank=True) == 18
    assert working_days(*FEBRUARY, optional=True) == 17
    assert working_days(*FEBRUARY, "RJ") == 19
    assert working_days(*FEBRUARY, extra={date(2026, 2, 3)}) == 19


def test_working_days_of_a_period_that_ends_before_it_begins() -> None:
    assert working_days(date(2026, 2, 2), date(2026, 2, 1)) == 0


@pytest.mark.parametrize(
    ("day", "uf", "works"),
    [
        (date(2026, 11, 20), "", False),
        (date(2026, 11, 21), "", False),
        (date(2026, 11, 23), "", True),
        (date(2026, 2, 17), "", True),
        (date(2026, 2, 17), "RJ", False),
        (date(2026, 7, 9), "SP", False),
        (date(2026, 7, 9), "ZZ", True),
    ],
)
def test_is_working_day(day: date, uf: str, *, works: bool) -> None:
    assert is_working_day(day, uf) is works


def test_holiday_name() -> None:
    assert holiday_name(date(2026, 12, 25)) == "Natal"
    assert holiday_name(date(2026, 12, 24)) == ""
    assert holiday_name(date(2026, 6, 4), bank=True) == "Corpus Christi"


def test_next_working_day_skips_holiday_weekend_and_town_holiday() -> None:
    assert next_working_day(date(2026, 11, 20)) == date(2026, 11, 23)
    assert next_working_day(date(2026, 11, 23)) == date(2026, 11, 23)
    assert next_working_day(date(2026, 11, 20), extra={date(2026, 11, 23)}) == date(2026, 11, 24)


def test_add_working_days() -> None:
    assert add_working_days(date(2026, 11, 19), 2) == date(2026, 11, 24)
    assert add_working_days(date(2026, 11, 21), 1) == date(2026, 11, 23)
    assert add_working_days(date(2026, 11, 21), 0) == date(2026, 11, 23)
    assert add_working_days(date(2026, 12, 30), 1) == date(2026, 12, 31)
    assert add_working_days(date(2026, 12, 30), 1, bank=True) == date(2027, 1, 4)
