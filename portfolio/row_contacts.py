"""What a row of the list says of contacts: how the last one went, and the one next action. Asked for where shown."""

import datetime
from collections.abc import Collection
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from clients.models import Client
from contacts.models import ContactSettings, LogChannel
from core.markup import escaped
from core.statements import Later, Statement
from portfolio import pending
from portfolio.next_action import interval_of, next_action, read_jobs, read_members

CONTACT, ACTION = "contact", "action"


class Contacts(NamedTuple):
    """Texts are escaped. Of `action` and `late` one is empty: what is late is written in red."""

    result: str = ""
    action: str = ""
    late: str = ""
    when: str = ""


NOTHING: Final = Contacts()


def contacts_of(ids: list[int], *, shown: Collection[str], now: datetime.datetime) -> dict[int, Contacts]:
    """By client: one query for each column that is shown."""
    results = {row["pk"]: _result(row) for row in RESULTS.ask(ids=ids)} if CONTACT in shown else {}
    settings = ContactSettings.current() if ACTION in shown else None
    actions = {row["pk"]: _action(row, settings, now) for row in ACTIONS.ask(ids=ids)} if settings else {}
    return {pk: actions.get(pk, NOTHING)._replace(result=results.get(pk, "")) for pk in ids}


def _clients() -> Any:
    return Client.objects.unscoped(reason="found among the visible").filter(pk__among=Later("ids"))


def _results() -> Any:
    return (
        _clients()
        .filter(pulse__isnull=False)
        .values("pk", "pulse__last_log__channel", "pulse__last_log__outcome__label")
    )


def _actions() -> Any:
    return (
        _clients()
        .annotate(
            # The first open one is the only one that can come next.
            jobs=pending.jobs(most=1, done_at=None),
            members=pending.members(),
            put_off_until=pending.put_off(),
        )
        .values(
            *("pk", "created_at", "deceased_on", "cycle__tier", "pulse__reached_at", "jobs", "members", "put_off_until")
        )
    )


RESULTS, ACTIONS = Statement(_results), Statement(_actions)


def _result(row: dict[str, Any]) -> str:
    channel, outcome = row["pulse__last_log__channel"], row["pulse__last_log__outcome__label"]
    return escaped(f"{LogChannel(channel).label}, {outcome.lower()}") if outcome else ""


def _action(row: dict[str, Any], settings: ContactSettings, now: datetime.datetime) -> Contacts:
    client = SimpleNamespace(
        pk=row["pk"],
        created_at=row["created_at"],
        deceased_on=row["deceased_on"],
        reached_at=row["pulse__reached_at"],
        put_off_until=row["put_off_until"],
        cycle=SimpleNamespace(tier=row["cycle__tier"] or ""),
        jobs=read_jobs(row["jobs"]),
        members=read_members(row["members"]),
    )
    found = next_action(client, interval_of(client, settings), now=now)
    if found is None:
        return NOTHING
    what, when = escaped(found.what), escaped(found.when)
    return Contacts(late=what, when=when) if found.is_late else Contacts(action=what, when=when)
