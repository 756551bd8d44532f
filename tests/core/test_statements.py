"""Queries that are written once: their plans, what stands round them, and ids on their way to the server."""

from typing import Any

import pytest
from django.db import connection

from core.statements import Later, Replanned, Statement
from people.models import User
from portfolio.agenda_due import MEMBERSHIPS
from portfolio.agenda_facts import CLIENTS
from tests.factories import Cast

pytestmark = pytest.mark.django_db


def people() -> Any:
    return User.objects.filter(pk__among=Later("ids")).order_by("pk").values("pk")


def kept_plans() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%%people_user%%'")
        return int(cursor.fetchone()[0])


def test_server_keeps_the_plan_of_a_small_question_and_not_of_a_large_one(cast: Cast) -> None:
    ids = sorted([cast.julia.pk, cast.caio.pk])
    before = kept_plans()
    large = Statement(people, cursor=Replanned)
    assert [large.ask(ids=ids) for _ in range(7)] == [[{"pk": pk} for pk in ids]] * 7
    assert kept_plans() == before
    assert Statement(people).ask(ids=ids) == [{"pk": pk} for pk in ids]
    assert kept_plans() == before + 1


@pytest.mark.parametrize("question", [CLIENTS, MEMBERSHIPS])
def test_questions_about_all_clients_of_many_people_are_planned_for_their_values(question: Statement) -> None:
    assert question._cursor is Replanned


def test_what_stands_round_a_query_adds_columns(cast: Cast) -> None:
    ids = [cast.julia.pk]
    within = "SELECT known.*, pk * %(times)s AS more FROM ({query} OFFSET 0) AS known"
    assert Statement(people, within=within).ask(ids=ids, times=2) == [{"pk": ids[0], "more": 2 * ids[0]}]


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        ("bigint[]", [3, 1, -7, 2**40]),
        ("bigint[]", []),
        ("bigint[]", [1, None, 3]),
        ("int[]", [[1, 2], [3, 4]]),
        ("boolean[]", [True, False]),
        ("text[]", ["a,b", 'c"d', "{e}", "null", ""]),
        ("float8[]", [1.5, 2.0]),
    ],
)
def test_lists_arrive_as_they_left(kind: str, values: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT %s::{kind}", [values])
        assert cursor.fetchone()[0] == values
