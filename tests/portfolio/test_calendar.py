"""The calendar: what stands on which day, whose, and the page that shows it."""

import datetime

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from clients import search
from clients.models import Client
from contacts.models import ContactPlan, PlanMembership, Task
from people.models import Absence, User
from portfolio import calendar
from portfolio.calendar import DAY, Entry, Kind
from tests.factories import Cast, make_client, make_contract

pytestmark = pytest.mark.django_db
PAGE = "portfolio:calendar_view"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def today() -> datetime.date:
    return timezone.localdate()


def make_task(client: Client, on: datetime.date, *, by: User, **fields: object) -> Task:
    return Task.objects.create(client=client, due_on=on, created_by=by, **{"title": "Ligar", **fields})


def seen(viewer: User, person: User, first: datetime.date, last: datetime.date | None = None) -> list[Entry]:
    return sorted(calendar.entries(viewer, person, first, last or first), key=lambda entry: (entry.on, entry.order))


def titles(viewer: User, person: User, first: datetime.date, last: datetime.date | None = None) -> list[str]:
    return [f"{entry.kind}: {entry.name}" for entry in seen(viewer, person, first, last)]


def page(user: User, **query: str) -> str:
    browser = Browser()
    browser.force_login(user)
    response = browser.get(reverse(PAGE), query)
    assert response.status_code == 200
    return response.content.decode()


def test_a_day_begins_with_what_has_an_hour(cast: Cast, today: datetime.date) -> None:
    ana, bia = make_client("Ana", owner=cast.julia), make_client("Bia", owner=cast.julia)
    noon = timezone.make_aware(datetime.datetime.combine(today, datetime.time(12)))
    make_task(ana, today, by=cast.julia)
    make_task(bia, today, by=cast.julia, kind="callback", due_at=noon + datetime.timedelta(hours=1))
    make_task(ana, today, by=cast.julia, kind="callback", due_at=noon)

    assert titles(cast.julia, cast.julia, today) == ["callback: Ana", "callback: Bia", "task: Ana"]


def test_done_tasks_stay_and_cancelled_ones_go(cast: Cast, today: datetime.date) -> None:
    client = make_client("Ana", owner=cast.julia)
    make_task(client, today, by=cast.julia, done_at=timezone.now(), done_by=cast.julia)
    make_task(client, today, by=cast.julia, is_cancelled=True)

    assert [entry.is_done for entry in seen(cast.julia, cast.julia, today)] == [True]


def test_tasks_of_the_owner_and_of_nobody_are_of_who_covers(cast: Cast, today: datetime.date) -> None:
    ana = make_client("Ana", owner=cast.caio)
    make_task(ana, today, by=cast.caio)
    make_task(ana, today, by=cast.caio, assignee=cast.caio)
    make_task(ana, today, by=cast.caio, assignee=cast.sonia)
    before = titles(cast.julia, cast.julia, today)
    Absence.objects.create(user=cast.caio, cover=cast.julia, starts_on=today, ends_on=today)
    julia = User.objects.get(pk=cast.julia.pk)

    assert (before, titles(julia, julia, today)) == ([], ["task: Ana", "task: Ana"])


def test_task_of_somebody_is_of_them_alone(cast: Cast, today: datetime.date) -> None:
    make_task(make_client("Ana", owner=cast.julia), today, by=cast.sonia, assignee=cast.sonia)

    assert titles(cast.julia, cast.julia, today) == []
    assert titles(cast.sonia, cast.sonia, today) == ["task: Ana"]


def test_task_of_somebody_who_lost_the_client_is_of_its_owner(cast: Cast, today: datetime.date) -> None:
    make_task(make_client("Ana", owner=cast.julia), today, by=cast.norma, assignee=cast.norma)

    assert titles(cast.julia, cast.julia, today) == ["task: Ana"]
    assert titles(cast.norma, cast.norma, today) == []


def test_viewer_sees_of_a_colleague_only_what_is_visible(cast: Cast, today: datetime.date) -> None:
    make_task(make_client("Ana", owner=cast.julia), today, by=cast.julia)

    assert titles(cast.sonia, cast.julia, today) == ["task: Ana"]
    assert titles(cast.norma, cast.julia, today) == []


