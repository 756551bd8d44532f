"""Clients, sales and contracts around one day, for the tests of the classification."""

import datetime
from typing import Any

from clients.models import Client
from contracts.classification import refresh
from contracts.models import Contract
from tests.factories import make_contract

# Ahead of every clock: the rows are known as of the day they are classified for.
TODAY = datetime.date(2090, 6, 30)


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


def ahead(days: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=days)


def classified(client: Client, *, on: datetime.date = TODAY) -> tuple[str, str]:
    refresh([client.pk], on=on)
    client.refresh_from_db()
    return client.portfolio_class, client.class_reason


def deal(client: Client, start: int, end: int | None, **fields: Any) -> Contract:
    """A contract by days from today, registered on its start."""
    begun = ahead(start)
    created = datetime.datetime(begun.year, begun.month, begun.day, 12, tzinfo=datetime.UTC)
    fields.setdefault("created_at", created)
    return make_contract(client, begun, None if end is None else ahead(end), **fields)
