"""What Carteira brings along when nothing else is configured: secret key, PostgreSQL and broker."""

import os
import secrets
import shutil
import socket
import tempfile
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from django.core.exceptions import ImproperlyConfigured

from carteira import env
from carteira.postgres import PostgresError, PostgresServer
from carteira.sockets import claim, socket_folder

REDIS_OPTIONS = {
    # Longer than CELERY_TASK_TIME_LIMIT, so that a running task is not handed out twice.
    "visibility_timeout": 600,
    # kombu's own figures make a lost task wait up to 100 seconds more.
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    "socket_timeout": 10,
    "socket_connect_timeout": 2,
}


def private_folder(path: Path) -> Path:
    """Closed to other users; root's may be passed through, for the database server's own user."""
    if not path.exists():
        path.mkdir(parents=True, exist_ok=True)
        path.chmod(0o711 if os.geteuid() == 0 else 0o700)
    return path


# --- Secret key ---------------------------------------------------------------------------------


def local_secret(data_dir: Path, *, allowed: bool) -> str:
    """A random key kept in the data folder, for the demo, development and tests."""
    if not allowed:
        raise ImproperlyConfigured(
            "SECRET_KEY must be set in production. Make one with: "
            'python -c "import secrets; print(secrets.token_urlsafe(50))"'
        )
    path = private_folder(data_dir) / "secret.key"
    if not path.exists():
        _write_once(path, secrets.token_urlsafe(50))
    return path.read_text().strip()


def _write_once(path: Path, text: str) -> None:
    """Of several processes that start together one wins, and no reader sees half a file."""
    handle, draft = tempfile.mkstemp(dir=path.parent)
    with os.fdopen(handle, "w") as file:
        file.write(text)
    try:
        path.hardlink_to(draft)
    except FileExistsError:
        pass
    finally:
        Path(draft).unlink()


# --- PostgreSQL ---------------------------------------------------------------------------------


def postgres_url(data_dir: Path) -> str:
    """Address of the data folder's server, which is started when it is not running."""
    server = PostgresServer(data_dir)
    if not env.flag("CARTEIRA_NO_DATABASE", default=False):
        try:
            private_folder(data_dir)
            server.ensure_running()
        except PostgresError as error:
            raise ImproperlyConfigured(str(error)) from error
    return server.url()


def stop_postgres(data_dir: Path) -> bool:
    return PostgresServer(data_dir).stop()


# --- Broker -------------------------------------------------------------------------------------


def broker(data_dir: Path, redis_url: str) -> tuple[str, dict[str, Any]]:
    """Celery's address and options: REDIS_URL, else our own Redis, else files in the data folder."""
    if redis_url:
        return _celery_address(redis_url), REDIS_OPTIONS
    if shutil.which("redis-server"):
        return f"redis+socket://{quote(str(redis_socket(data_dir)))}", REDIS_OPTIONS
    return "filesystem://", _folder_broker(data_dir)


def _celery_address(redis_url: str) -> str:
    """redis-py writes unix:// where kombu writes redis+socket://."""
    parts = urlsplit(redis_url)
    return f"redis+socket://{parts.path}" if parts.scheme == "unix" else redis_url


def _folder_broker(data_dir: Path) -> dict[str, Any]:
    queue = private_folder(data_dir) / "broker"
    for name in ("messages", "control"):
        (queue / name).mkdir(parents=True, exist_ok=True)
    return {
        "data_folder_in": str(queue / "messages"),
        "data_folder_out": str(queue / "messages"),
        "control_folder": str(queue / "control"),
        # kombu's default of one second allows two tasks a second; this one thirty.
        "polling_interval": 0.05,
    }


# --- Our own Redis: started by the launcher -------------------------------------------------------


def redis_socket(data_dir: Path) -> Path:
    return socket_folder(data_dir / "redis", longest_name="redis.sock") / "redis.sock"


def redis_command(data_dir: Path) -> list[str]:
    """Keeps what is queued through a crash (AOF, at most one second lost) and never evicts a message."""
    path = redis_socket(data_dir)
    for folder in (data_dir / "redis", path.parent):
        claim(folder, owner=os.geteuid())
    return [
        *("redis-server", "--port", "0", "--unixsocket", str(path), "--unixsocketperm", "700"),
        *("--dir", str(data_dir / "redis"), "--appendonly", "yes", "--appendfsync", "everysec"),
        *("--save", "", "--maxmemory", "256mb", "--maxmemory-policy", "noeviction"),
        *("--daemonize", "no", "--logfile", str(data_dir / "redis" / "redis.log")),
    ]


def redis_answers(path: Path) -> bool:
    with socket.socket(socket.AF_UNIX) as client:
        client.settimeout(2)
        try:
            client.connect(str(path))
            client.sendall(b"PING\r\n")
            return client.recv(16).startswith((b"+PONG", b"-LOADING"))
        except OSError:
            return False
