"""What staff does by hand: links handed over once, answers heard on the phone; never for one's own clients."""

from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from clients.models import Client, OptOut
from nps import tokens
from nps.models import Answer, Survey
from people.models import User
from tests.factories import Cast, browser_of, make_client
from tests.nps.asking import MOBILE, give_phone, invitations, mailed
from tests.nps.surveying import make_answer, make_survey

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
BY_HAND, HAND_OVER = reverse("nps:by_hand"), reverse("nps:hand_over")


@pytest.fixture
def rui(cast: Cast) -> Client:
    """Without an e-mail: the night cannot reach him."""
    client = make_client("Rui Alves", owner=cast.julia, portfolio_class="active")
    give_phone(client)
    return client


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro, name="Carteira", channels=["email", "whatsapp", "link"])


def page(user: User, **query: Any) -> str:
    response = browser_of(user).get(BY_HAND, query)
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def hand(user: User, client: Client, survey: Survey, channel: str = "link", *, htmx: bool = True) -> Any:
    data = {"client": client.pk, "survey": survey.pk, "channel": channel}
    return browser_of(user).post(HAND_OVER, data, headers=HTMX if htmx else {})


def write_down(user: User, client: Client, survey: Survey, score: int = 3, key: str = "k1") -> Any:
    data = {"survey": survey.pk, "score": str(score), "comment": "Demora.", "form_key": key}
    return browser_of(user).post(reverse("nps:phone_answer", args=[client.pk]), data, headers=HTMX)


# --- The list ------------------------------------------------------------------------------------------


def test_list_holds_visible_clients_that_the_night_cannot_reach(cast: Cast, rui: Client, survey: Survey) -> None:
    mailed("Ana Souza", cast.julia)
    make_client("Cliente Alheio", owner=cast.davi, portfolio_class="active")
    make_client("Cliente Próprio", owner=cast.sonia, portfolio_class="active")
    text = page(cast.sonia)
    assert [name in text for name in (rui.name, "Ana Souza", "Cliente Alheio", "Cliente Próprio")] == [
        True,
        False,
        False,
        False,
    ]
    assert "1 cliente" in text
    assert ">WhatsApp</button>" in text
    assert ">Link à mão</button>" in text
    assert "/p/" not in text


def test_list_says_why_a_client_cannot_be_asked(cast: Cast, rui: Client, survey: Survey) -> None:
    OptOut.objects.create(client=rui, channel="any", purpose="survey", by=cast.julia)
    assert "O cliente pediu em" in page(cast.sonia)
    other = make_client("Sara", owner=cast.julia, portfolio_class="active")
    give_phone(other)
    make_answer(make_client("Tia", owner=cast.julia), make_survey(cast.mauro), 9)
    invitations().update(address=MOBILE)
    assert "Um telefone ou e-mail do cliente recebeu uma pergunta" in page(cast.sonia)


def test_list_shows_the_survey_that_is_named(cast: Cast, rui: Client, survey: Survey) -> None:
    other = make_survey(cast.mauro, name="Prospects", channels=["link"], classes=["prospect"])
    assert rui.name in page(cast.sonia)
    assert "Ninguém espera" in page(cast.sonia, pesquisa=other.pk)
    assert rui.name in page(cast.sonia, pesquisa="x")


def test_list_without_such_a_survey_says_what_brings_one(cast: Cast, settings: Any) -> None:
    settings.CONTACT_ADAPTERS = {"whatsapp": "x"}
    make_survey(cast.mauro, channels=["email", "whatsapp"])
    make_survey(cast.mauro, channels=["link"], is_active=False)
    assert "Nenhuma pesquisa à mão" in page(cast.sonia)


def test_htmx_takes_the_rows(cast: Cast, rui: Client, survey: Survey) -> None:
    response = browser_of(cast.sonia).get(BY_HAND, headers=HTMX)
    assert response.content.decode().lstrip().startswith('<div id="hand-rows"')


def test_list_asks_the_same_for_many(cast: Cast, rui: Client, survey: Survey) -> None:
    def asked() -> int:
        browser = browser_of(cast.sonia)
        with CaptureQueriesContext(connection) as queries:
            browser.get(BY_HAND)
        return len(queries)

    one = asked()
    for place in range(3):
        make_client(f"Cliente {place}", owner=cast.caio, portfolio_class="active")
    assert asked() == one


# --- Handing over --------------------------------------------------------------------------------------


