"""Entering and leaving: one answer for every wrong login, limits, sessions that end, invitations (T6, T8, T18)."""

import re
import time

import pytest
from django.conf import settings as configured
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from django.utils.csp import build_policy
from pytest_django import Settings

from people.directory import close_login
from people.models import User
from people.roles import Role
from tests.factories import PASSWORD, make_team, make_user

pytestmark = pytest.mark.django_db

LOGIN = "/conta/login/"
HOME, AFTER_LOGIN = "/carteira/", "/"
CSRF = re.compile(r'(name="csrfmiddlewaretoken" value|name="csrf-token" content)="[^"]*"')


@pytest.fixture
def julia() -> User:
    return make_user("Júlia Prado", team=make_team("Sul"), email="julia@carteira.example")


def log_in(
    email: str, password: str = PASSWORD, *, browser: Browser | None = None, **extra: str
) -> tuple[int, str, str]:
    """Status, address led to, and the page without its tokens."""
    browser = browser or Browser()
    answer = browser.post(LOGIN, {"login": email, "password": password, **extra})
    page = CSRF.sub("", answer.content.decode()).replace(email, "")
    return answer.status_code, answer.headers.get("Location", ""), page


def is_in(browser: Browser) -> bool:
    answer = browser.get("/minha-conta/")
    if answer.status_code == 302:
        assert answer.headers["Location"].split("?")[0] == LOGIN
        return False
    assert answer.status_code == 200
    return True


# --- The login ----------------------------------------------------------------------------------------


def test_login_leads_to_the_carteira(julia: User) -> None:
    browser = Browser()

    assert log_in(julia.email, browser=browser)[:2] == (302, AFTER_LOGIN)
    assert is_in(browser)


def test_login_ignores_the_case_of_the_address(julia: User) -> None:
    assert log_in("JULIA@Carteira.Example")[:2] == (302, AFTER_LOGIN)


def test_login_answers_alike_for_wrong_password_and_unknown_person(julia: User) -> None:
    wrong, unknown = log_in(julia.email, "outra senha longa"), log_in("ninguem@carteira.example", "outra senha longa")

    assert wrong == unknown
    assert wrong[0] == 200
    assert 'role="alert"' in wrong[2]


def test_login_hashes_a_password_even_for_an_unknown_person(julia: User) -> None:
    """Equal time: medians of the two refusals within 20 ms of each other, or a factor of two on a busy machine."""

    def median(email: str) -> float:
        took = []
        for turn in range(7):
            began = time.perf_counter()
            log_in(email, f"outra senha longa {turn}", browser=Browser(REMOTE_ADDR=f"10.0.{turn}.{len(email)}"))
            took.append(time.perf_counter() - began)
        return sorted(took)[3]

    known, unknown = median(julia.email), median("ninguem@carteira.example")

    assert abs(known - unknown) <= 0.020 or 0.5 <= known / unknown <= 2


def test_login_of_a_disabled_person_is_refused(julia: User) -> None:
    User.objects.filter(pk=julia.pk).update(is_active=False)
    browser = Browser()

    status, address, _page = log_in(julia.email, browser=browser)

    assert status == 200 or address == reverse("account_inactive")
    assert not is_in(browser)


def test_login_stops_after_five_failures_even_with_the_right_password(julia: User) -> None:
    for _turn in range(5):
        log_in(julia.email, "outra senha longa")
    browser = Browser()

    status, address, page = log_in(julia.email, browser=browser)

    assert (status, address) == (200, "")
    assert 'role="alert"' in page
    assert not is_in(browser)
    other = make_user("Caio Torres", email="caio@carteira.example")
    assert log_in(other.email, browser=Browser(REMOTE_ADDR="10.9.9.9"))[:2] == (302, AFTER_LOGIN)


