"""The web server as `make run` starts it, on a free port and the current database, and the processor time it takes."""

import http.client
import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import IO, Any, Self
from urllib.parse import quote

from django.conf import settings
from django.db import connection

from carteira.bench.figures import BenchError
from carteira.processes import dies_with_parent

HOST = "127.0.0.1"
START_SECONDS, STOP_SECONDS = 60, 20
TICKS_PER_MS = os.sysconf("SC_CLK_TCK") / 1000
PAGE_BYTES = os.sysconf("SC_PAGE_SIZE")


class Server:
    """gunicorn with the project's own configuration. Answers nobody but this machine, over plain http."""

    def __init__(self) -> None:
        self.port = free_port()
        self.log: IO[bytes] = tempfile.TemporaryFile()  # noqa: SIM115 - closed when the server is stopped
        self.process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self._run_to_end("carteira.preparation")
        command = [sys.executable, "-m", "gunicorn", "carteira.wsgi:application", "--bind", f"{HOST}:{self.port}"]
        self.process = subprocess.Popen(
            [*dies_with_parent(), *command],
            cwd=settings.BASE_DIR,
            env=os.environ | environment(),
            stdin=subprocess.DEVNULL,
            stdout=self.log,
            stderr=self.log,
            start_new_session=True,
        )
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    def _run_to_end(self, module: str, *arguments: str) -> None:
        """In a process of its own: static files are collected for the settings of the server, not for ours."""
        command = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(
            command,
            cwd=settings.BASE_DIR,
            env=os.environ | environment(),
            stdout=self.log,
            stderr=self.log,
            check=False,
        )
        if done.returncode:
            raise BenchError(f"A preparação falhou: {self._said()}")

    def _wait(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not answers(self.port):
            if self.pid is None or time.monotonic() > deadline:
                raise BenchError(f"O servidor web não respondeu: {self._said()}")
            time.sleep(0.1)

    def _said(self) -> str:
        self.log.seek(0)
        return self.log.read()[-1000:].decode(errors="replace").strip() or "sem mensagem"

    def stop(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.log.close()

    @property
    def pid(self) -> int | None:
        return self.process.pid if self.process and self.process.poll() is None else None

    def pids(self) -> list[int]:
        """The server and its workers."""
        if self.pid is None:
            return []
        children = Path(f"/proc/{self.pid}/task/{self.pid}/children").read_text().split()
        return [self.pid, *map(int, children)]

    def cpu_ms(self) -> float:
        return sum(map(cpu_ms_of, self.pids()))

    def memory_bytes(self) -> int:
        return sum(int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE_BYTES for pid in self.pids())


def environment() -> dict[str, str]:
    """The settings of this process, with what https and a second factor would only add."""
    return {
        "DJANGO_SETTINGS_MODULE": "carteira.settings",
        "DATABASE_URL": database_url(connection.settings_dict),
        "CARTEIRA_DATA": str(settings.DATA_DIR),
        "SECRET_KEY": settings.SECRET_KEY,
        "ALLOWED_HOSTS": HOST,
        "CARTEIRA_HTTPS": "0",
        "SECOND_FACTOR_REQUIRED": "0",
        "DEBUG": "0",
    }


def database_url(values: Mapping[str, Any]) -> str:
    """The address of a connection's settings: also those of a test are open to another process."""
    host, port = str(values["HOST"]), str(values["PORT"])
    login = quote(str(values["USER"]), safe="") + (
        f":{quote(str(values['PASSWORD']), safe='')}" if values["PASSWORD"] else ""
    )
    # A folder of sockets cannot stand before the path.
    place = f":{port}" if host.startswith("/") else f"{host}:{port}"
    folder = f"?host={quote(host)}" if host.startswith("/") else ""
    return f"postgresql://{login}@{place.rstrip(':')}/{quote(str(values['NAME']))}{folder}"


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind((HOST, 0))
        return int(probe.getsockname()[1])


def answers(port: int) -> bool:
    link = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        link.request("GET", "/saude/")
        return link.getresponse().status == http.HTTPStatus.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        link.close()


def cpu_ms_of(pid: int) -> float:
    """User and system time of a process with all its threads; 0 when it is gone."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_MS


def database_cpu_ms() -> dict[int, float]:
    """Of each of the database's processes for this base, where they run on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pid FROM pg_stat_activity WHERE datname = current_database()")
        return {pid: cpu_ms_of(pid) for (pid,) in cursor.fetchall()}
