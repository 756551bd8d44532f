"""The points of the day by hand: every reason, the sum, who rests, who is put off (SCIENCE 7)."""

import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clients.models import PortfolioClass
from contacts.models import ContactSettings, LogChannel
from contracts.models import ClassReason
from portfolio import agenda
from portfolio import agenda_words as words
from portfolio.agenda import Due, Facts, Promise, Section, Share

MONDAY = datetime.date(2026, 11, 23)
RULES = ContactSettings()


def day(days: int) -> datetime.date:
    return MONDAY + datetime.timedelta(days=days)


def moment(days: int = 0, hour: int = 12) -> datetime.datetime:
    return datetime.datetime.combine(day(days), datetime.time(hour), datetime.UTC)


def facts(**known: Any) -> Facts:
    return Facts(client=known.pop("client", 1), on=known.pop("on", MONDAY), **known)


def renewing(left: int, window: int = 60, **known: Any) -> Facts:
    return facts(
        portfolio_class=PortfolioClass.RENEWAL,
        reason=ClassReason.CONTRACT_ENDING,
        anchor_on=day(left),
        opens_on=day(left - window),
        product="Seguro Empresarial",
        **known,
    )


def late(recency: int = 51, **known: Any) -> Facts:
    said = {"cycle": 34.0, "limit": 68.6, "p_buys": 0.31} | known
    return facts(portfolio_class=PortfolioClass.ACTIVE, reason=ClassReason.WITHIN_CYCLE, recency=recency, **said)


def inactive(p_alive: float | None = 0.35, **known: Any) -> Facts:
    return facts(
        portfolio_class=PortfolioClass.INACTIVE,
        reason=ClassReason.BEYOND_CYCLE,
        p_alive=p_alive,
        recency=143,
        **known,
    )


def due(overdue: int = 0, interval: int = 30, **known: Any) -> Due:
    return Due(
        **{"membership": 7, "title": "Ligar", "plan": "Faixa A", "due_on": day(-overdue), "interval": interval} | known
    )


def points(found: Facts) -> dict[str, float]:
    return {part.code: part.points for part in agenda.parts_of(found)}


# --- Every part ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (renewing(60), {"renewal": 40}),
        (renewing(30), {"renewal": 70}),
        (renewing(12), {"renewal": 88}),
        (renewing(0), {"renewal": 100}),
        (renewing(-1), {"renewal": 100}),
        (renewing(-30), {"renewal": 100}),
        # A window of 7 days of a short contract: 40 + 60 · (1 - 5/7).
        (renewing(5, window=7), {"renewal": 57.14}),
        (facts(portfolio_class=PortfolioClass.RENEWAL), {}),
        # Without a window the first day of it is today.
        (
            facts(portfolio_class=PortfolioClass.RENEWAL, anchor_on=day(20)),
            {"renewal": 40},
        ),
        (late(), {"risk": 55.2}),
        (late(recency=34), {}),
        (late(recency=35, p_buys=0.9), {"risk": 8}),
        (late(p_buys=None), {}),
        (late(cycle=None), {}),
        (inactive(), {"inactive": 17.5}),
        (inactive(None), {}),
        (inactive(0.00001), {}),
        (facts(plan=due()), {"plan": 30}),
        (facts(plan=due(overdue=15)), {"plan": 30}),
        (facts(plan=due(overdue=20)), {"plan": 40}),
        (facts(plan=due(overdue=30)), {"plan": 60}),
        (facts(plan=due(overdue=300)), {"plan": 60}),
        (facts(plan=due(overdue=1)), {"plan": 30}),
        (facts(plan=due(overdue=4, interval=0)), {"plan": 60}),
        (facts(plan=due(overdue=45, interval=60, membership=None)), {"interval": 45}),
        (facts(plan=due(membership=None, was_spoken=False)), {"unspoken": 30}),
        (facts(birth_date=datetime.date(1968, 11, 23)), {"birthday": 25}),
        (facts(birth_date=datetime.date(1968, 11, 24)), {}),
        (facts(), {}),
    ],
)
def test_parts_give_the_points_of_the_rule(found: Facts, expected: dict[str, float]) -> None:
    assert points(found) == expected


def test_risk_is_asked_only_where_the_cycle_decides() -> None:
    held = facts(
        portfolio_class=PortfolioClass.ACTIVE, reason=ClassReason.CONTRACT_IN_FORCE, recency=300, cycle=30.0, p_buys=0.1
    )
    assert points(held) == {}


