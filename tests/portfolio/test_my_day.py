"""Meu dia through the browser's requests: what the page says, its acts with their undo, who sees which day."""

import datetime
import json
import re

import pytest
from django.db import connection
from django.middleware.csrf import get_token
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from contacts import logs
from contacts.models import ContactLog, ContactOutcome
from contacts.workdays import Workdays
from people.models import Absence, User
from people.visibility import sight_of
from portfolio import agenda_days, agenda_page
from portfolio.agenda_facts import SOON
from portfolio.models import AgendaDay, AgendaLine, Postponement
from tests.factories import Cast, make_client
from tests.portfolio.test_agenda_days import at, late_client, promised, spoke

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)
HTMX = {"HX-Request": "true"}


@pytest.fixture
def browser(cast: Cast) -> Browser:
    browser = Browser()
    browser.force_login(cast.julia)
    return browser


@pytest.fixture
def on() -> datetime.date:
    return Workdays({}).on_or_after(timezone.localdate(), "")


def page(cast: Cast, on: datetime.date, hour: int = 10) -> agenda_page.Page:
    return agenda_page.page_of(cast.julia, viewer=cast.julia, now=at(on, hour))


def address(on: datetime.date) -> str:
    """Today, or on a day without hours the next one ahead: the same lines."""
    url = reverse("portfolio:my_day")
    return url if on == timezone.localdate() else f"{url}?dia={on.isoformat()}"


def triggers(response) -> dict:
    return json.loads(response.headers["HX-Trigger"])


def test_home_of_a_seller_is_the_day_and_of_the_others_the_list(cast: Cast, browser: Browser) -> None:
    assert browser.get("/").url == reverse("portfolio:my_day")
    browser.force_login(cast.sonia)
    assert browser.get("/").url == reverse("portfolio:client_list")


def test_my_day_shows_each_group_with_reasons_and_words(cast: Cast, browser: Browser, on: datetime.date) -> None:
    first, second, third = (late_client(cast.julia, on=on) for _ in range(3))
    promised(second, cast.julia, on - DAY, 9)
    found = page(cast, on)
    assert found.next is not None
    assert found.next.ref == str(second.pk)
    assert [(str(heading), len(rows)) for heading, rows in found.groups] == [("Plano de contato", 2)]
    assert (found.open_count, found.deadlines, found.total) == (3, 1, 3)
    html = browser.get(address(on)).content.decode()
    for client in (first, second, third):
        assert client.name in html
    assert "Pergunte como foi a última compra" in html
    assert "Em risco" in html
    assert 'href="tel:+55' in html


def test_next_is_whose_hour_has_come_else_who_has_none(cast: Cast, on: datetime.date) -> None:
    early, late, free = (late_client(cast.julia, on=on) for _ in range(3))
    promised(early, cast.julia, on, 11)
    promised(late, cast.julia, on, 15)
    assert page(cast, on, 10).next.ref == str(free.pk)
    assert page(cast, on, 11).next.ref == str(early.pk)


def test_promise_tried_in_vain_waits_behind_the_others(cast: Cast, browser: Browser, on: datetime.date) -> None:
    """Also when the call went out a few minutes before the hour."""
    early, free = (late_client(cast.julia, on=on) for _ in range(2))
    task = promised(early, cast.julia, on, 11)
    no_answer = ContactOutcome.objects.get(code="no_answer")
    logs.record(early, by=cast.julia, channel="call", outcome=no_answer, task=task, started_at=at(on, 11) - SOON)
    found = page(cast, on, 11)
    assert found.next.ref == str(free.pk)
    assert [row.ref for _heading, rows in found.groups for row in rows] == [str(early.pk)]


def test_offers_show_no_number_outside_their_hours(cast: Cast, on: datetime.date) -> None:
    late_client(cast.julia, on=on)
    assert page(cast, on, 10).next.tel.startswith("tel:+55")
    evening = page(cast, on, 20).next
    assert (evening.tel, evening.closed) == ("", "Ofertas a este cliente: das 09:00 às 18:00")