def test_steps_of_running_plans_stand_on_their_day(cast: Cast, today: datetime.date) -> None:
    plan = ContactPlan.objects.create(name="Boas-vindas, de teste")
    step = plan.steps.create(position=1, title="Primeira ligação")
    ana, bia = make_client("Ana", owner=cast.julia), make_client("Bia", owner=cast.julia)
    common = {"plan": plan, "step": step, "anchored_on": today, "due_on": today}
    PlanMembership.objects.create(client=ana, **common)
    PlanMembership.objects.create(client=bia, state="stopped", ended_at=timezone.now(), **common)

    (entry,) = seen(cast.julia, cast.julia, today)

    assert (entry.kind, entry.name, entry.title) == (Kind.STEP, "Ana", "Primeira ligação")


def test_contracts_in_force_stand_on_their_last_day(cast: Cast, today: datetime.date) -> None:
    client, end = make_client("Ana", owner=cast.julia), today + 10 * DAY
    make_contract(client, today - 300 * DAY, end)
    make_contract(client, today - 300 * DAY, end, will_not_renew=True)
    make_contract(client, today - 300 * DAY, end, status="cancelled", cancelled_on=today - DAY)

    assert titles(cast.julia, cast.julia, today, end) == ["renewal: Ana"]


@pytest.mark.parametrize(
    ("born", "on"),
    [
        (datetime.date(1990, 3, 5), datetime.date(2027, 3, 5)),
        (datetime.date(1992, 2, 29), datetime.date(2027, 2, 28)),
        (datetime.date(1992, 2, 29), datetime.date(2028, 2, 29)),
    ],
)
def test_birthdays_of_people_come_every_year(cast: Cast, born: datetime.date, on: datetime.date) -> None:
    make_client("Ana Lima", owner=cast.julia, person_type="PF", birth_date=born, social_name="Aninha")
    make_client("Ana Ltda", owner=cast.julia, person_type="PJ", birth_date=born)
    make_client("Bia", owner=cast.julia, person_type="PF", birth_date=born, deceased_on=born)

    found = seen(cast.julia, cast.julia, on - 3 * DAY, on + 3 * DAY)

    assert [(entry.on, entry.kind, entry.name) for entry in found] == [(on, Kind.BIRTHDAY, "Aninha")]


def test_born_on_a_leap_day_is_no_twice_in_a_leap_year(cast: Cast) -> None:
    leap = datetime.date(2028, 2, 29)
    make_client("Ana", owner=cast.julia, person_type="PF", birth_date=datetime.date(1992, 2, 29))

    assert [entry.on for entry in seen(cast.julia, cast.julia, leap - 2 * DAY, leap + DAY)] == [leap]
    assert seen(cast.julia, cast.julia, leap - 2 * DAY, leap - DAY) == []


@pytest.mark.parametrize(
    ("day", "weeks", "first", "last"),
    [
        (datetime.date(2026, 2, 10), 5, datetime.date(2026, 1, 26), datetime.date(2026, 3, 1)),
        (datetime.date(2026, 6, 1), 5, datetime.date(2026, 6, 1), datetime.date(2026, 7, 5)),
        (datetime.date(2026, 12, 31), 5, datetime.date(2026, 11, 30), datetime.date(2027, 1, 3)),
        (datetime.date(2027, 2, 28), 4, datetime.date(2027, 2, 1), datetime.date(2027, 2, 28)),
    ],
)
def test_month_is_whole_weeks(day: datetime.date, weeks: int, first: datetime.date, last: datetime.date) -> None:
    found = calendar.month_of(day)

    assert (len(found), found[0][0], found[-1][-1]) == (weeks, first, last)
    assert {date.month for date in found[0]} | {day.month} >= {day.month}


@pytest.mark.parametrize(
    ("day", "before", "after"),
    [
        (datetime.date(2026, 1, 31), datetime.date(2025, 12, 1), datetime.date(2026, 2, 1)),
        (datetime.date(2026, 12, 5), datetime.date(2026, 11, 1), datetime.date(2027, 1, 1)),
    ],
)
def test_months_before_and_after(day: datetime.date, before: datetime.date, after: datetime.date) -> None:
    assert (calendar.next_month(day, back=True), calendar.next_month(day)) == (before, after)


