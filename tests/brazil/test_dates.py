from datetime import date

import pytest

from brazil.dates import ParsedDate, age_on, birthday_in, parse_birth_date, parse_date

TODAY = date(2026, 11, 21)


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("01/02/1980", date(1980, 2, 1)),
        ("1-2-1980", date(1980, 2, 1)),
        ("30.08.1946", date(1946, 8, 30)),
        ("1973-04-01", date(1973, 4, 1)),
        ("1973-04-01 00:00:00", date(1973, 4, 1)),
        ("1973-04-01T12:30:00.5-03:00", date(1973, 4, 1)),
        ("16/11/85", date(1985, 11, 16)),
        ("16/11/10", date(2010, 11, 16)),
        ("16/11/11", date(1911, 11, 16)),
    ],
)
def test_parse_birth_date_reads_the_day_first(raw: str, value: date) -> None:
    parsed = parse_birth_date(raw, today=TODAY)
    assert (parsed.status, parsed.value, parsed.actions) == ("valid", value, ())


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ("15/08/2031", "date_future"),
        ("22/11/2026", "date_future"),
        ("01/01/1900", "date_too_old"),
        ("20/11/1905", "date_too_old"),
        ("30/13/1960", "date_invalid"),
        ("29/02/2023", "date_invalid"),
        ("01/02-1980", "date_invalid"),
        ("0000-00-00", "date_invalid"),
        ("ontem", "date_invalid"),
        ("46001", "date_invalid"),
        ("4999", "date_invalid"),
        ("١١/١١/١٩٨٠", "date_invalid"),
    ],
)
def test_parse_birth_date_refuses(raw: str, error: str) -> None:
    parsed = parse_birth_date(raw, today=TODAY)
    assert (parsed.status, parsed.value, parsed.error) == ("invalid", None, error)


@pytest.mark.parametrize("raw", ["21/11/2026", "21/11/1906", "02/01/1907"])
def test_parse_birth_date_accepts_today_and_120_years(raw: str) -> None:
    assert parse_birth_date(raw, today=TODAY).status == "valid"


@pytest.mark.parametrize("raw", ["25717", "25717.0", "25717,5"])
def test_parse_birth_date_reads_a_spreadsheet_serial(raw: str) -> None:
    parsed = parse_birth_date(raw, today=TODAY)
    assert (parsed.status, parsed.value, parsed.actions) == (
        "repaired",
        date(1970, 5, 29),
        ("excel_serial_date",),
    )


def test_parse_date_reads_the_future_and_later_serials() -> None:
    assert parse_date("15/08/2031").value == date(2031, 8, 15)
    assert parse_date("15/08/31").value == date(2031, 8, 15)
    assert parse_date("73050").value == date(2099, 12, 31)
    assert parse_date("73051").error == "date_invalid"
    assert parse_date(" - ").status == "blank"


@pytest.mark.parametrize("raw", ["31/12/9999", "0001-01-01", "31/12/1499", "01/01/2200"])
def test_parse_date_refuses_days_far_from_business(raw: str) -> None:
    assert parse_date(raw) == ParsedDate("invalid", error="date_out_of_range")


def test_age_on_turns_on_the_birthday() -> None:
    birth = date(1980, 11, 21)
    assert (age_on(birth, date(2026, 11, 20)), age_on(birth, date(2026, 11, 21))) == (45, 46)


def test_birthday_in_a_common_year_of_someone_born_on_29_february() -> None:
    assert birthday_in(date(1980, 2, 29), 2027) == date(2027, 2, 28)
    assert birthday_in(date(1980, 2, 29), 2028) == date(2028, 2, 29)
    assert birthday_in(date(1980, 3, 1), 2027) == date(2027, 3, 1)
