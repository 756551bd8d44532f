"""A small installation in a folder of its own, whose parts a test may kill.

One PostgreSQL and one nursery of processes serve many sites; a site is a company with a database and a broker of
its own.
"""

import datetime
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
from carteira.postgres import DATABASE, DISPOSABLE, PostgresError, PostgresServer
from tests.faults.visitor import Visitor
from tests.services import restore

ROOT = Path(__file__).resolve().parents[2]
LEASE_SECONDS = 1
# FAULTS=20 means twenty times the jobs and faults of the short form: the full form (make faults).
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
        self.nursery: Process | None = None
        self.sites = 0

    def open(self) -> None:
        self.server.ensure_running()
        restore(self.server)
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE}
        self.nursery = self.start(sys.executable, "-m", "tests.faults.nursery", **pipes)
        assert self.answer() == "ready"

    def close(self) -> None:
        if self.nursery:
            kill(self.nursery)
        crash(self.server)
        self.log.close()

    def site(self, *, like: str = DATABASE, lease: int = LEASE_SECONDS) -> "Site":
        """A new company; `like` is the database it begins as."""
        self.sites += 1
        site = Site(self, f"site_{self.sites}", lease=lease)
        self.administer(f"CREATE DATABASE {site.name} TEMPLATE {like}")
        return site

    def administer(self, statement: str) -> None:
        with psycopg.connect(self.server.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[call-overload]  # not a literal

    def start(self, *command: str, **options: Any) -> Process:
        options = {"stdout": self.log, "stderr": self.log} | options
        return subprocess.Popen(command, cwd=ROOT, env=self.environment, text=True, start_new_session=True, **options)

    def send(self, line: dict[str, Any]) -> None:
        assert self.nursery
        assert self.nursery.stdin
        self.nursery.stdin.write(f"{json.dumps(line)}\n")
        self.nursery.stdin.flush()

    def answer(self) -> Any:
        assert self.nursery
        assert self.nursery.stdout
        return json.loads(self.nursery.stdout.readline())


class Site:
    def __init__(self, installation: Installation, name: str, *, lease: int) -> None:
        self.installation = installation
        self.name = name
        self.lease = lease
        self.folder = installation.folder / name
        self.folder.mkdir()
        self.processes: list[int] = []
        self.redis_process: Process | None = None

    def close(self) -> None:
        for pid in self.processes:
            kill_group(pid)
        self.end_redis()
        with suppress(psycopg.Error):
            self.installation.administer(f"DROP DATABASE {self.name} WITH (FORCE)")

    # --- Processes ----------------------------------------------------------------------------------

    def send(self, command: str, *arguments: object) -> None:
        told = {"database": self.name, "folder": str(self.folder), "lease": self.lease}
        self.installation.send(told | {"do": command, "arguments": arguments})

    def ask(self, command: str, *arguments: object, times: int = 1) -> list[Any]:
        """The command in processes of its own, all at once."""
        for _ in range(times):
            self.send(command, *arguments)
        return [self.installation.answer() for _ in range(times)]

    def process(self, command: str, *arguments: object) -> int:
        """One that goes on until it is killed; leads a process group of its own."""
        [pid] = self.ask(command, *arguments)
        self.processes.append(pid)
        return int(pid)

    def worker(self) -> int:
        return self.process("work")

    def celery(self, *, children: int = 1) -> int:
        return self.process("celery", children)

    def schedule(self) -> int:
        """Ticks every second instead of every 30."""
        return self.process("schedule")

    def enqueue(self, jobs: int, *, points: int, pause_ms: int) -> float:
        """How many seconds it took."""
        [seconds] = self.ask("enqueue", jobs, points, pause_ms)
        return float(seconds)

    def redis(self) -> Process:
        path = embedded.redis_socket(self.folder)
        self.redis_process = self.installation.start(*embedded.redis_command(self.folder))
        wait_for(lambda: embedded.redis_answers(path), "Redis answers")
        return self.redis_process

    def end_redis(self) -> None:
        if self.redis_process:
            kill(self.redis_process)
            self.redis_process = None

    def web(self) -> Visitor:
        """The web server, and an admin who is logged in."""
        path = self.folder / "web.sock"
        [cookies] = self.ask("login")
        self.process("web", str(path))
        visitor = Visitor(path, cookies)
        wait_for(lambda: visitor.get("/saude/").status == 200, "the web server answers")
        return visitor

    # --- What the database says -----------------------------------------------------------------------

    def rows(self, query: str, *parameters: object) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.installation.server.url(self.name), autocommit=True) as connection:
            cursor = connection.execute(query, parameters or None)  # type: ignore[call-overload]  # not a literal
            return cursor.fetchall() if cursor.description else []

    def number(self, query: str, *parameters: object) -> int:
        return int(self.rows(query, *parameters)[0][0])

    def insert(self, **fields: object) -> None:
        columns = NEW_JOB | fields
        marks = ", ".join(["%s"] * len(columns))
        self.rows(f"INSERT INTO jobs_job ({', '.join(columns)}) VALUES ({marks})", *columns.values())  # noqa: S608

    def settle_night(self) -> None:
        """The last nights are done already, so that a tick only sweeps and wakes."""
        for days in (0, 1):
            day = datetime.datetime.now(datetime.UTC).date() - datetime.timedelta(days=days)
            self.insert(kind="nightly", local_date=day, state="done", finished_at="now")

    def effects(self) -> set[int]:
        return {row[0] for row in self.rows("SELECT id FROM jobs_jobstep")}

    def unfinished(self) -> int:
        return self.number("SELECT count(*) FROM jobs_job WHERE state IN ('queued', 'running', 'failed')")

    def running_on(self, worker: int, *, job: int | None = None) -> bool:
        query = "SELECT 1 FROM jobs_job WHERE state = 'running' AND worker LIKE %s AND id = coalesce(%s, id)"
        return bool(self.rows(query, f"%:{worker}", job))

    def lost(self) -> list[tuple[Any, ...]]:
        """Jobs that are not done, or with fewer effects than they were asked for."""
        return self.rows(
            "SELECT j.id, j.state, j.attempt, j.error, count(s.id) FROM jobs_job j"
            " LEFT JOIN jobs_jobstep s ON s.job_id = j.id WHERE j.kind = 'selfcheck' GROUP BY j.id"
            " HAVING j.state <> 'done' OR count(s.id) < (j.payload->>'points')::int"
        )

    def twice(self) -> list[tuple[Any, ...]]:
        """Jobs that counted more effects than there are rows: some happened again."""
        return self.rows(
            "SELECT j.id, j.counts, count(s.id) FROM jobs_job j LEFT JOIN jobs_jobstep s ON s.job_id = j.id"
            " WHERE j.kind = 'selfcheck' GROUP BY j.id HAVING coalesce((j.counts->>'points')::int, 0) <> count(s.id)"
        )

    def faults(self) -> list[tuple[Any, ...]]:
        return self.lost() + self.twice()


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


def kill_group(pid: int) -> None:
    """A process of the nursery, with the children it has."""
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL)


def lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def wait_for(condition: Callable[[], object], what: str, *, seconds: float = 120) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError(f"Not within {seconds} s: {what}")
        time.sleep(0.03)
