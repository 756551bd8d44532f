"""Files of numbers that want no offers, as they come: one number a line, or a table with or without headings."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Final, NamedTuple

from brazil.messages import message
from brazil.phones import UF_BY_DDD, parse_ddd, parse_phone

DELIMITERS: Final = re.compile(r"[;,\t|]")
DECORATION: Final = str.maketrans("", "", ' \t\r\n().-"')
# What nearly every line holds; whatever does not look like this is read slowly, by brazil.phones.
PLAIN: Final = re.compile(r"(?:\+?55)?([1-9][0-9])(9[0-9]{8}|[2-5][0-9]{7})", re.ASCII)
# The accent of “número” may have come in any encoding.
HEADING: Final = re.compile(r"fone|n.{1,2}mero|celular|phone|msisdn|linha|terminal", re.IGNORECASE)
MARKS: Final = (b"\xff\xfe", b"\xfe\xff")
LONGEST_SHOWN: Final = 80


class NotTextError(ValueError):
    """A spreadsheet or another file that is no text."""


class Line(NamedTuple):
    """What one line holds. Without numbers it is bad, and `why` says so, or empty, and `why` is empty."""

    number: int
    numbers: tuple[str, ...] = ()
    why: str = ""
    text: str = ""


@dataclass
class Columns:
    """Where a heading says that the number and its area code stand."""

    number: int | None = None
    ddd: int | None = None

    @classmethod
    def of(cls, line: str) -> "Columns | None":
        """None when the line is no heading: it holds digits, or no word that names a number."""
        names = DELIMITERS.split(line)
        number = next((place for place, name in enumerate(names) if HEADING.search(name)), None)
        if number is None or re.search(r"[0-9]{4}", line):
            return None
        return cls(
            number, next((place for place, name in enumerate(names) if name.strip('" \n').upper() == "DDD"), None)
        )


def encoding_of(path: Path) -> str:
    """Numbers are ASCII in every encoding but UTF-16; headings with odd accents are recognised all the same."""
    with path.open("rb") as file:
        start = file.read(4096)
    if start.startswith(MARKS):
        return "utf-16"
    if b"\0" in start or start.startswith(b"PK\x03\x04"):
        raise NotTextError
    return "utf-8-sig"


def count_lines(path: Path) -> int:
    with path.open("rb") as file:
        return sum(block.count(b"\n") for block in iter(lambda: file.read(1 << 20), b"")) + 1


def read_lines(path: Path) -> Iterator[Line]:
    """Every line of the file, once, in its order."""
    columns = Columns()
    with path.open(encoding=encoding_of(path), errors="replace") as file:
        for number, text in enumerate(file, start=1):
            if number == 1 and (found := Columns.of(text)):
                columns = found
                yield Line(number)
            else:
                yield read_line(number, text, columns)


def read_line(number: int, text: str, columns: Columns) -> Line:
    if not columns.number and (plain := plain_number(text)):
        return Line(number, (plain,))
    cells = [cell.strip().strip('"').strip() for cell in DELIMITERS.split(text)]
    if not any(cells):
        return Line(number)
    numbers, why = _numbers_in(cells, columns)
    return Line(number, numbers, "" if numbers else why, "" if numbers else text.strip()[:LONGEST_SHOWN])


def plain_number(text: str) -> str:
    """The E.164 form of a number without surprises; empty means: look closer."""
    match = PLAIN.fullmatch(text.translate(DECORATION))
    if match is None or match[1] not in UF_BY_DDD or match[2] == match[2][0] * len(match[2]):
        return ""
    return f"+55{match[1]}{match[2]}"


def _numbers_in(cells: list[str], columns: Columns) -> tuple[tuple[str, ...], str]:
    """The numbers of the named column; without one, of the first cell that holds any, or of DDD and number apart."""
    if columns.number is not None:
        cell = cells[columns.number] if columns.number < len(cells) else ""
        has_ddd = columns.ddd is not None and columns.ddd < len(cells)
        return _numbers_of(cell, parse_ddd(cells[columns.ddd or 0]) if has_ddd else "")
    tries = [_numbers_of(cell, "") for cell in cells]
    tries += [_numbers_of(second, parse_ddd(first)) for first, second in pairwise(cells)]
    return next((found for found in tries if found[0]), tries[0])


def _numbers_of(cell: str, ddd: str) -> tuple[tuple[str, ...], str]:
    if plain := plain_number(cell):
        return (plain,), ""
    found = parse_phone(cell, ddd)
    return tuple(number.e164 for number in found.numbers), str(message(found.error or "phone_characters"))
