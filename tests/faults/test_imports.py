"""An import whose workers, broker and database are killed loses no row and doubles none."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.conftest import PREFIX
from tests.faults.installation import ROOT, SCALE, Installation, crash, kill, kill_worker, wait_for

ROWS = 8_000 * SCALE


@pytest.fixture
def company() -> Iterator[Installation]:
    """An installation with every table; not the shared one, whose jobs are truncated between tests."""
    folder = TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-")
    with folder as path, closing(Installation(Path(path))) as installation:
        installation.server.ensure_running()
        installation.environment["JOB_LEASE_SECONDS"] = "3"
        run(installation, "manage.py", "migrate", "--verbosity=0", "--skip-checks")
        installation.open()
        yield installation


def run(installation: Installation, *arguments: str) -> None:
    subprocess.run([sys.executable, *arguments], cwd=ROOT, env=installation.environment, check=True)


def written(installation: Installation) -> int:
    return int(installation.rows("SELECT count(*) FROM clients_client")[0][0])


def checked(installation: Installation) -> int:
    return int(installation.rows("SELECT count(*) FROM imports_importrow")[0][0])


def finish(installation: Installation) -> None:
    """A tick sweeps what the dead left; workers come back by themselves or anew."""
    installation.worker()
    deadline = time.monotonic() + 60 * SCALE
    while installation.unfinished():
        assert time.monotonic() < deadline
        installation.ask("tick")
        time.sleep(0.3)


def test_import_survives_killed_workers_broker_and_database(company: Installation) -> None:
    # Tonight's run is done already, so that ticks only sweep.
    company.insert(kind="nightly", local_date=time.strftime("%Y-%m-%d"), state="done", finished_at="now")
    redis = company.redis()
    run(company, "-m", "tests.faults.uploading", "check", str(ROWS))

    first = company.worker()
    wait_for(lambda: checked(company), "the first rows checked")
    kill_worker(first)
    kill(redis)
    assert checked(company) < ROWS
    finish(company)
    assert checked(company) == ROWS

    # Started with the broker gone: the row is the truth, the nudge is lost.
    run(company, "-m", "tests.faults.uploading", "run", str(ROWS))
    company.worker()
    wait_for(lambda: written(company), "the first clients")
    crash(company.server)
    time.sleep(0.3)
    company.server.ensure_running()
    assert 0 < written(company) < ROWS
    finish(company)

    assert company.rows("SELECT count(*), count(DISTINCT document) FROM clients_client") == [(ROWS, ROWS)]
    assert company.rows("SELECT count(*) FROM clients_phone") == [(ROWS,)]
    assert company.rows("SELECT count(DISTINCT record_id) FROM imports_importrow WHERE effect = 'created'") == [(ROWS,)]
    assert company.rows("SELECT state FROM imports_importbatch") == [("done",)]
