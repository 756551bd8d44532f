import csv
import string
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.br import cnpj as stdnum_cnpj
from stdnum.br import cpf as stdnum_cpf

from brazil.documents import (
    cnpj_root,
    format_document,
    is_valid_cnpj,
    is_valid_cpf,
    mask_document,
    parse_document,
    person_type_of,
)

DATA = Path(__file__).parents[1] / "data"
with (DATA / "document_cases.csv").open(encoding="utf-8", newline="") as file:
    CASES = list(csv.DictReader(file))

bodies_of_cpf = st.text(string.digits, min_size=9, max_size=9).filter(lambda body: len(set(body)) > 1)
bodies_of_cnpj = st.text(string.digits + string.ascii_uppercase, min_size=12, max_size=12).filter(
    lambda body: len(set(body)) > 1
)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_parse_document_agrees_with_the_case_file(case: dict[str, str]) -> None:
    parsed = parse_document(case["input"])
    assert {
        "status": parsed.status,
        "person_type": parsed.person_type,
        "normalized": parsed.normalized,
        "formatted": parsed.formatted,
        "actions": "|".join(parsed.actions),
        "error": parsed.error,
    } == {key: value for key, value in case.items() if key not in ("id", "input", "note")}


def test_the_case_file_is_whole() -> None:
    assert len(CASES) == 46


@given(bodies_of_cpf)
def test_is_valid_cpf_accepts_the_digits_of_stdnum(body: str) -> None:
    document = body + stdnum_cpf._calc_check_digits(body)
    assert is_valid_cpf(document)
    assert parse_document(format_document(document)).normalized == document


@given(st.text(string.digits, min_size=11, max_size=11).filter(lambda text: len(set(text)) > 1))
def test_is_valid_cpf_agrees_with_stdnum(document: str) -> None:
    assert is_valid_cpf(document) == stdnum_cpf.is_valid(document)


@given(bodies_of_cnpj)
def test_is_valid_cnpj_accepts_the_digits_of_stdnum(body: str) -> None:
    document = body + stdnum_cnpj.calc_check_digits(body)
    assert is_valid_cnpj(document)
    parsed = parse_document(format_document(document).lower())
    assert (parsed.status, parsed.normalized) == ("valid", document)


@given(st.text(string.digits + string.ascii_uppercase, min_size=14, max_size=14))
def test_is_valid_cnpj_agrees_with_stdnum(document: str) -> None:
    assert is_valid_cnpj(document) == (stdnum_cnpj.is_valid(document) and len(set(document)) > 1)


@given(st.text(max_size=24))
def test_parse_document_never_fails_and_never_half_answers(raw: str) -> None:
    parsed = parse_document(raw)
    assert bool(parsed.normalized) == (parsed.status in ("valid", "repaired"))
    assert bool(parsed.error) == (parsed.status == "invalid")
    assert bool(parsed.actions) == (parsed.status == "repaired")


@pytest.mark.parametrize(
    "document", ["11111111111", "686.572.710-01", "٦٨٦٥٧٢٧١٠٠١", "6865727100", "68657271001\n", ""]
)
def test_is_valid_cpf_wants_eleven_ascii_digits_that_differ(document: str) -> None:
    assert not is_valid_cpf(document)


@pytest.mark.parametrize("document", ["00000000000000", "12abc34501de35", "12ABC34501DE3", ""])
def test_is_valid_cnpj_wants_the_stored_form(document: str) -> None:
    assert not is_valid_cnpj(document)


@pytest.mark.parametrize(
    ("raw", "normalized", "actions"),
    [
        ("CPF/CNPJ: 44.013.662/0001-71", "44013662000171", ()),
        ("cnpj nº 44013662000171", "44013662000171", ()),
        ("CPF Nº: 686.572.710-01", "68657271001", ()),
        ("６８６５７２７１００１", "68657271001", ()),
        ("686_572_710 01", "68657271001", ()),
        ("7974101806.0", "07974101806", ("float_suffix_removed", "document_zero_padded")),
        ("1,185038000149E+12", "01185038000149", ("scientific_expanded", "document_zero_padded")),
    ],
)
def test_parse_document_reads_labels_and_damage(raw: str, normalized: str, actions: tuple[str, ...]) -> None:
    parsed = parse_document(raw)
    assert (parsed.normalized, parsed.actions) == (normalized, actions)


def test_parse_document_takes_no_root_for_a_label() -> None:
    document = "CPF123450001" + stdnum_cnpj.calc_check_digits("CPF123450001")
    assert parse_document(document).normalized == document


@pytest.mark.parametrize(
    ("raw", "error"),
    [
        ("ABC", "document_length"),
        ("123456789012345", "document_length"),
        ("55555", "document_repeated_digits"),
        ("123456#", "document_characters"),
        ("ABCDEFGHIJK", "document_characters"),
        ("٦٨٦٥٧٢٧١٠٠١", "document_characters"),
    ],
)
def test_parse_document_says_what_is_wrong(raw: str, error: str) -> None:
    assert parse_document(raw).error == error


def test_parse_document_takes_a_label_alone_for_blank() -> None:
    assert parse_document("CPF:").status == "blank"


def test_mask_document_hides_what_identifies() -> None:
    assert mask_document("12345678909") == "•••.456.789-••"
    assert mask_document("12ABC34501DE35") == "12.•••.•••/01DE-35"
    assert mask_document("123") == "•••"


def test_format_document_leaves_other_text_alone() -> None:
    assert format_document("123") == "123"


def test_cnpj_root_joins_establishments() -> None:
    assert cnpj_root("44013662000171") == cnpj_root("44013662000252") == "44013662"
    assert cnpj_root("68657271001") == ""


def test_person_type_of() -> None:
    assert [person_type_of(text) for text in ("68657271001", "44013662000171", "1")] == ["PF", "PJ", ""]
