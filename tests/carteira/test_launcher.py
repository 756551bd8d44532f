import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from threading import Thread

import pytest

from carteira import launcher, preparation, processes
from carteira.launcher import Launcher
from carteira.processes import Child

SLEEPER = [sys.executable, "-c", "import time; print('acordado', flush=True); time.sleep(600)"]


def wait_until(condition: object, seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if callable(condition) and condition():
            return True
        time.sleep(0.02)
    return False


# --- Children -----------------------------------------------------------------------------------


def test_child_output_is_prefixed_with_its_name(capsys: pytest.CaptureFixture[str]) -> None:
    child = Child("web", [sys.executable, "-c", "print('olá')"])
    assert processes.run_to_end(child, interrupted=lambda: False)
    assert wait_until(lambda: "web      │ olá\n" in capsys.readouterr().out)


def test_child_that_dies_is_started_again_after_a_growing_pause(capsys: pytest.CaptureFixture[str]) -> None:
    child = Child("worker", [sys.executable, "-c", "raise SystemExit(3)"])
    pauses = []
    for _ in range(3):
        child.start()
        assert child.process is not None
        child.process.wait()
        child.keep_running()
        pauses.append(capsys.readouterr().out.split("em ")[-1].strip())
        child.keep_running()
        assert child.process is None
    assert pauses == ["1 s.", "2 s.", "4 s."]


def test_child_is_started_when_the_pause_is_over(monkeypatch: pytest.MonkeyPatch) -> None:
    child = Child("worker", SLEEPER)
    child.keep_running()
    assert child.running
    child.signal(signal.SIGKILL)
    assert wait_until(lambda: not child.running)
    child.keep_running()
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now + 2)
    child.keep_running()
    assert child.running
    monkeypatch.setattr(time, "monotonic", lambda: now + 100)
    child.keep_running()
    assert child.failures == 0
    monkeypatch.undo()
    processes.stop_all([child], patience=5)
    assert not child.running


def test_stop_all_ends_a_child_that_does_not_listen() -> None:
    ignore = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    deaf = f"{ignore}; print(1, flush=True); time.sleep(600)"
    child = Child("surdo", [sys.executable, "-c", deaf])
    child.start()
    time.sleep(0.5)
    processes.stop_all([child, Child("nunca", SLEEPER)], patience=0.2)
    assert wait_until(lambda: not child.running)


def test_run_to_end_stops_when_interrupted() -> None:
    assert not processes.run_to_end(Child("preparo", SLEEPER), interrupted=lambda: True)


def test_child_signal_to_one_that_never_started_does_nothing() -> None:
    Child("web", SLEEPER).signal(signal.SIGTERM)


# --- One launcher per data folder, one port -------------------------------------------------------


def test_only_one_launcher_per_data_folder(tmp_path: Path) -> None:
    first = launcher.only_one(tmp_path)
    assert first is not None
    assert launcher.only_one(tmp_path) is None
    first.close()
    again = launcher.only_one(tmp_path)
    assert again is not None
    again.close()


def test_second_start_says_where_the_first_one_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CARTEIRA_DATA", str(tmp_path))
    (tmp_path / "launcher.json").write_text(json.dumps({"address": "http://localhost:8007"}))
    with launcher.only_one(tmp_path) or pytest.fail("not locked"):
        assert launcher.main() == 1
    assert "Carteira já está rodando em http://localhost:8007" in capsys.readouterr().out


def test_running_address_without_a_note(tmp_path: Path) -> None:
    assert launcher.running_address(tmp_path) == "outra janela"


def test_port_in_use_is_passed_over() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        found = launcher.free_port("127.0.0.1", port)
    assert found is not None
    assert found > port


def test_no_free_port_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CARTEIRA_DATA", str(tmp_path))
    monkeypatch.setattr(launcher, "free_port", lambda *_: None)
    assert launcher.main() == 1
    assert "Nenhuma porta livre entre 8000 e 8049" in capsys.readouterr().out


# --- What is announced ----------------------------------------------------------------------------


LOGIN = {"role": "Vendedora", "name": "Ana", "email": "ana@exemplo.com.br", "password": "segredo"}


def test_login_lines_are_a_table() -> None:
    assert launcher.login_lines([LOGIN]) == [
        "Papel      Nome  E-mail              Senha",
        "Vendedora  Ana   ana@exemplo.com.br  segredo",
    ]