@pytest.mark.parametrize(
    ("on", "greeted"),
    [
        (datetime.date(2028, 2, 29), True),
        (datetime.date(2028, 2, 28), False),
        (datetime.date(2027, 2, 28), True),
        (datetime.date(2027, 3, 1), False),
    ],
)
def test_birthday_of_a_leap_day_is_greeted_on_the_28th_in_common_years(on: datetime.date, greeted: bool) -> None:
    assert agenda.is_birthday(datetime.date(2000, 2, 29), on) is greeted
    assert agenda.is_birthday(datetime.date(2000, 2, 28), datetime.date(2027, 2, 28))


# --- The sum ------------------------------------------------------------------------------------------------------


def test_points_are_the_largest_part_and_a_quarter_of_the_others_times_value_and_days() -> None:
    found = renewing(12, pace=0.8, carried=2, plan=due(overdue=30), birth_date=datetime.date(1990, 11, 23))
    parts = agenda.parts_of(found)
    assert [(part.code, part.points, part.days) for part in parts] == [
        ("renewal", 88, 12),
        ("plan", 60, 30),
        ("birthday", 25, 36),
    ]
    factor = agenda.factor_of(found, parts, RULES)
    assert factor == 1.56  # (0.5 + 0.8) · 1.2
    assert agenda.points_of(parts, factor) == 170.43  # 1.56 · (88 + 0.25 · 85)
    assert agenda.points_of([], factor) == 0


@pytest.mark.parametrize(("carried", "factor"), [(0, 1.0), (1, 1.1), (5, 1.5), (9, 1.5)])
def test_days_left_undone_add_ten_percent_each_up_to_fifty(carried: int, factor: float) -> None:
    found = late(pace=0.5, carried=carried)
    assert agenda.factor_of(found, agenda.parts_of(found), RULES) == factor


@pytest.mark.parametrize("pace", [0.0, 0.5, 0.99])
def test_a_birthday_alone_is_worth_the_same_for_all(pace: float) -> None:
    found = facts(pace=pace, birth_date=datetime.date(1990, 11, 23))
    parts = agenda.parts_of(found)
    assert agenda.points_of(parts, agenda.factor_of(found, parts, RULES)) == 25


chances = st.floats(0, 1)


@given(
    pace=st.integers(0, 99),
    carried=st.integers(0, 20),
    p_buys=chances,
    overdue=st.integers(0, 400),
    has_birthday=st.booleans(),
)
def test_another_reason_never_takes_points_away(
    pace: int, carried: int, p_buys: float, overdue: int, has_birthday: bool
) -> None:
    born = datetime.date(1980, 11, 23) if has_birthday else None

    def total(**more: Any) -> float:
        found = late(p_buys=p_buys, pace=pace / 100, carried=carried, **more)
        parts = agenda.parts_of(found)
        return agenda.points_of(parts, agenda.factor_of(found, parts, RULES))

    assert 0 <= total() <= total(plan=due(overdue=overdue)) + 0.005
    assert total(birth_date=born) <= total(birth_date=born, plan=due(overdue=overdue)) + 0.005
    assert total() <= total(birth_date=born) + 0.005


# --- Where it stands, and by what -----------------------------------------------------------------------------------


def test_candidate_of_a_client_without_reason_is_none() -> None:
    assert agenda.candidate_of(facts(), RULES) is None


PROMISE = Promise(task=3, title="Enviar a cotação.", due_on=MONDAY, at=moment(), channel="", minutes=10)


@pytest.mark.parametrize(
    ("found", "section", "share"),
    [
        (facts(promise=PROMISE), Section.DEADLINE, Share.DEADLINE),
        (renewing(7), Section.DEADLINE, Share.REST),
        (renewing(-2), Section.DEADLINE, Share.REST),
        (renewing(8), Section.PLAN, Share.REST),
        (late(), Section.PLAN, Share.REST),
        (facts(plan=due()), Section.PLAN, Share.RELATIONSHIP),
        (facts(plan=due(membership=None)), Section.PLAN, Share.RELATIONSHIP),
        (facts(birth_date=datetime.date(1990, 11, 23)), Section.PLAN, Share.RELATIONSHIP),
        (inactive(), Section.SPARE, Share.REACTIVATION),
        (inactive(plan=due(overdue=30)), Section.PLAN, Share.REACTIVATION),
        (late(p_buys=0.9, plan=due()), Section.PLAN, Share.RELATIONSHIP),
    ],
)
def test_section_and_share_follow_the_reasons(found: Facts, section: str, share: str) -> None:
    one = agenda.candidate_of(found, RULES)
    assert one is not None
    assert (one.section, one.share, one.client) == (section, share, 1)


