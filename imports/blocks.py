"""The records of a file in blocks, as records and as columns of cells."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import batched
from typing import TYPE_CHECKING, Protocol

from imports.decoding import Record, Table, repaired_record

if TYPE_CHECKING:
    import polars as pl

PIECE = 8 << 20
LONGEST_LINE = 32_767


class Block(Protocol):
    """`first` is the position of its first record in the file, from 1."""

    @property
    def first(self) -> int: ...
    def __len__(self) -> int: ...
    def line(self, index: int) -> int: ...
    def lines(self) -> Sequence[int]: ...
    def record(self, index: int) -> Record: ...
    def columns(self, width: int) -> "pl.DataFrame":
        """One column for each of `width` cells, named 0, 1, ...; null in records of another width."""


@dataclass(frozen=True, slots=True)
class RecordBlock:
    first: int
    records: Sequence[Record]

    def __len__(self) -> int:
        return len(self.records)

    def line(self, index: int) -> int:
        return self.records[index].line

    def lines(self) -> Sequence[int]:
        return [record.line for record in self.records]

    def record(self, index: int) -> Record:
        return self.records[index]

    def columns(self, width: int) -> "pl.DataFrame":
        import polars as pl  # noqa: PLC0415 - takes memory that samples don't need

        # A record repaired on the way in has an action to report.
        nothing = [None] * width
        rows = [
            record.cells if len(record.cells) == width and not record.mojibake else nothing for record in self.records
        ]
        names = list(map(str, range(width)))
        return pl.DataFrame(rows, schema=dict.fromkeys(names, pl.String), orient="row")


@dataclass(frozen=True, slots=True)
class TextBlock:
    """Lines without quotes: each is a record."""

    first: int
    first_line: int
    delimiter: str
    texts: Sequence[str]

    def __len__(self) -> int:
        return len(self.texts)

    def line(self, index: int) -> int:
        return self.first_line + index

    def lines(self) -> Sequence[int]:
        return range(self.first_line, self.first_line + len(self))

    def record(self, index: int) -> Record:
        text = self.texts[index]
        cells = text.split(self.delimiter) if text else []
        return repaired_record(self.line(index), cells, is_ascii=text.isascii())

    def columns(self, width: int) -> "pl.DataFrame":
        import polars as pl  # noqa: PLC0415 - as above

        texts = pl.Series("text", self.texts)
        fits = texts.str.count_matches(self.delimiter, literal=True) == width - 1
        cells = texts.str.split_exact(self.delimiter, width - 1).struct.unnest()
        cells.columns = list(map(str, range(width)))
        return cells.select(pl.when(fits).then(pl.all()))


def text_blocks(table: Table, size: int) -> Iterator[Block]:
    """Blocks of a text file. Without quotes, lines are records and need no parser."""
    if is_plain(table):
        lines = plain_lines(table)
        first = 1
        for texts in batched(lines, size, strict=False):
            yield TextBlock(first, table.header.line + first, table.delimiter, texts)
            first += len(texts)
    else:
        yield from record_blocks(table.records(), size)


def record_blocks(records: Iterator[Record], size: int) -> Iterator[Block]:
    first = 1
    for group in batched(records, size, strict=False):
        yield RecordBlock(first, group)
        first += len(group)


def is_plain(table: Table) -> bool:
    """UTF-8 without quotes, odd line ends and lines so long that a cell might be too long."""
    if table.encoding not in ("utf-8", "utf-8-sig") or table.delimiter in "\r\n":
        return False
    return all(is_plain_piece(piece) for piece in pieces(table))


def is_plain_piece(piece: bytes) -> bool:
    if b'"' in piece or piece.count(b"\r") != piece.count(b"\r\n"):
        return False
    try:
        piece.decode()
    except UnicodeDecodeError:
        return False
    return max(map(len, piece.split(b"\n"))) < LONGEST_LINE


def pieces(table: Table) -> Iterator[bytes]:
    """The file in pieces of whole lines."""
    with table.open() as file:
        while piece := file.read(PIECE):
            yield piece + file.readline()


def plain_lines(table: Table) -> Iterator[str]:
    """The lines below the header."""
    skip = table.header.line
    for piece in pieces(table):
        lines = piece.decode().replace("\r\n", "\n").removesuffix("\n").split("\n")
        yield from lines[skip:]
        skip = max(0, skip - len(lines))