def test_link_is_shown_once(cast: Cast, rui: Client, survey: Survey) -> None:
    first = hand(cast.sonia, rui, survey)
    (made,) = invitations()
    assert (first.status_code, first.headers["HX-Trigger"]) == (200, "survey-asked")
    assert tokens.url_of(tokens.token_of(made)) in first.content.decode()
    assert (made.by, made.channel) == (cast.sonia, "link")
    second = hand(cast.sonia, rui, survey)
    assert second.status_code == 422
    assert "Esta pesquisa perguntou em" in second.content.decode()
    assert tokens.token_of(made) not in second.content.decode()


def test_whatsapp_opens_with_the_words(cast: Cast, rui: Client, survey: Survey) -> None:
    text = hand(cast.bento, rui, survey, "whatsapp", htmx=False).content.decode()
    assert "https://wa.me/5511987654321?text=" in text
    assert "Abrir o WhatsApp" in text


def test_sms_opens_with_the_words(cast: Cast, rui: Client) -> None:
    text = hand(cast.bento, rui, make_survey(cast.mauro, channels=["sms"]), "sms").content.decode()
    assert f"sms:{MOBILE}?body=" in text


def test_survey_that_stopped_hands_nothing_over(cast: Cast, rui: Client, survey: Survey) -> None:
    Survey.objects.update(is_active=False)
    response = hand(cast.sonia, rui, survey)
    assert response.status_code == 422
    assert "A pesquisa parou ou mudou." in response.content.decode()


def test_nobody_hands_over_to_a_client_of_one_s_own_or_of_others(cast: Cast, rui: Client, survey: Survey) -> None:
    own = make_client("Própria", owner=cast.sonia, portfolio_class="active")
    foreign = make_client("Alheia", owner=cast.davi, portfolio_class="active")
    assert [hand(cast.sonia, one, survey).status_code for one in (own, foreign)] == [404, 404]
    assert browser_of(cast.sonia).post(HAND_OVER, {"client": "x"}).status_code == 404
    assert not invitations().exists()


def test_sellers_neither_hand_over_nor_write_down(cast: Cast, rui: Client, survey: Survey) -> None:
    for user in (cast.julia, cast.davi):
        assert browser_of(user).get(BY_HAND).status_code == 403
        assert hand(user, rui, survey).status_code == 403
        assert write_down(user, rui, survey).status_code == 403


# --- By phone ------------------------------------------------------------------------------------------


def test_answer_by_phone_is_marked_with_who_wrote_it(cast: Cast, rui: Client, survey: Survey) -> None:
    form = browser_of(cast.sonia).get(reverse("nps:phone_answer", args=[rui.pk]), headers=HTMX)
    assert "Anotar resposta por telefone" in form.content.decode()
    assert write_down(cast.sonia, rui, survey).status_code == 204
    answer = Answer.objects.unscoped(reason="test").get()
    assert (answer.score, answer.comment, answer.by, answer.channel) == (3, "Demora.", cast.sonia, "phone")
    assert (answer.owner, answer.client, answer.is_by_staff) == (cast.julia, rui, True)
    assert invitations().get().state == "answered"


def test_throttle_and_wishes_hold_on_the_phone(cast: Cast, rui: Client, survey: Survey) -> None:
    write_down(cast.sonia, rui, survey)
    again = write_down(cast.sonia, rui, make_survey(cast.mauro), key="k2")
    assert again.status_code == 422
    assert "O cliente tem um caso em aberto" in again.content.decode()
    bia = mailed("Bia", cast.julia)
    OptOut.objects.create(client=bia, channel="any", purpose="survey", by=cast.julia)
    refused = write_down(cast.sonia, bia, survey, key="k3")
    assert "O cliente pediu em" in refused.content.decode()
    assert Answer.objects.unscoped(reason="test").count() == 1


def test_anonymous_survey_is_not_offered_on_the_phone(cast: Cast, rui: Client) -> None:
    survey = make_survey(cast.mauro, is_anonymous=True)
    assert write_down(cast.sonia, rui, survey).status_code == 422


def test_nobody_writes_down_an_answer_about_oneself(cast: Cast, survey: Survey) -> None:
    own = make_client("Própria", owner=cast.sonia, portfolio_class="active")
    foreign = make_client("Alheia", owner=cast.davi, portfolio_class="active")
    assert [write_down(cast.sonia, one, survey).status_code for one in (own, foreign)] == [404, 404]
