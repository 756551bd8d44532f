"""The page of one client: what happened, what comes next, by which ways to speak, what to write down."""

import datetime
from typing import Any

import pytest
from django.core.files.base import ContentFile
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients import consents
from clients.models import Client, Email, Phone
from contacts import attachments, plans, promises
from contacts.models import Task
from contracts import classification
from people.models import User
from portfolio.models import Postponement
from tests.factories import Cast, browser_of, make_product, make_purchase
from tests.portfolio.record import HTMX, make_bakery, make_plan, page_of, said

pytestmark = pytest.mark.django_db


@pytest.fixture
def client(cast: Cast) -> Client:
    return make_bakery(cast.julia)


# --- Next action ------------------------------------------------------------------------------------------------


def action_of(client: Client, user: User) -> Any:
    return page_of(client, user).context["action"]


def test_next_action_is_what_was_promised_before_what_is_planned(cast: Cast, client: Client) -> None:
    today = timezone.localdate()
    assert action_of(client, cast.julia) is None
    plans.join(client, make_plan(), by=cast.julia, on=today - datetime.timedelta(days=9))
    assert action_of(client, cast.julia).text.startswith("Perguntar como vai")
    task = promises.promise(client, by=cast.julia, title="Mandar proposta", due_on=today)
    action = action_of(client, cast.julia)
    assert (action.text, action.is_due, action.is_late) == ("Mandar proposta hoje", True, False)
    assert action.log_url.endswith(f"?tarefa={task.pk}")
    assert action.put_off_url == reverse("contacts:task_edit", args=[task.pk])


def test_next_action_says_when(cast: Cast, client: Client) -> None:
    today = timezone.localdate()
    task = promises.promise(client, by=cast.julia, title="Visitar", due_on=today)
    for days, words in ((1, " amanhã"), (-2, ": era para "), (30, " em ")):
        promises.move(task, by=cast.julia, due_on=today + datetime.timedelta(days=days))
        assert words in action_of(client, cast.julia).text
        task.refresh_from_db()


def test_next_action_of_a_promised_call_is_to_call(cast: Cast, client: Client) -> None:
    at = timezone.now() + datetime.timedelta(minutes=5)
    said(client, cast.julia, "callback", next_at=at)
    action = action_of(client, cast.julia)
    assert action.text.startswith("Ligar ")
    assert f"{timezone.localtime(at):%H:%M}" in action.text
    assert "canal=call" in action.log_url


def test_next_action_waits_for_who_was_put_off(cast: Cast, client: Client) -> None:
    today = timezone.localdate()
    plans.join(client, make_plan(), by=cast.julia, on=today - datetime.timedelta(days=9))
    until = today + datetime.timedelta(days=20)
    Postponement.objects.create(client=client, until_on=until, by=cast.julia)
    action = action_of(client, cast.julia)
    assert (action.due_on, action.is_due) == (until, False)
    assert action.put_off_url == reverse("portfolio:agenda_snooze", args=[client.pk])


def test_next_action_follows_the_interval_of_the_tier(cast: Cast, client: Client) -> None:
    make_purchase(client, timezone.localdate() - datetime.timedelta(days=10), product=make_product())
    classification.refresh([client.pk])
    client.cycle.tier = "A"
    client.cycle.save(update_fields=["tier"])
    log = said(client, cast.julia)
    context = page_of(client, cast.julia).context
    assert context["interval"].days == 30
    assert context["days_left"] == 30
    assert context["action"].due_on == timezone.localdate(log.started_at) + datetime.timedelta(days=30)
    assert "plano de 30" in context["rule"].text


# --- The ways to speak ------------------------------------------------------------------------------------------


def reach_of(client: Client, user: User) -> Any:
    return browser_of(user).get(reverse("portfolio:client_panel", args=[client.pk, "reach"]), headers=HTMX)


def test_reach_shows_the_rule_instead_of_a_number_that_is_closed(cast: Cast, client: Client) -> None:
    consents.opt_out(client, channel="call", purpose="any", reason="", by=cast.julia)
    text = reach_of(client, cast.julia).content.decode()
    assert "Ligação bloqueada" in text
    assert "O cliente pediu em" in text
    assert "tel:" not in text


