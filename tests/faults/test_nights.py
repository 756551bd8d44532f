"""A night whose process is killed at the border of a chunk leaves, in the end, the tables of a quiet one (F6)."""

from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.installation import SCALE, Installation, Site, lives, wait_for
from tests.faults.nights import DAY
from tests.faults.tally import Tally

CHUNK = 12
CLIENTS = 24 if SCALE == 1 else 360
KILLS = 2 * SCALE
# Rows of other nights' work, and what differs between two runs by nature: each base has a salt of its own.
TABLES = (
    "SELECT table_name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'"
    " AND table_name <> ALL (ARRAY['django_migrations', 'jobs_job', 'jobs_jobstep',"
    " 'contacts_keptsalt', 'contacts_keptoptout']) ORDER BY 1"
)
VOLATILE = (
    "SELECT column_name FROM information_schema.columns WHERE table_schema = 'public' AND table_name = %s"
    " AND (column_name = 'id' OR data_type = 'timestamp with time zone')"
)
HASH = (
    "SELECT md5(coalesce(string_agg(line, '' ORDER BY line), ''))"
    " FROM (SELECT (to_jsonb(t) - %s::text[])::text line FROM {} t) s"
)
STEPS = "SELECT name, state, error FROM jobs_jobstep ORDER BY position"


def tables(site: Site) -> dict[str, Any]:
    """The hash of every table, and how the night's steps ended."""
    found: dict[str, Any] = {}
    for (table,) in site.rows(TABLES):
        volatile = [row[0] for row in site.rows(VOLATILE, table)]
        found[table] = site.rows(HASH.format(table), volatile)
    return found | {"steps": site.rows(STEPS), "job": site.rows("SELECT state, error FROM jobs_job")}


def night(site: Site, *, kill_at: int = 0) -> int:
    """How many chunks it committed; a killed one tells nothing."""
    site.send("night", DAY.isoformat(), CHUNK, kill_at)
    pid = site.installation.answer()
    if not kill_at:
        return int(site.installation.answer())
    wait_for(lambda: not lives(pid), "the night is killed")
    site.rows("UPDATE jobs_job SET lease_until = now() - interval '1 second'")
    return 0


def borders(chunks: int) -> list[int]:
    """All of them, or so many spread evenly; never the last, after which nothing is left to do."""
    inner = range(1, chunks)
    return [inner[place * len(inner) // KILLS] for place in range(KILLS)] if len(inner) > KILLS else list(inner)


@pytest.mark.fault("F6", "night killed at a border of chunks")
def test_killed_night_leaves_the_tables_of_a_quiet_one(
    installation: Installation, new_site: Callable[..., Site], tally: Tally
) -> None:
    company = new_site()
    company.ask("company", CLIENTS)
    quiet = new_site(like=company.name)
    before = tables(quiet)
    chunks = night(quiet)
    expected = tables(quiet)
    assert expected["job"] == [("done", "")]
    assert before["clients_client"] != expected["clients_client"]
    for border in borders(chunks):
        site = new_site(like=company.name)
        night(site, kill_at=border)
        assert site.rows("SELECT state FROM jobs_job") == [("running",)]
        tally.tried += 1
        night(site)
        tally.recoveries += 1
        found = tables(site)
        tally.count(lost=[(border, name) for name in expected if found[name] != expected[name]])
        site.close()
