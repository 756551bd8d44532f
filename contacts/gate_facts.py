"""What the gate needs to know, read in a fixed number of queries for any number of clients, and asked for one."""

import datetime
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from typing import Any, Final, NamedTuple

from django.db import connection
from django.utils import timezone

from brazil.phones import parse_phone
from brazil.postal import zone_of_uf
from clients.models import Client, Phone, Purpose
from contacts.gate import EMAIL, WEEK, Facts, Listed, Number, Verdict, Wish, verdict
from contacts.hours import Hours, Rules
from contacts.kept import kept_document
from contacts.models import Consequence, ContactHours, ContactSettings, LocalHoliday, LogChannel, PlanMembership, Task
from contracts.models import Contract
from contracts.validity import in_force_on
from core.statements import Later, Statement

LOOK_AHEAD: Final = datetime.timedelta(days=400)
REFUSALS: Final = {
    Consequence.REFUSED.value: "refused_at",
    Consequence.REFUSED_FOR_GOOD.value: "refused_for_good_at",
    Consequence.SHIELDED.value: "shielded_at",
}


class BlockedError(Exception):
    """The gate said no; `verdict` says why and until when."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.text)
        self.verdict = verdict


def rules_on(day: datetime.date) -> Rules:
    """The rules for decisions on `day`, with the holidays a look ahead may meet. Three queries, whoever asks."""
    settings = ContactSettings.current()
    hours = ContactHours.objects.values_list("uf", "days", "opens_at", "closes_at", "since", "source")
    local = LocalHoliday.objects.filter(on__range=(day - datetime.timedelta(days=1), day + LOOK_AHEAD))
    return Rules(
        per_day=settings.offers_per_day,
        per_week=settings.offers_per_week,
        between=datetime.timedelta(hours=settings.hours_between),
        rest=datetime.timedelta(days=settings.rest_after_refusal),
        hours=tuple(Hours(*row) for row in hours),
        holidays={(on, uf): name for on, uf, name in local.values_list("on", "uf", "name")},
    )


def check(
    client: Client,
    *,
    channel: str,
    purpose: str,
    at: datetime.datetime | None = None,
    number: str = "",
) -> Verdict:
    """The gate for one client; `number` may be one that is not on file."""
    at = at or timezone.now()
    facts = facts_of([client.pk], at=at, numbers={client.pk: [number]} if number else None)[client.pk]
    return verdict(facts, rules_on(timezone.localdate(at)), channel=channel, purpose=purpose, at=at, number=number)


def require(
    client: Client,
    *,
    channel: str,
    purpose: str,
    at: datetime.datetime | None = None,
    number: str = "",
) -> None:
    """Raises BlockedError unless the contact is allowed."""
    found = check(client, channel=channel, purpose=purpose, at=at, number=number)
    if not found.allowed:
        raise BlockedError(found)


class CallablePhone(NamedTuple):
    """A phone and what the gate says of it, per channel."""

    number: str
    call: Verdict
    whatsapp: Verdict
    sms: Verdict


def callable_phones(
    facts: Facts, rules: Rules, *, purpose: str, at: datetime.datetime, numbers: Iterable[str] | None = None
) -> list[CallablePhone]:
    """Says of each phone (of those named, in their order) which links may be shown, and why the others not."""
    phones = [number.value for number in facts.numbers.values() if number.serves(LogChannel.CALL)]
    return [
        CallablePhone(
            number,
            *(
                verdict(facts, rules, channel=channel, purpose=purpose, at=at, number=number)
                for channel in (LogChannel.CALL, LogChannel.WHATSAPP, LogChannel.SMS)
            ),
        )
        for number in (phones if numbers is None else numbers)
    ]


def purpose_for(client: Client, *, answers_request: bool = False, on: datetime.date | None = None) -> Purpose:
    """Service for who asked for the contact or has a contract in force, else an offer."""
    if answers_request:
        return Purpose.SERVICE
    return purposes_of([client.pk], on=on or timezone.localdate())[client.pk]


def purpose_asked(client: Client, asked: str) -> Purpose:
    """An address may be stricter than usual; service it is only with a callback or a plan behind it, or while offers
    are paused: then one speaks about the problem."""
    if asked == Purpose.OFFER:
        return Purpose.OFFER
    usual = purpose_for(client)
    if asked != Purpose.SERVICE or usual == Purpose.SERVICE:
        return usual
    if client.offers_paused_until and timezone.localdate() <= client.offers_paused_until:
        return Purpose.SERVICE
    promised = client.tasks.filter(done_at=None, is_cancelled=False, kind=Task.Kind.CALLBACK)
    planned = client.plan_memberships.filter(state=PlanMembership.State.RUNNING, plan__purpose=Purpose.SERVICE)
    return Purpose.SERVICE if promised.exists() or planned.exists() else usual


def purposes_of(ids: Collection[int], *, on: datetime.date) -> dict[int, Purpose]:
    """The purpose of a contact by default, for many clients in one query."""
    served = {row["client_id"] for row in SERVED.ask(ids=list(ids), on=on)}
    return {pk: Purpose.SERVICE if pk in served else Purpose.OFFER for pk in ids}


def facts_of(
    ids: Collection[int], *, at: datetime.datetime, numbers: Mapping[int, Iterable[str]] | None = None
) -> dict[int, Facts]:
    """Six queries, however many clients. `numbers` adds some that are not on file."""
    wanted = list(ids)
    clients = rows(CLIENTS, ids=wanted)
    on_file = _on_file(wanted, numbers or {})
    values = {number.value for found in on_file.values() for number in found.values()}
    lists = _lists(values)
    kept = _kept(values | {kept_document(document) for _pk, _uf, _city, document, *_dates in clients})
    wishes, logs = _wishes(wanted), _logs(wanted, at)
    return {
        pk: Facts(
            uf=uf,
            zone=zone_of_uf(uf, city),
            deceased_on=deceased_on,
            paused_until=paused_until,
            paused_why=paused_why,
            kept=kept[kept_document(document)],
            numbers={value: _listed(number, lists, kept) for value, number in on_file[pk].items()},
            **wishes[pk],
            **logs[pk],
        )
        for pk, uf, city, document, deceased_on, paused_until, paused_why in clients
    }


def _listed(number: Number, lists: Mapping[str, Any], kept: Mapping[str, Any]) -> Number:
    """Most numbers stand nowhere."""
    value = number.value
    is_clear = value not in lists and value not in kept
    return number if is_clear else replace(number, lists=lists[value], kept=kept[value])


def _on_file(ids: list[int], others: Mapping[int, Iterable[str]]) -> dict[int, dict[str, Number]]:
    """Phones first, the primary one leading; a number that stands twice is what its phone says. Of people only the
    number is kept: what kind it is, the number tells."""
    found: dict[int, dict[str, Number]] = defaultdict(dict)
    for pk, value, kind, status, is_whatsapp in rows(NUMBERS, ids=ids):
        found[pk].setdefault(value, Number(value, kind or kind_of(value), status, is_whatsapp))
    for pk, values in others.items():
        for value in values:
            found[pk].setdefault(value, Number(value, kind_of(value)))
    return found


def kind_of(value: str) -> str:
    """Of a number that is not on file."""
    if "@" in value:
        return EMAIL
    return parse_phone(value).type or Phone.Kind.FOREIGN


def _lists(values: set[str]) -> dict[str, tuple[Listed, ...]]:
    found: dict[str, tuple[Listed, ...]] = defaultdict(tuple)
    for value, *listed in rows(LISTS, values=list(values)):
        found[value] += (Listed(*listed),)
    return found


def _kept(values: set[str]) -> dict[str, tuple[Wish, ...]]:
    found: dict[str, tuple[Wish, ...]] = defaultdict(tuple)
    for value, channel, purpose, at in rows(KEPT, values=list(values)):
        found[value] += (Wish(channel, purpose, timezone.localdate(at)),)
    return found


def kept_wishes(value: str) -> tuple[Wish, ...]:
    """What is kept by hash of one number or address."""
    return _kept({value})[value]


def _wishes(ids: list[int]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for pk, name, channel, purpose, at in rows(WISHES, ids=ids):
        found[pk][name] = (*found[pk].get(name, ()), Wish(channel, purpose, timezone.localdate(at)))
    return found


def _logs(ids: list[int], at: datetime.datetime) -> dict[int, dict[str, Any]]:
    """Offers of the last days, and the newest refusal of each kind, whatever its age."""
    found: dict[int, dict[str, Any]] = defaultdict(dict)
    for pk, started_at, is_offer, consequence in rows(LOGS, ids=ids, since=at - WEEK, refusals=list(REFUSALS)):
        facts = found[pk]
        if is_offer:
            facts["offers"] = (*facts.get("offers", ()), started_at)
        if name := REFUSALS.get(consequence):
            facts[name] = max(started_at, facts.get(name, started_at))
    return found


def rows(statement: str, **values: Any) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


# Every statement asks with arrays: one parameter however many clients. Who may see them is settled by who asks.
CLIENTS: Final = """
SELECT id, uf, city, document, deceased_on, offers_paused_until, offers_paused_why
FROM clients_client WHERE id = ANY(%(ids)s::bigint[])
"""

WISHES: Final = """
SELECT client_id, 'opt_outs', channel, purpose, at FROM clients_optout WHERE client_id = ANY(%(ids)s::bigint[])
UNION ALL
SELECT client_id, 'revoked', channel, purpose, at FROM (
    SELECT DISTINCT ON (client_id, channel, purpose) client_id, channel, purpose, at, granted
    FROM clients_consent WHERE client_id = ANY(%(ids)s::bigint[])
    ORDER BY client_id, channel, purpose, at DESC, id DESC
) newest WHERE NOT granted
"""

NUMBERS: Final = """
SELECT client_id, value, kind, status, is_whatsapp FROM (
    SELECT client_id, e164 AS value, kind, status, is_whatsapp, 1 AS place, is_primary, id
    FROM clients_phone WHERE client_id = ANY(%(ids)s::bigint[])
    UNION ALL
    SELECT client_id, phone, '', 'ok', NULL, 2, decides, id
    FROM clients_contactperson WHERE client_id = ANY(%(ids)s::bigint[]) AND phone <> ''
    UNION ALL
    SELECT client_id, address, 'EMAIL', status, NULL, 3, is_primary, id
    FROM clients_email WHERE client_id = ANY(%(ids)s::bigint[])
    UNION ALL
    SELECT client_id, email, 'EMAIL', 'ok', NULL, 4, decides, id
    FROM clients_contactperson WHERE client_id = ANY(%(ids)s::bigint[]) AND email <> ''
) number ORDER BY client_id, place, is_primary DESC, id
"""

LISTS: Final = """
SELECT number.e164, list.name, list.source, greatest(number.since, list.since), list.covers_service
FROM contacts_blockednumber number JOIN contacts_blocklist list ON list.id = number.block_list_id
WHERE number.e164 = ANY(%(values)s::text[]) ORDER BY list.name
"""

KEPT: Final = """
SELECT asked.value, kept.channel, kept.purpose, kept.at
FROM contacts_keptsalt salt
CROSS JOIN unnest(%(values)s::text[]) asked(value)
JOIN contacts_keptoptout kept
    ON kept.digest = encode(sha256(convert_to(salt.value || ':' || asked.value, 'UTF8')), 'hex')
WHERE asked.value <> ''
"""

# A log that another one corrects is no longer what happened.
LOGS: Final = """
SELECT log.client_id, log.started_at,
    log.direction = 'out' AND log.purpose IN ('offer', 'any') AND log.started_at > %(since)s, outcome.consequence
FROM contacts_contactlog log JOIN contacts_contactoutcome outcome ON outcome.id = log.outcome_id
WHERE log.client_id = ANY(%(ids)s::bigint[]) AND log.undone_at IS NULL
    AND (
        log.direction = 'out' AND log.purpose IN ('offer', 'any') AND log.started_at > %(since)s
        OR outcome.consequence = ANY(%(refusals)s::text[])
    )
    AND NOT EXISTS (
        SELECT FROM contacts_contactlog newer WHERE newer.corrects_id = log.id AND newer.undone_at IS NULL
    )
"""

SERVED: Final = Statement(
    lambda: (
        Contract.objects.unscoped(reason="the purpose of a contact; who may see the client is settled by who asks")
        .filter(in_force_on(Later("on")), client__among=Later("ids"))
        .order_by()
        .values("client_id")
        .distinct()
    )
)
