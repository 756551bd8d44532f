"""Which rows of a file share a document, a code or a phone: only those can be duplicates of each other."""

from array import array
from collections.abc import Iterable, Iterator

import numpy as np
import numpy.typing as npt

from imports.cleaning import ClientValues

type Keys = Iterable[bytes]


class Encounters:
    """Begins with the clean rows of the whole file; the others are met as they are read.

    Keys are kept as 64-bit hashes, some 16 bytes each: files have up to 2,000,000 rows. Two keys of one hash send
    their rows the long way, which does not change their outcome.
    """

    def __init__(self, lines: Iterable[bytes]) -> None:
        hashes, positions = array("q"), array("q")
        for line in lines:
            position, keys = keys_of_line(line)
            for key in keys:
                hashes.append(hash(key))
                positions.append(position)
        unordered: npt.NDArray[np.int64] = np.frombuffer(hashes, dtype=np.int64)
        order = np.argsort(unordered, kind="stable")
        self.hashes = unordered[order]
        self.positions: npt.NDArray[np.int64] = np.frombuffer(positions, dtype=np.int64)[order]
        # Clean rows that have to be judged in the order of the file.
        self.shared = self._repeated()

    def _repeated(self) -> set[int]:
        equal = self.hashes[1:] == self.hashes[:-1]
        return set(self.positions[1:][equal].tolist()) | set(self.positions[:-1][equal].tolist())

    def meet(self, people: Iterable[ClientValues]) -> set[int]:
        """The clean rows that share a key with these. They are shared from now on."""
        hashes = np.array([hash(key) for values in people for key in keys_of(values)], dtype=np.int64)
        starts = np.searchsorted(self.hashes, hashes, side="left")
        ends = np.searchsorted(self.hashes, hashes, side="right")
        met = {
            int(position)
            for start, end in zip(starts[starts < ends], ends[starts < ends], strict=True)
            for position in self.positions[start:end]
        }
        self.shared |= met
        return met


def keys_of(values: ClientValues) -> Iterator[bytes]:
    if values.document:
        yield f"d{values.document}".encode()
    if values.code:
        yield f"c{values.code}".encode()
    for phone in values.phones:
        yield phone.e164.encode()


def keys_of_line(line: bytes) -> tuple[int, list[bytes]]:
    """Of a line of `imports.clean_rows`. A clean row has each of its phones once."""
    position, _line, document, code, phones, _rest = line.split(b"\t", 5)
    keys = phones[1:-1].split(b",") if len(phones) > 2 else []
    if document:
        keys.append(b"d" + document)
    if code:
        keys.append(b"c" + code)
    return int(position), keys
