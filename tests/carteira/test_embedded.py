import json
import os
import shutil
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured
from kombu import Connection
from redis import Redis

from carteira import embedded, env, postgres, sockets
from carteira.postgres import DISPOSABLE, PostgresError, PostgresServer

# --- Secret key ---------------------------------------------------------------------------------


def test_local_secret_is_random_private_and_kept(tmp_path: Path) -> None:
    first = embedded.local_secret(tmp_path / "a", allowed=True)
    assert len(first) >= 50
    assert embedded.local_secret(tmp_path / "a", allowed=True) == first
    assert embedded.local_secret(tmp_path / "b", allowed=True) != first
    assert stat.S_IMODE((tmp_path / "a" / "secret.key").stat().st_mode) == 0o600


def test_local_secret_is_one_for_all_who_start_together(tmp_path: Path) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = set(pool.map(lambda _: embedded.local_secret(tmp_path, allowed=True), range(16)))
    assert len(found) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secret.key"]


def test_local_secret_refused_in_production(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECRET_KEY must be set in production"):
        embedded.local_secret(tmp_path, allowed=False)


# --- Environment --------------------------------------------------------------------------------


def test_environment_readers_name_the_wrong_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("X", " sim ")
    assert env.flag("X", default=False) is True
    monkeypatch.setenv("X", "não")
    assert env.flag("X", default=True) is False
    monkeypatch.setenv("X", "talvez")
    with pytest.raises(ImproperlyConfigured, match="X must be 1 or 0"):
        env.flag("X", default=True)
    with pytest.raises(ImproperlyConfigured, match="X must be a whole number"):
        env.integer("X", default=1)
    monkeypatch.setenv("X", "a, b,,")
    assert env.listing("X") == ["a", "b"]
    monkeypatch.setenv("X", str(tmp_path))
    assert env.folder("X", default=Path()) == tmp_path
    monkeypatch.setenv("X", "")
    assert env.listing("X", default=("c",)) == ["c"]
    assert env.integer("X", default=7) == 7


# --- Sockets ------------------------------------------------------------------------------------


def test_socket_folder_is_short_for_long_paths() -> None:
    near, far = Path("/srv/carteira"), Path("/srv") / ("x" * 120)
    assert sockets.socket_folder(near, longest_name="redis.sock") == near
    short = sockets.socket_folder(far, longest_name="redis.sock")
    assert len(str(short)) < 40
    assert short == sockets.socket_folder(far, longest_name="redis.sock")
    assert short != sockets.socket_folder(far / "y", longest_name="redis.sock")


def test_claim_refuses_a_folder_others_can_write(tmp_path: Path) -> None:
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o777)
    with pytest.raises(PermissionError, match="pertence a outro usuário"):
        sockets.claim(folder, owner=os.geteuid())


# --- PostgreSQL ---------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgresServer]:
    # A path beyond the limit for sockets, with a space: the hardest case for pg_ctl.
    data = tmp_path_factory.mktemp("pg") / ("pasta com espaço " + "x" * 90)
    server = PostgresServer(data, tuning=DISPOSABLE | {"synchronous_commit": "on"})
    server.ensure_running()
    yield server
    server.stop()
    shutil.rmtree(server.socket_dir, ignore_errors=True)


def answer(server: PostgresServer, query: str) -> object:
    with psycopg.connect(server.url()) as connection:
        row = connection.execute(query.encode()).fetchone()
    return row[0] if row else None


def test_postgres_is_version_18_with_our_tuning(server: PostgresServer) -> None:
    assert str(answer(server, "SHOW server_version")).startswith("18.")
    assert answer(server, "SHOW max_connections") == "200"
    assert answer(server, "SHOW jit") == "off"
    assert answer(server, "SHOW listen_addresses") == ""
    assert answer(server, "SELECT current_database()") == "carteira"
    assert answer(server, "SELECT 'ÇÃO' ILIKE 'ção'") is True


def test_buffers_are_a_quarter_of_the_memory_within_bounds(tmp_path: Path) -> None:
    limit = tmp_path / "memory.max"
    for allowed, expected in (("max", None), (str(1024 * 2**20), "256MB"), (str(100 * 2**20), "128MB")):
        limit.write_text(f"{allowed}\n")
        found = postgres.buffers(limit)
        assert found == (expected or postgres.buffers(tmp_path / "none"))
    assert 128 <= int(postgres.buffers().removesuffix("MB")) <= 4096


def test_postgres_that_runs_is_found_within_100_ms(server: PostgresServer) -> None:
    began = time.perf_counter()
    server.ensure_running()
    assert time.perf_counter() - began < 0.1


def test_postgres_keeps_committed_rows_when_it_is_killed(server: PostgresServer) -> None:
    with psycopg.connect(server.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 1 AS one")
    pid = int((server.folder / "postmaster.pid").read_text().split()[0])
    os.kill(pid, 9)
    while server._accepts():
        time.sleep(0.01)
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda _: server.ensure_running(), range(4)))
    assert answer(server, "SELECT one FROM kept") == 1