def test_my_day_asks_as_many_questions_for_three_lines_as_for_one(
    cast: Cast, browser: Browser, on: datetime.date
) -> None:
    counts = []
    # What a person may see is asked once.
    sight_of(cast.julia)
    for more in (1, 2):
        for _ in range(more):
            late_client(cast.julia, on=on)
        agenda_days.recompute(cast.julia, on)
        AgendaDay.objects.update(computed_at=at(on, 13))
        with CaptureQueriesContext(connection) as queries:
            assert page(cast, on, 14).open_count
        counts.append(len(queries))
        browser.get(reverse("portfolio:my_day"))
    assert counts[0] == counts[1] <= 10
    agenda_days.refresh(cast.julia)
    with CaptureQueriesContext(connection) as queries:
        browser.get(reverse("portfolio:my_day"))
    assert len(queries) <= 15


def test_day_ahead_is_kept_once_the_page_asked_for_it(cast: Cast, browser: Browser) -> None:
    today = timezone.localdate()
    ahead = Workdays({}).on_or_after(today + DAY, "")
    first, second = late_client(cast.julia, on=ahead), late_client(cast.julia, on=ahead)
    url = f"{reverse('portfolio:my_day')}?dia={ahead.isoformat()}"
    asked = {**HTMX, "HX-Current-URL": f"http://testserver{url}"}
    assert "Adiantando" in browser.get(url).content.decode()
    html = browser.post(reverse("portfolio:agenda_refresh"), headers=asked).content.decode()
    assert "Adiantando" in html
    assert list(AgendaDay.objects.values_list("on", flat=True)) == [ahead]
    with CaptureQueriesContext(connection) as queries:
        assert first.name in browser.get(url).content.decode()
    assert len(queries) <= 15
    browser.post(reverse("portfolio:agenda_act", args=[first.pk]), {"act": "done"}, headers=asked)
    found = agenda_page.page_of(cast.julia, viewer=cast.julia, now=timezone.now(), on=ahead)
    assert (found.is_stored, found.next.ref, len(found.done)) == (True, str(second.pk), 1)
    # What is agreed for that day stays on it.
    callback = ContactOutcome.objects.get(code="callback")
    logs.record(second, by=cast.julia, channel="call", outcome=callback, next_at=at(ahead, 15))
    found = agenda_page.page_of(cast.julia, viewer=cast.julia, now=timezone.now(), on=ahead)
    assert (found.next.ref, found.next.at, len(found.done)) == (str(second.pk), "15:00", 2)


def test_day_looked_at_ahead_holds_until_it_begins(cast: Cast, on: datetime.date) -> None:
    late_client(cast.julia, on=on)
    agenda_days.recompute(cast.julia, on)
    AgendaDay.objects.update(computed_at=at(on - DAY, 18))
    assert agenda_days.current(cast.julia, on, now=at(on - DAY, 20)) is not None
    assert agenda_days.current(cast.julia, on, now=at(on, 9)) is None


def test_reading_writes_nothing(cast: Cast, browser: Browser, on: datetime.date) -> None:
    late_client(cast.julia, on=on)
    assert browser.get(address(on)).status_code == 200
    assert not AgendaDay.objects.exists()


def test_done_logs_the_contact_and_answers_with_the_list_and_undo(
    cast: Cast, browser: Browser, on: datetime.date
) -> None:
    client = late_client(cast.julia, on=on)
    url = reverse("portfolio:agenda_act", args=[client.pk])
    response = browser.post(url, {"act": "done", "channel": "call"}, headers=HTMX)
    log = ContactLog.objects.unscoped(reason="test").get()
    assert (log.client, log.by, log.outcome.code, log.group) == (client, cast.julia, "answered", "reached")
    notice = triggers(response)["aviso"]
    assert notice["text"] == f"Contato com {client} registrado: Atendeu."
    assert notice["undo_url"] == reverse("contacts:log_undo", args=[log.pk])
    html = response.content.decode()
    assert html.lstrip().startswith('<div id="agenda"')
    assert "Feitos hoje" in html
    browser.post(notice["undo_url"], headers=HTMX)
    html = browser.post(reverse("portfolio:agenda_refresh"), headers=HTMX).content.decode()
    assert "Feitos hoje" not in html


