"""Tidying: what is not known to be visible is vacuumed, small and held tables are left."""

import pytest
from django.db import connection, transaction

from clients.models import Tag
from core import upkeep


def seen_pages() -> tuple[int, int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relallvisible, relpages FROM pg_class WHERE relname = 'clients_tag'")
        seen, pages = cursor.fetchone()
        return seen, pages


@pytest.fixture
def tags() -> None:
    """Some pages of tags whose statistics are known, none of them known to be visible."""
    with transaction.atomic(), connection.cursor() as cursor:
        # Until its commit is on disk a row counts as perhaps unseen; the tests' database need not write at once.
        cursor.execute("SET LOCAL synchronous_commit = on")
        Tag.objects.bulk_create(Tag(name=f"Etiqueta {number}", key=f"etiqueta {number}") for number in range(500))
        cursor.execute("ANALYZE clients_tag")


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("tags")
def test_written_pages_are_known_to_be_visible_afterwards() -> None:
    seen, pages = seen_pages()
    assert seen < pages
    assert upkeep.tidy_tables(small=1)["tidied"] >= 1
    seen, pages = seen_pages()
    assert seen == pages > 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("tags")
def test_a_second_run_finds_the_table_tidy() -> None:
    upkeep.tidy_tables(small=1)
    before = seen_pages()
    upkeep.tidy_tables(small=1)
    assert seen_pages() == before
    assert upkeep.tidy_tables()["tidied"] == 0


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("tags")
def test_a_table_somebody_holds_is_left() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE clients_tag")
        upkeep.tidy_tables(small=1)
    seen, pages = seen_pages()
    assert seen < pages
