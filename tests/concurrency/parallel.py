"""Acts that begin together, and what must hold whatever their order."""

import threading
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any

from django.db import OperationalError, connection
from django.test import Client as Browser
from psycopg.errors import LockNotAvailable

from clients.models import Client, Ownership
from people.models import User

type Act = Callable[[], Any]

PATIENCE = 20


def patiently(act: Act) -> Any:
    """The act, done again by a person whom the page of an overload (503) told so: three seconds of waiting for a lock
    are soon over where sixteen threads share a slow processor. A deadlock is another error, and fails."""
    for _ in range(PATIENCE):
        try:
            return act()
        except OperationalError as error:
            if not isinstance(error.__cause__, LockNotAvailable):
                raise
    raise AssertionError("never had its turn")


def post_patiently(browser: Browser, url: str, fields: dict[str, Any]) -> Any:
    """The answer to a form that is sent again as long as the page says that others are in the way (503)."""
    for _ in range(PATIENCE):
        answer = browser.post(url, fields)
        if answer.status_code != 503:
            return answer
    raise AssertionError("never had its turn")


def together(acts: Iterable[Act]) -> list[Any]:
    """Each act in a thread with its own connection; what they returned. Raises the first error."""
    acts = list(acts)
    start = threading.Barrier(len(acts))
    found: list[Any] = [None] * len(acts)
    errors: list[BaseException] = []

    def run(place: int, act: Act) -> None:
        try:
            start.wait(timeout=60)
            found[place] = act()
        except BaseException as error:
            errors.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return found


def browser_of(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def everyone() -> Any:
    return Client.objects.unscoped(reason="test")


def ownership_faults() -> list[str]:
    """Clients whose spells of ownership have two at once, a gap between handovers, or another owner than their own."""
    spells: dict[int, list[Ownership]] = {}
    for spell in Ownership.objects.unscoped(reason="test").order_by("client", "since", "id"):
        spells.setdefault(spell.client_id, []).append(spell)
    found = []
    for client in everyone():
        chain = spells.get(client.pk, [])
        open_ones = [spell.owner_id for spell in chain if spell.until is None]
        if open_ones != ([client.owner_id] if client.owner_id else []):
            found.append(f"{client.pk}: owner {client.owner_id}, open spells {open_ones}")
        pairs = pairwise(chain)
        found += [f"{client.pk}: overlap" for spell, heir in pairs if spell.until is None or spell.until > heir.since]
    return found


def gaps() -> list[int]:
    """Clients that were without an owner between two spells."""
    spells = Ownership.objects.unscoped(reason="test").order_by("client", "since", "id")
    found = spells.values_list("client", "since", "until")
    return [client for (client, _, until), (heir, since, _) in pairwise(found) if client == heir and until != since]