@pytest.mark.parametrize(
    "address", ["https://ladrao.example/", "//ladrao.example/x", "/\\ladrao.example", "javascript:alert(1)"]
)
def test_login_never_leads_to_another_site(julia: User, address: str) -> None:
    browser = Browser()

    assert log_in(julia.email, browser=browser, next=address)[:2] == (302, AFTER_LOGIN)
    assert "ladrao" not in browser.get(LOGIN, {"next": address}).headers.get("Location", "")


def test_login_leads_back_to_the_page_that_asked_for_it(julia: User) -> None:
    assert log_in(julia.email, next="/minha-conta/")[:2] == (302, "/minha-conta/")


def test_login_changes_the_key_of_the_session(julia: User) -> None:
    browser = Browser()
    browser.get(LOGIN)
    session = browser.session
    session["before"] = "1"
    session.save()
    before = session.session_key

    log_in(julia.email, browser=browser)

    assert browser.session.session_key != before


def test_nobody_signs_up(julia: User) -> None:
    data = {"email": "nova@carteira.example", "password1": PASSWORD, "password2": PASSWORD}
    answer = Browser().post(reverse("account_signup"), data)

    assert answer.status_code in {200, 302, 403}
    assert not User.objects.filter(email=data["email"]).exists()


def test_unknown_host_is_refused() -> None:
    assert Browser(raise_request_exception=False).get(LOGIN, headers={"host": "ladrao.example"}).status_code == 400


def test_every_page_sends_the_policy_of_the_settings(julia: User) -> None:
    browser = Browser()
    browser.force_login(julia)
    policy = build_policy(configured.SECURE_CSP)

    for answer in (browser.get("/minha-conta/"), Browser().get(LOGIN), browser.get("/nada/"), browser.get("/saude/")):
        assert answer.headers["Content-Security-Policy"] == policy
        assert answer.headers["X-Frame-Options"] == "DENY"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert answer.headers["Referrer-Policy"] == "same-origin"
    assert "unsafe" not in policy


def test_pages_of_a_person_are_never_stored(julia: User) -> None:
    browser = Browser()
    browser.force_login(julia)

    for path in ("/minha-conta/", HOME, "/nada/", "/equipes/"):
        assert "no-store" in browser.get(path).headers["Cache-Control"]


# --- Sessions end -------------------------------------------------------------------------------------


def inside(user: User) -> Browser:
    browser = Browser()
    assert log_in(user.email, browser=browser)[0] == 302
    assert is_in(browser)
    return browser


def test_session_ends_with_the_next_request_after_rights_changed(julia: User) -> None:
    browser = inside(julia)
    User.objects.filter(pk=julia.pk).update(session_epoch=julia.session_epoch + 1)

    assert not is_in(browser)


def test_session_ends_with_the_next_request_after_the_person_left(julia: User) -> None:
    browser = inside(julia)
    close_login(julia, by=make_user("Ada Nunes", role=Role.ADMIN))

    assert not is_in(browser)


def test_session_ends_with_the_next_request_after_the_login_was_disabled(julia: User) -> None:
    browser = inside(julia)
    User.objects.filter(pk=julia.pk).update(is_active=False)

    assert not is_in(browser)


def test_other_sessions_end_when_the_password_changes(julia: User) -> None:
    first, second = inside(julia), inside(julia)
    new = "outra senha bem comprida"
    answer = first.post(
        reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": new, "password2": new}
    )

    assert answer.status_code == 302
    assert not is_in(second)
    assert not is_in(first)
    assert log_in(julia.email, new)[:2] == (302, AFTER_LOGIN)


def test_session_ends_after_a_working_day_however_busy(julia: User) -> None:
    browser = inside(julia)
    session = browser.session
    session["logged_in_at"] = int(time.time()) - configured.SESSION_COOKIE_AGE - 1
    session.save()

    assert not is_in(browser)


def test_session_without_an_epoch_ends_once_rights_changed(julia: User) -> None:
    User.objects.filter(pk=julia.pk).update(session_epoch=3)
    browser = Browser()
    browser.force_login(User.objects.get(pk=julia.pk))

    assert not is_in(browser)


