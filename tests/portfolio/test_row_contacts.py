"""Columns of the list that speak of contacts: how the last one went, and the one next action."""

import datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from contacts import logs
from contacts.models import ContactLog, ContactOutcome, Task
from contracts.models import ClientCycle
from core.templatetags.formats import day
from people.models import User
from portfolio.models import Postponement
from portfolio.row_contacts import Contacts, contacts_of
from tests.factories import Cast, browser_of, make_client

pytestmark = pytest.mark.django_db
NOW = datetime.datetime(2026, 3, 10, 13, tzinfo=datetime.UTC)
DAY = datetime.timedelta(days=1)
BOTH = ("contact", "action")


def said(client: Client, *, shown: tuple[str, ...] = BOTH) -> Contacts:
    return contacts_of([client.pk], shown=shown, now=NOW)[client.pk]


def spoke(client: Client, by: User, at: datetime.datetime) -> ContactLog:
    outcome = ContactOutcome.objects.get(code="interested")
    return logs.record(client, by=by, channel="call", outcome=outcome, started_at=at)


def promised(client: Client, by: User, on: datetime.date) -> None:
    Task.objects.create(client=client, title="Mandar a proposta", due_on=on, created_by=by)


@pytest.fixture
def ana(cast: Cast) -> Client:
    client = make_client("Ana & Cia", owner=cast.julia)
    Client.objects.unscoped(reason="test").filter(pk=client.pk).update(created_at=NOW - 200 * DAY)
    return client


def test_result_is_that_of_the_last_contact(cast: Cast, ana: Client) -> None:
    assert said(ana) == Contacts()
    spoke(ana, cast.julia, NOW - DAY)
    assert said(ana).result == "Ligação, interessado"
    assert said(ana, shown=("action",)).result == ""


def test_action_is_what_was_promised_and_red_when_late(cast: Cast, ana: Client) -> None:
    promised(ana, cast.julia, NOW.date() + 40 * DAY)
    assert said(ana) == Contacts(action="Mandar a proposta", when=f"em {day(NOW.date() + 40 * DAY)}")
    promised(ana, cast.julia, NOW.date() - 2 * DAY)
    assert said(ana) == Contacts(late="Mandar a proposta", when=f"era para {day(NOW.date() - 2 * DAY)}")
    assert said(ana, shown=("contact",)) == Contacts()


def test_action_of_a_tier_comes_after_its_interval_or_on_the_day_one_was_put_off_to(cast: Cast, ana: Client) -> None:
    ClientCycle.objects.create(client=ana, tier="A")
    assert said(ana).late == "Falar com o cliente"
    Postponement.objects.create(client=ana, by=cast.julia, until_on=NOW.date() + DAY)
    assert said(ana) == Contacts(action="Falar com o cliente", when="amanhã")


def test_the_dead_are_left_alone(cast: Cast, ana: Client) -> None:
    promised(ana, cast.julia, NOW.date())
    Client.objects.unscoped(reason="test").filter(pk=ana.pk).update(deceased_on=NOW.date())
    assert said(ana) == Contacts()


def test_list_shows_both_for_one_question_each(cast: Cast, ana: Client) -> None:
    spoke(ana, cast.julia, timezone.now())
    promised(ana, cast.julia, timezone.localdate() - DAY)
    browser = browser_of(cast.julia)
    browser.post(reverse("portfolio:client_columns"), {"columns": ["value"]})

    def ask() -> tuple[int, str]:
        with CaptureQueriesContext(connection) as queries:
            html = browser.get(reverse("portfolio:client_list")).content.decode()
        return len(queries), html

    ask()
    plain, html = ask()
    assert "Mandar a proposta" not in html
    browser.post(reverse("portfolio:client_columns"), {"columns": BOTH})
    for _ in range(2):
        make_client("Outra", owner=cast.julia)
    ask()
    both, html = ask()
    assert both <= plain + 3
    assert '<span class="sub">Ligação, interessado</span>' in html
    assert '<b class="err">Mandar a proposta</b><span class="sub">era para' in html


def test_rhythm_draws_the_weeks_of_conversations_and_what_is_due(cast: Cast, ana: Client) -> None:
    assert said(ana, shown=("rhythm",)).rhythm.count("<rect ") == 12
    ClientCycle.objects.create(client=ana, tier="A")
    spoke(ana, cast.julia, NOW - 50 * DAY)
    drawn = said(ana, shown=("rhythm",))
    assert drawn == Contacts(rhythm=drawn.rhythm)
    assert 'aria-label="Doze semanas: 1 semana com contato' in drawn.rhythm
    assert drawn.rhythm.count('class="now"') == 1
    assert said(ana).rhythm == ""


@pytest.mark.parametrize(
    ("who", "columns"),
    [
        ("julia", ["health", "reason", "last", "value"]),
        ("sonia", ["health", "reason", "last", "value", "owner"]),
    ],
)
def test_list_begins_with_few_columns(cast: Cast, who: str, columns: list[str]) -> None:
    found = browser_of(getattr(cast, who)).get(reverse("portfolio:client_list"))
    assert [column["name"] for column in found.context["columns"]] == columns
