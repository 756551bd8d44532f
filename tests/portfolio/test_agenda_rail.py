"""Beside the day: renewals as the list counts them, birthdays and who was greeted already."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from contacts import logs
from contacts.models import ContactOutcome
from contracts import classification
from people.models import Absence, User
from portfolio import agenda_rail
from tests.factories import Cast, browser_of, make_client, make_contract, make_product

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


def greeted(user: User, on: datetime.date) -> list[tuple[str, bool]]:
    """What is said of each, and whether a greeting is still offered."""
    return [(one.text, bool(one.write_url)) for one in agenda_rail.birthdays_of([user.pk], on=on)]


def renewal(owner: User, *, days: int) -> None:
    client = make_client("Padaria Real", owner=owner)
    today = timezone.localdate()
    make_contract(client, today - 300 * DAY, today + days * DAY, amount=500, product=make_product())
    classification.refresh([client.pk])


def test_rail_tells_birthdays_of_today_and_tomorrow(cast: Cast) -> None:
    on = datetime.date(2026, 3, 10)
    for born in ((11, 1990), (10, 1996), (12, 1996)):
        make_client("Ana Lima", owner=cast.julia, birth_date=datetime.date(born[1], 3, born[0]))
    assert greeted(cast.julia, on) == [("hoje, 30 anos", True), ("amanhã, 36 anos", False)]


@pytest.mark.parametrize(
    ("code", "channel", "is_over"),
    [("interested", "call", True), ("no_answer", "call", False), ("sent", "whatsapp", True)],
)
def test_greeting_is_over_once_spoken_or_written_to(cast: Cast, code: str, channel: str, is_over: bool) -> None:
    today = timezone.localdate()
    client = make_client("Ana Lima", owner=cast.julia, birth_date=today.replace(year=2000))
    logs.record(client, by=cast.julia, channel=channel, outcome=ContactOutcome.objects.get(code=code))
    ((said, is_offered),) = greeted(cast.julia, today)
    assert ("já contatado" in said, is_offered) == (is_over, not is_over)


def test_rail_counts_the_renewals_of_whom_one_covers_as_the_list_does(cast: Cast) -> None:
    today = timezone.localdate()
    renewal(cast.julia, days=5)
    renewal(cast.caio, days=12)
    Absence.objects.create(user=cast.caio, cover=cast.julia, starts_on=today, ends_on=today + 5 * DAY)
    context = browser_of(cast.julia).get(reverse("portfolio:my_day")).context
    found = context["renewals"]
    assert [bucket.clients for bucket in found["buckets"]] == [1, 2, 2, 2]
    for bucket in found["buckets"]:
        assert len(browser_of(cast.julia).get(bucket.url).context["rows"]) == bucket.clients


def test_rail_counts_only_the_one_whose_day_a_leader_looks_at(cast: Cast) -> None:
    today = timezone.localdate()
    renewal(cast.julia, days=5)
    renewal(cast.caio, days=12)
    Absence.objects.create(user=cast.caio, cover=cast.julia, starts_on=today, ends_on=today + 5 * DAY)
    found = browser_of(cast.sonia).get(reverse("portfolio:my_day"), {"de": cast.julia.pk}).context["renewals"]
    assert found["total"] == 1
    assert len(browser_of(cast.sonia).get(found["url"]).context["rows"]) == 1
