"""Notices in the program: who gets one, the bell, the list, marking as read."""

import datetime

import pytest
from django.db import connection
from django.test import Client as Browser
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from people import notifications
from people.models import Notification, User
from people.notifications import notify
from tests.factories import Cast

pytestmark = pytest.mark.django_db
LIST = "/avisos/"
HTMX = {"HX-Request": "true"}


def as_(user: User) -> Browser:
    browser = Browser()
    browser.force_login(user)
    return browser


def texts(user: User) -> list[str]:
    return list(Notification.objects.filter(recipient=user).values_list("text", flat=True))


def test_notice_reaches_each_recipient_once_and_never_its_author(cast: Cast) -> None:
    notify([cast.julia, cast.caio, cast.julia, cast.sonia], "mention", "Sônia citou você.", by=cast.sonia)

    assert [texts(person) for person in (cast.julia, cast.caio, cast.sonia)] == [
        ["Sônia citou você."],
        ["Sônia citou você."],
        [],
    ]


def test_notice_skips_who_cannot_log_in(cast: Cast) -> None:
    User.objects.filter(pk=cast.caio.pk).update(is_active=False)
    cast.caio.refresh_from_db()

    notify(cast.caio, "task", "Ligar hoje.")

    assert texts(cast.caio) == []


def test_notice_of_the_program_itself_reaches_one_person(cast: Cast) -> None:
    (notice,) = notify(cast.julia, "ownership", "3 clientes chegaram à sua carteira.", url="/carteira/")

    assert (notice.by, notice.url, notice.icon, notice.read_at) == (None, "/carteira/", "users", None)


def test_long_text_is_cut_with_a_mark(cast: Cast) -> None:
    (notice,) = notify(cast.julia, "system", "x" * 400)

    assert (len(notice.text), notice.text[-1]) == (300, "…")


def test_unread_are_counted_up_to_a_hundred(cast: Cast) -> None:
    for _number in range(101):
        notify(cast.julia, "system", "Aviso.")

    assert (notifications.unread_count(cast.julia), notifications.unread_count(cast.caio)) == (100, 0)
    assert "99+" in as_(cast.julia).get(LIST).content.decode()


def test_waiting_for_the_mail_leaves_out_what_an_earlier_mail_told(cast: Cast) -> None:
    today = timezone.localdate()
    told, fresh, read = (notify(cast.julia, "system", text)[0] for text in ("Contado.", "Novo.", "Lido."))
    Notification.objects.filter(pk=told.pk).update(digested_on=today - datetime.timedelta(days=1))
    Notification.objects.filter(pk=read.pk).update(read_at=timezone.now())

    assert list(notifications.waiting(cast.julia, on=today)) == [fresh]


def test_page_shows_the_number_at_both_bells_for_one_question(cast: Cast) -> None:
    browser = as_(cast.julia)
    notify(cast.julia, "mention", "Caio citou você.", by=cast.caio)
    with CaptureQueriesContext(connection) as queries:
        page = browser.get("/minha-conta/").content.decode()

    asked = [query for query in queries.captured_queries if "people_notification" in query["sql"]]
    assert len(asked) == 1
    assert page.count('aria-hidden="true"\n      >1</span>') == 2
    assert "1 aviso não lido" in page


def test_list_pages_by_fifty_with_as_many_questions_as_one_row(cast: Cast) -> None:
    browser = as_(cast.julia)
    counts = []
    for more in (1, 59):
        for number in range(more):
            notify(cast.julia, "mention", f"Aviso {number}.", by=cast.caio)
        with CaptureQueriesContext(connection) as queries:
            page = browser.get(LIST).content.decode()
        counts.append(len(queries))

    assert counts[0] == counts[1] <= 15
    assert page.count('class="notice new"') == 50
    assert browser.get(LIST, {"pagina": "2"}).content.decode().count('class="notice new"') == 10


def test_list_without_notices_says_what_comes_here(cast: Cast) -> None:
    assert "Nenhum aviso por enquanto<" in as_(cast.julia).get(LIST).content.decode()


def test_bell_shows_the_newest_and_renews_both_numbers(cast: Cast) -> None:
    for number in range(8):
        notify(cast.julia, "system", f"Aviso {number}.")
    menu = as_(cast.julia).get(LIST, headers=HTMX).content.decode()

    assert ["Aviso 7." in menu, "Aviso 2." in menu, "Aviso 1." in menu] == [True, True, False]
    assert menu.count("hx-swap-oob") == 3
    assert "<html" not in menu


def test_opening_a_notice_marks_it_read_and_leads_to_its_page(cast: Cast) -> None:
    first, second = notify([cast.julia, cast.caio], "task", "Ligar hoje.", url="/carteira/")
    browser = as_(cast.julia)

    answer = browser.post(reverse("people:notice_read", args=[first.pk]))
    foreign = browser.post(reverse("people:notice_read", args=[second.pk]))

    assert (answer.status_code, answer.headers["Location"], foreign.status_code) == (303, "/carteira/", 404)
    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.read_at is None, second.read_at) == (False, None)


@pytest.mark.parametrize("url", ["", "https://elsewhere.example/", "//elsewhere.example/"])
def test_notice_leads_to_no_other_site(cast: Cast, url: str) -> None:
    (notice,) = notify(cast.julia, "system", "Aviso.", url=url)

    answer = as_(cast.julia).post(reverse("people:notice_read", args=[notice.pk]), headers=HTMX)

    assert answer.headers["HX-Redirect"] == LIST


def test_marking_all_as_read_leaves_those_of_others(cast: Cast) -> None:
    notify([cast.julia, cast.caio], "system", "Aviso.")
    browser = as_(cast.julia)

    menu = browser.post(reverse("people:notice_read_all"), headers=HTMX)
    page = browser.post(reverse("people:notice_read_all"))

    assert "Marcar todos" not in menu.content.decode()
    assert (page.status_code, page.headers["Location"]) == (302, LIST)
    assert [notifications.unread_count(person) for person in (cast.julia, cast.caio)] == [0, 1]


def test_reading_a_notice_again_keeps_the_first_moment(cast: Cast) -> None:
    (notice,) = notify(cast.julia, "system", "Aviso.")
    assert [notifications.mark_read(notifications.notices_of(cast.julia)) for _turn in range(2)] == [1, 0]
    notice.refresh_from_db()
    assert notice.read_at is not None