CALL, WHATSAPP, EMAIL, VISIT = LogChannel.CALL, LogChannel.WHATSAPP, LogChannel.EMAIL, LogChannel.VISIT
BIRTHDAY = datetime.date(1990, 11, 23)


@pytest.mark.parametrize(
    ("found", "channel", "minutes"),
    [
        (late(), CALL, 8),
        (late(channels=(CALL, WHATSAPP)), CALL, 8),
        (late(channels=(WHATSAPP, EMAIL)), WHATSAPP, 3),
        (late(channels=(EMAIL,)), EMAIL, 3),
        (facts(plan=due(channel=WHATSAPP, minutes=5), channels=(CALL, WHATSAPP)), WHATSAPP, 5),
        (facts(plan=due(channel=WHATSAPP, minutes=5), channels=(CALL,)), CALL, 5),
        (facts(plan=due(channel=VISIT), channels=(CALL,)), VISIT, 45),
        (facts(birth_date=BIRTHDAY, channels=(CALL, WHATSAPP)), WHATSAPP, 3),
        (facts(birth_date=BIRTHDAY, channels=(CALL,)), CALL, 8),
        (facts(promise=PROMISE, channels=(CALL, WHATSAPP)), CALL, 10),
    ],
)
def test_channel_is_the_agreed_one_if_open_else_the_first(found: Facts, channel: str, minutes: int) -> None:
    one = agenda.candidate_of(found, RULES)
    assert one is not None
    assert (one.channel, one.minutes) == (channel, minutes)


# --- Who stays out --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "rests"),
    [
        (late(), False),
        (late(rested_on=day(-1)), True),
        (late(rested_on=day(-3)), True),
        (late(rested_on=day(-4)), False),
        (late(rested_on=MONDAY, tried_today=True), True),
        (late(tried_today=True), True),
        (facts(plan=due(keeps_own_days=True), rested_on=day(-2)), False),
        (facts(plan=due(), rested_on=day(-2)), True),
        (facts(plan=due(keeps_own_days=True), tried_today=True), True),
        (facts(plan=due(may_retry=True), tried_today=True), False),
        (facts(promise=PROMISE, tried_today=True, rested_on=MONDAY), False),
    ],
)
def test_who_was_contacted_lately_rests(found: Facts, rests: bool) -> None:
    assert agenda.is_resting(found, RULES) is rests


def test_who_is_put_off_stays_out_until_the_day_unless_something_was_promised_since() -> None:
    assert not agenda.is_put_off(late())
    assert agenda.is_put_off(late(postponed_until=day(1)))
    assert not agenda.is_put_off(late(postponed_until=MONDAY))
    before = Promise(task=1, title="x", due_on=MONDAY, at=None, channel="", minutes=8, made_at=moment(-2))
    since = Promise(task=1, title="x", due_on=MONDAY, at=None, channel="", minutes=8, made_at=moment(0))
    put_off = {"postponed_until": day(2), "postponed_at": moment(-1)}
    assert agenda.is_put_off(facts(promise=before, **put_off))
    assert not agenda.is_put_off(facts(promise=since, **put_off))
    assert agenda.is_put_off(facts(promise=since, postponed_until=day(2)))


