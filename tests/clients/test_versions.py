"""Parallel edits of one client: nobody's text is lost in silence."""

import threading

import pytest
from django.db import connection

from clients import registration
from clients.models import Client
from clients.registration import Profile
from clients.versions import StaleRecordError
from people.models import User
from tests.factories import make_client, make_user

WRITERS = 4
EDITS = 5


@pytest.mark.django_db(transaction=True)
def test_parallel_writers_lose_no_edit() -> None:
    user = make_user("Júlia Prado")
    client = make_client("Ana Lima", owner=user)
    start = threading.Barrier(WRITERS)
    failures: list[BaseException] = []

    def write(number: int) -> None:
        try:
            start.wait(timeout=30)
            for edit in range(EDITS):
                _save_until_accepted(client.pk, user, f"[{number}.{edit}]")
        except BaseException as error:
            failures.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=write, args=(number,)) for number in range(WRITERS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    saved = Client.objects.unscoped(reason="test").get(pk=client.pk)
    assert failures == []
    assert saved.version == 1 + WRITERS * EDITS
    assert all(f"[{number}.{edit}]" in saved.notes for number in range(WRITERS) for edit in range(EDITS))


def _save_until_accepted(pk: int, user: User, mark: str) -> None:
    """Reads, adds the mark to the notes, saves; on a conflict starts again from what the other wrote."""
    for _ in range(200):
        present = Client.objects.unscoped(reason="test").get(pk=pk)
        profile = Profile(name=present.name, notes=f"{present.notes}{mark}")
        try:
            registration.update(present, profile, version=present.version, by=user)
        except StaleRecordError:
            continue
        return
    raise AssertionError("never accepted")
