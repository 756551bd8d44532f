"""Text files in the wild: encoding, delimiter, header row and records with their line numbers."""

import codecs
import csv
import io
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from brazil.cells import repair_mojibake, windows_text

Source = bytes | Path
FindHeader = Callable[[Sequence[Sequence[str]]], int | None]

ENCODINGS = ("utf-16", "utf-8-sig", "utf-8", "cp1252", "cp850")
DELIMITERS = (";", ",", "\t", "|")
SEPARATOR_LINE = re.compile(r'"?sep=(.)"?[\r\n]*', re.IGNORECASE)
BOM = "\ufeff"
CHUNK = 1 << 20
HEADER_WITHIN = 20
SAMPLE_RECORDS = 50
SAMPLE_LINES = 500


class DecodingError(ValueError):
    """`code`: encoding_mismatch, encoding_unknown, cell_too_long or no_header, noticed at `line`."""

    def __init__(self, code: str, line: int = 0) -> None:
        super().__init__(code, line)
        self.code = code
        self.line = line


@dataclass(frozen=True, slots=True)
class Record:
    """One record and the physical line it begins on. `mojibake`: damaged accents were repaired in it."""

    line: int
    cells: tuple[str, ...]
    mojibake: bool = False


@dataclass(frozen=True, slots=True)
class Table:
    source: Source
    encoding: str
    delimiter: str
    header: Record
    preamble: tuple[Record, ...] = ()

    def open(self) -> BinaryIO:
        return open_binary(self.source)

    def records(self) -> Iterator[Record]:
        """The records below the header, read anew from the source at each call."""
        for record in read_records(self.source, self.encoding, self.delimiter):
            if record.line > self.header.line:
                yield record


def open_table(source: Source, *, find_header: FindHeader, encoding: str = "", delimiter: str = "") -> Table:
    encoding = encoding or detect_encoding(source)
    delimiter = delimiter or detect_delimiter(source, encoding)
    first = list(islice(read_records(source, encoding, delimiter), HEADER_WITHIN))
    position = find_header([record.cells for record in first])
    if position is None:
        raise DecodingError("no_header")
    return Table(source, encoding, delimiter, first[position], tuple(first[:position]))


def open_binary(source: Source) -> BinaryIO:
    return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")


def detect_encoding(source: Source) -> str:
    """cp850 can't be told from cp1252 with certainty: it is chosen by hand, before a preview."""
    with open_binary(source) as file:
        start = file.read(4)
        if start.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
            return "utf-16"
        file.seek(0)
        if not is_utf8(file):
            return "cp1252"
    return "utf-8-sig" if start.startswith(codecs.BOM_UTF8) else "utf-8"


def is_utf8(file: BinaryIO) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while chunk := file.read(CHUNK):
            decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def decoded_lines(source: Source, encoding: str) -> Iterator[tuple[str, bool]]:
    """Physical lines with their ends, and whether the line was UTF-8 inside a cp1252 file."""
    if encoding not in ENCODINGS:
        raise DecodingError("encoding_unknown")
    glued = encoding == "cp1252"
    number = 0
    with open_binary(source) as file:
        # Latin-1 gives every byte back, so that lines can be cut before each is decoded by itself.
        text = io.TextIOWrapper(file, encoding="latin-1" if glued else encoding, newline="")
        try:
            for number, line in enumerate(text, start=1):
                decoded, was_utf8 = decode_glued(line) if glued else (line, False)
                yield (decoded.removeprefix(BOM) if number == 1 else decoded), was_utf8
        except UnicodeError as error:
            raise DecodingError("encoding_mismatch", number + 1) from error


def decode_glued(line: str) -> tuple[str, bool]:
    if line.isascii():
        return line, False
    data = line.encode("latin-1")
    try:
        return data.decode(), True
    except UnicodeDecodeError:
        return windows_text(data), False


def separator_line(line: str) -> str:
    match = SEPARATOR_LINE.fullmatch(line)
    return match[1] if match else ""


def detect_delimiter(source: Source, encoding: str) -> str:
    lines = [line for line, _ in islice(decoded_lines(source, encoding), SAMPLE_LINES)]
    if lines and (stated := separator_line(lines[0])):
        return stated
    return max(DELIMITERS, key=lambda delimiter: regularity(lines, delimiter))


def regularity(lines: Iterable[str], delimiter: str) -> tuple[int, int]:
    """How many records share the commonest count of cells, then that count."""
    counts: Counter[int] = Counter()
    try:
        for cells in islice(csv.reader(lines, delimiter=delimiter), SAMPLE_RECORDS):
            if len(cells) > 1:
                counts[len(cells)] += 1
    except csv.Error:
        return (0, 0)
    return max(((records, width) for width, records in counts.items()), default=(0, 0))


class LineFeed:
    """Hands lines to the csv module and keeps what it would forget: line numbers and repaired lines."""

    def __init__(self, lines: Iterable[tuple[str, bool]]) -> None:
        self.lines = iter(lines)
        self.number = 0
        self.is_ascii = True
        self.mojibake = False

    def __iter__(self) -> "LineFeed":
        return self

    def __next__(self) -> str:
        line, repaired = next(self.lines)
        self.number += 1
        self.is_ascii = self.is_ascii and line.isascii()
        self.mojibake = self.mojibake or repaired
        return line

    def start_record(self) -> int:
        self.is_ascii, self.mojibake = True, False
        return self.number + 1


def read_records(source: Source, encoding: str, delimiter: str) -> Iterator[Record]:
    feed = LineFeed(decoded_lines(source, encoding))
    reader = csv.reader(feed, delimiter=delimiter)
    while True:
        line = feed.start_record()
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            raise DecodingError("cell_too_long", line) from error
        if line == 1 and is_separator_record(cells, delimiter):
            continue
        yield repaired_record(line, cells, mojibake=feed.mojibake, is_ascii=feed.is_ascii)


def is_separator_record(cells: Sequence[str], delimiter: str) -> bool:
    """`sep=;` itself is cut by the delimiter it states."""
    return bool(separator_line(delimiter.join(cells)))


def repaired_record(line: int, cells: Sequence[str], *, mojibake: bool = False, is_ascii: bool = False) -> Record:
    """A record with its accents repaired; also for rows that didn't come from a text file."""
    given = tuple(cells)
    repaired = given if is_ascii else tuple(map(repair_mojibake, given))
    return Record(line, repaired, mojibake or repaired != given)
