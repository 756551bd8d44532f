import csv
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from brazil.phones import (
    UF_BY_DDD,
    ddd_uf,
    format_phone,
    parse_ddd,
    parse_phone,
    tel_link,
    whatsapp_link,
)

DATA = Path(__file__).parents[1] / "data"
with (DATA / "phone_cases.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_parse_phone_agrees_with_the_case_file(case: dict[str, str]) -> None:
    parsed = parse_phone(case["input"])
    assert {
        "status": parsed.status,
        "e164": parsed.e164,
        "second_e164": parsed.second_e164,
        "type": parsed.type,
        "whatsapp_link": parsed.whatsapp_link,
        "extension": parsed.extension,
        "ddd_uf": parsed.ddd_uf,
        "actions": "|".join(parsed.actions),
        "error": parsed.error,
    } == {key: value for key, value in case.items() if key not in ("id", "input", "note")}


def test_the_case_file_is_whole() -> None:
    assert len(CASES) == 50


def test_uf_by_ddd_is_the_reference_table() -> None:
    with (DATA / "ddd_uf.csv").open(encoding="utf-8", newline="") as file:
        table = {row["ddd"]: row["uf"] for row in csv.DictReader(file)}
    assert len(table) == 67
    assert table == UF_BY_DDD


@given(st.sampled_from(sorted(UF_BY_DDD)), st.integers(90000000, 99999998))
def test_every_way_to_write_a_mobile_reads_the_same(ddd: str, subscriber: int) -> None:
    e164 = f"+55{ddd}9{subscriber}"
    national = f"{ddd}9{subscriber}"
    ways = [
        national,
        f"0{national}",
        f"015{national}",
        f"55{national}",
        e164,
        f"0055{national}",
        format_phone(e164),
    ]
    assert {parse_phone(way).e164 for way in ways} == {e164}
    assert phonenumbers.is_possible_number(phonenumbers.parse(e164))


@given(st.text(max_size=30))
def test_parse_phone_never_fails_and_never_half_answers(raw: str) -> None:
    parsed = parse_phone(raw)
    assert bool(parsed.numbers) == (parsed.status in ("valid", "repaired"))
    assert bool(parsed.error) == (parsed.status == "invalid")


@pytest.mark.parametrize(
    ("raw", "numbers"),
    [
        ("11 3265-4321 ou 11 98765-4321", ["+5511987654321", "+551132654321"]),
        ("11 3265-4321 e 11 2265-4321", ["+551132654321", "+551122654321"]),
        ("11 98765-4321|11987654321", ["+5511987654321"]),
        ("11987654321, 1132654321", ["+5511987654321", "+551132654321"]),
        ("11 98765-4321 / -", ["+5511987654321"]),
        ("Cel: (11) 98765-4321", ["+5511987654321"]),
        ("tel:+5511987654321", ["+5511987654321"]),
        ("+55 (011) 98765-4321", ["+5511987654321"]),
        ("11987654321,0", ["+5511987654321"]),
    ],
)
def test_parse_phone_finds_each_number_once_mobiles_first(raw: str, numbers: list[str]) -> None:
    assert [number.e164 for number in parse_phone(raw).numbers] == numbers


def test_parse_phone_keeps_the_good_number_of_a_cell_and_tells_of_the_bad_one() -> None:
    parsed = parse_phone("11 98765-4321 / 3265-4321")
    assert (parsed.status, parsed.e164, parsed.error) == ("repaired", "+5511987654321", "")
    assert parsed.actions == ("phone_split", "phone_cleared")


@pytest.mark.parametrize("raw", ["11 3265-4321, ramal 12", "11 3265-4321 r. 12", "1132654321 ext: 12"])
def test_parse_phone_reads_an_extension(raw: str) -> None:
    parsed = parse_phone(raw)
    assert (parsed.status, parsed.e164, parsed.extension) == ("valid", "+551132654321", "12")


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ("(00) 00000-0000", "phone_placeholder"),
        ("+1 555", "phone_invalid"),
        ("+9999999999999999999", "phone_invalid"),
        ("+55 190", "phone_length"),
        ("+55 0800 123 4567", "phone_service_number"),
        ("011 0 98765-4321", "phone_area_code"),
        ("١١٩٨٧٦٥٤٣٢١", "phone_characters"),
        ("98765-4321 / 190", "phone_missing_area_code"),
        ("0 3265-4321", "phone_missing_area_code"),
    ],
)
def test_parse_phone_says_what_is_wrong(raw: str, error: str) -> None:
    assert parse_phone(raw).error == error


def test_parse_phone_uses_the_default_ddd_only_without_one() -> None:
    assert parse_phone("98765-4321", "21").e164 == "+5521987654321"
    assert parse_phone("3265-4321", "21").e164 == "+552132654321"
    assert parse_phone("11 98765-4321", "21").e164 == "+5511987654321"
    assert parse_phone("4004-1234", "21").error == "phone_service_number"


@pytest.mark.parametrize(
    ("raw", "ddd"), [("11", "11"), ("(011)", "11"), ("11.0", "11"), ("20", ""), ("", ""), ("abc", "")]
)
def test_parse_ddd(raw: str, ddd: str) -> None:
    assert parse_ddd(raw) == ddd


@pytest.mark.parametrize(
    ("e164", "shown"),
    [
        ("+5511987654321", "(11) 98765-4321"),
        ("+551132654321", "(11) 3265-4321"),
        ("+14155552671", "+1 415-555-2671"),
        ("", ""),
        ("123", "123"),
    ],
)
def test_format_phone(e164: str, shown: str) -> None:
    assert format_phone(e164) == shown


def test_links() -> None:
    assert whatsapp_link("+5511987654321") == "https://wa.me/5511987654321"
    assert whatsapp_link("+5511987654321", "Olá, Ana & cia/1") == (
        "https://wa.me/5511987654321?text=Ol%C3%A1%2C%20Ana%20%26%20cia%2F1"
    )
    assert tel_link("+5511987654321") == "tel:+5511987654321"


def test_ddd_uf_knows_only_brazil() -> None:
    assert [ddd_uf(e164) for e164 in ("+5561987654321", "+14155552671", "")] == ["DF", "", ""]
