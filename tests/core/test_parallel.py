"""Reading in parts: in order, on connections of their own, with the caller's patience."""

import pytest
from django.db import connection, transaction

from clients.models import Tag
from core import parallel


def backend(_item: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        return int(cursor.fetchone()[0])


def patience(_item: int) -> str:
    with connection.cursor() as cursor:
        cursor.execute("SHOW statement_timeout")
        return str(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_results_come_in_the_order_of_the_items() -> None:
    assert list(parallel.results(lambda item: item * item, range(7))) == [0, 1, 4, 9, 16, 25, 36]
    assert list(parallel.results(lambda item: item, [])) == []


@pytest.mark.django_db(transaction=True)
def test_two_connections_read_with_the_patience_of_the_caller() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = '77s'")
    try:
        backends = set(parallel.results(backend, range(6)))
        assert set(parallel.results(patience, range(4))) == {"77s"}
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")
    assert len(backends) == 2
    assert backend(0) not in backends


@pytest.mark.django_db(transaction=True)
def test_inside_a_transaction_everything_it_wrote_is_seen() -> None:
    with transaction.atomic():
        Tag.objects.create(name="Nova", key="nova")
        assert list(parallel.results(lambda _item: Tag.objects.count(), range(3))) == [1, 1, 1]


@pytest.mark.django_db(transaction=True)
def test_error_of_a_worker_reaches_the_caller() -> None:
    with pytest.raises(ZeroDivisionError):
        list(parallel.results(lambda item: 1 // item, range(3)))
