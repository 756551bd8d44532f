"""10,000 random histories through the tables and the gate: nobody who is blocked is contacted."""

import datetime
import hashlib
from collections import Counter
from random import Random

from django.db import connection

from brazil.names import folded
from clients.models import Client, Consent, Email, OptOut, Phone
from contacts.gate import Verdict, next_opening, verdict
from contacts.gate_facts import facts_of, rules_on
from contacts.models import (
    BlockedNumber,
    BlockList,
    ContactHours,
    ContactLog,
    ContactOutcome,
    ContactSettings,
    KeptOptOut,
    LocalHoliday,
)
from contacts.models.rules import KeptSalt
from tests.contacts import gate_histories as plain
from tests.contacts.gate_histories import Ask, Company, History
from tests.factories import Cast

HISTORIES = 10_000
COMPANIES = 10
ASKS = 3
LISTS = ["Não me Perturbe", "Procon"]


def written(cast: Cast) -> tuple[list[History], list[int]]:
    """The histories, and the ids of their clients in the same order."""
    with connection.cursor() as cursor:
        # Ten thousand clients at once take longer than a page may on a busy machine; that each row's keys are there
        # need not be asked a million times.
        cursor.execute("SET LOCAL statement_timeout = 0; SET LOCAL session_replication_role = replica")
    random = Random(2026)
    histories = [plain.history(random, serial, LISTS) for serial in range(HISTORIES)]
    clients = Client.objects.bulk_create(
        Client(
            name=f"Cliente {serial}",
            name_key=folded(f"Cliente {serial}"),
            uf=one.uf,
            deceased_on=datetime.date(2026, 1, 1) if one.deceased else None,
        )
        for serial, one in enumerate(histories)
    )
    everyone = list(zip(histories, clients, strict=True))
    write_wishes(everyone)
    write_numbers(everyone)
    write_logs(everyone, cast)
    return histories, [client.pk for client in clients]


def write_wishes(everyone: list[tuple[History, Client]]) -> None:
    OptOut.objects.bulk_create(
        OptOut(client=client, channel=channel, purpose=purpose)
        for one, client in everyone
        for channel, purpose in set(one.opt_outs)
    )
    Consent.objects.bulk_create(
        Consent(
            client=client,
            channel=channel,
            purpose=purpose,
            granted=granted,
            source="teste",
            at=plain.START + datetime.timedelta(minutes=place),
        )
        for one, client in everyone
        for place, (channel, purpose, granted) in enumerate(one.consents)
    )


def write_numbers(everyone: list[tuple[History, Client]]) -> None:
    known = [(client, reach) for one, client in everyone for reach in one.reaches]
    Phone.objects.bulk_create(
        Phone(client=client, e164=reach.value, kind=reach.kind, status=reach.status, is_whatsapp=reach.is_whatsapp)
        for client, reach in known
        if reach.kind != "EMAIL"
    )
    Email.objects.bulk_create(
        Email(client=client, address=reach.value, status=reach.status)
        for client, reach in known
        if reach.kind == "EMAIL"
    )
    salt = KeptSalt.objects.create().value
    KeptOptOut.objects.bulk_create(
        KeptOptOut(
            digest=hashlib.sha256(f"{salt}:{reach.value}".encode()).hexdigest(), channel=channel, purpose=purpose
        )
        for _client, reach in known
        for channel, purpose in reach.kept
    )
    lists = {name: BlockList.objects.create(name=name, since=datetime.date(2020, 1, 1)) for name in LISTS}
    BlockedNumber.objects.bulk_create(
        BlockedNumber(block_list=lists[name], e164=reach.value, since=since)
        for _client, reach in known
        for name, since in reach.lists
    )


