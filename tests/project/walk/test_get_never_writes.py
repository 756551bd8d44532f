"""Reading changes nothing: GET and HEAD of every address, and writing refused (RELIABILITY T10)."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.apps import apps
from django.db import connection
from django.http import HttpResponseBase
from django.urls import reverse

from tests.project.canaries import all_bytes
from tests.project.routes import ROUTES
from tests.project.statements import written
from tests.project.world import World

READERS = ("julia", "sonia", "ada")


class WriteRefusedError(AssertionError):
    pass


def refuse_writes(execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
    if text := written(sql, context):
        raise WriteRefusedError(text)
    return execute(sql, params, many, context)


def addresses(name: str, world: World, actor: str) -> Iterator[str]:
    route = ROUTES[name]
    seen = sorted(world.sees(actor, route.record)) if route.record else [""]
    for label in seen[:2]:
        key = {route.key: world.records[route.record][label]} if route.record else {}
        yield from (reverse(name, kwargs={**route.fixed, **key}) + query for query in route.queries)


def answered(response: HttpResponseBase) -> int:
    """Reads it to the end: a stream may query while it is sent, and closes its file after that."""
    all_bytes(response)
    return response.status_code


def row_counts() -> dict[str, int]:
    tables = {model._meta.db_table for model in apps.get_models(include_auto_created=True)} - {"django_session"}
    # One question for all; the names are those of our own tables.
    counts = (f"SELECT '{table}', count(*) FROM \"{table}\"" for table in sorted(tables))  # noqa: S608
    with connection.cursor() as cursor:
        cursor.execute(" UNION ALL ".join(counts))
        return dict(cursor.fetchall())


READ = sorted(name for name, route in ROUTES.items() if "GET" in route.methods)


@pytest.mark.parametrize("name", READ)
def test_reading_writes_nothing(name: str, world: World) -> None:
    browsers = [world.browsers[actor] for actor in READERS]
    before = row_counts()
    with connection.execute_wrapper(refuse_writes):
        codes = {
            answered(send(address))
            for actor, browser in zip(READERS, browsers, strict=True)
            for address in addresses(name, world, actor)
            for send in (browser.get, browser.head)
        }

    assert codes <= ROUTES[name].shown | {403}
    assert row_counts() == before


def test_wrapper_refuses_a_write(world: World) -> None:
    with pytest.raises(WriteRefusedError), connection.execute_wrapper(refuse_writes):
        world.people["julia"].save()
