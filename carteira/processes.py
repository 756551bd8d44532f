"""Child processes of the launcher: output prefixed, restarted when they die, ended with it."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from threading import Thread

LONGEST_PAUSE = 30.0
STEADY_AFTER = 60.0
NAME_WIDTH = 8


def say(text: str, *, source: str = "carteira") -> None:
    """One write per line, so that lines of several children do not mix."""
    sys.stdout.write(f"{source:<{NAME_WIDTH}} │ {text}\n")
    sys.stdout.flush()


class Child:
    """One program that should always run."""

    def __init__(self, name: str, command: Sequence[str], environment: Mapping[str, str] | None = None) -> None:
        self.name = name
        self.command = list(command)
        self.environment = {**os.environ, "PYTHONUNBUFFERED": "1", **(environment or {})}
        self.process: subprocess.Popen[str] | None = None
        self.failures = 0
        self._started_at = self._next_start = 0.0

    def start(self) -> None:
        self.process = subprocess.Popen(
            [*dies_with_parent(), *self.command],
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            # Ctrl-C reaches the launcher alone, which then ends the children in order.
            start_new_session=True,
        )
        self._started_at = time.monotonic()
        Thread(target=self._forward, args=(self.process,), daemon=True).start()

    def _forward(self, process: subprocess.Popen[str]) -> None:
        with process:
            for line in process.stdout or ():
                say(line.rstrip("\n"), source=self.name)

    @property
    def running(self) -> bool:
        return self.process is not None and self.process.poll() is None

    def keep_running(self) -> None:
        """Called again and again: a child that died is started after a pause that doubles each time."""
        now = time.monotonic()
        if self.running:
            if now - self._started_at > STEADY_AFTER:
                self.failures = 0
        elif self.process is not None:
            self._plan_restart(self.process.returncode, now)
        elif now >= self._next_start:
            self.start()

    def _plan_restart(self, code: int, now: float) -> None:
        pause = min(2.0**self.failures, LONGEST_PAUSE)
        self.failures += 1
        self.process = None
        self._next_start = now + pause
        say(f"{self.name} terminou (código {code}); novo início em {pause:.0f} s.")

    def signal(self, number: int, *, group: bool = False) -> None:
        if self.process is None or not self.running:
            return
        with suppress(ProcessLookupError):
            (os.killpg if group else os.kill)(self.process.pid, number)


def run_to_end(child: Child, *, interrupted: Callable[[], bool]) -> bool:
    """Run a step that ends by itself; False when it failed or was interrupted."""
    child.start()
    while child.running:
        if interrupted():
            child.signal(signal.SIGTERM, group=True)
        time.sleep(0.05)
    return child.process is not None and child.process.returncode == 0


def stop_all(children: Sequence[Child], *, patience: float) -> None:
    """Ask everyone at once, wait, then end by force what is left; job rows make that safe."""
    for child in children:
        child.signal(signal.SIGTERM)
    deadline = time.monotonic() + patience
    while any(child.running for child in children) and time.monotonic() < deadline:
        time.sleep(0.05)
    for child in children:
        child.signal(signal.SIGKILL, group=True)


def dies_with_parent() -> list[str]:
    """Even a launcher that is killed leaves nobody behind, where the system can do that (Linux)."""
    return ["setpriv", "--pdeathsig", "TERM", "--"] if shutil.which("setpriv") else []
