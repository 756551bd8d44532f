"""`make run`: database, broker, web, worker and schedule of one data folder, under one parent.

Plain Python: Django is loaded only by the children.
"""

import fcntl
import http.client
import json
import os
import shutil
import signal
import socket
import sys
import time
from pathlib import Path
from threading import Event
from typing import IO

from carteira import embedded, env
from carteira.postgres import PostgresError, PostgresServer
from carteira.preparation import read_logins
from carteira.processes import Child, run_to_end, say, stop_all

ROOT = Path(__file__).resolve().parent.parent
PORTS_TO_TRY = 50
READY_SECONDS = 120
STOP_SECONDS = 20.0
WORKER_STATEMENT_TIMEOUT_MS = "120000"


class Launcher:
    def __init__(self, data_dir: Path, host: str, port: int) -> None:
        self.data_dir = data_dir
        self.host = host
        self.port = port
        self.address = f"http://{'localhost' if host in {'127.0.0.1', '0.0.0.0'} else host}:{port}"  # noqa: S104
        self.stopping = Event()
        self.began = time.monotonic()
        self.postgres = None if env.text("DATABASE_URL") else PostgresServer(data_dir)
        self.postgres_is_ours = False
        self.redis = self._redis()
        self.children = self._application()

    # --- What runs ------------------------------------------------------------------------------

    def _redis(self) -> Child | None:
        if env.text("REDIS_URL") or not shutil.which("redis-server"):
            return None
        return Child("redis", embedded.redis_command(self.data_dir))

    def _application(self) -> list[Child]:
        python = [sys.executable, "-m"]
        beat_file = str(self.data_dir / "celerybeat-schedule")
        celery = [*python, "celery", "--quiet", "-A", "carteira"]
        quiet = ["--without-gossip", "--without-mingle"]
        bind = ["--bind", f"{self.host}:{self.port}"]
        concurrency = env.text("WORKER_CONCURRENCY", "2")
        site = {"SITE_URL": self._site_url()}
        return [
            Child("web", [*python, "gunicorn", "carteira.wsgi:application", *bind], site),
            Child(
                "worker",
                [*celery, "worker", "--concurrency", concurrency, "-l", "INFO", *quiet],
                {**site, "STATEMENT_TIMEOUT_MS": WORKER_STATEMENT_TIMEOUT_MS},
            ),
            Child("schedule", [*celery, "beat", "-l", "WARNING", "--schedule", beat_file, "--pidfile="]),
        ]

    def _site_url(self) -> str:
        return env.text("SITE_URL", self.address)

    # --- From start to stop ---------------------------------------------------------------------

    def run(self) -> int:
        try:
            self._start_services()
            if not self._prepare():
                return 0 if self.stopping.is_set() else 1
            # The page first: worker and schedule would only compete for the processor until it answers.
            self._announce(self.children[:1])
            while not self.stopping.wait(0.5):
                self._keep_running(self.children)
        except PostgresError as error:
            say(str(error))
            return 1
        finally:
            self._stop()
        return 0

    def _start_services(self) -> None:
        if self.postgres:
            self.postgres_is_ours = not self.postgres.is_ready()
            self.postgres.ensure_running()
        self._keep_redis()
        if not self.redis and not env.text("REDIS_URL"):
            say("Sem redis-server: as tarefas usam uma fila em arquivos, que serve para uma máquina só.")

    def _prepare(self) -> bool:
        step = Child("preparo", [sys.executable, "-m", "carteira.preparation"])
        step.environment.setdefault("DJANGO_SETTINGS_MODULE", "carteira.settings")
        done = run_to_end(step, interrupted=self.stopping.is_set)
        if not done and not self.stopping.is_set():
            say("A preparação falhou; veja as mensagens acima.")
        return done

    def _keep_running(self, children: list[Child]) -> None:
        self._keep_postgres()
        self._keep_redis()
        for child in children:
            child.keep_running()

    def _keep_postgres(self) -> None:
        if self.postgres is None or self.postgres.is_ready():
            return
        say("O banco de dados parou; iniciando de novo.")
        self.postgres_is_ours = True
        try:
            self.postgres.ensure_running()
        except PostgresError as error:
            say(str(error))  # A full disk, for example: tried again until it works or somebody stops us.
            self.stopping.wait(5)

    def _keep_redis(self) -> None:
        """A Redis left by somebody else is used, never doubled: two on one file would destroy it."""
        if not self.redis:
            return
        if self.redis.process is not None or not embedded.redis_answers(embedded.redis_socket(self.data_dir)):
            self.redis.keep_running()

    def _stop(self) -> None:
        say("Encerrando …")
        stop_all(self.children, patience=STOP_SECONDS)
        if self.redis:
            stop_all([self.redis], patience=STOP_SECONDS)
        if self.postgres and self.postgres_is_ours:
            self.postgres.stop()
        say("Encerrado.")

    # --- Telling that it is ready -----------------------------------------------------------------

    def _announce(self, web: list[Child]) -> None:
        deadline = time.monotonic() + READY_SECONDS
        while not self.stopping.wait(0.1):
            self._keep_running(web)
            if self._web_answers():
                return self._print_ready()
            if time.monotonic() > deadline:
                return say(f"Sem resposta da página depois de {READY_SECONDS} s; veja as mensagens acima.")
        return None

    def _web_answers(self) -> bool:
        """Any answer of the application will do: a deployment may redirect or refuse this plain request."""
        host = "127.0.0.1" if self.host == "0.0.0.0" else self.host  # noqa: S104
        connection = http.client.HTTPConnection(host, self.port, timeout=5)
        try:
            connection.request("GET", "/saude/")
            return connection.getresponse().status < http.HTTPStatus.INTERNAL_SERVER_ERROR
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _print_ready(self) -> None:
        say("")
        say(f"Carteira está pronta em {self._site_url()}  ({time.monotonic() - self.began:.0f} s)")
        if env.flag("CARTEIRA_DEMO", default=False):
            for line in login_lines(read_logins(self.data_dir)):
                say(line)
        say("Ctrl-C encerra.")
        say("")