def test_postgres_starts_although_a_stranger_has_its_old_number(server: PostgresServer) -> None:
    pid_file = server.folder / "postmaster.pid"
    text = pid_file.read_text()
    assert server.stop() is True
    assert server.stop() is False
    pid_file.write_text(f"{os.getpid()}{text[text.index(chr(10)) :]}")
    pid_file.chmod(0o666)
    (server.socket_dir / ".s.PGSQL.5432.lock").write_text("")
    assert not server.is_ready()
    server.ensure_running()
    assert answer(server, "SELECT 1") == 1


def test_postgres_of_another_version_is_refused(tmp_path: Path) -> None:
    (tmp_path / postgres.FOLDER).mkdir()
    (tmp_path / postgres.FOLDER / "PG_VERSION").write_text("17\n")
    with pytest.raises(PostgresError, match=r"são do PostgreSQL 17, mas está instalado o 18"):
        PostgresServer(tmp_path).ensure_running()
    with pytest.raises(ImproperlyConfigured, match="PostgreSQL 17"):
        embedded.postgres_url(tmp_path)


def test_postgres_that_cannot_start_shows_its_own_words(tmp_path: Path) -> None:
    server = PostgresServer(tmp_path, tuning=DISPOSABLE)
    server.ensure_running()
    server.stop()
    with (server.folder / "postgresql.conf").open("a") as file:
        file.write("\nno_such_setting = 1\n")
    with pytest.raises(PostgresError, match="no_such_setting"):
        server.ensure_running()


def test_postgres_url_needs_no_server_when_told_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CARTEIRA_NO_DATABASE", "1")
    absent = Path("/srv/absent")
    assert embedded.postgres_url(absent) == "postgresql://postgres@:5432/carteira?host=/srv/absent/pg-carteira"
    assert embedded.stop_postgres(absent) is False
    assert not absent.exists()


def test_postgres_url_starts_the_server_from_a_command(server: PostgresServer) -> None:
    server.stop()
    code = "import sys, pathlib, carteira.embedded as e; print(e.postgres_url(pathlib.Path(sys.argv[1])))"
    environment = {name: value for name, value in os.environ.items() if name != "CARTEIRA_NO_DATABASE"}
    command = [sys.executable, "-c", code, str(server.data_dir)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == server.url()
    assert server.is_ready()


def test_commands_bring_the_tables_of_a_new_data_folder(server: PostgresServer) -> None:
    root = Path(__file__).parents[2]
    keep = {name: value for name, value in os.environ.items() if name not in {"CARTEIRA_NO_DATABASE", "DATABASE_URL"}}
    environment = keep | {"CARTEIRA_DATA": str(server.data_dir)}
    cases = root / "tests" / "data" / "classification-cases.csv"
    command = [sys.executable, "manage.py", "classify", "--cases", str(cases), "--json"]
    done = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    assert len(json.loads(done.stdout)["cases"]) == 18
    again = subprocess.run(command, cwd=root, env=environment, capture_output=True, text=True, check=True)
    assert again.stdout == done.stdout
    assert again.stderr == ""


# --- Broker -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "used"),
    [
        ("redis://cache:6379/1", "redis://cache:6379/1"),
        ("unix:///run/redis.sock", "redis+socket:///run/redis.sock"),
    ],
)
def test_broker_takes_the_configured_redis(given: str, used: str, tmp_path: Path) -> None:
    address, options = embedded.broker(tmp_path, given)
    assert address == used
    assert options["visibility_timeout"] == 600
    assert list(tmp_path.iterdir()) == []


def test_broker_is_our_own_redis_where_it_is_installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: "/usr/bin/redis-server")
    assert embedded.broker(tmp_path, "")[0] == f"redis+socket://{embedded.redis_socket(tmp_path)}"


def test_broker_without_redis_keeps_messages_in_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda _: None)
    address, options = embedded.broker(tmp_path, "")
    assert (address, options["polling_interval"]) == ("filesystem://", 0.05)
    with Connection(address, transport_options=options) as connection:
        queue = connection.SimpleQueue("nudges")
        queue.put({"job": 1})
        message = queue.get(timeout=5)
        message.ack()
        queue.close()
    assert message.payload == {"job": 1}


def test_redis_command_gives_a_durable_server_that_evicts_nothing(tmp_path: Path) -> None:
    path = embedded.redis_socket(tmp_path)
    assert not embedded.redis_answers(path)
    process = subprocess.Popen(embedded.redis_command(tmp_path))
    try:
        while not embedded.redis_answers(path):
            time.sleep(0.02)
        with Redis(unix_socket_path=str(path)) as client:
            settings = {**client.config_get("append*"), **client.config_get("maxmemory-policy")}
            port = client.config_get("port")["port"]
    finally:
        process.terminate()
        process.wait(10)
    assert (settings["appendonly"], settings["appendfsync"]) == ("yes", "everysec")
    assert settings["maxmemory-policy"] == "noeviction"
    assert port == "0"


def test_redis_answers_is_false_for_a_silent_socket(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s"))
        assert not embedded.redis_answers(tmp_path / "s")
