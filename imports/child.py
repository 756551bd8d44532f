"""Reads one spreadsheet in a process of its own and writes it out as lines of JSON.

`python -m imports.child SPEC`: a hostile file can only end this process. SPEC is the JSON of an `Order`. The
first line is the table, the last one `{"end": ...}`; between them stand lists of `[line, mojibake, cells]`.
A refusal is one line `{"refused": code, "params": {...}}`.
"""

import csv
import json
import resource
import sys
from collections.abc import Iterator
from itertools import batched
from pathlib import Path
from typing import Any

from imports import archives
from imports.decoding import DecodingError, Record, open_table
from imports.headings import find_header
from imports.refusals import FileRefusedError

CPU_SECONDS = 60
MEMORY_MIB = 512
OUTPUT_MIB = 2_048
CSV_MAX_ROWS = 2_000_000
GROUP = 200
MAX_CELL = 32_767
MIB = 1024 * 1024


def limit_self() -> None:
    for what, amount in (
        (resource.RLIMIT_CPU, CPU_SECONDS),
        (resource.RLIMIT_AS, MEMORY_MIB * MIB),
        (resource.RLIMIT_FSIZE, OUTPUT_MIB * MIB),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(what, (amount, amount))


def main(spec: dict[str, Any]) -> None:
    try:
        table, records = opened(spec)
        write(table)
        write({"end": count_out(records, keep=spec["keep"])})
    except FileRefusedError as refusal:
        write({"refused": refusal.code, "params": refusal.params})
    except DecodingError as error:
        write({"refused": error.code, "params": {"line": error.line}})
    except MemoryError:
        write({"refused": "out_of_memory", "params": {"limit": MEMORY_MIB}})


def opened(spec: dict[str, Any]) -> tuple[dict[str, Any], Iterator[Record]]:
    path = Path(spec["path"])
    if archives.format_of(path) == "xlsx":
        return open_xlsx(path, spec)
    return open_csv(path, spec)


def open_xlsx(path: Path, spec: dict[str, Any]) -> tuple[dict[str, Any], Iterator[Record]]:
    from python_calamine import CalamineError  # noqa: PLC0415 - its code takes memory that text files don't need

    from imports.workbooks import open_sheet  # noqa: PLC0415 - same reason

    archives.check_workbook(path)
    try:
        table = open_sheet(path, spec["kind"], sheet=spec["sheet"], known=spec["known"])
    except CalamineError as error:
        raise FileRefusedError("broken_workbook") from error
    found = {"format": "xlsx", "sheet": table.sheet, "sheets": table.sheets, "encoding": "", "delimiter": ""}
    header = checked_header(table.header)
    return found | header, table.rows


def open_csv(path: Path, spec: dict[str, Any]) -> tuple[dict[str, Any], Iterator[Record]]:
    csv.field_size_limit(MAX_CELL)
    table = open_table(
        path,
        find_header=lambda rows: find_header(spec["kind"], rows, spec["known"]),
        encoding=spec["encoding"],
    )
    found = {
        "format": "csv",
        "sheet": "",
        "sheets": (),
        "encoding": table.encoding,
        "delimiter": table.delimiter,
    }
    return found | checked_header(table.header), limited(table.records())


def checked_header(header: Record) -> dict[str, Any]:
    names = [name.replace("\0", "").strip() for name in header.cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > archives.MAX_COLUMNS:
        raise FileRefusedError("too_many_columns", line=header.line, count=len(names), limit=archives.MAX_COLUMNS)
    return {"header_line": header.line, "header": names}


def limited(records: Iterator[Record]) -> Iterator[Record]:
    for count, record in enumerate(records, start=1):
        if count > CSV_MAX_ROWS:
            raise FileRefusedError("too_many_rows", limit=f"{CSV_MAX_ROWS:,}".replace(",", "."))
        yield record


def count_out(records: Iterator[Record], *, keep: int | None) -> int:
    """Write the first `keep` records (all when None) and count the rest."""
    total = 0
    for group in batched(records, GROUP, strict=False):
        shown = group if keep is None else group[: max(0, keep - total)]
        if shown:
            write([[record.line, int(record.mojibake), narrowed(record.cells)] for record in shown])
        total += len(group)
    return total


def narrowed(cells: tuple[str, ...]) -> list[str]:
    """PostgreSQL stores no NUL; what stands beyond the last column becomes one cell, to be noticed."""
    limit = archives.MAX_COLUMNS
    kept = [cell.replace("\0", "") if "\0" in cell else cell for cell in cells[:limit]]
    beyond = " ".join(filter(None, cells[limit:])).replace("\0", "")[:MAX_CELL]
    return [*kept, beyond] if beyond else kept


def write(line: Any) -> None:
    json.dump(line, sys.stdout, separators=(",", ":"))
    sys.stdout.write("\n")


if __name__ == "__main__":
    limit_self()
    main(json.loads(sys.argv[1]))
