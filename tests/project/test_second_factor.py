"""The second factor: demanded of leaders where it must be, asked at the login, never lost by a reset (T7)."""

import re

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core import mail
from django.test import Client as Browser
from django.urls import reverse
from pytest_django import Settings

from people.models import User
from people.roles import Role
from tests.factories import PASSWORD, make_user

pytestmark = pytest.mark.django_db

HOME, AFTER_LOGIN = "/carteira/", "/"


@pytest.fixture(autouse=True)
def patience(settings: Settings) -> None:
    """A slow machine may pass the border of 30 seconds between making a code and sending it."""
    settings.MFA_TOTP_TOLERANCE = 1


def code_of(secret: str) -> str:
    _before, now, _after = yield_hotp_counters_from_time()
    return format_hotp_value(hotp_value(secret, now))


def with_totp(user: User) -> str:
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return secret


def half_way(user: User) -> Browser:
    """Past the password, before the code."""
    browser = Browser()
    answer = browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"].split("?")[0]) == (302, reverse("mfa_authenticate"))
    return browser


def is_in(browser: Browser) -> bool:
    return browser.get("/minha-conta/").status_code == 200


def test_login_asks_for_the_code_and_lets_in_with_it() -> None:
    user = make_user("Mauro Telles", role=Role.MANAGER)
    secret = with_totp(user)
    browser = half_way(user)

    assert not is_in(browser)
    answer = browser.post(reverse("mfa_authenticate"), {"code": code_of(secret)})

    assert (answer.status_code, answer.headers["Location"]) == (302, AFTER_LOGIN)
    assert is_in(browser)
    assert browser.session["epoch"] == user.session_epoch


def test_login_refuses_a_wrong_code() -> None:
    user = make_user("Mauro Telles", role=Role.MANAGER)
    secret = with_totp(user)
    browser = half_way(user)
    wrong = "000000" if code_of(secret) != "000000" else "111111"

    assert browser.post(reverse("mfa_authenticate"), {"code": wrong}).status_code == 200
    assert not is_in(browser)


def test_login_takes_a_recovery_code_once() -> None:
    user = make_user("Mauro Telles", role=Role.MANAGER)
    with_totp(user)
    code = RecoveryCodes.activate(user).get_unused_codes()[0]
    first, second = half_way(user), half_way(user)

    assert first.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert second.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert (is_in(first), is_in(second)) == (True, False)


@pytest.mark.parametrize(
    ("role", "led_away"),
    [
        (Role.MANAGER, True),
        (Role.ADMIN, True),
        (Role.SUPERVISOR, False),
        (Role.SELLER, False),
        (Role.BACKOFFICE, False),
        (Role.AUDITOR, False),
    ],
)
def test_leaders_without_it_may_only_set_it_up(settings: Settings, role: Role, led_away: bool) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    browser = Browser()
    browser.force_login(make_user("Pessoa", role=role))

    for path in ("/minha-conta/", HOME, "/admin/", "/equipes/"):
        answer = browser.get(path)
        assert (answer.headers.get("Location") == reverse("mfa_index")) is led_away
    assert browser.get(reverse("mfa_index")).status_code == 200


def test_leader_with_it_passes(settings: Settings) -> None:
    settings.SECOND_FACTOR_REQUIRED = True
    user = make_user("Mauro Telles", role=Role.MANAGER)
    with_totp(user)
    browser = Browser()
    browser.force_login(user)

    assert is_in(browser)


def test_admin_site_is_entered_only_through_the_login() -> None:
    user = make_user("Ada Nunes", role=Role.ADMIN)
    with_totp(user)
    browser = Browser()

    for path in ("/admin/", "/admin/login/", "/admin/people/user/"):
        answer = browser.get(path, follow=True)
        assert answer.redirect_chain[-1][0].split("?")[0] == reverse("account_login")
    browser.post("/admin/login/", {"username": user.email, "password": PASSWORD})
    assert not is_in(browser)


def test_reset_of_the_password_keeps_the_second_factor() -> None:
    user = make_user("Mauro Telles", role=Role.MANAGER)
    with_totp(user)
    Browser().post(reverse("account_reset_password"), {"email": user.email})
    link = re.search(r"https?://[^/]+(\S+)", str(mail.outbox[0].body))
    assert link is not None
    browser = Browser()
    form = browser.get(link[1], follow=True)
    new = "outra senha bem comprida"
    browser.post(form.request["PATH_INFO"], {"password1": new, "password2": new})

    assert not is_in(browser)
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()
    answer = browser.post(reverse("account_login"), {"login": user.email, "password": new})
    assert answer.headers["Location"].split("?")[0] == reverse("mfa_authenticate")


def test_turning_it_off_asks_for_the_password_again() -> None:
    user = make_user("Mauro Telles", role=Role.MANAGER)
    with_totp(user)
    browser = Browser()
    browser.force_login(user)

    answer = browser.post(reverse("mfa_deactivate_totp"))

    assert answer.headers["Location"].split("?")[0] in {
        reverse("mfa_reauthenticate"),
        reverse("account_reauthenticate"),
    }
    assert Authenticator.objects.filter(user=user, type=Authenticator.Type.TOTP).exists()


def test_an_address_nobody_verified_does_not_keep_one_from_the_second_factor() -> None:
    user = make_user("Mauro Telles", role=Role.MANAGER)
    EmailAddress.objects.create(user=user, email=user.email, primary=True, verified=False)
    browser = Browser()
    browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    browser.post(reverse("account_reauthenticate"), {"password": PASSWORD})

    assert browser.get(reverse("mfa_activate_totp")).status_code == 200
