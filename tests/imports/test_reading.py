"""Spreadsheets as people and attackers make them, read through the limited child process."""

import datetime
import io
import os
import signal
import subprocess
import threading
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from imports import reading
from imports.decoding import Record
from imports.refusals import FileRefusedError
from tests.imports.uploads import CNPJ_ACME, CPF_ANA, csv_of, saved, xlsx_of

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"


def read(path: Path, content: bytes, kind: str = "clients", **choices: str) -> tuple[dict, list[Record]]:
    path.write_bytes(content)
    with reading.inspect(path, kind, **choices) as found:  # type: ignore[arg-type]
        return found.table, list(found.records())


@pytest.fixture
def path(tmp_path):
    return tmp_path / "planilha"


def refusal(path: Path, content: bytes) -> FileRefusedError:
    with pytest.raises(FileRefusedError) as refused:
        read(path, content)
    assert str(refused.value)
    return refused.value


# --- As people make them -----------------------------------------------------------------------------


def test_xlsx_values_are_the_text_people_see(path):
    row = ["Ana", 12345678901, datetime.date(1980, 3, 14), 1.5, True, "1234567E000135", "007", "=1+1"]
    header = ["Nome", "CPF", "Nascimento", "Valor", "Ativo", "CNPJ", "Código", "Fórmula"]

    table, records = read(path, xlsx_of(header, row))

    assert (table["format"], table["header_line"], table["header"]) == ("xlsx", 1, header)
    assert records == [Record(2, ("Ana", "12345678901", "1980-03-14", "1.5", "Sim", "1234567E000135", "007", ""))]


def test_xlsx_table_may_start_in_any_cell_below_a_preamble(path):
    book = openpyxl.Workbook()
    book.active["C2"] = "Relatório de clientes"
    for column, (heading, value) in enumerate({"Nome": "Ana", "CPF": CPF_ANA}.items(), start=4):
        book.active.cell(5, column, heading)
        book.active.cell(7, column, value)

    table, records = read(path, saved(book))

    assert (table["header_line"], table["header"]) == (5, ["", "Nome", "CPF"])
    assert records[-1] == Record(7, ("", "Ana", CPF_ANA))


def test_xlsx_chooses_the_sheet_with_known_headings_and_hidden_ones_last(path):
    book = openpyxl.Workbook()
    book.active.title = "Capa"
    book.active.append(["Bem-vindo", "ao relatório"])
    hidden = book.create_sheet("Velha")
    hidden.sheet_state = "hidden"
    hidden.append(["Nome", "CPF"])
    hidden.append(["Oculta", CPF_ANA])
    data = book.create_sheet("Dados")
    data.append(["Nome", "CPF"])
    data.append(["Ana", CPF_ANA])
    content = saved(book)

    table, records = read(path, content)

    assert (table["sheet"], table["sheets"]) == ("Dados", ["Capa", "Dados", "Velha"])
    assert records[0].cells == ("Ana", CPF_ANA)
    assert read(path, content, sheet="Velha")[1][0].cells == ("Oculta", CPF_ANA)


def test_xlsx_header_of_two_levels_uses_the_lower_one_and_tells_equal_names_apart(path):
    book = openpyxl.Workbook()
    sheet = book.active
    for row in (
        ["Cliente", None, "Casa", None, "Trabalho"],
        ["Nome", "CPF", "Fone", "Cidade", "Fone", "Cidade"],
    ):
        sheet.append(row)
    for area in ("A1:B1", "C1:D1", "E1:F1"):
        sheet.merge_cells(area)
    sheet.append(["Ana", CPF_ANA, "11988887777", "Recife", "1133334444", "Olinda"])

    table, records = read(path, saved(book))

    assert table["header"] == ["Nome", "CPF", "Casa Fone", "Casa Cidade", "Trabalho Fone", "Trabalho Cidade"]
    assert records[0].line == 3


def test_xlsx_with_names_merged_downwards_keeps_them(path):
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.append(["Nome", "CPF", "Contato"])
    sheet.append([None, None, "Fone", "E-mail"])
    for area in ("A1:A2", "B1:B2", "C1:D1"):
        sheet.merge_cells(area)
    sheet.append(["Ana", CPF_ANA, "11988887777", "ana@exemplo.com.br"])

    table, records = read(path, saved(book))

    assert table["header"] == ["Nome", "CPF", "Fone", "E-mail"]
    assert len(records) == 1


def test_csv_named_xlsx_is_read_by_its_content(path):
    table, records = read(path.with_suffix(".xlsx"), csv_of(("nome", "cnpj"), ("Acme", CNPJ_ACME)))

    assert (table["format"], table["encoding"], len(records)) == ("csv", "utf-8-sig", 1)


# --- As attackers, and bad luck, make them -----------------------------------------------------------


def with_sheet(xml: str | bytes, **others: bytes) -> bytes:
    """A valid workbook whose sheet (or another member) is replaced."""
    source = zipfile.ZipFile(io.BytesIO(xlsx_of(["Nome", "CPF"], ["Ana", CPF_ANA])))
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            content = xml if name == SHEET and xml else source.read(name)
            target.writestr(name, content)
        for name, content in others.items():
            target.writestr(f"xl/{name}.xml", content)
    return file.getvalue()