def test_reach_offers_numbers_that_are_open(cast: Cast, client: Client) -> None:
    make_open(client)
    text = reach_of(client, cast.julia).content.decode()
    assert 'href="tel:+5547999120456"' in text
    assert "https://wa.me/5547999120456" in text
    assert 'hx-swap-oob="innerHTML:.tel-5547999120456"' in text


def make_open(client: Client) -> None:
    """A contract in force makes contacts a service, which has no hours."""
    today = timezone.localdate()
    client.contracts.create(start_on=today, end_on=None, status="in_force", product=make_product())


def test_reach_is_for_those_who_work_with_the_client(cast: Cast, client: Client) -> None:
    assert reach_of(client, cast.davi).status_code == 404
    assert reach_of(client, cast.aurora).status_code == 404


def test_reach_asks_the_same_few_queries(cast: Cast, client: Client) -> None:
    make_open(client)
    browser, url = browser_of(cast.julia), reverse("portfolio:client_panel", args=[client.pk, "reach"])

    def count() -> int:
        with CaptureQueriesContext(connection) as queries:
            browser.get(url, headers=HTMX)
        return len(queries)

    count()
    few = count()
    Phone.objects.create(client=client, e164="+5547999120457", kind=Phone.Kind.MOBILE)
    Email.objects.create(client=client, address="a@exemplo.com.br")
    said(client, cast.julia)
    assert count() == few <= 15


def test_client_detail_of_the_deceased_offers_no_contact(cast: Cast, client: Client) -> None:
    said(client, cast.julia, "deceased")
    response = page_of(client, cast.julia)
    text = response.content.decode()
    text = text[text.index("<main") : text.index("</main>")]
    assert "Cliente falecido" in text
    assert response.context["action"] is None
    for way in ("tel:", "wa.me", "painel/reach", "Escrever"):
        assert way not in text


# --- Composer, plans, tasks and files ---------------------------------------------------------------------------


def test_composer_sends_what_the_log_takes(cast: Cast, client: Client) -> None:
    composer = page_of(client, cast.julia).context["composer"]
    url = reverse("contacts:log_create", args=[client.pk])
    data = {"form_key": composer.form_key, "channel": "call", "note": "Tudo bem.", "outcome": "interested", "next": ""}
    response = browser_of(cast.julia).post(url, data)
    assert response.status_code == 303
    assert client.contact_logs.get().note == "Tudo bem."


def test_composer_without_a_result_is_asked_for_it_with_its_words(cast: Cast, client: Client) -> None:
    composer = page_of(client, cast.julia).context["composer"]
    url = reverse("contacts:log_create", args=[client.pk])
    data = {"form_key": composer.form_key, "channel": "call", "note": "Fica guardado.", "outcome": ""}
    response = browser_of(cast.julia).post(url, data)
    assert response.status_code == 422
    assert "Fica guardado." in response.content.decode()


def test_composer_says_where_an_opt_out_holds(cast: Cast, client: Client) -> None:
    composer = page_of(client, cast.julia).context["composer"]
    assert 'value="opt_out:Todos os canais"' in composer.outcomes
    assert 'value="opt_out"' not in composer.outcomes
    assert 'value="no_answer" data-channels="call"' in composer.outcomes


def test_composer_is_not_for_auditors(cast: Cast, client: Client) -> None:
    assert "composer" not in page_of(client, cast.aurora).context
    assert "data-composer" not in page_of(client, cast.aurora).content.decode()


def test_client_detail_lists_plans_tasks_and_files(cast: Cast, client: Client) -> None:
    today = timezone.localdate()
    member = plans.join(client, make_plan(), by=cast.julia, on=today)
    task = promises.promise(client, by=cast.julia, title="Mandar proposta", due_on=today, kind=Task.Kind.TASK)
    file = attachments.add(client, ContentFile(b"%PDF-1.4", name="proposta.pdf"), by=cast.julia)
    text = page_of(client, cast.julia).content.decode()
    for name, pk in (
        ("membership_leave", member.pk),
        ("task_done", task.pk),
        ("task_edit", task.pk),
        ("attachment_download", file.pk),
        ("attachment_remove", file.pk),
    ):
        assert reverse(f"contacts:{name}", args=[pk]) in text
    assert "Próximo: pelo plano" in text