@pytest.mark.parametrize(("role", "stays"), [(Role.ADMIN, False), (Role.MANAGER, True)])
def test_idle_minutes_end_the_session_of_an_admin(role: Role, stays: bool) -> None:
    person = make_user("Ada Nunes", role=role)
    browser = inside(person)
    session = browser.session
    session["seen_at"] = int(time.time()) - configured.ADMIN_IDLE_MINUTES * 60 - 1
    session.save()

    assert is_in(browser) is stays


def test_admin_who_works_stays_in(julia: User) -> None:
    browser = inside(make_user("Ada Nunes", role=Role.ADMIN))
    session = browser.session
    session["seen_at"] = int(time.time()) - 120
    session.save()

    assert is_in(browser)
    assert int(time.time()) - browser.session["seen_at"] < 60


def test_logout_ends_the_session(julia: User) -> None:
    browser = inside(julia)

    assert browser.post(reverse("account_logout")).status_code == 302
    assert not is_in(browser)


# --- Invitation and forgotten password ------------------------------------------------------------------


def link_in(message: str) -> str:
    found = re.search(r"https?://\S+", message)
    assert found is not None
    return found[0]


def test_new_person_gets_a_mail_whose_link_sets_the_password(settings: Settings) -> None:
    settings.SITE_URL = "https://carteira.example"
    ada = make_user("Ada Nunes", role=Role.ADMIN)
    browser = Browser()
    browser.force_login(ada)
    data = {
        "name": "Nova Pessoa",
        "email": "nova@carteira.example",
        "role": "seller",
        "hours_per_day": "8",
        "joined_on": "2026-01-02",
        "is_active": "on",
    }

    assert browser.post("/pessoas/nova/", data).status_code == 303

    assert [message.to for message in mail.outbox] == [["nova@carteira.example"]]
    link = link_in(str(mail.outbox[0].body))
    assert link.startswith("https://carteira.example/conta/")
    guest = Browser()
    form = guest.get(link.removeprefix("https://carteira.example"), follow=True)
    new = "minha primeira senha longa"
    guest.post(form.request["PATH_INFO"], {"password1": new, "password2": new})
    assert log_in("nova@carteira.example", new)[:2] == (302, AFTER_LOGIN)


def test_link_in_the_mail_ignores_the_host_of_the_request(julia: User, settings: Settings) -> None:
    settings.SITE_URL, settings.ALLOWED_HOSTS = "https://carteira.example", ["*"]
    Browser().post(reverse("account_reset_password"), {"email": julia.email}, headers={"host": "ladrao.example"})

    assert link_in(str(mail.outbox[0].body)).startswith("https://carteira.example/")
    assert "ladrao" not in str(mail.outbox[0].body)


def test_forgotten_password_answers_alike_for_unknown_people(julia: User) -> None:
    answers = []
    for email in (julia.email, "ninguem@carteira.example"):
        answer = Browser().post(reverse("account_reset_password"), {"email": email})
        answers.append((answer.status_code, answer.headers["Location"]))

    assert answers[0] == answers[1]


def test_link_of_a_forgotten_password_works_once(julia: User) -> None:
    Browser().post(reverse("account_reset_password"), {"email": julia.email})
    link = re.sub(r"^https?://[^/]+", "", link_in(str(mail.outbox[0].body)))
    new = "outra senha bem comprida"
    guest = Browser()
    form = guest.get(link, follow=True)
    guest.post(form.request["PATH_INFO"], {"password1": new, "password2": new})

    again = Browser()
    page = again.get(link, follow=True)
    newer = "mais outra senha comprida"
    again.post(page.request["PATH_INFO"], {"password1": newer, "password2": newer})

    assert log_in(julia.email, newer)[0] == 200
    assert log_in(julia.email, new, browser=Browser(REMOTE_ADDR="10.1.1.1"))[0] == 302
