"""Working days of Brazil, its states and its banks."""

from collections.abc import Set
from datetime import date, timedelta
from functools import lru_cache

import holidays as calendars

from brazil.postal import UF_NAMES

ONE_DAY = timedelta(days=1)


@lru_cache(maxsize=512)
def holidays_of(year: int, uf: str = "", *, bank: bool = False, optional: bool = False) -> dict[date, str]:
    """Names by date. `bank` is the financial calendar; `optional` adds Carnival and Corpus Christi."""
    if bank:
        return dict(calendars.financial_holidays("BVMF", years=year, language="pt_BR"))
    categories = ("public", "optional") if optional else ("public",)
    return dict(
        calendars.country_holidays("BR", subdiv=uf or None, years=year, language="pt_BR", categories=categories)
    )


def holiday_name(day: date, uf: str = "", *, bank: bool = False, optional: bool = False) -> str:
    return calendar_of(day.year, uf, bank=bank, optional=optional).get(day, "")


def calendar_of(year: int, uf: str, *, bank: bool, optional: bool) -> dict[date, str]:
    return holidays_of(year, uf if uf in UF_NAMES else "", bank=bank, optional=optional)


def is_working_day(
    day: date, uf: str = "", *, extra: Set[date] = frozenset(), bank: bool = False, optional: bool = False
) -> bool:
    """`extra` holds the holidays of a town or company."""
    if day.weekday() >= 5 or day in extra:
        return False
    return day not in calendar_of(day.year, uf, bank=bank, optional=optional)


def working_days(
    first: date,
    last: date,
    uf: str = "",
    *,
    extra: Set[date] = frozenset(),
    bank: bool = False,
    optional: bool = False,
) -> int:
    """How many working days there are from `first` to `last`, both included."""
    days = (first + timedelta(days=offset) for offset in range((last - first).days + 1))
    return sum(is_working_day(day, uf, extra=extra, bank=bank, optional=optional) for day in days)


def next_working_day(day: date, uf: str = "", *, extra: Set[date] = frozenset(), bank: bool = False) -> date:
    """The day itself when it is one, else the first after it."""
    while not is_working_day(day, uf, extra=extra, bank=bank):
        day += ONE_DAY
    return day


def add_working_days(
    day: date, count: int, uf: str = "", *, extra: Set[date] = frozenset(), bank: bool = False
) -> date:
    """The `count`-th working day after `day`; with 0, the day itself or the next one."""
    day = next_working_day(day, uf, extra=extra, bank=bank) if count == 0 else day
    for _ in range(count):
        day = next_working_day(day + ONE_DAY, uf, extra=extra, bank=bank)
    return day
