"""What a row of the list says of contacts: twelve weeks of them, how the last one went, and the one next action. Asked
for where shown."""

import datetime
from collections.abc import Collection
from functools import cache
from types import SimpleNamespace
from typing import Any, Final, NamedTuple

from django.utils import timezone

from clients.models import Client
from contacts.models import ContactSettings, LogChannel
from core.markup import escaped
from core.statements import Later, Statement
from portfolio import contact_rule, pending
from portfolio.next_action import Interval, NextAction, interval_of, next_action, read_jobs, read_members

CONTACT, ACTION, RHYTHM = "contact", "action", "rhythm"
# The last mark of the régua says whether the next action is due.
PLANNED: Final = frozenset({ACTION, RHYTHM})


class Contacts(NamedTuple):
    """Texts are escaped. Of `action` and `late` one is empty: what is late is written in red."""

    result: str = ""
    action: str = ""
    late: str = ""
    when: str = ""
    rhythm: str = ""


NOTHING: Final = Contacts()


def contacts_of(ids: list[int], *, shown: Collection[str], now: datetime.datetime) -> dict[int, Contacts]:
    """By client: one query, whatever is shown of the three columns, and the settings."""
    wanted = frozenset(name for name in (CONTACT, ACTION, RHYTHM) if name in shown)
    if not wanted:
        return dict.fromkeys(ids, NOTHING)
    on = timezone.localdate(now)
    settings = ContactSettings.current() if wanted & PLANNED else None
    given = {"rule_since": contact_rule.since(on)} if RHYTHM in wanted else {}
    rows = {row["pk"]: row for row in _statement(wanted).ask(ids=ids, **given)}
    return {pk: _contacts(rows[pk], wanted, settings, now, on) if pk in rows else NOTHING for pk in ids}


@cache
def _statement(wanted: frozenset[str]) -> Statement:
    return Statement(lambda: _rows(wanted))


def _rows(wanted: frozenset[str]) -> Any:
    found = Client.objects.unscoped(reason="found among the visible").filter(pk__among=Later("ids"))
    names = ["pk"]
    if CONTACT in wanted:
        names += ["pulse__last_log__channel", "pulse__last_log__outcome__label"]
    if wanted & PLANNED:
        # The first open one is the only one that can come next.
        ahead = {"jobs": pending.jobs(most=1, done_at=None), "members": pending.members()}
        found = found.annotate(**ahead, put_off_until=pending.put_off())
        names += ["created_at", "deceased_on", "cycle__tier", "pulse__reached_at", "put_off_until", *ahead]
    if RHYTHM in wanted:
        found = found.annotate(spoken_at=pending.spoken())
        names.append("spoken_at")
    return found.values(*names)


def _contacts(
    row: dict[str, Any],
    wanted: frozenset[str],
    settings: ContactSettings | None,
    now: datetime.datetime,
    on: datetime.date,
) -> Contacts:
    result = _result(row) if CONTACT in wanted else ""
    if settings is None:
        return Contacts(result=result)
    client = _client(row)
    interval = interval_of(client, settings)
    action = next_action(client, interval, now=now)
    rhythm = _rhythm(row["spoken_at"], interval, action, on) if RHYTHM in wanted else ""
    told = _told(action) if action and ACTION in wanted else NOTHING
    return told._replace(result=result, rhythm=rhythm)


def _result(row: dict[str, Any]) -> str:
    channel, outcome = row["pulse__last_log__channel"], row["pulse__last_log__outcome__label"]
    return escaped(f"{LogChannel(channel).label}, {outcome.lower()}") if outcome else ""


def _client(row: dict[str, Any]) -> SimpleNamespace:
    return SimpleNamespace(
        pk=row["pk"],
        created_at=row["created_at"],
        deceased_on=row["deceased_on"],
        reached_at=row["pulse__reached_at"],
        put_off_until=row["put_off_until"],
        cycle=SimpleNamespace(tier=row["cycle__tier"] or ""),
        jobs=read_jobs(row["jobs"]),
        members=read_members(row["members"]),
    )


def _told(action: NextAction) -> Contacts:
    what, when = escaped(action.what), escaped(action.when)
    return Contacts(late=what, when=when) if action.is_late else Contacts(action=what, when=when)


def _rhythm(
    spoken_at: list[datetime.datetime], interval: Interval | None, action: NextAction | None, on: datetime.date
) -> str:
    days = [timezone.localdate(moment) for moment in spoken_at]
    is_due = action is not None and action.is_due
    return contact_rule.drawing(days, on=on, interval=interval.days if interval else 0, is_due=is_due)
