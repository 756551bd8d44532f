"""Run as a process: reads files of the corpus through the limited child, judges what they hold, prints what it saw.

Starting Python costs more than reading a small file, so most children are forked from this process, which has the
reader loaded; they set the same limits and run the same code. The hostile files, and some of the others, are read by
children started as the product starts them.
"""

import json
import os
import resource
import subprocess
import sys
import time
import traceback
from collections import Counter
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any

import django

TODAY = date(2026, 11, 21)
# One in so many malformed files is read by a child that is started and not forked.
STARTED_EVERY = 50


class Forked:
    """What subprocess.Popen gives, for a child that need not load anything."""

    def __init__(self, command: list[str], *, stdout: IO[str], stderr: IO[bytes], **_rest: Any) -> None:
        self.returncode: int | None = None
        self.pid = os.fork()
        if not self.pid:
            os.dup2(stdout.fileno(), 1)
            os.dup2(stderr.fileno(), 2)
            os._exit(read_under_limits(command[-1]))

    def wait(self, timeout: float | None = None) -> int:
        give_up = time.monotonic() + (timeout or 3_600)
        while self.returncode is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.returncode = os.waitstatus_to_exitcode(status)
            elif time.monotonic() > give_up:
                raise subprocess.TimeoutExpired("reader", timeout or 0)
            else:
                time.sleep(0.001)
        return self.returncode

    def kill(self) -> None:
        if self.returncode is None:
            os.kill(self.pid, 9)


def read_under_limits(order: str) -> int:
    from imports import child  # noqa: PLC0415

    try:
        child.limit_self()
        child.main(json.loads(order))
        sys.stdout.flush()
    except BaseException:
        traceback.print_exc()
        return 1
    return 0


class Reader:
    def __init__(self, folder: Path) -> None:
        self.path = folder / "planilha"
        self.tried = 0
        self.refusals: Counter[str] = Counter()
        self.outcomes: Counter[str] = Counter()
        self.unnamed: list[str] = []

    def read(self, name: str, content: bytes) -> None:
        """A file is refused by a named rule, or each of its rows has an outcome, and a refused row its reason."""
        from imports import reading  # noqa: PLC0415
        from imports.refusals import MESSAGES, FileRefusedError  # noqa: PLC0415

        self.tried += 1
        self.path.write_bytes(content)
        try:
            with reading.inspect(self.path, "clients") as found:
                self.judge(name, found)
        except FileRefusedError as refused:
            self.refusals[refused.code] += 1
            if refused.code not in MESSAGES or refused.code == "reader_stopped" or not str(refused):
                self.unnamed.append(f"{name}: {refused.code}")

    def judge(self, name: str, found: Any) -> None:
        from imports.headings import guess, mapping_of  # noqa: PLC0415
        from imports.outcomes import ClientOutcomes  # noqa: PLC0415

        records = list(found.records())
        mapping = mapping_of(guess("clients", found.header, [list(record.cells) for record in records]))
        outcomes = ClientOutcomes(header=found.header, mapping=mapping, today=TODAY)
        for record in records:
            outcome = outcomes.judge(record)
            self.outcomes[outcome.outcome] += 1
            if outcome.outcome in {"rejected", "ignored"} and not (outcome.reason and record.line):
                self.unnamed.append(f"{name}: line {record.line}")


def main(first: int, last: int, folder: str = "") -> None:
    """Files number `first` to `last` of the malformed ones, or those of a folder."""
    from imports import reading  # noqa: PLC0415
    from tests.faults import corpus  # noqa: PLC0415

    start = subprocess.Popen
    with TemporaryDirectory() as scratch:
        reader = Reader(Path(scratch))
        for path in sorted(Path(folder).iterdir()) if folder else ():
            reader.read(path.name, path.read_bytes())
        for number in range(first, last):
            reading.subprocess.Popen = start if number % STARTED_EVERY == 0 else Forked  # type: ignore[attr-defined]
            reader.read(f"malformed {number}", corpus.malformed(number))
    told = {name: value for name, value in vars(reader).items() if name != "path"}
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    sys.stdout.write(json.dumps(told | {"peak_mib": peak // 1024}))


if __name__ == "__main__":
    django.setup()
    main(int(sys.argv[1]), int(sys.argv[2]), *sys.argv[3:])
