"""What happened with one client, newest first: all tables in one statement, each read as far as a page needs."""

from collections.abc import Iterable
from functools import cache
from heapq import nlargest
from typing import Any

from clients.models import Client
from contracts.models import Contract
from core.statements import Statement
from portfolio.timeline import business, contacts, record, surveys
from portfolio.timeline.entry import PAGE, START, Cursor, Entry, Reader, Source, View, read_cursor

SOURCES: tuple[Source, ...] = (*business.SOURCES, *contacts.SOURCES, *record.SOURCES, *surveys.SOURCES)
BY_RANK = {int(source.rank): source for source in SOURCES}


@cache
def statement(view: View) -> Statement:
    """One query for the sources of a view; the server keeps its plan."""
    first, *others = [source.query() for source in SOURCES if view in (View.ALL, source.view)]
    return Statement(lambda: first.union(*others, all=True).order_by())


def timeline(
    client: Client, contracts: Iterable[Contract], *, reader: Reader, view: View = View.ALL, token: str = ""
) -> tuple[list[Entry], str]:
    """One page of entries and the token of the next ("" at the end)."""
    cursor = read_cursor(token) if token else None
    found = [BY_RANK[row["rank"]].made(row["row"], reader) for row in _rows(client, view, cursor or START)]
    placed = _placed(client, contracts, view)
    found += [entry for entry in placed if cursor is None or entry.key < (cursor.at, cursor.rank, cursor.pk)]
    page = nlargest(PAGE + 1, found, key=lambda entry: entry.key)
    if len(page) <= PAGE:
        return page, ""
    last = page[PAGE - 1]
    return page[:PAGE], Cursor(last.at, last.rank, last.pk).token


def _rows(client: Client, view: View, cursor: Cursor) -> list[dict[str, Any]]:
    edges: dict[str, Any] = {}
    for source in SOURCES:
        moment, below = cursor.edge(source.rank, is_date=source.is_date)
        edges |= {f"moment_{source.rank}": moment, f"below_{source.rank}": below}
    return statement(view).ask(client=client.pk, **edges)


def _placed(client: Client, contracts: Iterable[Contract], view: View) -> list[Entry]:
    """Contracts are few and the page has them already; so has it the day the client came."""
    found = [*business.of_contracts(contracts)] if view in (View.ALL, View.BUSINESS) else []
    return [*found, record.birth(client)] if view == View.ALL else found
