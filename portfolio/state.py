"""What the list remembers of a person between pages, in the session: never in an address, never in a log."""

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

from core.paging import Page

_SEARCH = "portfolio_search"
_TOLD = "portfolio_told"
_COLUMNS = "portfolio_columns"
_WALK = "portfolio_walk"
SEARCH_LENGTH = 80


def search_text(request: HttpRequest) -> str:
    return str(request.session.get(_SEARCH, ""))


def keep_search(request: HttpRequest, text: str, *, told: str = "") -> None:
    """`told` is what may be said of a hidden client with the searched document."""
    request.session[_SEARCH] = text
    request.session[_TOLD] = told


def told(request: HttpRequest) -> str:
    return str(request.session.get(_TOLD, ""))


def columns(request: HttpRequest) -> list[str] | None:
    """None until the person chooses."""
    chosen: list[str] | None = request.session.get(_COLUMNS)
    return chosen


def keep_columns(request: HttpRequest, chosen: list[str]) -> None:
    request.session[_COLUMNS] = chosen


@dataclass(frozen=True)
class Step:
    """Where a client stands in the page of the list one came from."""

    query: str
    portfolio_class: str
    position: int | None
    total: str
    previous: int | None
    next: int | None


def keep_walk(request: HttpRequest, page: Page, *, total: str, query: str, portfolio_class: str) -> None:
    walk = {
        "ids": page.ids,
        "first": page.first,
        "total": total,
        "query": query,
        "class": portfolio_class,
    }
    # The same page again is no reason to write the session.
    if request.session.get(_WALK) != walk:
        request.session[_WALK] = walk


def step_at(request: HttpRequest, pk: int) -> Step | None:
    walk: dict[str, Any] = request.session.get(_WALK, {})
    ids: list[int] = walk.get("ids", [])
    if pk not in ids:
        return None
    place = ids.index(pk)
    return Step(
        query=walk["query"],
        portfolio_class=walk["class"],
        position=None if walk["first"] is None else walk["first"] + place,
        total=walk["total"],
        previous=ids[place - 1] if place else None,
        next=ids[place + 1] if place + 1 < len(ids) else None,
    )
