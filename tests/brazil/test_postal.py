import csv
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from brazil.postal import (
    UF_NAMES,
    cep_agrees_with_uf,
    format_cep,
    parse_cep,
    parse_uf,
    uf_of_cep,
    zone_of_uf,
)

DATA = Path(__file__).parents[1] / "data"


@pytest.mark.parametrize(
    ("raw", "status", "cep", "actions", "error"),
    [
        ("01310-100", "valid", "01310100", (), ""),
        ("01.310-100", "valid", "01310100", (), ""),
        ("1310100", "repaired", "01310100", ("cep_zero_padded",), ""),
        ("1310100.0", "repaired", "01310100", ("float_suffix_removed", "cep_zero_padded"), ""),
        ("00000-000", "invalid", "", (), "cep_range"),
        ("00999999", "invalid", "", (), "cep_range"),
        ("123456", "invalid", "", (), "cep_length"),
        ("O1310-100", "invalid", "", (), "cep_characters"),
        ("٠١٣١٠١٠٠", "invalid", "", (), "cep_characters"),
        ("-", "blank", "", (), ""),
    ],
)
def test_parse_cep(raw: str, status: str, cep: str, actions: tuple[str, ...], error: str) -> None:
    parsed = parse_cep(raw)
    assert (parsed.status, parsed.normalized, parsed.actions, parsed.error) == (status, cep, actions, error)


def test_format_cep() -> None:
    assert (format_cep("01310100"), format_cep("")) == ("01310-100", "")


def test_uf_of_cep_agrees_with_both_ends_of_every_range() -> None:
    with (DATA / "cep_uf_ranges.csv").open(encoding="utf-8", newline="") as file:
        ranges = list(csv.DictReader(file))
    assert len(ranges) == 30
    for row in ranges:
        assert (uf_of_cep(row["cep_from"]), uf_of_cep(row["cep_to"])) == (row["uf"], row["uf"])
    assert uf_of_cep("00999999") == ""


@pytest.mark.parametrize(
    ("cep", "uf", "agrees"),
    [
        ("01310100", "SP", True),
        ("01310100", "RJ", False),
        ("", "RJ", True),
        ("01310100", "", True),
        ("78900000", "RO", True),
        ("78900000", "MT", True),
        ("78000000", "RO", False),
    ],
)
def test_cep_agrees_with_uf(cep: str, uf: str, *, agrees: bool) -> None:
    assert cep_agrees_with_uf(cep, uf) is agrees


@pytest.mark.parametrize(
    ("raw", "uf"),
    [
        ("sp", "SP"),
        (" São Paulo", "SP"),
        ("RIO DE JANEIRO", "RJ"),
        ("S.P.", "SP"),
        ("SPP", ""),
        ("-", ""),
        ("", ""),
    ],
)
def test_parse_uf(raw: str, uf: str) -> None:
    assert parse_uf(raw) == uf


def test_parse_uf_knows_all_27_by_name() -> None:
    assert len(UF_NAMES) == 27
    assert [parse_uf(name.upper()) for name in UF_NAMES.values()] == list(UF_NAMES)


@pytest.mark.parametrize(
    ("uf", "city", "hours"),
    [
        ("AC", "", -5), ("AM", "", -4), ("AM", "Tabatinga", -5), ("AM", "EIRUNEPÉ", -5), ("MT", "", -4),
        ("MS", "", -4), ("RO", "", -4), ("RR", "", -4), ("PA", "", -3), ("SP", "Tabatinga", -3), ("", "", -3),
    ],
)  # fmt: skip
def test_zone_of_uf(uf: str, city: str, hours: int) -> None:
    assert datetime(2026, 1, 15, 12, tzinfo=zone_of_uf(uf, city)).utcoffset() == timedelta(hours=hours)
