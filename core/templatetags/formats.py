"""Numbers and dates as people read them in Brazil: R$ 4.280, R$ 486,2 mil, 5 dez, 2 dias."""

import datetime
from decimal import ROUND_HALF_UP, Decimal

from django import template
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import ngettext

from core.phrases import gettext, kept_per_language

register = template.Library()

type Number = Decimal | int | float | str
NBSP = "\N{NO-BREAK SPACE}"
PLACES = (Decimal(1), Decimal("0.1"), Decimal("0.01"))
BRAZILIAN = str.maketrans(",.", ".,")
# Names of the powers of a thousand, as they follow a number.
SCALES = ("", "mil", "mi", "bi", "tri")


def grouped(value: Number, places: int) -> str:
    """1234.5 with 2 places → 1.234,50"""
    number = value if isinstance(value, Decimal) else Decimal(str(value))
    exact = number.quantize(PLACES[places], rounding=ROUND_HALF_UP)
    if not exact:
        exact = abs(exact)
    return f"{exact:,.{places}f}".translate(BRAZILIAN)


def reais(number: str, scale: str = "") -> str:
    sign, digits = ("-", number[1:]) if number.startswith("-") else ("", number)
    return NBSP.join(filter(None, (f"{sign}R$", digits, scale)))


@register.filter
def money(value: Number | None) -> str:
    """R$ 4.280"""
    return "" if value in (None, "") else reais(grouped(value, 0))


@register.filter
def money_cents(value: Number | None) -> str:
    """R$ 4.280,00"""
    return "" if value in (None, "") else reais(grouped(value, 2))


@register.filter
def short_money(value: Number | None) -> str:
    """R$ 486,2 mil; below a thousand, R$ 486"""
    if value in (None, ""):
        return ""
    amount, power = Decimal(str(value)), 0
    places = Decimal(1)
    while abs(amount.quantize(places, rounding=ROUND_HALF_UP)) >= 1000 and power < len(SCALES) - 1:
        amount, power, places = amount / 1000, power + 1, Decimal("0.1")
    return reais(grouped(amount, 1 if power else 0).removesuffix(",0"), SCALES[power])


@register.filter
def intdot(value: Number | None) -> str:
    """1.212"""
    return "" if value in (None, "") else grouped(value, 0)


def local_day(value: datetime.date) -> datetime.date:
    if not isinstance(value, datetime.datetime):
        return value
    return timezone.localtime(value).date() if timezone.is_aware(value) else value.date()


@register.filter
def day(value: datetime.date | None, on: datetime.date | None = None) -> str:
    """5 dez; 30 nov 2026 outside the year of `on` (today)"""
    return _day(local_day(value), (on or timezone.localdate()).year) if value else ""


@kept_per_language
def _day(value: datetime.date, year: int) -> str:
    return date_format(value, "j b" if value.year == year else "j b Y")


@register.filter
def moment(value: datetime.datetime | None) -> str:
    """hoje, 09:30; ontem, 16:42; 5 dez, 10:15"""
    if not value:
        return ""
    local = timezone.localtime(value) if timezone.is_aware(value) else value
    names = {0: gettext("hoje"), 1: gettext("ontem")}
    name = names.get((timezone.localdate() - local.date()).days) or day(local)
    return f"{name}, {date_format(local, 'H:i')}"


@register.filter
@kept_per_language
def days_count(value: int | None) -> str:
    """1 dia; 2 dias"""
    if value is None:
        return ""
    return ngettext("%(count)s dia", "%(count)s dias", abs(value)) % {"count": grouped(value, 0)}
