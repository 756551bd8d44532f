"""What the gate reads: the same answers for one client and for many, in a fixed number of queries."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from brazil.postal import zone_of_uf
from clients import consents
from clients.models import Client, ContactPerson, Email, Phone
from contacts import promises
from contacts.gate_facts import (
    BlockedError,
    callable_phones,
    check,
    facts_of,
    purpose_asked,
    purpose_for,
    purposes_of,
    require,
    rules_on,
)
from contacts.models import (
    BlockedNumber,
    BlockList,
    ContactHours,
    ContactLog,
    ContactOutcome,
    ContactSettings,
    LocalHoliday,
)
from people.models import User
from tests.factories import Cast, make_client, make_contract

ZONE = zone_of_uf("SP")
# A Tuesday without a holiday.
DAY = datetime.date(2026, 11, 24)
TEN = datetime.datetime(2026, 11, 24, 10, tzinfo=ZONE)
MOBILE, LANDLINE = "+5511987654321", "+551133334444"


@pytest.fixture
def ana(cast: Cast) -> Client:
    client = make_client("Ana", owner=cast.julia, uf="SP", document="52998224725", person_type="PF")
    Phone.objects.create(client=client, e164=MOBILE, kind="MOBILE", is_primary=True)
    Phone.objects.create(client=client, e164=LANDLINE, kind="LANDLINE")
    Email.objects.create(client=client, address="ana@exemplo.com.br", is_primary=True)
    return client


def log(client: Client, by: User, at: datetime.datetime, code: str = "no_answer", **fields: Any) -> ContactLog:
    fields.setdefault("purpose", "offer")
    outcome = ContactOutcome.objects.get(code=code)
    return ContactLog.objects.create(client=client, by=by, outcome=outcome, started_at=at, **fields)


def rule_of(client: Client, **asked: Any) -> str:
    asked = {"channel": "call", "purpose": "offer", "at": TEN, **asked}
    return check(client, **asked).rule


def test_check_lets_an_unencumbered_client_through(ana: Client) -> None:
    assert check(ana, channel="call", purpose="offer", at=TEN).allowed
    require(ana, channel="call", purpose="offer", at=TEN, number=MOBILE)


def test_check_defaults_to_now(ana: Client) -> None:
    ana.deceased_on = DAY
    ana.save()
    verdict = check(ana, channel="call", purpose="service")
    assert verdict.rule == "deceased"


def test_require_names_the_rule(cast: Cast, ana: Client) -> None:
    consents.opt_out(ana, channel="whatsapp", purpose="any", by=cast.julia)
    with pytest.raises(BlockedError) as refusal:
        require(ana, channel="whatsapp", purpose="service", at=TEN)
    assert refusal.value.verdict.rule == "opt_out"
    assert "não contatar por WhatsApp" in str(refusal.value)
    assert rule_of(ana, channel="call") == ""


def test_the_newest_consent_counts(cast: Cast, ana: Client) -> None:
    def say(granted: bool) -> None:
        consents.record(ana, channel="call", purpose="offer", granted=granted, source="Ligação", by=cast.julia)

    say(False)
    assert rule_of(ana) == "consent_revoked"
    assert rule_of(ana, purpose="service") == ""
    say(True)
    assert rule_of(ana) == ""


def test_lists_block_their_numbers_alone(ana: Client) -> None:
    one = BlockList.objects.create(name="Não me Perturbe", since=DAY)
    BlockedNumber.objects.create(block_list=one, e164=MOBILE, since=DAY)
    assert rule_of(ana, number=MOBILE) == "block_list"
    assert rule_of(ana, number=LANDLINE) == ""
    assert rule_of(ana) == ""
    assert rule_of(ana, number=MOBILE, purpose="service") == ""
    assert rule_of(ana, number=MOBILE, at=TEN - datetime.timedelta(days=1)) == ""
    one.covers_service = True
    one.save()
    assert rule_of(ana, number=MOBILE, purpose="service") == "block_list"
    assert rule_of(ana, number=MOBILE, purpose="survey") == ""


def test_a_number_that_is_not_on_file_is_looked_up_all_the_same(ana: Client) -> None:
    typed = "+5521988887777"
    assert rule_of(ana, number=typed) == ""
    assert rule_of(ana, channel="email", number="outra@exemplo.com.br") == ""
    one = BlockList.objects.create(name="Não me Ligue", source="Procon", since=DAY)
    BlockedNumber.objects.create(block_list=one, e164=typed, since=DAY)
    assert rule_of(ana, number=typed) == "block_list"
    assert "Não me Ligue, Procon" in check(ana, channel="call", purpose="offer", at=TEN, number=typed).text


def test_phone_and_mail_states_block_them(ana: Client) -> None:
    ana.phones.filter(e164=MOBILE).update(status="wrong_number")
    ana.phones.filter(e164=LANDLINE).update(status="opted_out")
    ana.emails.update(status="invalid")
    assert rule_of(ana, number=MOBILE, purpose="service") == "wrong_number"
    assert rule_of(ana, number=LANDLINE, purpose="service") == "number_opted_out"
    assert rule_of(ana) == "wrong_number"
    assert rule_of(ana, channel="email") == "bounced"
    assert rule_of(ana, channel="visit") == ""


def test_people_of_a_company_are_numbers_too(ana: Client) -> None:
    ContactPerson.objects.create(client=ana, name="Rui", phone="+5511955554444", email="rui@exemplo.com.br")
    ContactPerson.objects.create(client=ana, name="Bia", phone=MOBILE)
    ContactPerson.objects.create(client=ana, name="Ivo", phone="+551122223333")
    numbers = facts_of([ana.pk], at=TEN)[ana.pk].numbers
    assert list(numbers)[:4] == [MOBILE, LANDLINE, "+5511955554444", "+551122223333"]
    assert list(numbers)[4:] == ["ana@exemplo.com.br", "rui@exemplo.com.br"]
    assert [number.takes_whatsapp for number in list(numbers.values())[2:4]] == [True, False]


def test_offers_of_all_sellers_count_together(cast: Cast, ana: Client) -> None:
    log(ana, cast.julia, TEN - datetime.timedelta(days=1))
    log(ana, cast.davi, TEN - datetime.timedelta(hours=1))
    verdict = check(ana, channel="call", purpose="offer", at=TEN)
    assert verdict.rule == "between"
    assert verdict.until == TEN.replace(hour=13)
    assert rule_of(ana, purpose="service") == ""
    assert rule_of(ana, purpose="survey") == ""
    assert rule_of(ana, purpose="any") == "between"


def test_what_was_undone_corrected_received_or_no_offer_is_no_attempt(cast: Cast, ana: Client) -> None:
    at = TEN - datetime.timedelta(hours=1)
    log(ana, cast.julia, at, undone_at=TEN)
    log(ana, cast.julia, at, direction="in")
    log(ana, cast.julia, at, purpose="service")
    wrong = log(ana, cast.julia, at)
    correction = log(ana, cast.julia, at, purpose="service", corrects=wrong)
    assert rule_of(ana) == ""
    correction.undone_at = TEN
    correction.save()
    assert rule_of(ana) == "between"


@pytest.mark.parametrize(("code", "rule"), [("not_now", "rest_after_refusal"), ("never", "refused_for_good")])
def test_refusals_stop_offers_whatever_they_refused(cast: Cast, ana: Client, code: str, rule: str) -> None:
    log(ana, cast.julia, TEN - datetime.timedelta(days=89), code, purpose="service", direction="in")
    log(ana, cast.julia, TEN - datetime.timedelta(days=100), code)
    assert rule_of(ana) == rule
    assert rule_of(ana, purpose="service") == ""
    later = TEN + datetime.timedelta(days=2)
    assert rule_of(ana, at=later) == ("" if code == "not_now" else rule)


def test_fraud_and_minority_stop_offers(cast: Cast, ana: Client) -> None:
    log(ana, cast.julia, TEN - datetime.timedelta(days=400), "minor")
    assert rule_of(ana) == "shielded"


def test_a_pause_stops_offers_until_its_last_day(ana: Client) -> None:
    ana.offers_paused_until, ana.offers_paused_why = DAY, "cliente detrator"
    ana.save()
    after = TEN + datetime.timedelta(days=1)
    assert [rule_of(ana), rule_of(ana, purpose="service"), rule_of(ana, at=after)] == ["paused", "", ""]
    assert "cliente detrator" in check(ana, channel="call", purpose="offer", at=TEN).text


def test_while_offers_are_paused_one_may_speak_about_the_problem(ana: Client) -> None:
    today = timezone.localdate()
    ana.offers_paused_until = today - datetime.timedelta(days=1)
    assert purpose_asked(ana, "service") == "offer"
    ana.offers_paused_until = today
    assert [purpose_asked(ana, asked) for asked in ("service", "offer", "")] == ["service", "offer", "offer"]


def test_hours_settings_and_local_holidays_come_from_their_tables(cast: Cast, ana: Client) -> None:
    evening = TEN.replace(hour=18, minute=30)
    assert rule_of(ana, at=evening) == "hours"
    ContactHours.objects.filter(uf="", days="weekday").update(closes_at=datetime.time(20))
    assert rule_of(ana, at=evening) == ""
    holiday = LocalHoliday.objects.create(on=DAY, name="Aniversário da cidade", uf="RJ")
    assert rule_of(ana, at=evening) == ""
    holiday.uf = "SP"
    holiday.save()
    assert rule_of(ana, at=evening) == "holiday"
    settings = ContactSettings.current()
    settings.offers_per_day = 1
    settings.hours_between = 0
    settings.save()
    holiday.delete()
    log(ana, cast.julia, TEN)
    assert rule_of(ana, at=evening) == "per_day"


def test_callable_phones_say_why_not(ana: Client) -> None:
    one = BlockList.objects.create(name="Não me Perturbe", since=DAY)
    BlockedNumber.objects.create(block_list=one, e164=MOBILE, since=DAY)
    facts, rules = facts_of([ana.pk], at=TEN)[ana.pk], rules_on(DAY)
    mobile, landline = callable_phones(facts, rules, purpose="offer", at=TEN)
    assert [mobile.call.rule, mobile.whatsapp.rule, mobile.sms.rule] == ["block_list"] * 3
    assert [landline.call.rule, landline.whatsapp.rule, landline.sms.rule] == ["", "no_whatsapp", "no_sms"]
    [only] = callable_phones(facts, rules, purpose="service", at=TEN, numbers=[MOBILE])
    assert (only.number, only.call.allowed, only.whatsapp.allowed) == (MOBILE, True, True)


def test_purpose_is_service_under_a_contract_or_when_asked_for(ana: Client) -> None:
    assert purpose_for(ana, on=DAY) == "offer"
    assert purpose_for(ana, answers_request=True, on=DAY) == "service"
    other = make_client("Bia")
    year = datetime.timedelta(days=365)
    contract = make_contract(ana, DAY - year, DAY)
    open_ended = make_contract(other, DAY - year, None, status="cancelled", cancelled_on=DAY)
    assert purposes_of([ana.pk, other.pk], on=DAY) == {ana.pk: "service", other.pk: "offer"}
    open_ended.cancelled_on = DAY + datetime.timedelta(days=1)
    open_ended.save()
    contract.status = "proposal"
    contract.save()
    assert purposes_of([ana.pk, other.pk], on=DAY) == {ana.pk: "offer", other.pk: "service"}
    make_contract(ana, timezone.localdate(), None)
    assert purpose_for(ana) == "service"


def test_an_address_opens_no_gate_by_itself(cast: Cast, ana: Client) -> None:
    asked = ("", "offer", "service", "survey", "banana")
    assert [purpose_asked(ana, purpose) for purpose in asked] == ["offer"] * 5
    promises.promise(ana, by=cast.julia, title="Oferecer o cartão", due_on=DAY)
    assert purpose_asked(ana, "service") == "offer"
    promises.promise(ana, by=cast.julia, title="Retorno", due_on=DAY, kind="callback")
    assert [purpose_asked(ana, purpose) for purpose in asked] == ["offer", "offer", "service", "offer", "offer"]
    make_contract(ana, timezone.localdate(), None)
    assert [purpose_asked(ana, purpose) for purpose in asked] == ["service", "offer", "service", "service", "service"]


@pytest.mark.parametrize("count", [1, 3])
def test_facts_take_as_many_queries_for_three_as_for_one(cast: Cast, count: int) -> None:
    clients = [make_client(owner=cast.julia, uf="AC") for _ in range(count)]
    for place, client in enumerate(clients):
        Phone.objects.create(client=client, e164=f"+551198765432{place}", kind="MOBILE")
        log(client, cast.julia, TEN - datetime.timedelta(hours=1))
    with CaptureQueriesContext(connection) as captured:
        found = facts_of([client.pk for client in clients], at=TEN)
    assert len(captured) == 6
    assert [len(found[client.pk].offers) for client in clients] == [1] * count
    with CaptureQueriesContext(connection) as captured:
        rules_on(DAY)
    assert len(captured) == 3


def test_facts_of_nobody(db: None) -> None:
    assert facts_of([], at=TEN) == {}
