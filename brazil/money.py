"""Amounts in reais: reading the ways people type them, and showing them."""

import re
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal

from brazil.cells import Status, clean_cell

NBSP = "\u00a0"
CENT = Decimal("0.01")
LIMIT = Decimal(10) ** 12
UNITS = (("bi", 9, 999_950_000), ("mi", 6, 999_950), ("mil", 3, 1000))

SYMBOL = re.compile(r"R\$|BRL", re.IGNORECASE)
NEGATIVE = re.compile(r"\((.*)\)|-(.*)|(.*)-")
BRAZILIAN = re.compile(r"(?:[0-9]{1,3}(?:\.[0-9]{3})+|[0-9]+),[0-9]+")
AMERICAN = re.compile(r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)\.[0-9]+")
WHOLE = re.compile(r"[0-9]+|[1-9][0-9]*\.[0-9]{3}|[0-9]{1,3}(?:(?:\.[0-9]{3}){2,}|(?:,[0-9]{3}){2,})")
# A thousand with an American comma, or a fraction with a Brazilian one: a factor of 1000, so nobody guesses.
AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2},[0-9]{3}")


@dataclass(frozen=True, slots=True)
class ParsedMoney:
    status: Status
    value: Decimal | None = None
    error: str = ""


def parse_money(raw: str) -> ParsedMoney:
    text = clean_cell(raw)
    if not text:
        return ParsedMoney("blank")
    text = SYMBOL.sub("", text.replace("\u2212", "-")).replace(" ", "")
    sign = 1
    if match := NEGATIVE.fullmatch(text):
        sign, text = -1, match[match.lastindex or 1]
    plain = plain_number(text)
    if not plain:
        return ParsedMoney("invalid", error="amount_invalid")
    value = Decimal(plain)
    # Before rounding, which fails beyond 28 digits, and after, which may reach the limit.
    if value >= LIMIT or (value := value.quantize(CENT, ROUND_HALF_UP)) >= LIMIT:
        return ParsedMoney("invalid", error="amount_too_large")
    return ParsedMoney("valid", value * sign)


def plain_number(text: str) -> str:
    """The number with a point and no grouping; empty when it can't be read one way only."""
    if len(text) > 40 or AMBIGUOUS.fullmatch(text):
        return ""
    if WHOLE.fullmatch(text):
        return text.replace(".", "").replace(",", "")
    if BRAZILIAN.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    return text.replace(",", "") if AMERICAN.fullmatch(text) else ""


def brazilian(number: str) -> str:
    return number.translate(str.maketrans(",.", ".,"))


def format_number(value: Decimal | int, places: int = 0) -> str:
    rounded = Decimal(value).quantize(Decimal(1).scaleb(-places), ROUND_HALF_UP)
    return brazilian(f"{rounded:,.{places}f}")


def format_money(value: Decimal | int, *, cents: bool = True) -> str:
    sign = "-" if value < 0 else ""
    return f"{sign}R${NBSP}{format_number(abs(Decimal(value)), 2 if cents else 0)}"


def format_money_short(value: Decimal | int) -> str:
    """For panels: `R$ 486,2 mil`, `R$ 1,3 mi`."""
    amount = abs(Decimal(value))
    if amount < 1000:
        return format_money(value, cents=False)
    # 999.950 rounds to 1.000,0 mil, so it is shown as 1,0 mi.
    unit, power = next((name, power) for name, power, first in UNITS if amount >= first)
    scaled = format_number(amount.scaleb(-power), 1)
    return f"{'-' if value < 0 else ''}R${NBSP}{scaled}{NBSP}{unit}"


def format_rate(rate: Decimal, period: str = "a.m.") -> str:
    """A monthly rate in per cent, `1.8` -> `1,80% a.m.`"""
    return f"{format_number(rate, 2)}% {period}"