def test_tap_counts_once_for_each_rendering_of_the_list(cast: Cast, on: datetime.date) -> None:
    client = late_client(cast.julia, on=on)
    browser = Browser(enforce_csrf_checks=True)
    browser.force_login(cast.julia)
    html, url = browser.get(address(on)).content.decode(), reverse("portfolio:agenda_act", args=[client.pk])
    (token,) = set(re.findall('name="csrfmiddlewaretoken" value="(.+?)"', html[html.index('id="agenda"') :]))
    said, headers = {"act": "no_answer", "csrfmiddlewaretoken": token}, {**HTMX, "HX-Current-URL": address(on)}
    _first, second = (browser.post(url, said, headers=headers) for _ in range(2))
    assert ContactLog.objects.unscoped(reason="test").count() == 1
    assert "já tinha sido registrado" in triggers(second)["aviso"]["text"]
    said["csrfmiddlewaretoken"] = get_token(second.wsgi_request)
    assert browser.post(url, said, headers=headers).status_code == 200
    assert ContactLog.objects.unscoped(reason="test").count() == 2


@pytest.mark.parametrize(
    ("said", "outcome", "channel"),
    [
        ({"act": "no_answer", "channel": "whatsapp"}, "no_answer", "call"),
        ({"act": "done", "channel": "whatsapp"}, "sent", "whatsapp"),
        ({"act": "done"}, "answered", "call"),
        ({"act": "done", "task": "999999"}, "answered", "call"),
    ],
)
def test_act_says_outcome_and_channel(
    cast: Cast, browser: Browser, said: dict[str, str], outcome: str, channel: str
) -> None:
    client = late_client(cast.julia)
    response = browser.post(reverse("portfolio:agenda_act", args=[client.pk]), said)
    assert (response.status_code, response.url) == (303, reverse("portfolio:my_day"))
    log = ContactLog.objects.unscoped(reason="test").get()
    assert (log.outcome.code, log.channel) == (outcome, channel)


def test_act_refuses_what_it_does_not_know_and_clients_of_others(cast: Cast, browser: Browser) -> None:
    client, hidden = late_client(cast.julia), late_client(cast.davi)
    assert browser.post(reverse("portfolio:agenda_act", args=[client.pk]), {"act": "x"}).status_code == 400
    assert browser.post(reverse("portfolio:agenda_act", args=[hidden.pk]), {"act": "done"}).status_code == 404
    assert not ContactLog.objects.unscoped(reason="test").exists()


def test_snooze_keeps_a_client_out_until_its_day_and_can_be_undone(cast: Cast, browser: Browser) -> None:
    client = late_client(cast.julia)
    url = reverse("portfolio:agenda_snooze", args=[client.pk])
    assert "Adiar para quando?" in browser.get(url, headers=HTMX).content.decode()
    assert browser.get(url).status_code == 200
    until = timezone.localdate() + 3 * DAY
    response = browser.post(url, {"until": until.isoformat()}, headers=HTMX)
    assert response.headers["HX-Retarget"] == "#agenda"
    made = Postponement.objects.unscoped(reason="test").get()
    assert (made.until_on, made.by, made.undone_at) == (until, cast.julia, None)
    undo = triggers(response)["aviso"]["undo_url"]
    assert undo == reverse("portfolio:agenda_unsnooze", args=[made.pk])
    assert browser.post(undo, headers=HTMX).status_code == 200
    made.refresh_from_db()
    assert made.undone_at is not None


