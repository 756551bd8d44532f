import codecs
from collections.abc import Sequence
from pathlib import Path

import pytest

from imports.decoding import (
    DecodingError,
    Record,
    Source,
    Table,
    detect_delimiter,
    detect_encoding,
    open_table,
    read_records,
    repaired_record,
)

DATA = Path(__file__).parents[1] / "data"
TEXT = "nome;cidade\r\nJoão;São Paulo\r\n"


def first_row(rows: Sequence[Sequence[str]]) -> int | None:
    return 0 if rows else None


def rows_of(source: Source, encoding: str = "", delimiter: str = "") -> list[tuple[str, ...]]:
    encoding = encoding or detect_encoding(source)
    records = read_records(source, encoding, delimiter or detect_delimiter(source, encoding))
    return [record.cells for record in records]


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        (TEXT.encode("utf-16"), "utf-16"),
        (codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), "utf-16"),
        (TEXT.encode("utf-8-sig"), "utf-8-sig"),
        (TEXT.encode(), "utf-8"),
        (TEXT.encode("cp1252"), "cp1252"),
        (codecs.BOM_UTF8 + TEXT.encode("cp1252"), "cp1252"),
        (b"nome;cidade\r\n", "utf-8"),
        ("nome;João".encode()[:-2] + b"\xc3", "cp1252"),
    ],
)
def test_detect_encoding_climbs_the_ladder(data: bytes, encoding: str) -> None:
    assert detect_encoding(data) == encoding


@pytest.mark.parametrize("encoding", ["utf-16", "utf-8-sig", "utf-8", "cp1252"])
def test_records_read_the_same_in_every_encoding(encoding: str) -> None:
    assert rows_of(TEXT.encode(encoding)) == [("nome", "cidade"), ("João", "São Paulo")]


def test_cp850_is_read_when_chosen_by_hand() -> None:
    assert rows_of(TEXT.encode("cp850"), "cp850") == [("nome", "cidade"), ("João", "São Paulo")]


def test_a_bom_before_a_quoted_heading_is_dropped_in_a_glued_file() -> None:
    data = codecs.BOM_UTF8 + '"nome";"cidade"\n"Jo\u00e3o";"x"\n'.encode("cp1252")
    assert rows_of(data) == [("nome", "cidade"), ("João", "x")]


def test_a_utf8_line_in_a_cp1252_file_is_decoded_and_flagged() -> None:
    data = "nome;x\nAção;1\n".encode("cp1252") + "João;2\n".encode() + b"Ana;3\n"
    assert list(read_records(data, "cp1252", ";")) == [
        Record(1, ("nome", "x")),
        Record(2, ("Ação", "1")),
        Record(3, ("João", "2"), mojibake=True),
        Record(4, ("Ana", "3")),
    ]


def test_damaged_accents_are_repaired_and_flagged() -> None:
    data = "nome\nJoÃ£o\nJoão\n".encode()
    assert list(read_records(data, "utf-8", ";")) == [
        Record(1, ("nome",)),
        Record(2, ("João",), mojibake=True),
        Record(3, ("João",)),
    ]


def test_a_damaged_cell_beside_a_cp1252_cell_is_repaired() -> None:
    data = "nome;x\nJoÃ£o;Ação\n".encode("cp1252")
    assert list(read_records(data, "cp1252", ";"))[1] == Record(2, ("João", "Ação"), mojibake=True)


def test_repaired_record_serves_rows_of_other_sources() -> None:
    assert repaired_record(7, ["JoÃ£o"]) == Record(7, ("João",), mojibake=True)
    assert repaired_record(7, ["João"]) == Record(7, ("João",))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_a_record_has_its_first_physical_line(end: str) -> None:
    text = end.join(["nome;nota", '"Ana";"uma', "duas", 'três"', "", "Rui;x"])
    for encoding in ("utf-8", "cp1252", "utf-16"):
        records = list(read_records(text.encode(encoding), encoding, ";"))
        assert [record.line for record in records] == [1, 2, 5, 6]
        assert records[1].cells == ("Ana", f"uma{end}duas{end}três")
        assert records[2].cells == ()


def test_the_last_record_needs_no_line_end() -> None:
    assert rows_of(b"a;b\n1;2") == [("a", "b"), ("1", "2")]


