"""Where clients stand after their answers, and that detractors take no offers."""

import datetime

import pytest
from django.utils import timezone

from clients.models import Client
from contacts.gate_facts import check
from nps import standing, surveys
from nps.models import Survey
from tests.factories import Cast, make_client
from tests.nps.following import TUESDAY, case_of, close, follow, noon
from tests.nps.surveying import make_answer, make_survey

DAY = datetime.timedelta(days=1)


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana", owner=cast.julia, uf="SP")


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro)


def until(client: Client) -> datetime.date | None:
    client.refresh_from_db()
    return client.offers_paused_until


def test_low_score_pauses_offers_without_end_while_its_case_runs(cast: Cast, ana: Client, survey: Survey) -> None:
    version = ana.version
    follow(ana, survey, 3, on=TUESDAY)
    assert until(ana) == datetime.date.max
    assert ana.offers_paused_why == "cliente detrator (nota 3 em 10/03/2026), fale do problema antes"
    assert ana.version == version
    said = check(ana, channel="call", purpose="offer", at=noon(TUESDAY))
    assert (said.rule, said.text) == (
        "paused",
        "Sem ofertas por enquanto: cliente detrator (nota 3 em 10/03/2026), fale do problema antes.",
    )
    assert check(ana, channel="call", purpose="service", at=noon(TUESDAY)).allowed


def test_a_settled_case_leaves_the_days_of_the_score(cast: Cast, ana: Client, survey: Survey) -> None:
    """How a case ends is never a new answer (DOMAIN 4)."""
    follow(ana, survey, 6, on=TUESDAY)
    close(case_of(ana), by=cast.sonia)
    last = TUESDAY + 180 * DAY
    assert until(ana) == last
    assert [standing.takes_offers(ana, on=day) for day in (TUESDAY, last, last + DAY)] == [False, False, True]
    assert Client.objects.visible_to(cast.julia).filter(pk__in=standing.detractors(last)).get() == ana
    assert not standing.detractors(last + DAY).exists()


def test_a_better_answer_ends_it_at_once(cast: Cast, ana: Client, survey: Survey) -> None:
    follow(ana, survey, 0, on=TUESDAY)
    close(case_of(ana), by=cast.sonia)
    follow(ana, survey, 7, on=TUESDAY + DAY)
    assert (until(ana), ana.offers_paused_why) == (None, "")
    assert standing.takes_offers(ana, on=TUESDAY + DAY)
    assert check(ana, channel="call", purpose="offer", at=noon(TUESDAY + DAY)).allowed


def test_a_better_answer_waits_for_the_case(cast: Cast, ana: Client, survey: Survey) -> None:
    follow(ana, survey, 2, on=TUESDAY)
    follow(ana, survey, 9, on=TUESDAY + DAY)
    assert (until(ana), ana.offers_paused_why) == (
        datetime.date.max,
        "caso de cliente detrator em aberto, fale do problema antes",
    )
    close(case_of(ana), by=cast.sonia)
    assert until(ana) is None


def test_left_out_answers_do_not_count(cast: Cast, ana: Client, survey: Survey) -> None:
    good = make_answer(ana, survey, 8, answered_at=noon(TUESDAY))
    low = make_answer(ana, survey, 1, answered_at=noon(TUESDAY + DAY))
    standing.refresh([ana.pk])
    assert until(ana) == TUESDAY + 181 * DAY
    low.left_out_by = cast.mauro
    low.save()
    standing.refresh([ana.pk, ana.pk])
    assert (until(ana), ana.nps_standing.answer) == (None, good)


def test_many_are_refreshed_at_once(cast: Cast, survey: Survey) -> None:
    clients = [make_client(owner=cast.julia) for _count in range(3)]
    for client in clients[:2]:
        make_answer(client, survey, 5)
    standing.refresh(client.pk for client in clients)
    on = timezone.localdate()
    assert [standing.takes_offers(client, on=on) for client in clients] == [False, False, True]


def test_settings_hold_for_low_answers_of_before(cast: Cast, ana: Client, survey: Survey) -> None:
    make_answer(ana, survey, 1, answered_at=noon(TUESDAY))
    standing.refresh([ana.pk])
    surveys.edit_settings({"detractor_days": 30}, version=1, by=cast.ada)
    assert until(ana) == TUESDAY + 30 * DAY
    surveys.edit_settings({"case_days": 3}, version=2, by=cast.ada)
    assert until(ana) == TUESDAY + 30 * DAY