# --- Words ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("found", "text", "said"),
    [
        (renewing(12), "Seguro Empresarial vence em 12 dias (05/12/2026).", "antes de 05/12/2026."),
        (renewing(0), "Seguro Empresarial vence hoje (23/11/2026).", "antes de 23/11/2026."),
        (
            renewing(-2),
            "Seguro Empresarial venceu há 2 dias (21/11/2026) e ainda pode ser renovado.",
            "agora: ainda está no prazo.",
        ),
        (
            late(),
            "Costuma comprar a cada 34 dias; está há 51 dias sem comprar. "
            "Chance de comprar nos próximos 69 dias: 31\u00a0%.",
            "Pergunte como foi a última compra",
        ),
        (inactive(), "Está há 143 dias sem comprar; chance de ainda ser cliente: 35\u00a0%.", "traga uma novidade."),
        (facts(plan=due()), "Faixa A, hoje: Ligar.", "Ligar."),
        (facts(plan=due(overdue=9)), "Faixa A, atrasado 9 dias: Ligar.", "Ligar."),
        (
            facts(plan=due(overdue=4, membership=None)),
            "A faixa pede uma conversa a cada 30 dias; o dia passou há 4 dias.",
            "Retome a última conversa",
        ),
        (facts(plan=due(membership=None)), "A faixa pede uma conversa a cada 30 dias: é hoje.", "Retome"),
        (
            facts(plan=due(membership=None, was_spoken=False)),
            "Ainda sem conversa registrada; a faixa pede uma a cada 30 dias.",
            "Apresente-se",
        ),
        (facts(birth_date=BIRTHDAY), "Faz 36 anos hoje.", "sem oferta."),
        (facts(birth_date=datetime.date(2025, 11, 23), is_company=True), "A empresa faz 1 ano hoje.", "aniversário"),
        (facts(promise=PROMISE), "Combinado para hoje: Enviar a cotação.", "combinado: Enviar a cotação."),
        (
            facts(promise=Promise(3, "Retorno", day(-2), None, "", 8, is_callback=True)),
            "Combinado para 21/11/2026, há 2 dias: Retorno.",
            "Retome o que ficou combinado: Retorno.",
        ),
    ],
)
def test_sentence_names_the_stored_numbers(found: Facts, text: str, said: str) -> None:
    one = agenda.candidate_of(found, RULES)
    assert one is not None
    (part,) = words.stored_parts(one)
    assert part["text"] == text
    assert said in words.words_for(one)
    assert len(words.chips_of([part])) == 1


@pytest.mark.parametrize(
    ("code", "days", "chip"),
    [
        ("callback", 0, ("ativa", "Retorno", "hoje")),
        ("callback", 3, ("danger", "Atrasado", "3 dias")),
        ("task", 0, ("ativa", "Tarefa", "hoje")),
        ("renewal", 12, ("renova", "Renovação", "12 dias")),
        ("renewal", 0, ("renova", "Renovação", "hoje")),
        ("renewal", -1, ("renova", "Venceu", "1 dia")),
        ("risk", 51, ("danger", "Em risco", "51 dias")),
        ("inactive", 143, ("inativa", "Inativo", "143 dias")),
        ("plan", 9, ("danger", "Atrasado", "9 dias")),
        ("interval", 0, ("ativa", "Conversa", "hoje")),
        ("unspoken", 400, ("prosp", "Sem conversa", "")),
        ("birthday", 58, ("rosa", "Aniversário", "hoje")),
    ],
)
def test_chip_says_reason_and_measure(code: str, days: int, chip: tuple[str, str, str]) -> None:
    (found,) = words.chips_of([{"code": code, "days": days}, {"code": "later", "days": 1}])
    assert (found.tone, found.label, found.measure) == chip


def test_sum_lists_every_reason_and_how_they_make_the_points() -> None:
    parts = [
        {"code": "callback", "points": 0, "days": 0, "text": "Combinado para hoje: Ligar."},
        {"code": "renewal", "points": 88.0, "days": 12, "text": "Vence em 12 dias."},
    ]
    assert words.sum_of(parts, points=114.4, factor=1.3).splitlines() == [
        "Combinado para hoje: Ligar.",
        "88 pontos · Vence em 12 dias.",
        "O maior mais ¼ dos outros, vezes 1,30 pelo valor e pelos dias: 114,4.",
    ]
    assert words.sum_of(parts[:1], points=0, factor=1) == "Combinado para hoje: Ligar."


def test_why_out_says_the_rule() -> None:
    assert words.resting(late(rested_on=day(-2))) == "Contatado há 2 dias"
    assert words.resting(late(tried_today=True)) == "Contatado hoje"
    assert words.put_off(day(2)) == "Adiado até 25/11"
    assert words.too_long(12) == "Faltaram 12 min"
    assert words.too_long(1) == "Faltou 1 min"
    assert words.too_long(0) == "O dia já tem todos os contatos que cabem"
    assert "telefone" in words.unreachable()


@pytest.mark.parametrize(
    ("codes", "occasion"),
    [(["callback", "renewal"], "callback"), (["risk", "inactive"], "reactivation"), (["risk"], ""), ([], "")],
)
def test_occasion_names_the_words_that_fit(codes: list[str], occasion: str) -> None:
    assert words.occasion_of([{"code": code} for code in codes]) == occasion
