"""What a ZIP says about itself, and what it really holds, before a spreadsheet library opens it."""

import re
import zipfile
import zlib
from pathlib import Path
from typing import IO, Literal

from imports.refusals import FileRefusedError

MIB = 1024 * 1024
MAX_UNPACKED = 100 * MIB
MAX_RATIO = 100
MAX_MEMBERS = 1_000
CHUNK = 256 * 1024
# Small parts of XML compress well by nature; the ratio speaks only above this size.
RATIO_MATTERS_ABOVE = 5 * MIB
MAX_COLUMNS = 200
MAX_SHEET_ROWS = 200_000

Format = Literal["xlsx", "csv"]
# A cell with something in it; `<c r="XFD1" s="4"/>` only has a format.
FILLED_CELL = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})([0-9]{1,7})"[^>]*(?<!/)>')
SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
CELL_OVERLAP = 200


def format_of(path: Path) -> Format:
    """By content: the name of an upload proves nothing."""
    with path.open("rb") as file:
        start = file.read(4096)
    if not start:
        raise FileRefusedError("empty_file")
    if start.startswith(b"PK\x03\x04"):
        return "xlsx"
    if start.startswith(b"\xd0\xcf\x11\xe0"):
        raise FileRefusedError("old_excel")
    if is_other_type(start):
        raise FileRefusedError("not_a_spreadsheet")
    return "csv"


def is_other_type(start: bytes) -> bool:
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    controls = sum(byte < 9 or 13 < byte < 32 for byte in start)
    known = start.startswith((b"%PDF", b"\x89PNG", b"\xff\xd8", b"GIF8", b"Rar!", b"7z\xbc", b"\x1f\x8b", b"MZ"))
    markup = start.lstrip()[:256].lower().startswith((b"<html", b"<!doctype", b"<?xml", b"<table", b"{\\rtf"))
    return known or markup or b"\0" in start or controls * 50 > len(start)


def check_workbook(path: Path) -> None:
    """Declared sizes first, since they cost nothing; then the bytes that really come out."""
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
            check_declared(members, path.stat().st_size)
            check_kind({member.filename for member in members})
            unpacked = 0
            for member in members:
                with archive.open(member) as file:
                    unpacked += drain(file, member.filename, MAX_UNPACKED - unpacked)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise FileRefusedError("broken_archive") from error


def check_declared(members: list[zipfile.ZipInfo], packed: int) -> None:
    if len(members) > MAX_MEMBERS:
        raise FileRefusedError("too_many_members", limit=MAX_MEMBERS)
    declared = sum(member.file_size for member in members)
    if declared > MAX_UNPACKED:
        raise FileRefusedError("unpacks_too_large", limit=MAX_UNPACKED // MIB)
    if declared > RATIO_MATTERS_ABOVE and declared > packed * MAX_RATIO:
        raise FileRefusedError("ratio_too_high", limit=MAX_RATIO)


def check_kind(names: set[str]) -> None:
    if "xl/workbook.xml" in {name.lstrip("/").lower() for name in names}:
        return
    is_sheet = "content.xml" in names or any(name.startswith("xl/") for name in names)
    raise FileRefusedError("other_spreadsheet" if is_sheet else "not_a_spreadsheet")


def drain(file: IO[bytes], name: str, budget: int) -> int:
    """Unpack one member into nothing, stopping at the budget, and at cells beyond the limits of a sheet."""
    is_sheet = SHEET.fullmatch(name.lstrip("/")) is not None
    size, tail = 0, b""
    while chunk := file.read(CHUNK):
        size += len(chunk)
        if size > budget:
            raise FileRefusedError("unpacks_too_large", limit=MAX_UNPACKED // MIB)
        if is_sheet:
            check_cells(tail + chunk)
            tail = chunk[-CELL_OVERLAP:]
    return size


def check_cells(xml: bytes) -> None:
    """A filled cell far away makes the reader reserve the whole rectangle before it."""
    for match in FILLED_CELL.finditer(xml):
        column, row = match.groups()
        if len(column) > 1 and column_number(column) > MAX_COLUMNS:
            raise FileRefusedError("too_many_columns", line=int(row), count=column_number(column), limit=MAX_COLUMNS)
        # One more for the header; longer preambles than this don't exist at the limit.
        if len(row) > 5 and int(row) > MAX_SHEET_ROWS + 20:
            raise FileRefusedError("too_many_rows", limit=f"{MAX_SHEET_ROWS:,}".replace(",", "."))


def column_number(letters: bytes) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