def write_logs(everyone: list[tuple[History, Client]], cast: Cast) -> None:
    outcomes = {outcome.code: outcome for outcome in ContactOutcome.objects.all()}
    sellers = [cast.julia, cast.caio, cast.davi]
    rows = {
        (client.pk, place): ContactLog(
            client=client,
            by=sellers[place % 3],
            outcome=outcomes[log.outcome],
            group=outcomes[log.outcome].group,
            channel="call",
            direction=log.direction,
            purpose=log.purpose,
            started_at=log.at,
            undone_at=plain.START if log.undone else None,
        )
        for one, client in everyone
        for place, log in enumerate(one.logs)
    }
    ContactLog.objects.bulk_create(rows.values())
    changed = []
    for one, client in everyone:
        for place, log in enumerate(one.logs):
            if log.corrects is not None:
                rows[client.pk, place].corrects = rows[client.pk, log.corrects]
                changed.append(rows[client.pk, place])
    ContactLog.objects.unscoped(reason="test").bulk_update(changed, ["corrects"])


def set_up(firm: Company) -> None:
    ContactHours.objects.all().delete()
    LocalHoliday.objects.all().delete()
    ContactHours.objects.bulk_create(
        ContactHours(uf=uf, days=days, opens_at=opens, closes_at=closes, since=since, source="teste")
        for uf, days, opens, closes, since in firm.hours
    )
    LocalHoliday.objects.bulk_create(LocalHoliday(on=on, uf=uf, name="Feriado") for on, uf in firm.holidays)
    BlockList.objects.update(covers_service=False)
    BlockList.objects.filter(name__in=firm.service_lists).update(covers_service=True)
    settings = ContactSettings.current()
    settings.offers_per_day, settings.offers_per_week = firm.per_day, firm.per_week
    settings.hours_between, settings.rest_after_refusal = firm.hours_between, firm.rest_days
    settings.save()


def test_nobody_who_is_blocked_is_contacted(cast: Cast) -> None:
    histories, ids = written(cast)
    random, answers = Random(42), Counter[tuple[bool, str]]()
    share = HISTORIES // COMPANIES
    for start in range(0, HISTORIES, share):
        firm = plain.company(random, LISTS)
        set_up(firm)
        rules = rules_on((plain.START - datetime.timedelta(days=200)).date())
        facts = facts_of(ids[start : start + share], at=plain.START)
        for one, pk in zip(histories[start : start + share], ids[start : start + share], strict=True):
            for _ in range(ASKS):
                asked = plain.ask(random, one)
                said = verdict(facts[pk], rules, **vars(asked))
                assert said.allowed != plain.is_blocked(one, firm, asked), (one, firm, asked, said)
                check_opening(one, firm, asked, said, random)
                assert said.allowed == (next_opening(facts[pk], rules, **vars(asked)) == asked.at)
                answers[said.allowed, said.rule] += 1
    allowed = sum(count for (is_allowed, _rule), count in answers.items() if is_allowed)
    assert HISTORIES * ASKS * 0.1 < allowed < HISTORIES * ASKS * 0.7
    # Every rule decided at least once.
    assert {rule for is_allowed, rule in answers if not is_allowed} == RULES


RULES = {
    "deceased", "opt_out", "consent_revoked", "kept_opt_out", "wrong_number", "bounced", "number_opted_out", "unfit",
    "no_whatsapp", "no_sms", "block_list", "refused_for_good", "shielded", "hours", "weekday", "saturday", "sunday",
    "holiday", "per_day", "per_week", "between", "rest_after_refusal",
}  # fmt: skip


def check_opening(one: History, firm: Company, asked: Ask, said: Verdict, random: Random) -> None:
    """At the moment named it is open; at any moment before it is closed, and for ever where none is named."""
    if said.allowed:
        return
    opens = said.until or asked.at + datetime.timedelta(days=300)
    assert opens > asked.at
    between = asked.at + (opens - asked.at) * random.random()
    assert plain.is_blocked(one, firm, Ask(asked.channel, asked.purpose, between, asked.number)), said
    if said.until:
        assert not plain.is_blocked(one, firm, Ask(asked.channel, asked.purpose, said.until, asked.number)), said
