"""Which dates are due, on ordinary days, after a pause, and when summer time began and ended."""

import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jobs.calendar import Due, due_dates, due_moment, latest_due

ZONE = ZoneInfo("America/Sao_Paulo")
NIGHT = datetime.time(3, 10)
UTC = datetime.UTC
MINUTE = datetime.timedelta(minutes=1)


def date(text: str) -> datetime.date:
    return datetime.date.fromisoformat(text)


def moment(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "expected"),
    [
        ("2026-11-20 06:09:59", "2026-11-19"),
        ("2026-11-20 06:10:00", "2026-11-20"),
        ("2026-11-21 02:59:59", "2026-11-20"),
        # 3:10 on the days when 0:00 did not exist and when 23:30 came twice.
        ("2018-11-04 05:09:59", "2018-11-03"),
        ("2018-11-04 05:10:00", "2018-11-04"),
        ("2019-02-16 05:10:00", "2019-02-16"),
        ("2019-02-17 06:09:59", "2019-02-16"),
        ("2019-02-17 06:10:00", "2019-02-17"),
    ],
)
def test_latest_due_follows_local_clock(now, expected):
    assert latest_due(moment(now), at=NIGHT, zone=ZONE) == date(expected)


@pytest.mark.parametrize(
    ("day", "at", "expected"),
    [
        ("2018-11-04", "00:00", "2018-11-04 03:00"),
        ("2019-02-16", "23:30", "2019-02-17 01:30"),
        ("2026-11-20", "03:10", "2026-11-20 06:10"),
    ],
)
def test_due_moment_of_missing_and_doubled_hours(day, at, expected):
    assert due_moment(date(day), at=datetime.time.fromisoformat(at), zone=ZONE) == moment(expected)


def test_without_any_run_only_latest_date_is_due():
    assert due_dates(moment("2026-11-20 12:00"), at=NIGHT, zone=ZONE, last=None) == Due((date("2026-11-20"),))


@pytest.mark.parametrize("last", ["2026-11-20", "2026-11-21", "2030-01-01"])
def test_nothing_is_due_when_latest_date_has_a_run(last):
    assert due_dates(moment("2026-11-20 12:00"), at=NIGHT, zone=ZONE, last=date(last)) == Due()


def test_missed_dates_come_oldest_first():
    due = due_dates(moment("2026-11-20 12:00"), at=NIGHT, zone=ZONE, last=date("2026-11-17"))
    assert due == Due((date("2026-11-18"), date("2026-11-19"), date("2026-11-20")))


def test_seven_missed_dates_are_all_run():
    due = due_dates(moment("2026-11-20 12:00"), at=NIGHT, zone=ZONE, last=date("2026-11-13"))
    assert (len(due.dates), due.dates[0], due.skipped) == (7, date("2026-11-14"), None)


def test_longer_pause_names_the_dates_without_run():
    due = due_dates(moment("2026-11-20 12:00"), at=NIGHT, zone=ZONE, last=date("2026-11-01"))
    assert (len(due.dates), due.dates[0], due.dates[-1]) == (7, date("2026-11-14"), date("2026-11-20"))
    assert due.skipped == (date("2026-11-02"), date("2026-11-13"))


@given(
    start=st.integers(0, 12 * 365 * 24 * 60).map(lambda minutes: moment("2017-01-01") + MINUTE * minutes),
    pauses=st.lists(st.integers(1, 60 * 24 * 6), max_size=60),
    at=st.times(),
)
def test_every_date_is_due_exactly_once_however_late_the_ticks(start, pauses, at):
    now, last = start, None
    seen: list[datetime.date] = []
    for pause in [0, *pauses]:
        now += MINUTE * pause
        due = due_dates(now, at=at, zone=ZONE, last=last)
        seen.extend(due.dates)
        last = seen[-1]
    assert seen == [seen[0] + datetime.timedelta(days=number) for number in range(len(seen))]
    assert seen[-1] == latest_due(now, at=at, zone=ZONE)
