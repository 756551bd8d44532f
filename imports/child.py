"""Reads one spreadsheet in a process of its own and writes it out as lines of JSON.

`python -m imports.child SPEC`: a hostile file can only end this process. SPEC is the JSON of an `Order`. The
first line is the table, the last one `{"end": ...}`; between them stand lists of `[position, line, mojibake, cells]`.
A refusal is one line `{"refused": code, "params": {...}}`.

Asked to clean the rows of a client file, it puts `{"first": ..., "count": ..., "clean": n}` before each list, followed
by n bytes: the rows that need no repair, ready for COPY.
"""

import csv
import json
import resource
import sys
from collections.abc import Iterable, Iterator
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from imports import archives
from imports.blocks import Block, record_blocks, text_blocks
from imports.decoding import DecodingError, Record, open_table
from imports.headings import find_header
from imports.refusals import FileRefusedError

if TYPE_CHECKING:
    from imports.clean_rows import CleanRows

CPU_SECONDS = 60
MEMORY_MIB = 1_024
OUTPUT_MIB = 2_048
CSV_MAX_ROWS = 2_000_000
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
        table, blocks = opened(spec)
        write(table)
        total = count_out(blocks, keep=spec["keep"], cleaner=cleaner_of(spec, table["header"]))
        write({"end": total})
    except FileRefusedError as refusal:
        write({"refused": refusal.code, "params": refusal.params})
    except DecodingError as error:
        write({"refused": error.code, "params": {"line": error.line}})
    except MemoryError:
        write({"refused": "out_of_memory", "params": {"limit": MEMORY_MIB}})


def opened(spec: dict[str, Any]) -> tuple[dict[str, Any], Iterator[Block]]:
    path = Path(spec["path"])
    if archives.format_of(path) == "xlsx":
        return open_xlsx(path, spec)
    return open_csv(path, spec)


def cleaner_of(spec: dict[str, Any], header: list[str]) -> "CleanRows | None":
    if not spec["clean"]:
        return None
    from imports.clean_rows import CleanRows  # noqa: PLC0415 - polars takes memory and time that samples don't need

    mapping = dict(spec["clean"]["mapping"])
    today = date.fromisoformat(spec["clean"]["today"])
    return CleanRows(header, mapping, today=today, default_ddd=spec["clean"]["default_ddd"])


def open_xlsx(path: Path, spec: dict[str, Any]) -> tuple[dict[str, Any], Iterator[Block]]:
    from python_calamine import CalamineError  # noqa: PLC0415 - its code takes memory that text files don't need

    from imports.workbooks import open_sheet  # noqa: PLC0415 - same reason

    archives.check_workbook(path)
    try:
        table = open_sheet(path, spec["kind"], sheet=spec["sheet"], known=spec["known"])
    except CalamineError as error:
        raise FileRefusedError("broken_workbook") from error
    found = {"format": "xlsx", "sheet": table.sheet, "sheets": table.sheets, "encoding": "", "delimiter": ""}
    header = checked_header(table.header)
    return found | header, record_blocks(table.rows, spec["block"])


def open_csv(path: Path, spec: dict[str, Any]) -> tuple[dict[str, Any], Iterator[Block]]:
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
    return found | checked_header(table.header), limited(text_blocks(table, spec["block"]))


def checked_header(header: Record) -> dict[str, Any]:
    names = [name.replace("\0", "").strip() for name in header.cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > archives.MAX_COLUMNS:
        raise FileRefusedError("too_many_columns", line=header.line, count=len(names), limit=archives.MAX_COLUMNS)
    return {"header_line": header.line, "header": names}


def limited(blocks: Iterator[Block]) -> Iterator[Block]:
    for block in blocks:
        if block.first + len(block) - 1 > CSV_MAX_ROWS:
            raise FileRefusedError("too_many_rows", limit=f"{CSV_MAX_ROWS:,}".replace(",", "."))
        yield block


def count_out(blocks: Iterable[Block], *, keep: int | None, cleaner: "CleanRows | None") -> int:
    """Write the first `keep` records (all when None) and count the rest."""
    total = 0
    for block in blocks:
        shown = len(block) if keep is None else max(0, min(len(block), keep - total))
        rows: Iterable[int] = range(shown)
        if cleaner is not None:
            lines, rows = cleaner.split(block)
            write({"first": block.first, "count": len(block), "clean": len(lines)})
            sys.stdout.buffer.write(lines)
        if shown:
            write([written(block, index) for index in rows])
        total += len(block)
    return total


def written(block: Block, index: int) -> list[Any]:
    record = block.record(index)
    return [block.first + index, record.line, int(record.mojibake), narrowed(record.cells)]


def narrowed(cells: tuple[str, ...]) -> list[str]:
    """PostgreSQL stores no NUL; what stands beyond the last column becomes one cell, to be noticed."""
    limit = archives.MAX_COLUMNS
    kept = [cell.replace("\0", "") if "\0" in cell else cell for cell in cells[:limit]]
    beyond = " ".join(filter(None, cells[limit:])).replace("\0", "")[:MAX_CELL]
    return [*kept, beyond] if beyond else kept


def write(line: Any) -> None:
    sys.stdout.buffer.write(json.dumps(line, separators=(",", ":")).encode() + b"\n")


if __name__ == "__main__":
    limit_self()
    main(json.loads(sys.argv[1]))