def sheet_of(rows: str) -> str:
    return f'<worksheet xmlns="{NAMESPACE}"><sheetData>{rows}</sheetData></worksheet>'


def cell(reference: str, text: str) -> str:
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


FAR_CELLS = sheet_of(f'<row r="1">{cell("A1", "nome")}</row><row r="1048576">{cell("XFD1048576", "x")}</row>')
FAR_DOWN = sheet_of(f'<row r="1048576">{cell("A1048576", "x")}</row>')
ENTITIES = (
    '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa">'
    + "".join(f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9))
    + f"]>{sheet_of(cell('A1', '&j;'))}"
)
HOSTILE = {
    "far apart cells": (with_sheet(FAR_CELLS), "too_many_columns"),
    "far down cell": (with_sheet(FAR_DOWN), "too_many_rows"),
    "zip bomb": (with_sheet(sheet_of(" " * (120 * 1024 * 1024))), "unpacks_too_large"),
    "high ratio": (with_sheet(sheet_of(" " * (60 * 1024 * 1024))), "ratio_too_high"),
    "entity bomb": (with_sheet(ENTITIES), None),
    "old excel": (b"\xd0\xcf\x11\xe0" + bytes(600), "old_excel"),
    "pdf": (b"%PDF-1.7\n" + b"x" * 500, "not_a_spreadsheet"),
    "html called xls": (b"<html><table><tr><td>nome</td></tr></table></html>", "not_a_spreadsheet"),
    "binary garbage": (bytes(range(256)) * 50, "not_a_spreadsheet"),
    "zip of something else": (with_sheet(b"")[:0] or b"PK\x03\x04" + b"x" * 200, "broken_archive"),
    "truncated": (xlsx_of(["Nome", "CPF"], ["Ana", CPF_ANA])[:-300], "broken_archive"),
    "empty": (b"", "empty_file"),
    "only a header": (csv_of(("nome", "cpf")), "no_records"),
    "ten thousand columns": (csv_of(["nome", *["cpf"] * 10_000], ["a"] * 10_000), "too_many_columns"),
    "quote never closed": (b'nome;cpf\r\n"' + b"x;y\r\n" * 40_000, "cell_too_long"),
    "nested quotes": (b'nome;cpf\r\n' + b'"' * 100_000, "cell_too_long"),
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_file_is_refused_by_a_named_rule(path, name):
    content, code = HOSTILE[name]

    found = refusal(path, content)

    assert code is None or found.code == code


def test_many_members_are_refused(path):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for number in range(1_001):
            archive.writestr(f"xl/{number}.xml", "")

    assert refusal(path, file.getvalue()).code == "too_many_members"


def test_lying_sizes_are_counted_while_unpacking(path):
    content = bytearray(with_sheet(sheet_of(" " * (101 * 1024 * 1024))))
    # The declared size of every member in the central directory becomes 1.
    start = 0
    while (start := content.find(b"PK\x01\x02", start)) >= 0:
        content[start + 24 : start + 28] = (1).to_bytes(4, "little")
        start += 4

    assert refusal(path, bytes(content)).code in {"unpacks_too_large", "broken_archive"}


def test_huge_shared_strings_never_break_the_caller(path):
    strings = f'<sst xmlns="{NAMESPACE}">' + "<si><t>x</t></si>" * 4_000_000 + "</sst>"

    found = refusal(path, with_sheet("", sharedStrings=strings.encode()))

    assert found.code == "ratio_too_high"


def test_cells_beyond_the_limit_are_noticed_as_one_cell(path):
    _table, records = read(path, csv_of(("nome", "cpf"), ["Ana", CPF_ANA, *[""] * 300, "longe"]))

    assert (len(records[0].cells), records[0].cells[-1]) == (201, "longe")


def test_killed_reader_is_a_refusal(path, monkeypatch):
    """kill -9 while it reads."""
    path.write_bytes(csv_of(("nome", "cpf"), *[("Ana", CPF_ANA)] * 200_000))
    start = subprocess.Popen

    def watched(*args, **kwargs):
        child = start(*args, **kwargs)
        threading.Timer(0.4, os.kill, (child.pid, signal.SIGKILL)).start()
        return child

    monkeypatch.setattr(reading.subprocess, "Popen", watched)

    with pytest.raises(FileRefusedError) as refused:
        reading.inspect(path, "clients")

    assert refused.value.code == "reader_stopped"


def test_slow_reader_is_ended_after_the_time_limit(path, monkeypatch):
    path.write_bytes(csv_of(("nome", "cpf"), *[("Ana", CPF_ANA)] * 200_000))
    monkeypatch.setattr(reading, "WALL_SECONDS", 0.05)
    monkeypatch.setattr(reading, "TICK_SECONDS", 0.05)
    ticks: list[float] = []

    with pytest.raises(FileRefusedError) as refused:
        reading.Reading(reading.Order(str(path), "clients"), tick=lambda: ticks.append(time.monotonic()))

    assert refused.value.code == "out_of_time"


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        (-signal.SIGXCPU, "out_of_time"),
        (-signal.SIGABRT, "out_of_memory"),
        (-signal.SIGKILL, "reader_stopped"),
    ],
)
def test_signal_of_the_reader_names_its_limit(code, expected):
    with pytest.raises(FileRefusedError) as refused:
        reading.check_ending(code, b"")

    assert refused.value.code == expected
