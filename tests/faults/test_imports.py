"""An import whose workers, broker and database are killed loses no row and doubles none; a row that the base refuses
is refused alone (F2, F3, F4, F9)."""

import time
from collections.abc import Callable

import pytest

from tests.faults.installation import SCALE, Installation, Site, crash, kill_group, wait_for
from tests.faults.tally import Tally

ROWS = 8_000
POISONS = 5 * SCALE
# Both come from the database itself, as a constraint nobody thought of would.
REFUSE = """
    CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN RAISE EXCEPTION 'refused' USING ERRCODE = %s; END $$;
    CREATE TRIGGER refuse BEFORE INSERT ON clients_client FOR EACH ROW WHEN (NEW.name_key LIKE %s)
    EXECUTE FUNCTION refuse();
"""
BROKEN_CONSTRAINT, BUG = "23514", "P0001"


@pytest.fixture
def company(new_site: Callable[..., Site]) -> Site:
    site = new_site()
    site.settle_night()
    return site


def written(site: Site) -> int:
    return site.number("SELECT count(*) FROM clients_client")


def checked(site: Site) -> int:
    return site.number("SELECT count(*) FROM imports_importrow")


def finish(site: Site) -> None:
    """A tick sweeps what the dead left; workers come back by themselves or anew."""
    site.worker()
    deadline = time.monotonic() + 300
    while site.unfinished():
        assert time.monotonic() < deadline
        site.ask("tick")
        time.sleep(0.3)


@pytest.mark.fault("F2", "import: worker, broker and database killed")
def test_import_survives_killed_workers_broker_and_database(
    installation: Installation, company: Site, tally: Tally
) -> None:
    company.redis()
    company.ask("upload", "check", ROWS)

    first = company.worker()
    wait_for(lambda: checked(company), "the first rows checked")
    kill_group(first)
    company.end_redis()
    assert checked(company) < ROWS
    finish(company)
    assert checked(company) == ROWS

    # Started with the broker gone: the row is the truth, the nudge is lost.
    company.ask("upload", "run", ROWS)
    company.worker()
    wait_for(lambda: written(company), "the first clients")
    crash(installation.server)
    time.sleep(0.3)
    installation.server.ensure_running()
    assert 0 < written(company) < ROWS
    finish(company)
    tally.tried = tally.recoveries = 3

    assert company.rows("SELECT count(*), count(DISTINCT document) FROM clients_client") == [(ROWS, ROWS)]
    assert company.rows("SELECT count(*) FROM clients_phone") == [(ROWS,)]
    assert company.rows("SELECT count(DISTINCT record_id) FROM imports_importrow WHERE effect = 'created'") == [(ROWS,)]
    assert company.rows("SELECT state FROM imports_importbatch") == [("done",)]


def refuse(site: Site, pattern: str, *, code: str) -> None:
    literals = [f"'{text}'" for text in (code, pattern)]
    site.rows(REFUSE.replace("%s", "{}").format(*literals))


@pytest.mark.fault("F9", "poison row of an import")
def test_row_that_the_base_refuses_is_refused_alone_and_named(company: Site, tally: Tally) -> None:
    rows = 10 * POISONS
    company.ask("upload", "check", rows)
    finish(company)
    refuse(company, "pessoa numero %7", code=BROKEN_CONSTRAINT)

    company.ask("upload", "run", rows)
    finish(company)

    tally.tried = POISONS
    assert company.rows("SELECT state FROM imports_importbatch") == [("done",)]
    assert written(company) == rows - POISONS
    found = company.rows("SELECT line FROM imports_importrow WHERE outcome = 'rejected' AND reason = 'not_accepted'")
    assert sorted(found) == [(line,) for line in range(9, rows + 2, 10)]


@pytest.mark.fault("F9", "poison chunk of an import")
def test_import_that_always_fails_stops_with_a_reason_and_goes_on_later(company: Site, tally: Tally) -> None:
    rows = 2_500
    company.ask("upload", "check", rows)
    finish(company)
    refuse(company, f"pessoa numero {rows - 1}", code=BUG)

    company.ask("upload", "run", rows)
    company.enqueue(1, points=2, pause_ms=0)
    finish(company)

    tally.tried = 1
    ended = (
        "SELECT kind, state, attempt, error <> '' FROM jobs_job WHERE kind IN ('import_run', 'selfcheck') ORDER BY id"
    )
    assert company.rows(ended) == [("import_run", "dead", 4, True), ("selfcheck", "done", 1, False)]
    before = written(company)
    assert 0 < before < rows

    company.rows("DROP TRIGGER refuse ON clients_client")
    company.ask("upload", "run", rows)
    finish(company)
    assert written(company) == rows
    assert company.rows("SELECT state FROM imports_importbatch") == [("done",)]