def test_page_shows_this_week_with_the_way_to_move_a_task(cast: Cast, today: datetime.date) -> None:
    task = make_task(make_client("Ana", owner=cast.julia), today, by=cast.julia, title="Levar proposta")
    shown = page(cast.julia)

    assert "Levar proposta" in shown
    assert shown.count('class="cal-d') == 7
    assert reverse("contacts:task_edit", args=[task.pk]) in shown


def test_month_shows_the_first_few_of_a_day_and_leads_to_its_week(cast: Cast, today: datetime.date) -> None:
    for number in range(6):
        make_task(make_client(f"Ana {number}", owner=cast.julia), today, by=cast.julia)
    shown = page(cast.julia, modo="mes")

    assert shown.count('class="ev ev-task') == 4
    assert "mais 2" in shown
    assert f"?dia={today.isoformat()}" in shown


def test_leader_chooses_a_visible_seller_and_nobody_else(cast: Cast, today: datetime.date) -> None:
    make_task(make_client("Ana Lima", owner=cast.julia), today, by=cast.julia)

    assert "Ana Lima" in page(cast.sonia, vendedor=str(cast.julia.pk))
    assert "Ana Lima" not in page(cast.sonia)
    assert "Agenda de Davi" not in page(cast.sonia, vendedor=str(cast.davi.pk))
    assert "Agenda de Caio" not in page(cast.julia, vendedor=str(cast.caio.pk))


@pytest.mark.parametrize(
    "query", [{"modo": "ano"}, {"dia": "x"}, {"dia": "1900-01-01"}, {"dia": "9999-12-31"}, {"vendedor": "x"}]
)
def test_what_is_not_understood_shows_this_week(cast: Cast, today: datetime.date, query: dict[str, str]) -> None:
    assert f'id="d{today:%Y%m%d}"' in page(cast.julia, **query)


def test_fragment_is_the_calendar_alone(cast: Cast) -> None:
    browser = Browser()
    browser.force_login(cast.julia)
    part = browser.get(reverse(PAGE), headers=HTMX).content.decode()

    assert 'id="agenda"' in part
    assert "<html" not in part


def test_page_asks_the_same_for_one_task_and_for_many(cast: Cast, today: datetime.date) -> None:
    counts = []
    for more in (1, 12):
        for number in range(more):
            make_task(make_client(f"Ana {number}", owner=cast.julia), today, by=cast.julia)
        browser = Browser()
        browser.force_login(cast.julia)
        with CaptureQueriesContext(connection) as queries:
            browser.get(reverse(PAGE), {"modo": "mes"})
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 15


def test_new_task_begins_with_its_client(cast: Cast, today: datetime.date) -> None:
    client = make_client("Raquel Moura", owner=cast.julia)
    search.refresh([client.pk])
    browser = Browser()
    browser.force_login(cast.julia)
    address = reverse("portfolio:calendar_add")
    form = browser.get(address, {"dia": today.isoformat()}, headers=HTMX).content.decode()
    hits = browser.post(address, {"q": "raquel", "dia": today.isoformat()}, headers=HTMX).content.decode()
    whole = browser.post(address, {"q": "raquel"}).content.decode()
    none = browser.post(address, {"q": "zzz"}, headers=HTMX).content.decode()

    assert "<dialog" in form
    assert f"{reverse('contacts:task_create', args=[client.pk])}?dia={today.isoformat()}" in hits
    assert ["<dialog" in hits, "<html" in whole, "Raquel Moura" in whole] == [False, True, True]
    assert "Nenhum cliente seu" in none


def test_new_task_begins_on_the_day_it_was_asked_from(cast: Cast) -> None:
    client = make_client("Raquel Moura", owner=cast.julia)
    browser = Browser()
    browser.force_login(cast.julia)
    form = browser.get(reverse("contacts:task_create", args=[client.pk]), {"dia": "2026-12-01"}).content.decode()

    assert 'value="2026-12-01"' in form
