"""Runs beside a fault test: loads Django once and forks a real process for every command line it reads.

A worker is then there in milliseconds instead of seconds, and dies like any other. Nothing here touches the
database before the fork.
"""

import json
import os
import signal
import sys
import time
from contextlib import suppress
from typing import Any

import django


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Children that are killed leave no zombie behind.
    django.setup()
    say("ready")
    children = []
    for line in sys.stdin:
        children.append(os.fork())
        if not children[-1]:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            do(*line.split())
            os._exit(0)
    # The test session is over, perhaps killed itself: nobody stays behind.
    for pid in children:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def do(command: str, *numbers: str) -> None:
    from django.core.management import call_command  # noqa: PLC0415  (only after django.setup)

    from jobs import queue, workers  # noqa: PLC0415
    from jobs.tasks import SELFCHECK  # noqa: PLC0415

    began = time.monotonic()
    if command == "work":
        say(os.getpid())
        call_command("work", "--forever", "--pause", "0.1", skip_checks=True)
    elif command == "enqueue":
        jobs, points, pause = map(int, numbers)
        for _ in range(jobs):
            queue.enqueue(SELFCHECK, {"points": points, "pause_ms": pause})
        say(time.monotonic() - began)
    elif command == "tick":
        say(workers.tick())


def say(answer: Any) -> None:
    os.write(1, f"{json.dumps(answer)}\n".encode())


if __name__ == "__main__":
    main()
