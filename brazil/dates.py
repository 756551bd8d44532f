"""Dates in Brazilian files: day first, or spreadsheet serials."""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from brazil.cells import Status, clean_cell

DAY_FIRST = re.compile(r"([0-9]{1,2})([/.-])([0-9]{1,2})\2([0-9]{4}|[0-9]{2})")
YEAR_FIRST = re.compile(r"([0-9]{4})([/.-])([0-9]{1,2})\2([0-9]{1,2})")
TIME = re.compile(r"[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:\.[0-9]+)?)?(?:Z|[+-][0-9]{2}:?[0-9]{2})?$")
SERIAL = re.compile(r"([0-9]{4,5})(?:[.,][0-9]+)?")
SERIAL_EPOCH = date(1899, 12, 30)
FIRST_SERIAL = 5000
LAST_SERIAL = 73050
LAST_BIRTH_SERIAL = 46000
FIRST_DAY = date(1500, 1, 1)
LAST_DAY = date(2199, 12, 31)
OLDEST_YEARS = 120
YOUNGEST_YEARS = 16


@dataclass(frozen=True, slots=True)
class ParsedDate:
    status: Status
    value: date | None = None
    actions: tuple[str, ...] = ()
    error: str = ""


def parse_date(raw: str) -> ParsedDate:
    """A date of business (purchase, contract, contact); a two-digit year is of this century.

    Far dates are slips or stand for "no end": sums of days with them leave the calendar.
    """
    parsed = read_date(raw, last_serial=LAST_SERIAL, last_short_year=2099)
    if parsed.value is not None and not FIRST_DAY <= parsed.value <= LAST_DAY:
        return ParsedDate("invalid", error="date_out_of_range")
    return parsed


def parse_birth_date(raw: str, *, today: date) -> ParsedDate:
    parsed = read_date(raw, last_serial=LAST_BIRTH_SERIAL, last_short_year=today.year - YOUNGEST_YEARS)
    if parsed.value is None:
        return parsed
    if parsed.value > today:
        return ParsedDate("invalid", error="date_future")
    if parsed.value <= date(1900, 1, 1) or age_on(parsed.value, today) > OLDEST_YEARS:
        return ParsedDate("invalid", error="date_too_old")
    return parsed


def read_date(raw: str, *, last_serial: int, last_short_year: int) -> ParsedDate:
    text = TIME.sub("", clean_cell(raw))
    if not text:
        return ParsedDate("blank")
    if serial := SERIAL.fullmatch(text):
        return date_of_serial(int(serial[1]), last_serial)
    try:
        value = date_of_text(text, last_short_year)
    except ValueError:
        value = None
    return ParsedDate("valid", value) if value else ParsedDate("invalid", error="date_invalid")


def date_of_serial(serial: int, last: int) -> ParsedDate:
    if not FIRST_SERIAL <= serial <= last:
        return ParsedDate("invalid", error="date_invalid")
    return ParsedDate("repaired", SERIAL_EPOCH + timedelta(days=serial), ("excel_serial_date",))


def date_of_text(text: str, last_short_year: int) -> date | None:
    if match := DAY_FIRST.fullmatch(text):
        day, month, year = int(match[1]), int(match[3]), int(match[4])
        if len(match[4]) == 2:
            year += 2000 if 2000 + year <= last_short_year else 1900
        return date(year, month, day)
    if match := YEAR_FIRST.fullmatch(text):
        return date(int(match[1]), int(match[3]), int(match[4]))
    return None


def age_on(birth: date, day: date) -> int:
    return day.year - birth.year - ((day.month, day.day) < (birth.month, birth.day))


def birthday_in(birth: date, year: int) -> date:
    """Born on 29 February, greeted on the 28th in common years."""
    try:
        return birth.replace(year=year)
    except ValueError:
        return date(year, 2, 28)
