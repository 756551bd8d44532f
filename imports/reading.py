"""Opening a spreadsheet without trusting it: a child process under limits reads it into a spool."""

import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self

from django.conf import settings

from imports.child import CPU_SECONDS, MEMORY_MIB
from imports.decoding import Record
from imports.headings import Kind
from imports.refusals import FileRefusedError

WALL_SECONDS = 120
TICK_SECONDS = 10
SAMPLE = 200
GROUP = 200
# A killed reader says no more than its signal; these are the limits that send them.
SIGNALS = {
    signal.SIGXCPU: ("out_of_time", CPU_SECONDS),
    signal.SIGABRT: ("out_of_memory", MEMORY_MIB),
    signal.SIGSEGV: ("out_of_memory", MEMORY_MIB),
    signal.SIGBUS: ("out_of_memory", MEMORY_MIB),
}

# Threads of polars reserve address space, which is limited; two find a core each.
FRUGAL = {"POLARS_MAX_THREADS": "2", "POLARS_SKIP_CPU_CHECK": "1", "MALLOC_ARENA_MAX": "1"}

type Tick = Callable[[], None]


def no_tick() -> None:
    return


@dataclass(frozen=True, slots=True)
class Order:
    """What to read. `known` are headings of a saved mapping; `keep` limits the records handed back, which come in
    blocks of `block`. `clean` tells how to clean the rows of a client file (see `imports.clean_rows`)."""

    path: str
    kind: Kind
    encoding: str = ""
    sheet: str = ""
    known: Sequence[str] = ()
    keep: int | None = None
    block: int = GROUP
    clean: Mapping[str, Any] | None = None


type Numbered = tuple[int, Record]


@dataclass(frozen=True, slots=True)
class Part:
    """A block of the file: lines ready for COPY of the rows that need no repair, and the other records."""

    first: int
    last: int
    clean: tuple[bytes, ...]
    others: Sequence[Numbered]


class Reading:
    """A spreadsheet read to its end. A context manager, since its spool takes disk until it is closed."""

    def __init__(self, order: Order, *, tick: Tick = no_tick) -> None:
        self.spool = tempfile.TemporaryFile()  # noqa: SIM115 - closed by __exit__
        try:
            run_child(order, self.spool, tick)
            self.table: dict[str, Any] = first_line(self.spool)
            self.total = self.ending()
        except BaseException:
            self.spool.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.spool.close()

    @property
    def header(self) -> list[str]:
        return list(self.table["header"])

    def ending(self) -> int:
        """The last line says how it ended; without it the reader died on the way."""
        last = parsed(last_line(self.spool))
        raise_refusal(last)
        if "end" not in last:
            raise FileRefusedError("reader_stopped")
        return int(last["end"])

    def records(self) -> Iterator[Record]:
        """Those that came as records: all of them, unless the reader was asked to clean rows."""
        for part in self.parts():
            for _position, record in part.others:
                yield record

    def parts(self) -> Iterator[Part]:
        self.spool.seek(0)
        next(self.spool)
        head: dict[str, int] | None = None
        clean = b""
        for line in self.spool:
            found = json.loads(line)
            if isinstance(found, list):
                others = numbered(found)
                first, last = (head["first"], head["first"] + head["count"] - 1) if head else ends_of(others)
                yield Part(first, last, tuple(clean.splitlines()), others)
            elif "clean" in found:
                head, clean = found, self.spool.read(found["clean"])


def numbered(rows: Sequence[Any]) -> list[Numbered]:
    return [(position, Record(line, tuple(cells), bool(mojibake))) for position, line, mojibake, cells in rows]


def ends_of(others: Sequence[Numbered]) -> tuple[int, int]:
    return others[0][0], others[-1][0]


def run_child(order: Order, spool: IO[bytes], tick: Tick) -> None:
    command = [sys.executable, "-m", "imports.child", json.dumps(asdict(order))]
    environment = {"PATH": os.defpath, "PYTHONIOENCODING": "utf-8", "PYTHONHASHSEED": "0", **FRUGAL}
    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=spool,
            stderr=errors,
            cwd=settings.BASE_DIR,
            env=environment,
        )
        try:
            code = wait_for(child, tick)
        finally:
            child.kill()
            child.wait()
        errors.seek(0)
        check_ending(code, errors.read(64 * 1024))


def wait_for(child: "subprocess.Popen[bytes]", tick: Tick) -> int:
    give_up = time.monotonic() + WALL_SECONDS
    while True:
        try:
            return child.wait(timeout=TICK_SECONDS)
        except subprocess.TimeoutExpired as error:
            if time.monotonic() > give_up:
                raise FileRefusedError("out_of_time", limit=WALL_SECONDS) from error
            tick()


def check_ending(code: int, stderr: bytes) -> None:
    if code < 0:
        reason, limit = SIGNALS.get(signal.Signals(-code), ("reader_stopped", 0))
        raise FileRefusedError(reason, limit=limit)
    if code:
        raise FileRefusedError(cause_of(stderr), limit=MEMORY_MIB)


def cause_of(stderr: bytes) -> str:
    """The reader's own traceback may quote cells, so that it is read here and never logged."""
    starved = (b"MemoryError", b"memory allocation", b"Cannot allocate memory", b"capacity overflow")
    if any(sign in stderr for sign in starved):
        return "out_of_memory"
    return "broken_workbook" if b"PanicException" in stderr else "reader_stopped"


def first_line(spool: IO[bytes]) -> dict[str, Any]:
    spool.seek(0)
    line = parsed(spool.readline())
    raise_refusal(line)
    if "header" not in line:
        raise FileRefusedError("reader_stopped")
    return line


def last_line(spool: IO[bytes]) -> str:
    """The ending and every refusal are short, so that the tail of the spool holds them."""
    size = os.fstat(spool.fileno()).st_size
    tail = os.pread(spool.fileno(), 4096, max(0, size - 4096))
    return tail.rstrip(b"\n").rpartition(b"\n")[2].decode(errors="replace")


def parsed(text: str | bytes) -> dict[str, Any]:
    try:
        line = json.loads(text)
    except ValueError:
        return {}
    return line if isinstance(line, dict) else {}


def raise_refusal(line: dict[str, Any]) -> None:
    if "refused" in line:
        raise FileRefusedError(line["refused"], **line["params"])


def inspect(path: Path, kind: Kind, **choices: Any) -> Reading:
    """The header, a sample and the number of records."""
    reading = Reading(Order(path=str(path), kind=kind, keep=SAMPLE, **choices))
    if not reading.total:
        reading.spool.close()
        raise FileRefusedError("no_records")
    return reading