def login_lines(logins: list[dict[str, str]]) -> list[str]:
    headings = {"role": "Papel", "name": "Nome", "email": "E-mail", "password": "Senha"}
    rows = [[row[column] for column in headings] for row in (headings, *logins)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    padded = [[cell.ljust(width) for cell, width in zip(row, widths, strict=True)] for row in rows]
    return ["  ".join(row).rstrip() for row in padded]


def free_port(host: str, wanted: int) -> int | None:
    for port in range(wanted, wanted + PORTS_TO_TRY):
        with socket.socket() as candidate:
            candidate.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                candidate.bind((host, port))
            except OSError:
                continue
            return port
    return None


def only_one(data_dir: Path) -> IO[str] | None:
    """The open file is the proof; the system takes it back however this process ends."""
    handle = (data_dir / "launcher.lock").open("a+")
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        handle.close()
        return None
    return handle


def running_address(data_dir: Path) -> str:
    try:
        return str(json.loads((data_dir / "launcher.json").read_text())["address"])
    except (OSError, ValueError, KeyError):
        return "outra janela"


def main() -> int:
    os.chdir(ROOT)
    data_dir = embedded.private_folder(env.folder("CARTEIRA_DATA", default=ROOT / "data"))
    lock = only_one(data_dir)
    if lock is None:
        say(f"Carteira já está rodando em {running_address(data_dir)} (pasta de dados {data_dir}).")
        return 1
    with lock:
        return launch(data_dir)


def launch(data_dir: Path) -> int:
    host, wanted = env.text("HOST", "127.0.0.1"), env.integer("PORT", default=8000)
    port = free_port(host, wanted)
    if port is None:
        say(f"Nenhuma porta livre entre {wanted} e {wanted + PORTS_TO_TRY - 1}; escolha outra com PORT.")
        return 1
    if port != wanted:
        say(f"A porta {wanted} está ocupada; usando {port}.")
    launcher = Launcher(data_dir, host, port)
    (data_dir / "launcher.json").write_text(json.dumps({"address": launcher.address, "pid": os.getpid()}))
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda *_: launcher.stopping.set())
    return launcher.run()


if __name__ == "__main__":
    sys.exit(main())
