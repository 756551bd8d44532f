"""The calendar for other programs: a secret address, initials unless asked otherwise, RFC 5545."""

import datetime
import hashlib
from typing import Any

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from clients.models import Client
from contacts.models import ContactPlan, PlanMembership, Task
from people.models import Activity, User
from portfolio import calendar_feed
from portfolio.models import CalendarFeed
from tests.factories import Cast, make_client, make_contract

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
PAGE = "portfolio:calendar_feed"


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana das Dores Lima", owner=cast.julia, person_type="PF")


def read(secret: str) -> list[Any]:
    response = Browser().get(reverse("portfolio:calendar_ical", args=[secret]))
    assert (response.status_code, response.headers["Cache-Control"]) == (200, "no-store, private")
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    return Calendar.from_ical(response.content).walk("VEVENT")


def promise(client: Client, **fields: Any) -> Task:
    owner = client.owner
    assert owner is not None
    return Task.objects.create(client=client, created_by=owner, title="Falar da doença do pai", **fields)


def test_only_the_hash_of_the_secret_is_kept(cast: Cast) -> None:
    secret = calendar_feed.open_feed(cast.julia, shows_names=False)
    feed = CalendarFeed.objects.get()

    assert len(secret) == 22
    assert feed.digest == hashlib.sha256(secret.encode()).hexdigest()
    assert set(Activity.objects.values_list("verb", flat=True)) >= {"calendar_feed_opened"}


def test_new_address_stops_the_old_one(cast: Cast) -> None:
    old, new = (calendar_feed.open_feed(cast.julia, shows_names=False) for _turn in range(2))

    assert calendar_feed.find(old) is None
    found = calendar_feed.find(new)
    assert found is not None
    assert found.user == cast.julia


def test_closed_address_and_that_of_who_left_are_not_found(cast: Cast) -> None:
    secrets = [calendar_feed.open_feed(user, shows_names=False) for user in (cast.julia, cast.caio)]
    calendar_feed.close_feed(cast.julia)
    User.objects.filter(pk=cast.caio.pk).update(is_active=False)

    answers = [Browser().get(reverse("portfolio:calendar_ical", args=[secret])) for secret in [*secrets, "unknown"]]

    assert [answer.status_code for answer in answers] == [404, 404, 404]


def test_moment_is_written_in_utc_and_lasts_its_minutes(cast: Cast, ana: Client) -> None:
    at = timezone.make_aware(datetime.datetime.combine(timezone.localdate() + DAY, datetime.time(15)))
    promise(ana, kind="callback", due_on=at.date(), due_at=at, minutes=20)
    (event,) = read(calendar_feed.open_feed(cast.julia, shows_names=False))

    assert event["DTSTART"].to_ical() == at.astimezone(datetime.UTC).strftime("%Y%m%dT180000Z").encode()
    assert event.decoded("DTEND") - event.decoded("DTSTART") == datetime.timedelta(minutes=20)


def test_task_without_an_hour_is_a_whole_day(cast: Cast, ana: Client) -> None:
    tomorrow = timezone.localdate() + DAY
    promise(ana, due_on=tomorrow)
    (event,) = read(calendar_feed.open_feed(cast.julia, shows_names=False))

    assert [event.decoded(name) for name in ("DTSTART", "DTEND")] == [tomorrow, tomorrow + DAY]
    assert event["TRANSP"] == "TRANSPARENT"


def test_names_and_words_stay_at_home_unless_asked_for(cast: Cast, ana: Client) -> None:
    promise(ana, due_on=timezone.localdate())
    (plain,) = read(calendar_feed.open_feed(cast.julia, shows_names=False))
    (named,) = read(calendar_feed.open_feed(cast.julia, shows_names=True))

    assert (plain["SUMMARY"], plain.get("DESCRIPTION")) == ("Tarefa: A. L.", None)
    assert (named["SUMMARY"], named["DESCRIPTION"]) == ("Tarefa: Ana das Dores Lima", "Falar da doença do pai")
    assert plain["UID"] == named["UID"]


def test_renewals_and_birthdays_are_lines_and_steps_one_line_a_day(cast: Cast, ana: Client) -> None:
    today = timezone.localdate()
    make_contract(ana, today - 300 * DAY, today + 20 * DAY)
    Client.objects.unscoped(reason="test").filter(pk=ana.pk).update(birth_date=(today + 5 * DAY).replace(year=1992))
    plan = ContactPlan.objects.create(name="Boas-vindas, de teste")
    for name in ("Bia", "Cid"):
        client = make_client(name, owner=cast.julia)
        PlanMembership.objects.create(client=client, plan=plan, anchored_on=today, due_on=today + DAY)

    summaries = [str(event["SUMMARY"]) for event in read(calendar_feed.open_feed(cast.julia, shows_names=False))]

    assert "Fim de contrato: A. L." in summaries
    assert "Aniversário: A. L." in summaries
    assert "2 contatos dos planos" in summaries


def test_done_tasks_and_those_of_others_are_left_out(cast: Cast, ana: Client) -> None:
    promise(ana, due_on=timezone.localdate(), done_at=timezone.now())
    promise(make_client("Davi Reis", owner=cast.davi), due_on=timezone.localdate())

    assert read(calendar_feed.open_feed(cast.julia, shows_names=True)) == []


@pytest.mark.parametrize(
    ("name", "short"), [("Ana", "A."), ("Ana das Dores Lima", "A. L."), ("ótica - Visão", "Ó. V."), ("", "")]
)
def test_initials(name: str, short: str) -> None:
    assert calendar_feed.initials(name) == short


def test_page_shows_the_address_once(cast: Cast) -> None:
    browser = Browser()
    browser.force_login(cast.julia)
    made = browser.post(reverse(PAGE), {"shows_names": "on"})
    later = browser.get(reverse(PAGE)).content.decode()

    assert "/agenda/ical/" in made.content.decode()
    assert made.headers["Cache-Control"] == "no-store, private"
    assert ["/agenda/ical/" in later, "Trocar o endereço" in later] == [False, True]
    assert CalendarFeed.objects.get().shows_names


def test_page_switches_the_address_off(cast: Cast) -> None:
    calendar_feed.open_feed(cast.julia, shows_names=False)
    browser = Browser()
    browser.force_login(cast.julia)
    answer = browser.post(reverse("portfolio:calendar_feed_close"))

    assert (answer.status_code, CalendarFeed.objects.count()) == (302, 0)
    assert "Criar o endereço" in browser.get(reverse(PAGE)).content.decode()
