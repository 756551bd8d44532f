"""Every address, by every method, as every actor, over every record: nobody reads or changes what is not theirs.

RELIABILITY 3(d), T1, G2. Expected answers come from tests/project/routes.py and tests/project/world.py.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.urls import reverse

from people.roles import Role
from tests.project.canaries import all_bytes
from tests.project.payloads import payload
from tests.project.routes import ROUTES, Route
from tests.project.world import ABSENT, ACTORS, World

HTMX = {"HX-Request": "true"}
METHODS = ("GET", "HEAD", "POST", "DELETE")
CSRF = re.compile(rb'(name="csrfmiddlewaretoken" value|name="csrf-token" content)="[^"]*"')
WRITE = re.compile(r"^\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|WITH\b.*\b(INSERT|UPDATE|DELETE))", re.IGNORECASE | re.DOTALL)
# What every request may write: its session and the rate counters.
FREE_TABLES = re.compile(r'"?(django_session|cache_entries|usersessions_usersession)"?')


@dataclass(frozen=True)
class Cell:
    actor: str
    method: str
    label: str
    query: str = ""
    htmx: bool = False

    def __str__(self) -> str:
        return f"{self.actor} {self.method} {self.label or '-'}{self.query}{' htmx' if self.htmx else ''}"


class Writes:
    """Counts the statements that write, except those every request may make."""

    def __init__(self) -> None:
        self.seen: list[str] = []

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: dict[str, Any]) -> Any:
        if WRITE.match(sql) and not FREE_TABLES.search(sql.split("WHERE")[0]):
            self.seen.append(sql[:80])
        return execute(sql, params, many, context)


def cells(route: Route, world: World) -> Iterator[Cell]:
    labels = [*world.records[route.record], "absent"] if route.record else [""]
    for actor in ACTORS:
        for label in labels:
            for method in METHODS:
                if method == "DELETE" and label != labels[0]:
                    continue
                yield Cell(actor, method, label)
                if method == "GET" and method in route.methods:
                    yield from (Cell(actor, method, label, query) for query in route.queries if query)
                if method in route.methods and method in {"GET", "POST"}:
                    yield Cell(actor, method, label, htmx=True)


def expected(route: Route, cell: Cell, world: World) -> frozenset[int]:
    if route.public:
        return frozenset({200}) if cell.method in {"GET", "HEAD"} else frozenset({405})
    if cell.actor == "anonymous":
        return frozenset({302})
    if cell.method not in route.methods and not (cell.method == "HEAD" and "GET" in route.methods):
        return frozenset({405})
    if world.role(cell.actor) not in route.roles:
        return frozenset({403})
    if route.record and cell.label not in world.sees(cell.actor, route.record):
        return frozenset({404})
    return route.shown if cell.method in {"GET", "HEAD"} else route.answers


def ask(name: str, route: Route, cell: Cell, world: World) -> tuple[HttpResponseBase, bytes, list[str]]:
    """The response, all its bytes and what it wrote; then everything is put back."""
    kwargs = dict(route.fixed)
    if route.record:
        kwargs[route.key] = world.records[route.record].get(cell.label, ABSENT)
    data = payload(name, world, cell.actor) if cell.method == "POST" else {}
    browser, writes = world.browsers[cell.actor], Writes()
    with transaction.atomic():
        with connection.execute_wrapper(writes):
            send = getattr(browser, cell.method.lower())
            headers = HTMX if cell.htmx else {}
            response: HttpResponseBase = send(reverse(name, kwargs=kwargs) + cell.query, data or None, headers=headers)
            content = all_bytes(response)
        transaction.set_rollback(True)
    return response, content, writes.seen


def faults(name: str, route: Route, cell: Cell, world: World) -> Iterator[str]:
    response, content, writes = ask(name, route, cell, world)
    allowed = expected(route, cell, world)
    if response.status_code not in allowed:
        yield f"{cell}: {response.status_code}, not {sorted(allowed)}"
    if allowed <= {302, 403, 404, 405} and cell.actor not in {"ada"} and writes:
        yield f"{cell}: refused, yet wrote {writes}"
    for canary in world.canaries.found_in(content):
        if not world.may_read(cell.actor, canary.label, canary.field):
            yield f"{cell}: LEAK of {canary.field} of {canary.label}"


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_walk(name: str, world: World) -> None:
    route = ROUTES[name]

    assert [fault for cell in cells(route, world) for fault in faults(name, route, cell, world)] == []


@pytest.mark.parametrize("name", sorted(name for name, route in ROUTES.items() if route.record))
def test_hidden_record_answers_like_an_absent_one(name: str, world: World) -> None:
    route = ROUTES[name]
    for actor in ACTORS:
        if world.role(actor) not in route.roles:
            continue
        hidden = set(world.records[route.record]) - world.sees(actor, route.record)
        for method in route.methods:
            answers = {label: ask(name, route, Cell(actor, method, label), world) for label in [*hidden, "absent"]}
            shapes = {label: (answer.status_code, CSRF.sub(b"", content)) for label, (answer, content, _) in answers.items()}
            assert {label for label, shape in shapes.items() if shape != shapes["absent"]} == set(), (actor, method)


def test_walk_is_as_large_as_promised(world: World) -> None:
    assert sum(1 for route in ROUTES.values() for _cell in cells(route, world)) >= 5_000


def test_every_kind_of_record_is_hidden_from_somebody_who_may_use_the_address(world: World) -> None:
    """Else the walk of that kind proves nothing."""
    kinds = {route.record for route in ROUTES.values() if route.record and route.roles != frozenset({Role.ADMIN})}
    seen_by_all = {
        kind
        for kind in kinds
        if all(set(world.records[kind]) <= world.sees(actor, kind) for actor in ("sonia", "mauro", "norma"))
    }

    assert seen_by_all == set()
