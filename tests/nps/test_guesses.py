"""Nobody opens a survey by guessing (RELIABILITY T17)."""

import secrets

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse

from nps import tokens
from nps.models import Invitation
from nps.views import public_page
from tests.factories import Cast, make_client
from tests.nps.surveying import make_invitation, make_survey, token_for

GUESSES = 100_000


@pytest.fixture
def asked(cast: Cast) -> Invitation:
    survey = make_survey(cast.mauro)
    return [make_invitation(make_client(owner=cast.julia), survey) for _ in range(20)][-1]


def path(token: str, view: str = "answer") -> str:
    return reverse(f"nps:{view}", args=[token])


def hits(guesses: list[str]) -> int:
    """One question to the base for all of them, as each page asks for one."""
    with connection.cursor() as cursor:
        digests = [tokens.digest_of(guess) for guess in guesses]
        cursor.execute("SELECT count(*) FROM nps_invitation WHERE digest = ANY(%s)", [digests])
        return int(cursor.fetchone()[0])


def test_hundred_thousand_guesses_hit_nothing(asked: Invitation) -> None:
    guesses = [secrets.token_hex(tokens.BYTES) for _ in range(GUESSES)]
    assert hits(guesses) == 0
    assert hits([*guesses, token_for(asked)]) == 1


@pytest.mark.parametrize("view", ["answer", "thanks", "stop", "refer", "privacy"])
def test_who_guesses_is_told_nothing_and_soon_refused(asked: Invitation, view: str) -> None:
    guesser, limit = Browser(REMOTE_ADDR="203.0.113.7"), int(public_page.GUESSES.split("/")[0])
    answers = [guesser.get(path(secrets.token_hex(16), view)) for _ in range(limit)]
    assert {answer.status_code for answer in answers} == {404}
    assert len({(answer.content, str(answer.headers)) for answer in answers}) == 1
    # From here on a true token is told from no other, whichever page is asked for and however.
    true = token_for(asked)
    refused = [guesser.get(path("x")), guesser.get(path(true)), guesser.post(path(true), {"score": "9"})]
    assert {answer.status_code for answer in refused} == {429}
    assert len({answer.content for answer in refused}) == 1
    assert refused[0].headers["Referrer-Policy"] == "no-referrer"
    assert Browser(REMOTE_ADDR="203.0.113.8").get(path(true)).status_code == 200


def test_posts_are_counted_apart(asked: Invitation, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(public_page, "POSTS", "1/m/ip")
    guest, true = Browser(), token_for(asked)
    assert [guest.post(path(true), {"score": "9"}).status_code for _ in range(2)] == [303, 429]
    assert guest.get(path(true)).status_code == 200
    assert guest.post(path(true, "stop")).status_code == 200


def test_token_of_another_shape_is_a_guess(asked: Invitation) -> None:
    true = token_for(asked)
    for other in (true.upper(), f"{true}0", true[:-1], "%00", "é"):
        assert Browser().get(f"/p/{other}/").status_code == 404