class Health(http.server.BaseHTTPRequestHandler):
    status = 200

    def do_GET(self) -> None:
        self.send_response(self.status if self.path == "/saude/" else 500)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Silent."""


@pytest.fixture
def web() -> Iterator[int]:
    with http.server.HTTPServer(("127.0.0.1", 0), Health) as server:
        thread = Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


@pytest.mark.parametrize(("status", "up"), [(200, True), (301, True), (400, True), (503, False)])
def test_web_is_up_when_the_application_answers(
    web: int, tmp_path: Path, status: int, up: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Health, "status", status)
    assert Launcher(tmp_path, "127.0.0.1", web)._web_answers() is up


def test_web_is_not_up_without_an_answer(tmp_path: Path) -> None:
    port = launcher.free_port("127.0.0.1", 20_000)
    assert port is not None
    assert not Launcher(tmp_path, "0.0.0.0", port)._web_answers()  # noqa: S104


# --- Start to stop ----------------------------------------------------------------------------------


@pytest.fixture
def whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Launcher:
    """The real launcher on its own PostgreSQL and Redis, with light programs instead of the application."""
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("REDIS_URL", raising=False)
    monkeypatch.setenv("CARTEIRA_DEMO", "1")
    monkeypatch.setattr(Launcher, "_prepare", lambda _: True)
    port = launcher.free_port("127.0.0.1", 21_000)
    assert port is not None
    serve = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1"]
    children = [Child("web", serve), Child("worker", SLEEPER)]
    monkeypatch.setattr(Launcher, "_application", lambda _: children)
    (tmp_path / "demo_logins.json").write_text(json.dumps([LOGIN]))
    return Launcher(tmp_path, "127.0.0.1", port)


def test_launcher_keeps_everything_running_and_stops_it(whole: Launcher, capsys: pytest.CaptureFixture[str]) -> None:
    thread = Thread(target=whole.run)
    thread.start()
    worker, postgres, redis = whole.children[1], whole.postgres, whole.redis
    assert postgres is not None
    assert redis is not None
    try:
        assert wait_until(lambda: worker.running, 60)
        worker.signal(signal.SIGKILL)
        redis.signal(signal.SIGKILL)
        os.kill(int((postgres.folder / "postmaster.pid").read_text().split()[0]), signal.SIGKILL)
        assert wait_until(lambda: worker.failures == 1, 60)
        assert wait_until(lambda: worker.running and redis.running and postgres.is_ready(), 60)
    finally:
        whole.stopping.set()
        thread.join(60)
    said = capsys.readouterr().out
    assert f"Carteira está pronta em http://localhost:{whole.port}" in said
    assert "ana@exemplo.com.br" in said
    assert "O banco de dados parou; iniciando de novo." in said
    assert not any(child.running for child in [*whole.children, redis])
    assert not postgres.is_ready()


def test_launcher_ends_with_an_error_when_the_database_cannot_start(
    whole: Launcher, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = whole.data_dir / "pg-carteira"
    folder.mkdir()
    (folder / "PG_VERSION").write_text("17")
    assert whole.run() == 1
    assert "PostgreSQL 17" in capsys.readouterr().out


def test_launcher_ends_with_an_error_when_the_preparation_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("SECRET_KEY", "")
    monkeypatch.setenv("DEBUG", "talvez")
    port = launcher.free_port("127.0.0.1", 22_000)
    assert port is not None
    assert Launcher(tmp_path, "127.0.0.1", port).run() == 1
    assert wait_until(lambda: "A preparação falhou" in capsys.readouterr().out)


def test_launcher_commands_name_the_port_and_the_limits(tmp_path: Path) -> None:
    web, worker, schedule = Launcher(tmp_path, "127.0.0.1", 8001).children
    assert "127.0.0.1:8001" in web.command
    assert web.environment["SITE_URL"] == os.environ.get("SITE_URL", "http://localhost:8001")
    assert worker.environment["STATEMENT_TIMEOUT_MS"] == "120000"
    assert str(tmp_path / "celerybeat-schedule") in schedule.command


# --- Preparation ------------------------------------------------------------------------------------


def test_translations_are_compiled_once(tmp_path: Path) -> None:
    folder = tmp_path / "en" / "LC_MESSAGES"
    folder.mkdir(parents=True)
    (folder / "django.po").write_text('msgid ""\nmsgstr ""\n\nmsgid "Cliente"\nmsgstr "Client"\n')
    assert preparation.compile_translations([tmp_path]) == 1
    assert b"Client" in (folder / "django.mo").read_bytes()
    assert preparation.compile_translations([tmp_path]) == 0


def test_fingerprint_changes_with_any_file(tmp_path: Path) -> None:
    (tmp_path / "a.css").write_text("a{}")
    first = preparation.fingerprint([tmp_path])
    assert preparation.fingerprint([tmp_path]) == first
    (tmp_path / "a.css").write_text("b{}")
    assert preparation.fingerprint([tmp_path]) != first


def test_static_files_are_collected_only_when_they_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, root = tmp_path / "source", tmp_path / "root"
    source.mkdir()
    root.mkdir()
    calls: list[str] = []
    monkeypatch.setattr(preparation, "call_command", lambda name, **_: calls.append(name))
    assert preparation.collect_static(root, [source])
    assert not preparation.collect_static(root, [source])
    (source / "a.js").write_text("1")
    assert preparation.collect_static(root, [source])
    assert calls == ["collectstatic", "collectstatic"]


@pytest.mark.django_db
def test_demo_is_loaded_when_there_is_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(preparation, "call_command", calls.append)
    assert preparation.load_demo(tmp_path)
    assert calls == ["demo"]


@pytest.mark.django_db
def test_migrate_has_nothing_to_do_on_a_current_database(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[str] = []
    monkeypatch.setattr(preparation, "call_command", lambda name, **_: calls.append(name))
    preparation.migrate()
    assert not calls


def test_preparation_explains_a_wrong_setting() -> None:
    environment = os.environ | {"DJANGO_SETTINGS_MODULE": "carteira.settings", "DEBUG": "talvez"}
    command = [sys.executable, "-m", "carteira.preparation"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("DEBUG must be 1 or 0")
    assert "Traceback" not in done.stderr
