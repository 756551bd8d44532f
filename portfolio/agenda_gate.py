"""The legal gate for a whole day: how each client may be reached, by which phone, in which hours (DOMAIN 3)."""

import datetime
from collections.abc import Mapping, Sequence
from typing import Final

from django.utils import timezone

from clients.models import Phone, Purpose
from contacts import gate_facts
from contacts.gate import Facts as Known
from contacts.gate import Verdict, verdict
from contacts.models import LogChannel
from portfolio import agenda_words as words
from portfolio.agenda import VISITS, Candidate, channel_of, is_greeting, minutes_of
from portfolio.agenda_facts import Frame

# In this order a client is reached, where nothing else was agreed.
CHANNELS: Final = (LogChannel.CALL, LogChannel.WHATSAPP, LogChannel.EMAIL)
MOST: Final = 200
type AllKnown = Mapping[int, Known]


def judge(candidates: Sequence[Candidate], frame: Frame) -> AllKnown:
    """Says by what each may be reached; who may not be at all carries the rule that stands in the way."""
    clients = sorted({one.client for one in candidates})
    known = gate_facts.facts_of(clients, at=frame.gate_at)
    by_contract = gate_facts.purposes_of(clients, on=frame.on)
    for one in candidates:
        one.purpose = _purpose(one, by_contract[one.client], is_paused=known[one.client].is_paused(frame.on))
        ways, why = _ways(one, known[one.client], frame)
        one.facts.channels = ways
        one.channel = channel_of(one.facts, one.parts)
        one.minutes = minutes_of(one.facts, one.channel, frame.settings)
        one.why_out = "" if ways else why[:MOST]
    return known


def _purpose(one: Candidate, by_contract: str, *, is_paused: bool) -> str:
    """A callback answers a request, and so does any promise while offers are paused; a greeting offers nothing, a plan
    says its own, the rest by contract: what renews one in force is service, what brings back one that ended an offer.
    """
    promise, plan = one.facts.promise, one.facts.plan
    is_asked_for = promise is not None and (promise.is_callback or is_paused)
    if is_asked_for or is_greeting(one.parts):
        return Purpose.SERVICE
    return plan.purpose if plan is not None and plan.purpose else by_contract


def _ways(one: Candidate, known: Known, frame: Frame) -> tuple[tuple[str, ...], str]:
    ways, why = [], ""
    numbers = known.numbers.values()
    wanted = [one.channel] if one.channel in VISITS else []
    wanted += [channel for channel in CHANNELS if any(number.serves(channel) for number in numbers)]
    for channel in wanted:
        found = verdict(known, frame.rules, channel=channel, purpose=one.purpose, at=frame.gate_at)
        if _opens_that_day(found, frame):
            ways.append(channel)
            one.opens_at = _later(one.opens_at, found.until)
        why = why or found.text
    return tuple(ways), why or words.unreachable()


def _opens_that_day(said: Verdict, frame: Frame) -> bool:
    """Who was tried in vain in the morning may be offered something again some hours later."""
    return said.allowed or (said.until is not None and timezone.localdate(said.until) == frame.on)


def _later(*moments: datetime.datetime | None) -> datetime.datetime | None:
    return max(filter(None, moments), default=None)


def name_phones(chosen: Sequence[Candidate], known: AllKnown, frame: Frame) -> None:
    """The first phone of each that the gate lets be called, and written to; offers have their hours."""
    phones = Phone.objects.unscoped(reason="of clients of the day").filter(client__in=[one.client for one in chosen])
    keys = {(client, e164): pk for client, e164, pk in phones.values_list("client", "e164", "pk")}
    for one in chosen:
        facts = known[one.client]
        one.phone = _phone(one, LogChannel.CALL, facts, keys, frame)
        one.whatsapp = _phone(one, LogChannel.WHATSAPP, facts, keys, frame)
        if one.purpose == Purpose.OFFER:
            opens, one.closes_at = _hours(facts, frame)
            one.opens_at = _later(opens, one.opens_at)


def _phone(one: Candidate, channel: str, known: Known, keys: Mapping[tuple[int, str], int], frame: Frame) -> int | None:
    if channel not in one.facts.channels:
        return None
    for value, number in known.numbers.items():
        if number.serves(channel) and (one.client, value) in keys:
            said = verdict(known, frame.rules, channel=channel, purpose=one.purpose, at=frame.gate_at, number=value)
            if _opens_that_day(said, frame):
                return keys[one.client, value]
    return None


def _hours(known: Known, frame: Frame) -> tuple[datetime.datetime | None, datetime.datetime | None]:
    opening = frame.rules.opening(frame.on, known.uf)
    if opening.opens is None or opening.closes is None:
        return None, None
    opens, closes = (datetime.datetime.combine(frame.on, hour, known.zone) for hour in (opening.opens, opening.closes))
    return opens, closes
