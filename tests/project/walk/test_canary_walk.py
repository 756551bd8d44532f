"""Every address, method, actor and record: nobody reads or changes what is not theirs.

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
from tests.project.statements import written
from tests.project.world import ABSENT, ACTORS, World

HTMX = {"HX-Request": "true"}
# Plans and scripts are the company's: whoever may open their pages may open each of them.
OF_THE_COMPANY = {"plan", "plan_step", "script", "block"}
MOST_SEEN, MOST_HIDDEN = 1, 1
# Methods that an address does not know are refused before the person is looked at: these actors stand for all.
MEDDLERS = {"anonymous", "ada"}
# A fragment is a part of its page, which everybody asks for, and so is a tab: these actors stand for all.
HASTY = {"julia", "norma", "ada"}
# Fresh in every answer: tokens of forms, and the session that an admin's visit notes once a minute.
FRESH = re.compile(
    rb'(name="csrfmiddlewaretoken" value|name="csrf-token" content)="[^"]*"|^Set-Cookie: sessionid=.*$', re.MULTILINE
)


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
        if text := written(sql, context):
            self.seen.append(text)
        return execute(sql, params, many, context)


def cells(name: str, route: Route, world: World) -> Iterator[Cell]:
    for actor in ACTORS:
        may_use = world.role(actor) in route.roles
        seen, hidden = labels(name, route, actor, world)
        for label in [*seen, *hidden] if may_use else hidden[:1]:
            yield from (Cell(actor, method, label) for method in route.methods)
        for label in seen if may_use else []:
            yield from (Cell(actor, method, label, htmx=True) for method in route.methods if actor in HASTY)
            yield from (Cell(actor, "GET", label, query) for query in route.queries if query and actor in HASTY)
        unknown = [method for method in ("HEAD", "GET", "POST", "DELETE") if method not in route.methods]
        yield from (Cell(actor, method, hidden[-1]) for method in unknown if actor in MEDDLERS)


def labels(name: str, route: Route, actor: str, world: World) -> tuple[list[str], list[str]]:
    """Records to ask for: of the visible and the hidden ones a few, others for each address; and an absent one."""
    if not route.record:
        return [""], [""]
    sees = world.sees(actor, route.record)
    visible, hidden = sorted(sees), sorted(set(world.records[route.record]) - sees)
    return _some(visible, name, MOST_SEEN), [*_some(hidden, name, MOST_HIDDEN), "absent"]


def _some(found: list[str], name: str, most: int) -> list[str]:
    turn = len(name) % max(len(found), 1)
    return (found[turn:] + found[:turn])[:most]


def expected(route: Route, cell: Cell, world: World) -> frozenset[int]:
    granted = route.shown if cell.method in {"GET", "HEAD"} else route.answers
    is_known = cell.method in route.methods or (cell.method == "HEAD" and "GET" in route.methods)
    if cell.actor == "anonymous" and not route.public:
        return frozenset({302})
    if not is_known:
        return frozenset({405})
    if route.public:
        return granted
    if world.role(cell.actor) not in route.roles:
        return frozenset({403})
    if route.record and cell.label not in world.sees(cell.actor, route.record):
        return frozenset({404})
    return granted


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


@dataclass(frozen=True)
class Told:
    """What came of one cell."""

    cell: Cell
    status: int
    content: bytes
    writes: list[str]

    def faults(self, route: Route, world: World) -> Iterator[str]:
        allowed = expected(route, self.cell, world)
        if self.status not in allowed:
            yield f"{self.cell}: {self.status}, not {sorted(allowed)}"
        if self.status in {302, 403, 404, 405} and allowed & {302, 403, 404, 405} == allowed and self.writes:
            yield f"{self.cell}: refused, yet wrote {self.writes}"
        for canary in world.canaries.found_in(self.content):
            if not world.may_read(self.cell.actor, canary.label, canary.field):
                yield f"{self.cell}: LEAK of {canary.field} of {canary.label}"


def hidden_unlike_absent(told: list[Told]) -> Iterator[str]:
    """A record one may not see answers like one that is not there, byte by byte."""
    absent = {
        (one.cell.actor, one.cell.method): FRESH.sub(b"", one.content) for one in told if one.cell.label == "absent"
    }
    for one in told:
        if one.status == 404 and FRESH.sub(b"", one.content) != absent[one.cell.actor, one.cell.method]:
            yield f"{one.cell}: unlike an absent record"


@pytest.mark.parametrize("name", sorted(ROUTES))
def test_walk(name: str, world: World) -> None:
    route = ROUTES[name]
    told = []
    for cell in cells(name, route, world):
        response, content, writes = ask(name, route, cell, world)
        told.append(Told(cell, response.status_code, content, writes))

    assert [fault for one in told for fault in one.faults(route, world)] == []
    assert not route.record or list(hidden_unlike_absent(told)) == []


def test_walk_is_as_large_as_promised(world: World) -> None:
    assert sum(1 for name, route in ROUTES.items() for _cell in cells(name, route, world)) >= 5_000


def test_search_is_not_blind(world: World) -> None:
    """What the owner's own pages show is found, or the walk would praise an empty search."""
    cells = [Cell("julia", "GET", "júlia's", query) for query in ROUTES["portfolio:client_detail"].queries]
    contents = [ask("portfolio:client_detail", ROUTES["portfolio:client_detail"], cell, world)[1] for cell in cells]
    found = {canary.field for content in contents for canary in world.canaries.found_in(content)}

    shown = {
        "name",
        "phone",
        "e-mail",
        "city",
        "street",
        "contact person",
        "contract number",
        "purchase amount",
    }
    assert shown - found == set()


def test_every_kind_of_record_is_hidden_from_somebody_who_may_use_the_address(world: World) -> None:
    """Else the walk of that kind proves nothing."""
    kinds = {route.record for route in ROUTES.values() if route.record and route.roles != frozenset({Role.ADMIN})}
    seen_by_all = {
        kind
        for kind in kinds
        if all(set(world.records[kind]) <= world.sees(actor, kind) for actor in ("sonia", "mauro", "norma"))
    }

    assert seen_by_all == OF_THE_COMPANY
