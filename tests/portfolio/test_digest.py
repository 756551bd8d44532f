"""The mail of the morning: numbers alone, one a day, none without news, stopped without a login."""

import datetime
import re

import pytest
from django.test import Client as Browser
from django.utils import timezone

from jobs import running
from jobs.models import Job, OutboxMessage
from jobs.registry import find
from people import digests, notifications
from people.models import Activity, User
from people.notifications import notify
from portfolio import digest
from portfolio.models import AgendaDay, AgendaLine
from tests.factories import Cast, make_client

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def today() -> datetime.date:
    return timezone.localdate()


def make_lines(user: User, on: datetime.date, **sections: int) -> None:
    day = AgendaDay.objects.create(user=user, on=on, minutes=480)
    for section, count in sections.items():
        for _number in range(count):
            client = make_client(owner=user)
            AgendaLine.objects.create(day=day, client=client, section=section)


def letters() -> list[OutboxMessage]:
    return list(OutboxMessage.objects.order_by("pk"))


def test_nothing_to_say_sends_nothing(cast: Cast, today: datetime.date) -> None:
    assert [digest.put(cast.julia, on=today), letters()] == [False, []]


def test_letter_counts_the_day_and_the_unread_and_names_no_client(cast: Cast, today: datetime.date) -> None:
    make_lines(cast.julia, today, deadline=1, plan=2)
    notify(cast.julia, "mention", "Caio citou você em Raquel Moura.", by=cast.caio)
    digest.put(cast.julia, on=today)
    (letter,) = letters()

    assert (letter.recipient, letter.subject) == (cast.julia.email, "Seu dia no Carteira: 3 contatos e 1 aviso")
    assert [line for line in letter.body.splitlines() if line.startswith("- ")] == [
        "- Com prazo: 1",
        "- Plano de contato: 2",
        "- Menção: 1",
    ]
    assert "Raquel" not in letter.body
    assert letter.body.startswith("Bom dia, Júlia.")


@pytest.mark.parametrize(
    ("lines", "notices", "subject"),
    [
        (2, 0, "Seu dia no Carteira: 2 contatos"),
        (0, 2, "Seu dia no Carteira: 2 avisos"),
        (1, 1, "Seu dia no Carteira: 1 contato e 1 aviso"),
    ],
)
def test_subject_says_what_there_is(cast: Cast, today: datetime.date, lines: int, notices: int, subject: str) -> None:
    make_lines(cast.julia, today, plan=lines)
    for _number in range(notices):
        notify(cast.julia, "system", "Aviso.")
    digest.put(cast.julia, on=today)

    assert letters()[0].subject == subject


def test_asked_twice_one_letter_leaves(cast: Cast, today: datetime.date) -> None:
    make_lines(cast.julia, today, plan=1)
    notify(cast.julia, "system", "Aviso.")

    assert [digest.put(cast.julia, on=today) for _turn in range(2)] == [True, True]
    assert len(letters()) == 1


def test_notice_is_told_once(cast: Cast, today: datetime.date) -> None:
    notify(cast.julia, "system", "Aviso.")

    assert [digest.put(cast.julia, on=day) for day in (today, today + DAY)] == [True, False]


def test_done_lines_and_those_of_other_days_do_not_count(cast: Cast, today: datetime.date) -> None:
    make_lines(cast.julia, today - DAY, plan=2)
    make_lines(cast.julia, today, plan=1)
    AgendaLine.objects.unscoped(reason="test").filter(day__on=today).update(state="done")

    assert not digest.news_for(cast.julia, on=today)


def run_morning(day: datetime.date) -> Job:
    job = Job.objects.create(kind=digest.KIND, local_date=day)
    run = running.claim(only=job.pk)
    assert run is not None
    find(digest.KIND).work(run)
    job.refresh_from_db()
    return job


def test_morning_writes_to_those_who_want_it_and_may_log_in(cast: Cast, today: datetime.date) -> None:
    people = [cast.julia, cast.caio, cast.davi]
    notify(people, "system", "Aviso.")
    User.objects.filter(pk=cast.caio.pk).update(wants_digest=False)
    User.objects.filter(pk=cast.davi.pk).update(is_active=False)

    job = run_morning(today)

    assert [letter.recipient for letter in letters()] == [cast.julia.email]
    assert job.counts == {"letters": 1}


def test_morning_goes_on_where_it_stopped(cast: Cast, today: datetime.date) -> None:
    notify([cast.julia, cast.caio], "system", "Aviso.")
    Job.objects.create(kind=digest.KIND, local_date=today, checkpoint={"after": cast.julia.pk})
    run = running.claim(only=Job.objects.get().pk)
    assert run is not None
    find(digest.KIND).work(run)

    assert [letter.recipient for letter in letters()] == [cast.caio.email]


def test_morning_of_a_day_that_is_over_tells_nobody(cast: Cast, today: datetime.date) -> None:
    notify(cast.julia, "system", "Aviso.")
    run_morning(today - DAY)

    assert letters() == []


def test_morning_is_at_half_past_seven() -> None:
    assert find(digest.KIND).daily_at == datetime.time(7, 30)


def stop_path(letter: OutboxMessage) -> str:
    found = re.fullmatch(r"<https?://[^/]+(/resumo/.+/parar/)>", letter.headers["List-Unsubscribe"])
    assert found is not None
    return found[1]


def test_one_click_in_the_header_stops_it_without_a_login(cast: Cast, today: datetime.date) -> None:
    notify(cast.julia, "system", "Aviso.")
    digest.put(cast.julia, on=today)
    path, stranger = stop_path(letters()[0]), Browser(enforce_csrf_checks=True)

    opened = stranger.get(path)
    wanted = User.objects.get(pk=cast.julia.pk).wants_digest
    posted = [stranger.post(path, {"List-Unsubscribe": "One-Click"}) for _turn in range(2)]

    assert ("Parar o resumo" in opened.content.decode(), wanted) == (True, True)
    assert "Resumo desligado" in posted[0].content.decode()
    assert [answer.status_code for answer in posted] == [200, 200]
    assert not User.objects.get(pk=cast.julia.pk).wants_digest
    assert Activity.objects.filter(verb="digest_stopped").count() == 1
    assert letters()[0].headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


def test_address_of_another_hand_is_not_found(cast: Cast) -> None:
    token = digests.stop_url(cast.julia).split("/")[-3]
    tampered = token[:-1] + ("A" if token[-1] != "A" else "B")

    assert [Browser().post(f"/resumo/{one}/parar/").status_code for one in (tampered, "x", token)] == [404, 404, 200]


def test_account_page_switches_it(cast: Cast) -> None:
    browser = Browser()
    browser.force_login(cast.julia)
    browser.post("/minha-conta/", {"name": "Júlia Prado", "theme": "", "phone": ""})
    without = User.objects.get(pk=cast.julia.pk).wants_digest
    browser.post("/minha-conta/", {"name": "Júlia Prado", "theme": "", "phone": "", "wants_digest": "on"})

    assert [without, User.objects.get(pk=cast.julia.pk).wants_digest] == [False, True]


def test_unread_notices_of_today_stay_waiting_until_the_letter(cast: Cast, today: datetime.date) -> None:
    notify(cast.julia, "system", "Aviso.")
    digest.put(cast.julia, on=today)

    assert notifications.waiting(cast.julia, on=today).count() == 1
    assert notifications.waiting(cast.julia, on=today + DAY).count() == 0
