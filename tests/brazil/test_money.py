from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brazil.money import format_money, format_money_short, format_number, format_rate, parse_money


@pytest.mark.parametrize(
    ("raw", "value"),
    [
        ("1.234,56", "1234.56"),
        ("R$ 1.234,56", "1234.56"),
        ("R$\u00a01.234,56", "1234.56"),
        ("r$1234,5", "1234.50"),
        ("1234.56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("R$ 1.234", "1234.00"),
        ("1.234.567", "1234567.00"),
        ("1.234.567,8", "1234567.80"),
        ("1,234,567", "1234567.00"),
        ("1,234,567.89", "1234567.89"),
        ("(1.234,56)", "-1234.56"),
        ("-1.234,56", "-1234.56"),
        ("1.234,56-", "-1234.56"),
        ("R$ -5", "-5.00"),
        ("\u22125,00", "-5.00"),
        ("78214.990000001", "78214.99"),
        ("0.125", "0.13"),
        ("0,125", "0.13"),
        ("1234,567", "1234.57"),
        ("00", "0.00"),
    ],
)
def test_parse_money_reads(raw: str, value: str) -> None:
    parsed = parse_money(raw)
    assert (parsed.status, str(parsed.value), parsed.error) == ("valid", value, "")


@pytest.mark.parametrize("raw", ["1.23.4", "1,234", "mil", "R$", "1.2345.678", "--5", "5,", "١٢", "1" * 41])
def test_parse_money_refuses_what_could_be_read_two_ways(raw: str) -> None:
    parsed = parse_money(raw)
    assert (parsed.status, parsed.value, parsed.error) == ("invalid", None, "amount_invalid")


def test_parse_money_has_the_limit_of_the_column() -> None:
    assert parse_money("999.999.999.999,99").value == Decimal("999999999999.99")
    assert parse_money("1.000.000.000.000,00").error == "amount_too_large"
    assert parse_money("999999999999,995").error == "amount_too_large"
    assert parse_money("9" * 40).error == "amount_too_large"
    assert parse_money("-1").value == Decimal("-1.00")


def test_parse_money_blank() -> None:
    assert parse_money(" - ").status == "blank"


@given(st.decimals(min_value=-(10**11), max_value=10**11, places=2))
def test_money_survives_being_shown_and_read(value: Decimal) -> None:
    assert parse_money(format_money(value)).value == value


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal("1234.56"), "R$\u00a01.234,56"),
        (Decimal("-1234567.5"), "-R$\u00a01.234.567,50"),
        (Decimal("0.005"), "R$\u00a00,01"),
        (5, "R$\u00a05,00"),
    ],
)
def test_format_money(value: Decimal | int, shown: str) -> None:
    assert format_money(value) == shown


def test_format_money_without_cents() -> None:
    assert format_money(Decimal("4279.50"), cents=False) == "R$\u00a04.280"


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (Decimal(486_240), "R$\u00a0486,2\u00a0mil"),
        (Decimal(999_949), "R$\u00a0999,9\u00a0mil"),
        (Decimal(999_950), "R$\u00a01,0\u00a0mi"),
        (Decimal(-1_300_000), "-R$\u00a01,3\u00a0mi"),
        (Decimal(2_500_000_000), "R$\u00a02,5\u00a0bi"),
        (Decimal(1_500_000_000_000), "R$\u00a01.500,0\u00a0bi"),
        (Decimal("420.4"), "R$\u00a0420"),
    ],
)
def test_format_money_short(value: Decimal, shown: str) -> None:
    assert format_money_short(value) == shown


def test_format_rate_and_number() -> None:
    assert format_rate(Decimal("1.8")) == "1,80% a.m."
    assert format_rate(Decimal("23.87"), "a.a.") == "23,87% a.a."
    assert format_number(1234567) == "1.234.567"
