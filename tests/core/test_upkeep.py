"""Tidying: what is not known to be visible is vacuumed, small and held tables are left."""

import time
from typing import Any

import pytest
from django.db import connection, transaction

from clients.models import Tag
from core import upkeep

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("tags")]


def is_tidy() -> bool:
    """Whether every page of the tags is known to be visible, as seen by a plan that reads an index alone."""
    with connection.cursor() as cursor:
        cursor.execute("SET enable_seqscan = off")
        cursor.execute("EXPLAIN (ANALYZE, FORMAT JSON, TIMING off, COSTS off) SELECT id FROM clients_tag WHERE id > 0")
        [plan] = cursor.fetchone()[0]
        cursor.execute("RESET enable_seqscan")
    read: dict[str, Any] = plan["Plan"]
    assert read["Node Type"] == "Index Only Scan"
    return bool(read["Heap Fetches"] == 0)


def settle() -> None:
    """What was written so far is on disk and in the statistics, and nobody reads an older state any more.

    Until a commit is on disk its rows count as perhaps unseen, and counts are told every second only. The server knows
    of 32 transactions in a row only whether all of them are on disk: others begin the next 32.
    """
    with connection.cursor() as cursor:
        for _ in range(32):
            cursor.execute("SELECT pg_current_xact_id()")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL synchronous_commit = on")
        # Only who wrote something waits for the disk.
        cursor.execute("SELECT pg_logical_emit_message(true, 'tests', ''), pg_stat_force_next_flush()")
    for _ in range(200):
        if not _is_read_elsewhere():
            return
        time.sleep(0.05)
    raise AssertionError("somebody reads and reads")


def _is_read_elsewhere() -> bool:
    """Whether another session of this database holds a snapshot: what it does not see yet counts as perhaps unseen."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()"
            " AND pid <> pg_backend_pid() AND coalesce(backend_xmin, backend_xid) IS NOT NULL)"
        )
        return bool(cursor.fetchone()[0])


@pytest.fixture
def tags() -> None:
    """Some pages of tags whose statistics are known, none of them known to be visible."""
    Tag.objects.bulk_create(Tag(name=f"Etiqueta {number}", key=f"etiqueta {number}") for number in range(500))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE clients_tag")
    settle()


def test_written_pages_are_known_to_be_visible_afterwards() -> None:
    assert not is_tidy()
    assert upkeep.tidy_tables(small=1)["tidied"] >= 1
    assert is_tidy()
    Tag.objects.filter(key__endswith="7").update(name="Sete")
    settle()
    assert not is_tidy()
    assert upkeep.tidy_tables(small=1)["tidied"] >= 1
    assert is_tidy()


def test_small_tables_are_left() -> None:
    assert upkeep.tidy_tables()["tidied"] == 0
    assert not is_tidy()


def test_a_table_somebody_holds_is_left_until_it_is_free() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE clients_tag")
        assert upkeep.tidy_tables(small=1)["tidied"] >= 1
    assert not is_tidy()
    settle()
    assert upkeep.tidy_tables(small=1)["tidied"] >= 1
    assert is_tidy()