@pytest.mark.parametrize("first", ["sep=|", "SEP=|", '"sep=|"'])
def test_a_stated_delimiter_is_honoured_and_its_line_is_no_record(first: str) -> None:
    data = f"{first}\r\na|b;c;d\r\n1|2;3;4\r\n".encode()
    assert detect_delimiter(data, "utf-8") == "|"
    assert [(record.line, record.cells) for record in read_records(data, "utf-8", "|")] == [
        (2, ("a", "b;c;d")),
        (3, ("1", "2;3;4")),
    ]


@pytest.mark.parametrize("delimiter", [";", ",", "\t", "|"])
def test_detect_delimiter_finds_each_one(delimiter: str) -> None:
    rows = [["nome", "valor", "nota"], ["Ana", "10", "a b"], ["Rui", "20", ""]]
    data = "\n".join(delimiter.join(row) for row in rows).encode()
    assert detect_delimiter(data, "utf-8") == delimiter


def test_detect_delimiter_is_not_trapped_by_decimal_commas() -> None:
    lines = ["nome;valor", *(f"Cliente {number};1{number},50" for number in range(60))]
    assert detect_delimiter("\n".join(lines).encode(), "utf-8") == ";"


def test_detect_delimiter_reads_quotes() -> None:
    data = b'nome,nota\n"Ana","a;b;c"\n"Rui","d;e;f"\n'
    assert detect_delimiter(data, "utf-8") == ","


@pytest.mark.parametrize("data", [b"", b"nome\nAna\n"])
def test_detect_delimiter_has_a_default(data: bytes) -> None:
    assert detect_delimiter(data, "utf-8") == ";"


def test_open_table_keeps_the_preamble_apart() -> None:
    def second_row(rows: Sequence[Sequence[str]]) -> int | None:
        return [row[:1] for row in rows].index(("nome",))

    table = open_table(b"Relatorio\n\nnome;x\nAna;1\n", find_header=lambda _: 2)
    assert table == Table(
        b"Relatorio\n\nnome;x\nAna;1\n",
        "utf-8",
        ";",
        Record(3, ("nome", "x")),
        (Record(1, ("Relatorio",)), Record(2, ())),
    )
    assert list(table.records()) == [Record(4, ("Ana", "1"))]
    assert list(table.records()) == [Record(4, ("Ana", "1"))]


def test_open_table_shows_only_twenty_rows_to_the_search() -> None:
    seen: list[int] = []

    def search(rows: Sequence[Sequence[str]]) -> int | None:
        seen.append(len(rows))
        return 0

    open_table(b"a;b\n" * 50, find_header=search)
    assert seen == [20]


def test_open_table_of_a_path_with_chosen_encoding_and_delimiter(tmp_path: Path) -> None:
    path = tmp_path / "clientes.csv"
    path.write_bytes("nome,João\nAna,1".encode("cp850"))
    table = open_table(path, find_header=first_row, encoding="cp850", delimiter=",")
    assert table.header.cells == ("nome", "João")


def test_open_table_without_a_header() -> None:
    with pytest.raises(DecodingError) as raised:
        open_table(b"", find_header=first_row)
    assert raised.value.code == "no_header"


def test_a_wrong_encoding_names_the_line() -> None:
    with pytest.raises(DecodingError) as raised:
        rows_of(b"nome\nJo\xe3o\n", "utf-8", ";")
    assert (raised.value.code, raised.value.line) == ("encoding_mismatch", 1)


def test_an_encoding_that_is_not_offered_is_refused() -> None:
    with pytest.raises(DecodingError) as raised:
        rows_of(b"nome\n", "shift_jis", ";")
    assert raised.value.code == "encoding_unknown"


def test_a_quote_that_never_closes_names_the_record() -> None:
    data = b'nome;x\nAna;1\nRui;"' + b"x\n" * 100_000
    assert detect_delimiter(data, "utf-8") == ";"
    with pytest.raises(DecodingError) as raised:
        rows_of(data, "utf-8", ";")
    assert (raised.value.code, raised.value.line) == ("cell_too_long", 3)


def test_a_sample_that_cannot_be_cut_still_gives_a_delimiter() -> None:
    assert detect_delimiter(b'a;"' + b"x" * 200_000, "utf-8") == ";"


def test_the_sample_of_the_brief_is_cp1252_with_semicolons() -> None:
    path = DATA / "messy_clients_sample.csv"
    table = open_table(path, find_header=first_row)
    records = list(table.records())
    assert (table.encoding, table.delimiter, table.header.line, len(records)) == ("cp1252", ";", 1, 205)
    assert sum(record.mojibake for record in records) == 8
