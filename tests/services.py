"""PostgreSQL and Redis for a test session; tests/early.py starts them.

Sessions in one checkout share the server and never a database: its name carries the number of the process.
The tables come from a template that is migrated once per state of the migrations; its dump is for the servers that
tests start for themselves.
"""

import atexit
import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path
from typing import IO

import psycopg
from psycopg import sql

from carteira import embedded
from carteira.postgres import DISPOSABLE, PostgresServer, programs
from carteira.processes import dies_with_parent

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data-test"
SESSION = "CARTEIRA_TEST_SESSION"
TEMPLATE = "CARTEIRA_TEST_TEMPLATE"
DUMP = "CARTEIRA_TEST_DUMP"
TEMPLATES_KEPT = 3

type Redis = subprocess.Popen[bytes]


def start() -> None:
    server = PostgresServer(DATA, tuning=DISPOSABLE)
    embedded.private_folder(DATA)
    share = _share_server()
    server.ensure_running()
    folder = DATA / f"session-{os.getpid()}"
    folder.mkdir(exist_ok=True)
    _remove_leftovers(server)
    template = _template(server, folder)
    os.environ |= {
        SESSION: str(os.getpid()),
        TEMPLATE: template,
        DUMP: str(_dump(template)),
        "DATABASE_URL": server.url(f"carteira_{os.getpid()}"),
        "CARTEIRA_DATA": str(folder),
    }
    redis = _start_redis(folder) if shutil.which("redis-server") else None
    atexit.register(_stop, server, share, folder, redis)


def _stop(server: PostgresServer, share: IO[str], folder: Path, redis: Redis | None) -> None:
    if redis:
        redis.terminate()
        redis.wait(timeout=10)
    shutil.rmtree(folder, ignore_errors=True)
    try:
        fcntl.flock(share, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return  # Another session still works with the server; the last one stops it.
    _remove_leftovers(server, ours_too=True)
    server.stop()


def _share_server() -> IO[str]:
    handle = (DATA / "sessions.lock").open("w")
    fcntl.flock(handle, fcntl.LOCK_SH)
    return handle


# --- Databases --------------------------------------------------------------------------------------


def _remove_leftovers(server: PostgresServer, *, ours_too: bool = False) -> None:
    """Databases and folders of sessions that were killed."""
    with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
        for (name,) in connection.execute("SELECT datname FROM pg_database").fetchall():
            found = re.fullmatch(r"(?:test_carteira|building)_(\d+)(?:_gw\d+)?", name)
            if found and not (_lives(int(found[1])) and not ours_too):
                drop = sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)")
                connection.execute(drop.format(sql.Identifier(name)))
    for folder in DATA.glob("session-*"):
        if not _lives(int(folder.name.removeprefix("session-"))):
            shutil.rmtree(folder, ignore_errors=True)


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _template(server: PostgresServer, folder: Path) -> str:
    name = f"template_{_fingerprint()}"
    with (DATA / "template.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with psycopg.connect(server.url("postgres"), autocommit=True) as connection:
            query = "SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%' ORDER BY oid DESC"
            existing = [str(row[0]) for row in connection.execute(query)]
            if name not in existing:
                _build_template(server, connection, name, folder)
                for old in existing[TEMPLATES_KEPT - 1 :]:
                    connection.execute(sql.SQL("DROP DATABASE {} WITH (FORCE)").format(sql.Identifier(old)))
                    _dump(old).unlink(missing_ok=True)
    return name


def _dump(template: str) -> Path:
    return DATA / f"{template}.dump"


def restore(server: PostgresServer) -> None:
    """Brings the template's tables into the database of another server."""
    arguments = ["--no-owner", "--exit-on-error", f"--dbname={server.url()}", os.environ[DUMP]]
    subprocess.run([programs() / "pg_restore", *arguments], check=True)


def _build_template(
    server: PostgresServer, connection: psycopg.Connection[tuple[object, ...]], name: str, folder: Path
) -> None:
    draft = f"building_{os.getpid()}"
    connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(draft)))
    environment = os.environ | {
        "DATABASE_URL": server.url(draft),
        "CARTEIRA_DATA": str(folder),
        "SECRET_KEY": "only-for-this-step",
        "DJANGO_SETTINGS_MODULE": "carteira.settings",
    }
    command = [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks"]
    if subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode:
        raise SystemExit("Os testes não começaram: manage.py migrate falhou (mensagem acima).")
    arguments = ["--format=custom", f"--file={_dump(name)}", server.url(draft)]
    subprocess.run([programs() / "pg_dump", *arguments], check=True)
    rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
    connection.execute(rename.format(sql.Identifier(draft), sql.Identifier(name)))


def _fingerprint() -> str:
    digest = hashlib.sha256((ROOT / "requirements" / "main.txt").read_bytes() + Path(__file__).read_bytes())
    for path in sorted(ROOT.glob("*/migrations/*.py")):
        digest.update(path.name.encode() + path.read_bytes())
    return digest.hexdigest()[:16]


# --- Redis ------------------------------------------------------------------------------------------


def _start_redis(folder: Path) -> Redis:
    command = [*dies_with_parent(), *embedded.redis_command(folder), "--appendonly", "no"]
    redis = subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True)
    path = embedded.redis_socket(folder)
    deadline = time.monotonic() + 10
    while not embedded.redis_answers(path) and time.monotonic() < deadline:
        time.sleep(0.02)
    os.environ["REDIS_URL"] = f"unix://{path}"
    return redis