@pytest.mark.parametrize("days", [0, -1, 400, None])
def test_snooze_needs_a_day_ahead(cast: Cast, browser: Browser, days: int | None) -> None:
    client = late_client(cast.julia)
    said = {} if days is None else {"date": (timezone.localdate() + days * DAY).isoformat()}
    response = browser.post(reverse("portfolio:agenda_snooze", args=[client.pk]), said)
    assert response.status_code == 422
    assert not Postponement.objects.unscoped(reason="test").exists()


def test_leader_reads_the_day_of_a_seller_and_nobody_else_does(cast: Cast, browser: Browser, on: datetime.date) -> None:
    client = late_client(cast.julia, on=on)
    agenda_days.recompute(cast.julia, timezone.localdate())
    url = f"{reverse('portfolio:my_day')}?de={cast.julia.pk}"
    browser.force_login(cast.sonia)
    html = browser.get(url).content.decode()
    assert "Dia de Júlia" in html
    assert reverse("portfolio:agenda_act", args=[client.pk]) not in html
    browser.force_login(cast.davi)
    assert browser.get(url).status_code == 404
    assert browser.get(f"{reverse('portfolio:my_day')}?de=x").status_code == 404


def test_vacation_says_who_covers(cast: Cast, browser: Browser) -> None:
    today = timezone.localdate()
    Absence.objects.create(user=cast.julia, cover=cast.caio, starts_on=today, ends_on=today + 5 * DAY)
    late_client(cast.julia)
    html = browser.get(reverse("portfolio:my_day")).content.decode()
    assert "Você está de férias" in html
    assert "Caio Torres cobre a carteira" in html


def test_cover_marks_whose_client_it_is(cast: Cast, on: datetime.date) -> None:
    Absence.objects.create(user=cast.caio, cover=cast.julia, starts_on=timezone.localdate(), ends_on=on)
    late_client(cast.caio, on=on)
    found = page(cast, on)
    assert (found.next.cover, found.open_count) == ("Caio", 1)


def test_first_use_and_finished_day_say_what_to_do(cast: Cast, browser: Browser, on: datetime.date) -> None:
    assert "Sua carteira começa aqui" in browser.get(address(on)).content.decode()
    client = make_client(owner=cast.julia)
    spoke(client, cast.julia)
    html = browser.get(reverse("portfolio:my_day")).content.decode()
    assert "Agenda do dia concluída" in html
    assert "1 contato feito" in html
    # Agreed for a day without hours: it stands below, so the day is not through.
    User.objects.filter(pk=cast.julia.pk).update(hours_per_day=0)
    promised(client, cast.julia, timezone.localdate())
    html = browser.get(reverse("portfolio:my_day")).content.decode()
    assert "Agenda do dia concluída" not in html
    assert "O que cabia no dia está feito" in html


def test_line_of_a_client_who_moved_away_is_not_shown(cast: Cast, on: datetime.date) -> None:
    client = late_client(cast.julia, on=on)
    agenda_days.recompute(cast.julia, on)
    type(client).objects.unscoped(reason="test").filter(pk=client.pk).update(owner=cast.davi)
    AgendaDay.objects.update(computed_at=at(on, 9))
    assert page(cast, on, 10).next is None
    assert AgendaLine.objects.unscoped(reason="test").count() == 1


def test_every_contact_of_a_busy_day_counts(cast: Cast, on: datetime.date) -> None:
    answered = ContactOutcome.objects.get(code="no_answer")
    clients = [make_client(owner=cast.julia) for _ in range(70)]
    ContactLog.objects.bulk_create(
        ContactLog(client=client, by=cast.julia, outcome=answered, group=answered.group, started_at=at(on))
        for client in clients
    )
    found = page(cast, on)
    assert (len(found.done), found.total, found.share) == (70, 70, 100)
