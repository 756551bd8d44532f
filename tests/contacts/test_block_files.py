"""Files of numbers as they come."""

from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from brazil.phones import parse_phone
from contacts.block_files import NotTextError, count_lines, plain_number, read_lines


def numbers_in(tmp_path: Path, content: str | bytes) -> list[tuple[str, ...]]:
    path = tmp_path / "lista.txt"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return [line.numbers for line in read_lines(path)]


def test_one_number_a_line_however_it_is_written(tmp_path: Path) -> None:
    lines = ["11987654321", "(11) 98765-4321", '"+55 11 98765-4321"', "5511987654321\r", "1133334444", "1187654321"]
    mobile = ("+5511987654321",)
    assert numbers_in(tmp_path, "\n".join(lines)) == [*[mobile] * 4, ("+551133334444",), mobile]


def test_headings_say_which_column_and_which_area_code(tmp_path: Path) -> None:
    content = "id;DDD;Número;data\n1199998888;11;987654321;01/01/2026\n2;21;33334444;\n3;21\n"
    for encoding in ("utf-8", "latin-1", "utf-16", "utf-8-sig"):
        found = numbers_in(tmp_path, content.encode(encoding))
        assert found == [(), ("+5511987654321",), ("+552133334444",), ()]


def test_heading_without_area_code(tmp_path: Path) -> None:
    assert numbers_in(tmp_path, "nome;telefone\n11987654321;2133334444\n") == [(), ("+552133334444",)]


def test_table_without_headings_gives_the_first_number_of_a_line(tmp_path: Path) -> None:
    content = "1;11987654321;x\n11;987654321\n11987654321/1133334444\nabc\n\n;;\n"
    assert numbers_in(tmp_path, content) == [
        ("+5511987654321",),
        ("+5511987654321",),
        ("+5511987654321", "+551133334444"),
        (),
        (),
        (),
    ]


def test_bad_lines_say_where_and_why_and_empty_ones_nothing(tmp_path: Path) -> None:
    path = tmp_path / "lista.csv"
    path.write_text("telefone\n987654321\n\nabc\n2011111111\n")
    assert [(line.number, line.why, line.text) for line in read_lines(path)] == [
        (1, "", ""),
        (2, "Falta o DDD do telefone.", "987654321"),
        (3, "", ""),
        (4, "O telefone tem texto no lugar do número.", "abc"),
        (5, "O DDD do telefone não existe.", "2011111111"),
    ]
    assert count_lines(path) == 6


@pytest.mark.parametrize("content", [b"PK\x03\x04rest of a workbook", b"11987654321\n\0\0"])
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes) -> None:
    with pytest.raises(NotTextError):
        numbers_in(tmp_path, content)


@given(st.from_regex(r"[+0-9 ().;-]{0,4}[0-9]{7,14}[0-9 .-]{0,3}", fullmatch=True))
@example("11111111111")
@example("1122222222")
@example("5533334444")
@example("55987654321")
@example("+5555987654321")
@example("2033334444")
def test_the_short_way_agrees_with_the_long_one(text: str) -> None:
    found = plain_number(text)
    assert not found or found == parse_phone(text).e164
