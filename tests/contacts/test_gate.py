"""The rules of the gate one by one: zones, hours, holidays, attempts, and the sentence each says."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from brazil.postal import UF_NAMES, zone_of_uf
from contacts.gate import ALLOWED, EMAIL, Facts, Listed, Number, Verdict, Wish, next_opening, verdict
from contacts.hours import Hours, Rules

MOBILE = "+5511987654321"
LONG_AGO = datetime.date(2020, 1, 1)
DAY = datetime.timedelta(days=1)


def at(uf: str, *moment: int) -> datetime.datetime:
    """A moment on the client's clock."""
    return datetime.datetime(*moment, tzinfo=zone_of_uf(uf))


def facts_in(uf: str = "SP", **known: Any) -> Facts:
    return Facts(uf=uf, zone=zone_of_uf(uf), **known)


def ask(facts: Facts, moment: datetime.datetime, rules: Rules | None = None, **asked: str) -> Verdict:
    return verdict(facts, rules or Rules(), **{"channel": "call", "purpose": "offer", "at": moment, **asked})


def offers(*moments: datetime.datetime) -> tuple[datetime.datetime, ...]:
    return moments


# --- Hours in the client's zone


@pytest.mark.parametrize(
    ("uf", "opens_in_utc"),
    [("AC", 14), ("AM", 13), ("MT", 13), ("MS", 13), ("RO", 13), ("RR", 13), ("SP", 12), ("PE", 12), ("", 12)],
)
def test_offers_open_at_nine_on_the_clients_clock(uf: str, opens_in_utc: int) -> None:
    opens = datetime.datetime(2026, 11, 24, opens_in_utc, tzinfo=datetime.UTC)
    second = datetime.timedelta(seconds=1)
    assert ask(facts_in(uf), opens) == ALLOWED
    early = ask(facts_in(uf), opens - second)
    assert (early.rule, early.until) == ("hours", opens)
    assert ask(facts_in(uf), opens + datetime.timedelta(hours=9) - second).allowed
    late = ask(facts_in(uf), opens + datetime.timedelta(hours=9))
    assert (late.rule, late.until) == ("hours", opens + DAY)


