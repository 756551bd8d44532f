"""Runs beside a fault test: loads Django once and forks a real process for every line it reads.

A worker is then there in milliseconds instead of seconds, and dies like any other. Nothing here touches the
database before the fork.
"""

import json
import os
import signal
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import django
from django.conf import settings
from django.core.management import call_command
from django.db import connections

from carteira import embedded


def main() -> None:
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Children that are killed leave no zombie behind.
    django.setup()
    say("ready")
    children = []
    for line in sys.stdin:
        children.append(os.fork())
        if not children[-1]:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            os.setsid()
            do(**json.loads(line))
            os._exit(0)
    # The test session is over, perhaps killed itself: nobody stays behind.
    for pid in children:
        with suppress(ProcessLookupError):
            os.killpg(pid, signal.SIGKILL)


def do(*, database: str, folder: str, lease: int, do: str, arguments: list[Any]) -> None:
    from celery import current_app  # noqa: PLC0415  (only after django.setup)

    from imports import reading  # noqa: PLC0415

    connections["default"].settings_dict["NAME"] = database
    settings.JOB_LEASE = timedelta(seconds=lease)
    reading.TICK_SECONDS = lease / 6  # type: ignore[assignment]  # as 10 s to the lease of a minute
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    current_app.conf.broker_url, _options = embedded.broker(Path(folder), "")
    os.chdir(Path(__file__).parents[2])
    COMMANDS[do](folder, *arguments)


def say(answer: Any) -> None:
    os.write(1, f"{json.dumps(answer)}\n".encode())


def stay() -> None:
    """Goes on until it is killed; whatever it prints is no answer."""
    say(os.getpid())
    os.dup2(2, 1)


# --- What may be asked ---------------------------------------------------------------------------------


def work(_folder: str) -> None:
    stay()
    call_command("work", "--forever", "--pause", "0.1", skip_checks=True)


def celery(_folder: str, children: int) -> None:
    from carteira.celery import app  # noqa: PLC0415

    stay()
    quiet = ("--without-gossip", "--without-mingle", "-l", "ERROR")
    app.worker_main(["--quiet", "worker", "--concurrency", str(children), *quiet])


def schedule(folder: str) -> None:
    from carteira.celery import app  # noqa: PLC0415

    stay()
    app.conf.beat_schedule["tick"]["schedule"] = 1.0
    app.Beat(schedule=f"{folder}/beat", loglevel="ERROR", quiet=True, pidfile=None).run()


def web(_folder: str, path: str) -> None:
    from gunicorn.app.wsgiapp import WSGIApplication  # type: ignore[import-untyped]  # noqa: PLC0415

    stay()
    # Nobody need have collected the static files.
    settings.STORAGES["staticfiles"]["BACKEND"] = "django.contrib.staticfiles.storage.StaticFilesStorage"
    sys.argv = ["gunicorn", "carteira.wsgi:application", "--bind", f"unix:{path}", "--workers", "1"]
    WSGIApplication().run()


def login(_folder: str) -> None:
    from django.test import Client as Browser  # noqa: PLC0415

    from people.models import User  # noqa: PLC0415
    from people.roles import Role  # noqa: PLC0415

    browser = Browser()
    browser.force_login(User.objects.create_user("ada@carteira.example", name="Ada", role=Role.ADMIN))
    say({name: cookie.value for name, cookie in browser.cookies.items()})


def enqueue(_folder: str, jobs: int, points: int, pause_ms: int) -> None:
    from jobs import queue  # noqa: PLC0415
    from jobs.tasks import SELFCHECK  # noqa: PLC0415

    began = time.monotonic()
    for _ in range(jobs):
        queue.enqueue(SELFCHECK, {"points": points, "pause_ms": pause_ms})
    say(time.monotonic() - began)


def relay(_folder: str, port: int) -> None:
    """A sender of mail without Celery."""
    from jobs import outbox, smtp  # noqa: PLC0415

    stay()
    options = {"host": "127.0.0.1", "port": port, "timeout": 1}
    settings.MAILERS = {"default": {"BACKEND": "jobs.smtp.EmailBackend", "OPTIONS": options}}
    settings.OUTBOX_LEASE = timedelta(seconds=4)
    smtp.DATA_SECONDS = 1.0
    while True:
        outbox.sweep()
        outbox.relay()
        time.sleep(0.05)


def tick(_folder: str, moment: str = "") -> None:
    from jobs import workers  # noqa: PLC0415

    say(workers.tick(now=datetime.fromisoformat(moment) if moment else None))


def upload(_folder: str, step: str, rows: int) -> None:
    from tests.faults import uploading  # noqa: PLC0415

    uploading.main(step, rows)
    say("done")


def company(_folder: str, clients: int) -> None:
    from tests.faults import nights  # noqa: PLC0415

    nights.build(clients)
    say("done")


def night(_folder: str, day: str, chunk: int, kill_at: int) -> None:
    from tests.faults import nights  # noqa: PLC0415

    say(os.getpid())
    say(nights.run(date.fromisoformat(day), chunk=chunk, kill_at=kill_at))


WAYS = (work, celery, schedule, web, login, enqueue, relay, tick, upload, company, night)
COMMANDS: dict[str, Callable[..., None]] = {command.__name__: command for command in WAYS}

if __name__ == "__main__":
    main()
