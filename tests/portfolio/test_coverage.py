"""Coverage: who needs a contact by the end of the month, counted at night and listed by a filter."""

import datetime

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from contacts import pulse
from contacts.models import ContactLog, ContactOutcome
from contracts.models import ClientCycle
from people.models import User
from portfolio import coverage
from portfolio.models import Coverage
from tests.factories import Cast, make_client

pytestmark = pytest.mark.django_db
# A month of 30 days; A is contacted every 30, B every 60, C every 90 days, D never.
TODAY = datetime.date(2026, 11, 20)
COUNTED = ("clients", "contacted", "reached", "uncovered")


def client_of(owner: User | None, tier: str, *, last: str = "", code: str = "after_sale", **fields: object) -> Client:
    """Last contacted on the day `last`; a client since long ago."""
    created = datetime.datetime(2025, 1, 1, 12, tzinfo=datetime.UTC)
    client = make_client(owner=owner, created_at=created, **fields)
    cycles = ClientCycle.objects.unscoped(reason="test")
    cycles.update_or_create(client=client, defaults={"tier": tier})
    if last:
        at = datetime.datetime.fromisoformat(f"{last}T15:00:00+00:00")
        outcome = ContactOutcome.objects.get(code=code)
        ContactLog.objects.create(client=client, by=owner, outcome=outcome, started_at=at)
        pulse.refresh([client.pk])
    return client


def uncovered() -> set[int]:
    everybody = Client.objects.unscoped(reason="test")
    return set(coverage.uncovered_among(everybody, TODAY).values_list("pk", flat=True))


def test_month_of() -> None:
    assert coverage.month_of(datetime.date(2028, 2, 10)) == (datetime.date(2028, 2, 1), datetime.date(2028, 2, 29))


def test_uncovered_is_due_by_the_end_of_the_month_and_silent_in_it(cast: Cast) -> None:
    due_on_the_last_day = client_of(cast.julia, "A", last="2026-10-31")
    client_of(cast.julia, "B", last="2026-10-02")  # due on 1 December
    due = client_of(cast.julia, "B", last="2026-10-01")  # due on 30 November
    never = client_of(cast.julia, "C")
    client_of(cast.julia, "A", last="2026-11-03")
    # Somebody tried this month: not silent, although nobody answered since August.
    tried = client_of(cast.julia, "A", last="2026-08-01")
    outcome = ContactOutcome.objects.get(code="no_answer")
    at = datetime.datetime(2026, 11, 2, 15, tzinfo=datetime.UTC)
    ContactLog.objects.create(client=tried, by=cast.julia, outcome=outcome, started_at=at)
    pulse.refresh([tried.pk])
    client_of(cast.julia, "D")
    client_of(cast.julia, "")

    assert uncovered() == {due_on_the_last_day.pk, due.pk, never.pk}


def test_overdue_begins_the_day_after_it_was_due(cast: Cast) -> None:
    client_of(cast.julia, "A", last="2026-10-21")  # due today
    late = client_of(cast.julia, "A", last="2026-10-20")
    everybody = Client.objects.unscoped(reason="test")
    assert set(coverage.overdue_among(everybody, TODAY)) == {late}


def test_the_night_counts_each_portfolio_and_tier(cast: Cast) -> None:
    client_of(cast.julia, "A", last="2026-11-03")
    client_of(cast.julia, "A", last="2026-11-03", code="no_answer")
    client_of(cast.julia, "A")
    client_of(cast.julia, "B")
    client_of(cast.julia, "D")
    client_of(None, "A", team=cast.sul)
    client_of(cast.davi, "C", deceased_on=TODAY)

    assert coverage.count_everybody(TODAY) == {"uncovered": 3}
    assert coverage.count_everybody(TODAY) == {"uncovered": 3}

    counted = Coverage.objects.filter(on=TODAY).values_list("owner", "tier", *COUNTED)
    rows = {(owner, tier): tuple(counts) for owner, tier, *counts in counted}
    assert rows == {
        (cast.julia.pk, "A"): (3, 2, 1, 1),
        (cast.julia.pk, "B"): (1, 0, 0, 1),
        (None, "A"): (1, 0, 0, 1),
    }


def test_a_month_keeps_its_newest_night_and_a_year_its_months(cast: Cast) -> None:
    client_of(cast.julia, "A")
    days = [datetime.date(2025, 9, 30), datetime.date(2025, 10, 31), datetime.date(2026, 11, 19), TODAY]
    for day in days:
        coverage.count_everybody(day)
    assert sorted(set(Coverage.objects.values_list("on", flat=True))) == [datetime.date(2025, 10, 31), TODAY]


def test_the_report_is_of_the_portfolios_the_reader_sees(cast: Cast) -> None:
    for owner in (cast.julia, cast.davi):
        client_of(owner, "A")
        client_of(owner, "B")
    client_of(cast.julia, "A", last="2026-11-03")
    client_of(None, "A", team=cast.norte)
    coverage.count_everybody(TODAY)

    told = coverage.report_for(cast.sonia)
    assert told.on == TODAY
    assert [(line.owner, line.clients, line.uncovered, line.percent, line.tiers) for line in told.lines] == [
        (cast.julia, 3, 2, 33, [1, 1, 0, 0])
    ]
    assert {line.owner for line in coverage.report_for(cast.norma).lines} == {cast.davi, None}
    assert coverage.report_for(cast.mauro).total.clients == 6


def test_the_report_before_the_first_night_says_so(cast: Cast) -> None:
    assert coverage.report_for(cast.sonia).lines == []
    browser = Browser()
    browser.force_login(cast.sonia)
    assert "Ainda não há contagem" in browser.get(reverse("portfolio:coverage_report")).content.decode()


def test_the_report_leads_to_the_list_of_who_is_left(cast: Cast) -> None:
    today = timezone.localdate()
    left = client_of(cast.julia, "A")
    covered = client_of(cast.julia, "A", last=today.isoformat())
    coverage.count_everybody(today)
    browser = Browser()
    browser.force_login(cast.sonia)

    page = browser.get(reverse("portfolio:coverage_report")).content.decode()
    url = f"{reverse('portfolio:client_list')}?owner={cast.julia.pk}&contact=month"
    assert url.replace("&", "&amp;") in page
    names = [row.name for row in browser.get(url).context["rows"]]
    assert (left.name in names, covered.name in names) == (True, False)
    assert browser.get(reverse("portfolio:client_list"), {"contact": "overdue"}).status_code == 200