def test_every_uf_has_three_to_five_hours_behind_utc() -> None:
    moment = datetime.datetime(2026, 7, 1, tzinfo=datetime.UTC)
    behind = {uf: -moment.astimezone(zone_of_uf(uf)).utcoffset() // datetime.timedelta(hours=1) for uf in UF_NAMES}
    assert {uf for uf, hours in behind.items() if hours == 5} == {"AC"}
    assert {uf for uf, hours in behind.items() if hours == 4} == {"AM", "MT", "MS", "RO", "RR"}
    assert set(behind.values()) == {3, 4, 5}


def test_summer_time_counts_when_there_was_any() -> None:
    """Until February 2019 São Paulo was two hours behind in summer, and Porto Velho four all year."""
    opens = datetime.datetime(2018, 11, 6, 11, tzinfo=datetime.UTC)
    assert ask(facts_in("SP"), opens).allowed
    assert ask(facts_in("RO"), opens).until == opens + datetime.timedelta(hours=2)
    # Midnight did not exist on 4 November 2018: the first moment of that day was one o'clock.
    verdict = ask(facts_in("SP"), at("SP", 2018, 11, 3, 12), offers_made_on_eve())
    assert verdict.until == at("SP", 2018, 11, 5, 9)


def offers_made_on_eve() -> Rules:
    return Rules(hours=(Hours("", "saturday", datetime.time(0), datetime.time(1), LONG_AGO, "teste"),))


def test_a_day_is_counted_on_the_clients_clock() -> None:
    """Ten at night in Acre is already tomorrow in Brasília."""
    rules = Rules(
        per_day=1,
        between=datetime.timedelta(0),
        hours=(Hours("", "weekday", datetime.time(0), datetime.time(23, 59), LONG_AGO, "teste"),),
    )
    facts = facts_in("AC", offers=offers(at("AC", 2026, 11, 24, 8)))
    late = ask(facts, at("AC", 2026, 11, 24, 22), rules)
    assert (late.rule, late.until) == ("per_day", at("AC", 2026, 11, 25, 0))
    assert "no horário do cliente" in late.text
    assert "no horário do cliente" not in ask(facts_in("SP"), at("SP", 2026, 11, 24, 22)).text


# --- Saturdays, Sundays, holidays


def test_weekend_waits_for_monday() -> None:
    monday = at("SP", 2026, 11, 23, 9)
    saturday, sunday = ask(facts_in(), at("SP", 2026, 11, 21, 10)), ask(facts_in(), at("SP", 2026, 11, 22, 10))
    assert (saturday.rule, saturday.until, sunday.rule, sunday.until) == ("saturday", monday, "sunday", monday)
    assert saturday.text == "Sem ofertas: sábado (Padrão do Carteira). Abre em 23/11/2026 às 09:00."


def test_black_awareness_day_is_a_holiday_everywhere() -> None:
    friday = ask(facts_in("SP"), at("SP", 2026, 11, 20, 10))
    assert (friday.rule, friday.until) == ("holiday", at("SP", 2026, 11, 23, 9))
    assert "Consciência Negra" in friday.text


def test_state_holiday_closes_its_state_alone() -> None:
    saint_george = (2026, 4, 23, 10)
    assert ask(facts_in("RJ"), at("RJ", *saint_george)).rule == "holiday"
    assert ask(facts_in("SP"), at("SP", *saint_george)).allowed


def test_local_holiday_closes_its_uf_or_all() -> None:
    day = datetime.date(2026, 11, 24)
    here, everywhere = Rules(holidays={(day, "BA"): "Feriado"}), Rules(holidays={(day, ""): "Parada da empresa"})
    moment = at("BA", 2026, 11, 24, 10)
    assert ask(facts_in("BA"), moment, here).text == "Feriado para o cliente: Feriado. Abre em 25/11/2026 às 09:00."
    assert ask(facts_in("PE"), moment, here).allowed
    assert ask(facts_in(""), moment, here).allowed
    assert ask(facts_in(""), moment, everywhere).rule == "holiday"


# --- The stricter hours, by date


def hours(
    uf: str, opens: int | None, closes: int | None, since: datetime.date = LONG_AGO, days: str = "weekday"
) -> Hours:
    start, end = (None if hour is None else datetime.time(hour) for hour in (opens, closes))
    return Hours(uf, days, start, end, since, f"Lei {uf or 'da casa'} {since.year}")


def test_the_stricter_of_company_and_uf_wins() -> None:
    rules = Rules(hours=(hours("", 9, 18), hours("RJ", 8, 17), hours("ES", 10, 19)))
    assert ask(facts_in("RJ"), at("RJ", 2026, 11, 24, 8), rules).rule == "hours"
    late = ask(facts_in("RJ"), at("RJ", 2026, 11, 24, 17), rules)
    assert "09:00 às 17:00 (Lei da casa 2020; Lei RJ 2020)" in late.text
    assert ask(facts_in("ES"), at("ES", 2026, 11, 24, 9), rules).rule == "hours"
    assert ask(facts_in("ES"), at("ES", 2026, 11, 24, 18), rules).rule == "hours"
    assert ask(facts_in("SP"), at("SP", 2026, 11, 24, 17), rules).allowed


def test_hours_hold_from_their_day_on() -> None:
    change = datetime.date(2026, 11, 25)
    rules = Rules(hours=(hours("", 9, 18), hours("", 10, 18, change), hours("SP", 11, 18, change + DAY)))
    opens = [rules.opening(change + days * DAY, "SP").opens for days in (-1, 0, 1)]
    assert opens == [datetime.time(9), datetime.time(10), datetime.time(11)]
    late = ask(facts_in(), at("SP", 2026, 11, 24, 20), rules)
    assert late.until == at("SP", 2026, 11, 25, 10)


def test_saturday_opens_where_company_and_uf_open_it() -> None:
    saturday = at("SP", 2026, 11, 21, 11)
    company = hours("", 10, 16, days="saturday")
    assert ask(facts_in(), saturday, Rules(hours=(company,))).allowed
    closed = Rules(hours=(company, hours("SP", None, None, days="saturday")))
    assert ask(facts_in(), saturday, closed).text.startswith("Sem ofertas: sábado (Lei SP 2020)")


def test_hours_that_never_meet_close_the_day_for_good() -> None:
    rules = Rules(hours=(hours("", 9, 12), hours("SP", 13, 18)))
    never = ask(facts_in(), at("SP", 2026, 11, 24, 10), rules)
    assert (never.rule, never.until) == ("hours", None)
    assert ask(facts_in("RJ"), at("RJ", 2026, 11, 24, 10), rules).allowed
    closed = ask(facts_in(), at("SP", 2026, 11, 24, 10), Rules(hours=(hours("", None, None),)))
    assert (closed.rule, closed.until) == ("weekday", None)


# --- Attempts and rest


def test_two_offers_a_day_with_four_hours_between() -> None:
    facts = facts_in(offers=offers(at("SP", 2026, 11, 24, 9)))
    early = ask(facts, at("SP", 2026, 11, 24, 12, 59))
    assert (early.rule, early.until) == ("between", at("SP", 2026, 11, 24, 13))
    assert early.text == ("A última oferta foi às 09:00; entre ofertas passam 4 horas. Abre em 24/11/2026 às 13:00.")
    assert ask(facts, at("SP", 2026, 11, 24, 13)).allowed
    facts = facts_in(offers=offers(at("SP", 2026, 11, 24, 9), at("SP", 2026, 11, 24, 13)))
    third = ask(facts, at("SP", 2026, 11, 24, 17, 30))
    assert (third.rule, third.until) == ("per_day", at("SP", 2026, 11, 25, 9))


def test_six_offers_in_seven_days() -> None:
    made = [at("SP", 2026, 11, day, 10) for day in (17, 18, 19, 23, 23, 24)]
    sixth = ask(facts_in(offers=offers(*made)), at("SP", 2026, 11, 24, 16))
    # The oldest of the six left the seven days at ten that morning.
    assert sixth.allowed
    made = [at("SP", 2026, 11, day, 10) for day in (18, 19, 19, 23, 23, 24)]
    seventh = ask(facts_in(offers=offers(*made)), at("SP", 2026, 11, 24, 16))
    assert (seventh.rule, seventh.until) == ("per_week", at("SP", 2026, 11, 25, 10))


@pytest.mark.parametrize("limits", [{"per_day": 0}, {"per_week": 0}])
def test_a_limit_of_none_never_opens(limits: dict[str, int]) -> None:
    never = ask(facts_in(), at("SP", 2026, 11, 24, 10), Rules(**limits))
    assert (never.rule, never.until) == (next(iter(limits)), None)
    assert next_opening(facts_in(), Rules(**limits), channel="call", purpose="offer", at=at("SP", 2026, 11, 24)) is None


def test_rest_names_its_end_whatever_else_is_closed() -> None:
    facts = facts_in(refused_at=at("SP", 2026, 11, 19, 10), offers=offers(at("SP", 2026, 11, 19, 10)))
    sunday = ask(facts, at("SP", 2026, 11, 22, 20))
    assert (sunday.rule, sunday.until) == ("rest_after_refusal", at("SP", 2027, 2, 17, 10))
    assert sunday.text == ("Recusou em 19/11/2026 e descansa de ofertas por 90 dias. Abre em 17/02/2027 às 10:00.")


# --- What lasts


@pytest.mark.parametrize("purpose", ["offer", "service", "survey", "any"])
@pytest.mark.parametrize("channel", ["call", "whatsapp", "sms", "email", "visit", "meeting", "in_person"])
def test_death_stops_everything(channel: str, purpose: str) -> None:
    dead = facts_in(deceased_on=datetime.date(2026, 3, 1), refused_for_good_at=at("SP", 2026, 1, 1))
    said = ask(dead, at("SP", 2026, 11, 24, 10), channel=channel, purpose=purpose)
    assert said == Verdict(False, "deceased", "Cliente falecido, informado em 01/03/2026: nenhum contato.")


def test_a_pause_stops_offers_alone_until_its_last_day() -> None:
    facts = facts_in(paused_until=datetime.date(2026, 11, 24), paused_why="fale do problema antes")
    last, after = at("SP", 2026, 11, 24, 10), at("SP", 2026, 11, 25, 10)
    said = Verdict(False, "paused", "Sem ofertas por enquanto: fale do problema antes.")
    assert ask(facts, last) == ask(facts, last, purpose="any") == said
    assert ask(facts, last, purpose="service") == ask(facts, last, purpose="survey") == ALLOWED
    assert ask(facts, after) == ALLOWED
    # The day is that of the client's clock.
    acre = facts_in("AC", paused_until=datetime.date(2026, 11, 24))
    assert ask(acre, datetime.datetime(2026, 11, 25, 4, tzinfo=datetime.UTC)).rule == "paused"


@pytest.mark.parametrize(
    ("wish", "text"),
    [
        (Wish("any", "any", LONG_AGO), "não contatar"),
        (Wish("call", "offer", LONG_AGO), "sem ofertas por Ligação"),
        (Wish("any", "service", LONG_AGO), "sem contatos de atendimento"),
        (Wish("any", "survey", LONG_AGO), "sem pesquisas"),
    ],
)
def test_an_opt_out_says_what_the_client_wants(wish: Wish, text: str) -> None:
    purpose = wish.purpose if wish.purpose != "any" else "service"
    said = ask(facts_in(opt_outs=(wish,)), at("SP", 2026, 11, 24, 10), purpose=purpose)
    assert said.text == f"O cliente pediu em 01/01/2020: {text}."
    others = {"offer", "service", "survey"} - {wish.purpose}
    answers = {ask(facts_in(opt_outs=(wish,)), at("SP", 2026, 11, 24, 10), purpose=other).allowed for other in others}
    assert answers == {wish.purpose != "any"}


def test_a_refused_visit_is_every_meeting_in_person() -> None:
    facts = facts_in(opt_outs=(Wish("visit", "any"),))
    moment = at("SP", 2026, 11, 24, 10)
    rules = {channel: ask(facts, moment, channel=channel).rule for channel in ("visit", "meeting", "in_person", "call")}
    assert rules == {"visit": "opt_out", "meeting": "opt_out", "in_person": "opt_out", "call": ""}
    assert ask(facts, moment, channel="visit").text == "O cliente pediu em —: não contatar por Visita."


def test_kept_refusals_speak_for_the_person_and_for_the_number() -> None:
    moment = at("SP", 2026, 11, 24, 10)
    person = facts_in(kept=(Wish("any", "any", LONG_AGO),))
    assert ask(person, moment).text == "Pedido antigo desta pessoa, guardado: não contatar."
    assert ask(facts_in(kept=(Wish("any", "offer"),)), moment, purpose="service").allowed
    number = facts_in(numbers={MOBILE: Number(MOBILE, kept=(Wish("call", "offer", LONG_AGO),))})
    assert ask(number, moment).text == "Pedido antigo para este contato, guardado: sem ofertas por Ligação."
    assert ask(number, moment, channel="whatsapp").allowed


def test_a_list_holds_from_its_day_and_never_opens() -> None:
    listed = Number(MOBILE, lists=(Listed("Não me Perturbe", "Anatel", datetime.date(2026, 11, 25), False),))
    facts = facts_in(numbers={MOBILE: listed})
    assert ask(facts, at("SP", 2026, 11, 24, 10)).allowed
    said = ask(facts, at("SP", 2026, 11, 25, 10), number=MOBILE)
    assert said.text == "Número na lista de bloqueio Não me Perturbe, Anatel desde 25/11/2026: sem ofertas."
    # Tomorrow the list is in force: tonight's offer has no next opening.
    assert ask(facts, at("SP", 2026, 11, 24, 20)) == Verdict(
        False, "hours", "Fora do horário de ofertas em SP: 09:00 às 18:00 (Padrão do Carteira)."
    )


def test_one_good_number_is_enough_when_none_is_named() -> None:
    moment = at("SP", 2026, 11, 24, 10)
    bad, good = Number("+551133334444", "LANDLINE", "wrong_number"), Number(MOBILE)
    mail = Number("ana@exemplo.com.br", EMAIL, "opted_out")
    facts = facts_in(numbers={number.value: number for number in (bad, good, mail)})
    assert ask(facts, moment).allowed
    assert ask(facts, moment, number=bad.value).text == "Este telefone está marcado como número errado."
    assert ask(facts, moment, channel="email").text == "Este e-mail está marcado como não contatar."
    assert ask(facts, moment, channel="email", number=MOBILE).rule == "unfit"
    assert ask(facts, moment, number="+5521911112222").rule == "unknown_number"
    assert ask(facts_in(), moment).allowed


FIRST, MINUTES = datetime.datetime(2018, 10, 1, tzinfo=datetime.UTC), 9 * 365 * 24 * 60
moments = st.integers(0, MINUTES).map(lambda minutes: FIRST + datetime.timedelta(minutes=minutes))


@given(
    st.sampled_from(["", *sorted(UF_NAMES)]),
    moments,
    st.lists(st.integers(0, 14 * 24 * 60), max_size=8),
    st.none() | st.integers(0, 100 * 24 * 60),
)
def test_what_opens_is_open_and_was_closed_until_then(
    uf: str, now: datetime.datetime, ago: list[int], refused: int | None
) -> None:
    made = tuple(now - datetime.timedelta(minutes=minutes) for minutes in ago)
    facts = facts_in(uf, offers=made, refused_at=None if refused is None else now - datetime.timedelta(minutes=refused))
    said = ask(facts, now)
    opens = next_opening(facts, Rules(), channel="call", purpose="offer", at=now)
    assert opens is not None
    assert said.until == (None if said.allowed else opens)
    assert ask(facts, opens).allowed
    assert said.allowed or not ask(facts, opens - datetime.timedelta(seconds=1)).allowed
    assert 9 <= opens.astimezone(zone_of_uf(uf)).hour < 18
