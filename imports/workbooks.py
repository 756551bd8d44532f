"""XLSX through calamine: which sheet, where its table starts, and each cell as the text a person sees."""

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from pathlib import Path

from python_calamine import CalamineSheet, CalamineWorkbook, SheetVisibleEnum, load_workbook

from imports.archives import MAX_SHEET_ROWS
from imports.decoding import HEADER_WITHIN, Record, repaired_record
from imports.headings import HEADER_MATCHES, Kind, exact_fields, find_header, fold_heading
from imports.refusals import FileRefusedError

type CellValue = int | float | str | bool | datetime.time | datetime.date | datetime.datetime | datetime.timedelta
MAX_SHEETS_TRIED = 20
MIDNIGHT = datetime.time()


@dataclass(frozen=True, slots=True)
class SheetTable:
    sheet: str
    sheets: tuple[str, ...]
    header: Record
    rows: Iterator[Record]


def open_sheet(path: Path, kind: Kind, *, sheet: str = "", known: Sequence[str] = ()) -> SheetTable:
    workbook = load_workbook(path)
    names = sheet_names(workbook)
    if sheet and sheet not in names:
        raise FileRefusedError("no_sheet")
    chosen = sheet or recognised_sheet(workbook, kind, names, known) or names[0]
    return table_of(workbook.get_sheet_by_name(chosen), kind, names, known)


def sheet_names(workbook: CalamineWorkbook) -> tuple[str, ...]:
    """Hidden sheets last: they are seldom meant, but may be all there is."""
    visible = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible is SheetVisibleEnum.Visible]
    hidden = [sheet.name for sheet in workbook.sheets_metadata if sheet.visible is not SheetVisibleEnum.Visible]
    if not visible and not hidden:
        raise FileRefusedError("no_header")
    return (*visible, *hidden)


def recognised_sheet(workbook: CalamineWorkbook, kind: Kind, names: Sequence[str], known: Sequence[str]) -> str:
    if len(names) == 1:
        return names[0]
    filled = ""
    for name in names[:MAX_SHEETS_TRIED]:
        first = first_rows(workbook.get_sheet_by_name(name))
        if any(is_header(kind, row, known) for row in first):
            return name
        filled = filled or (name if any(any(row) for row in first) else "")
    return filled


def first_rows(sheet: CalamineSheet) -> list[list[str]]:
    return [texts(row) for row in islice(sheet.iter_rows(), HEADER_WITHIN)]


def is_header(kind: Kind, row: Sequence[str], known: Sequence[str]) -> bool:
    added = {fold_heading(heading) for heading in known}
    folded = (fold_heading(cell) for cell in row)
    return sum(cell in added or bool(cell and exact_fields(kind, cell)) for cell in folded) >= HEADER_MATCHES


def table_of(sheet: CalamineSheet, kind: Kind, names: tuple[str, ...], known: Sequence[str]) -> SheetTable:
    rows = sheet.iter_rows()
    first = [texts(row) for row in islice(rows, HEADER_WITHIN)]
    position = find_header(kind, first, known)
    if position is None:
        raise FileRefusedError("no_header")
    position, header = two_level_header(sheet, first, position)
    rest = chain(first[position + 1 :], (texts(row) for row in rows))
    records = (numbered(position + 2 + index, cells) for index, cells in enumerate(rest))
    return SheetTable(sheet.name, names, numbered(position + 1, header), records)


def numbered(line: int, cells: list[str]) -> Record:
    if line > MAX_SHEET_ROWS + HEADER_WITHIN:
        raise FileRefusedError("too_many_rows", limit=f"{MAX_SHEET_ROWS:,}".replace(",", "."))
    return repaired_record(line, cells)


def two_level_header(sheet: CalamineSheet, rows: list[list[str]], position: int) -> tuple[int, list[str]]:
    """Merged cells above the names are groups: the lower row counts, a group tells equal names apart."""
    start = sheet.start or (0, 0)
    spans = [
        (top, left - start[1], right - start[1])
        for (top, left), (bottom, right) in sheet.merged_cell_ranges or ()
        if top == bottom and right > left
    ]
    merged = {top for top, _left, _right in spans}
    if position in merged and position + 1 < len(rows) and len(filled(rows[position + 1])) >= HEADER_MATCHES:
        upper, lower = position, position + 1
    elif position - 1 in merged and len(filled(rows[position - 1])) >= HEADER_MATCHES:
        upper, lower = position - 1, position
    else:
        return position, rows[position]
    groups = dict(enumerate(rows[upper]))
    for top, left, right in spans:
        if top == upper and 0 <= left < len(rows[upper]):
            groups.update(dict.fromkeys(range(left, right + 1), rows[upper][left]))
    return lower, joined(groups, rows[lower])


def filled(row: Sequence[str]) -> list[str]:
    return [cell for cell in row if cell.strip()]


def joined(groups: dict[int, str], names: list[str]) -> list[str]:
    folded = [fold_heading(name) for name in names]
    repeated = {name for name in folded if name and folded.count(name) > 1}
    return [
        f"{groups.get(column, '')} {name}".strip() if folded[column] in repeated or not name else name
        for column, name in enumerate(names)
    ]


def texts(row: Sequence[CellValue]) -> list[str]:
    return [text_of(value) for value in row]


def text_of(value: CellValue) -> str:
    """Values as a Brazilian sheet shows them, except that whole numbers keep no `.0` and dates are ISO."""
    match value:
        case str():
            return value.replace("\0", "")
        case bool():
            return "Sim" if value else "Não"
        case float():
            return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
        case datetime.datetime():
            return value.date().isoformat() if value.time() == MIDNIGHT else value.isoformat(" ")
        case datetime.date():
            return value.isoformat()
    return str(value)
