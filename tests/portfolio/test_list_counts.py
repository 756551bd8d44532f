"""Counts of the list that passed their cap are said again for some minutes, each person's for itself."""

import pytest

from clients.models import Client
from core.fullness import FULL
from people.models import User
from portfolio.queries import class_counts
from tests.factories import make_cast, make_client

pytestmark = pytest.mark.django_db


def prospects(user: User) -> int:
    return class_counts(Client.objects.visible_to(user))["prospect"]


def test_a_count_that_passed_the_cap_is_not_counted_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("portfolio.queries.COUNT_CAP", 1)
    cast = make_cast()
    for name in ("A", "B"):
        make_client(name, owner=cast.julia)
    assert prospects(cast.julia) == 2
    make_client("C", owner=cast.julia)
    assert prospects(cast.julia) == 2
    assert prospects(cast.sonia) == 3
    FULL.forget()
    assert prospects(cast.julia) == 3


def test_a_count_below_the_cap_is_always_exact() -> None:
    cast = make_cast()
    for expected, name in enumerate("ABC", start=1):
        make_client(name, owner=cast.julia)
        assert prospects(cast.julia) == expected
