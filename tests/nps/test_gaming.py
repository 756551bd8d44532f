"""Where an answer came from, and what makes it odd."""

import datetime
from typing import Any

import pytest
from allauth.usersessions.models import UserSession
from django.test import RequestFactory
from django.utils import timezone

from clients.models import Client
from nps import gaming
from nps.gaming import Origin
from nps.models import Answer, Flag, NpsSettings, Survey
from tests.contacts.talking import log_of
from tests.factories import Cast, make_client
from tests.nps.following import TUESDAY, noon
from tests.nps.surveying import make_answer, make_survey

DAY = datetime.timedelta(days=1)
SECOND = datetime.timedelta(seconds=1)
PHONE = Origin(network="n", device="d")


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro)


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana", owner=cast.julia)


def origin(ip: str = "203.0.113.7", agent: str = "Firefox") -> Origin:
    return gaming.origin_of(RequestFactory().get("/", REMOTE_ADDR=ip, headers={"user-agent": agent}))


def answered(cast: Cast, survey: Survey, score: int = 10, count: int = 1, **fields: Any) -> list[Answer]:
    return [make_answer(make_client(owner=cast.julia), survey, score, **fields) for _each in range(count)]


# --- Origins


def test_origin_is_keyed_and_tells_networks_from_devices(db: None) -> None:
    one, same, browser, elsewhere = origin(), origin(), origin(agent="Safari"), origin(ip="203.0.113.8")
    assert one == same
    assert (one.network, one.device != browser.device) == (browser.network, True)
    assert len({one.network, elsewhere.network}) == len({one.device, elsewhere.device}) == 2
    assert [len(text) for text in (one.network, one.device)] == [32, 32]
    assert "203" not in one.network


def test_origin_depends_on_the_secret(db: None, settings: Any) -> None:
    before = origin()
    settings.SECRET_KEY = "z" * 60
    assert origin().network != before.network


def test_origin_without_an_address_says_nothing(db: None) -> None:
    assert origin(ip="") == Origin()


@pytest.mark.parametrize(
    ("networks", "ip", "is_company"),
    [
        (["203.0.113.0/24"], "203.0.113.7", True),
        (["203.0.113.7"], "203.0.113.7", True),
        (["198.51.100.0/24", "isto não é rede", ""], "203.0.113.7", False),
        (["203.0.113.9/24 "], "203.0.113.7", True),
        (["2001:db8::/32"], "2001:db8::1", True),
        (["2001:db8::/32"], "203.0.113.7", False),
        ([], "203.0.113.7", False),
    ],
)
def test_company_has_networks(db: None, networks: list[str], ip: str, is_company: bool) -> None:
    NpsSettings.objects.update_or_create(pk=1, defaults={"networks": networks})
    assert origin(ip).is_company is is_company


def test_company_is_where_its_people_log_in(cast: Cast) -> None:
    session = UserSession.objects.create(user=cast.julia, ip="203.0.113.7", session_key="s", user_agent="Firefox")
    assert origin().is_company
    UserSession.objects.filter(pk=session.pk).update(last_seen_at=timezone.now() - 31 * DAY)
    assert not origin().is_company


# --- Flags


def test_third_client_on_one_device_is_told(cast: Cast, ana: Client, survey: Survey) -> None:
    answered(cast, survey, count=1, device="d")
    answer = make_answer(ana, survey, 10)
    assert gaming.flags_of(answer, PHONE) == []
    answered(cast, survey, count=1, device="d")
    assert gaming.flags_of(answer, PHONE) == [Flag.SAME_DEVICE]
    assert gaming.flags_of(Answer(client=ana, survey=survey, score=1), PHONE) == [Flag.SAME_DEVICE]
    assert gaming.flags_of(answer, Origin(device="other")) == gaming.flags_of(answer, None) == []


def test_device_counts_other_clients_of_one_day(cast: Cast, ana: Client, survey: Survey) -> None:
    for score in (1, 2, 3):
        make_answer(ana, survey, score, device="d")
    answered(cast, survey, count=3, device="d", answered_at=timezone.now() - DAY - SECOND)
    assert gaming.flags_of(make_answer(ana, survey, 4), PHONE) == []


def test_company_network_is_told_also_of_who_is_unknown(cast: Cast, ana: Client, survey: Survey) -> None:
    inside = Origin(is_company=True)
    unknown = make_answer(ana, make_survey(cast.mauro, is_anonymous=True), 10)
    assert gaming.flags_of(unknown, inside) == [Flag.COMPANY_NETWORK]
    assert gaming.flags_of(make_answer(ana, survey, 10, by=cast.bento), inside) == []


@pytest.mark.parametrize(("seconds", "is_near"), [(0, True), (60, True), (61, False), (-1, False)])
def test_answer_right_after_a_contact_of_the_seller_is_told(
    cast: Cast, ana: Client, survey: Survey, seconds: int, is_near: bool
) -> None:
    answer = make_answer(ana, survey, 10, answered_at=noon(TUESDAY))
    log_of(ana, cast.caio, started_at=noon(TUESDAY))
    log_of(ana, cast.julia, started_at=noon(TUESDAY) - seconds * SECOND)
    assert gaming.flags_of(answer, PHONE) == ([Flag.NEAR_CONTACT] if is_near else [])


def test_answer_right_after_a_contact_was_noted_is_told(cast: Cast, ana: Client, survey: Survey) -> None:
    log_of(ana, cast.julia, started_at=timezone.now() - DAY)
    assert gaming.flags_of(make_answer(ana, survey, 10), PHONE) == [Flag.NEAR_CONTACT]
    assert gaming.flags_of(make_answer(ana, survey, 10, owner=None), PHONE) == []


# --- Sudden tens


@pytest.mark.parametrize(
    ("tens", "others", "usual", "are_sudden"),
    [(5, 1, 0, True), (4, 0, 0, False), (5, 2, 0, False), (6, 0, 2, True), (5, 0, 2, False)],
)
def test_many_tens_at_once_are_told(
    cast: Cast, survey: Survey, tens: int, others: int, usual: int, are_sudden: bool
) -> None:
    """`usual` tens on each of the two days before on which the seller got answers."""
    for back in (2, 30):
        answered(cast, survey, count=usual, answered_at=noon(TUESDAY - back * DAY))
    answered(cast, survey, score=8, count=others, answered_at=noon(TUESDAY))
    found = answered(cast, survey, count=tens, answered_at=noon(TUESDAY))
    sudden = gaming.sudden_tens(Answer.objects.unscoped(reason="test"), TUESDAY)
    assert set(sudden) == (set(found) if are_sudden else set())
