"""A small installation in a folder of its own, whose parts a test may kill."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import psycopg

from carteira import embedded
from carteira.postgres import DISPOSABLE, PostgresError, PostgresServer

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 1
# FAULTS=20 means twenty times the jobs and kills of the short form.
SCALE = int(os.environ.get("FAULTS", "1"))

# Loses nothing when the server is killed, only when the machine is.
SURVIVES_CRASH = DISPOSABLE | {"synchronous_commit": "on"}

NEW_JOB: dict[str, object] = {
    **dict.fromkeys(("priority", "attempt", "progress_done"), 0),
    **dict.fromkeys(("dedupe_key", "worker", "error"), ""),
    **dict.fromkeys(("payload", "checkpoint", "counts"), "{}"),
    **dict.fromkeys(("due_at", "created_at"), "now"),
    "state": "queued",
    "max_attempts": 4,
}

type Process = subprocess.Popen[str]


class Installation:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server = PostgresServer(folder, tuning=SURVIVES_CRASH)
        inherited = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
        self.environment = inherited | {
            "CARTEIRA_DATA": str(folder),
            "CARTEIRA_DEMO": "1",
            "DJANGO_SETTINGS_MODULE": "carteira.settings",
            "JOB_LEASE_SECONDS": str(LEASE_SECONDS),
            "LOG_LEVEL": "ERROR",
        }
        self.log = (folder / "processes.log").open("a")
        self.processes: list[Process] = []
        self.workers: list[int] = []
        self.nursery: Process | None = None

    def open(self) -> None:
        self.server.ensure_running()
        migrate = (sys.executable, "manage.py", "migrate", "jobs", "--verbosity=0", "--skip-checks")
        subprocess.run(migrate, cwd=ROOT, env=self.environment, check=True)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.nursery = self._start(sys.executable, "-m", "tests.faults.nursery", **pipes)
        assert self._answer() == "ready"

    def close(self) -> None:
        self.end_processes()
        if self.nursery:
            kill(self.nursery)
        crash(self.server)
        self.log.close()

    # --- Processes ----------------------------------------------------------------------------------

    def _start(self, *command: str, **options: Any) -> Process:
        options = {"stdout": self.log, "stderr": self.log} | options
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, text=True, start_new_session=True, **options)

    def send(self, command: str) -> None:
        assert self.nursery
        assert self.nursery.stdin
        self.nursery.stdin.write(f"{command}\n")
        self.nursery.stdin.flush()

    def _answer(self) -> Any:
        assert self.nursery
        assert self.nursery.stdout
        return json.loads(self.nursery.stdout.readline())

    def ask(self, *commands: str) -> list[Any]:
        """Each command in a process of its own, all at once."""
        for command in commands:
            self.send(command)
        return [self._answer() for _ in commands]

    def worker(self) -> int:
        [pid] = self.ask("work")
        self.workers.append(pid)
        return int(pid)

    def enqueue(self, jobs: int, *, points: int, pause_ms: int) -> float:
        """How many seconds it took."""
        [seconds] = self.ask(f"enqueue {jobs} {points} {pause_ms}")
        return float(seconds)

    def celery(self) -> None:
        command = (sys.executable, "-m", "celery", "--quiet", "-A", "carteira", "worker", "--pool", "solo")
        self.processes.append(self._start(*command, "-l", "ERROR", "--without-gossip", "--without-mingle"))

    def redis(self) -> Process:
        redis = self._start(*embedded.redis_command(self.folder))
        self.processes.append(redis)
        wait_for(lambda: embedded.redis_answers(embedded.redis_socket(self.folder)), "Redis answers")
        return redis

    def end_processes(self) -> None:
        for pid in self.workers:
            kill_worker(pid)
        for process in self.processes:
            kill(process)
        self.workers.clear()
        self.processes.clear()

    # --- What the database says -----------------------------------------------------------------------

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.server.url(), autocommit=True) as connection:
            cursor = connection.execute(query, parameters)
            return cursor.fetchall() if cursor.description else []

    def insert(self, **fields: object) -> None:
        columns = NEW_JOB | fields
        marks = ", ".join(["%s"] * len(columns))
        self.rows(f"INSERT INTO jobs_job ({', '.join(columns)}) VALUES ({marks})", *columns.values())  # noqa: S608

    def effects(self) -> set[int]:
        return {row[0] for row in self.rows("SELECT id FROM jobs_jobstep")}

    def unfinished(self) -> int:
        query = "SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'running', 'failed')"
        return int(self.rows(query)[0][0])

    def running_on(self, worker: int, *, job: int | None = None) -> bool:
        query = "SELECT 1 FROM jobs_job WHERE state = 'running' AND worker LIKE %s AND id = coalesce(%s, id)"
        return bool(self.rows(query, f"%:{worker}", job))

    def faults(self) -> list[tuple[Any, ...]]:
        """Jobs that are not done, or whose effects or counts are not exactly those they were asked for."""
        return self.rows(
            "SELECT j.id, j.state, j.attempt, j.error, j.counts, count(s.id) FROM jobs_job j"
            " LEFT JOIN jobs_jobstep s ON s.job_id = j.id WHERE j.kind = 'selfcheck' GROUP BY j.id"
            " HAVING j.state <> 'done' OR count(s.id) <> (j.payload->>'points')::int"
            " OR (j.counts->>'points')::int <> (j.payload->>'points')::int"
        )

    def forget_jobs(self) -> None:
        self.rows("TRUNCATE jobs_jobstep, jobs_job")


def crash(server: PostgresServer) -> None:
    """As if it had been killed; nothing to do when it does not run."""
    with suppress(PostgresError):
        server._pg_ctl("stop", "-m", "immediate", seconds=30)


def kill(process: Process) -> None:
    process.kill()
    process.wait()
    for pipe in (process.stdin, process.stdout):
        if pipe:
            pipe.close()


def kill_worker(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition: Callable[[], object], what: str, *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds * SCALE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not within {seconds} s: {what}")
        time.sleep(0.03)
