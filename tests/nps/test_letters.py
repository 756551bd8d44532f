"""The words of a survey: the same address and a way to stop in each, and no token in what is written."""

from typing import Any

import pytest

from clients.models import Client
from contacts import sms
from nps import letters
from nps.models import Survey
from tests.factories import Cast
from tests.nps.surveying import make_survey

pytestmark = pytest.mark.django_db
SITE = "https://carteira.example"
TOKEN = "0123456789abcdef" * 2
ANA = Client(name="ana souza", person_type="PF")


@pytest.fixture(autouse=True)
def site(settings: Any) -> None:
    settings.SITE_URL = SITE
    settings.DEFAULT_FROM_EMAIL = "Carteira <pesquisa@carteira.example>"


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro, company="Casa & Cia", question="De 0 a 10, você recomendaria a {{empresa}}?")


def test_mail_has_a_link_for_each_score_in_both_parts(survey: Survey) -> None:
    letter = letters.mail(survey, ANA)
    page = f"{SITE}/p/{letters.MARK}/"
    links = [f"{page}?n={score}" for score in range(11)]
    assert [link for link in links if f'"{link}"' in letter.html] == links
    assert [link for link in links if f": {link}\n" in letter.body] == links
    assert f"página da pesquisa: {page}\n" in letter.body


def test_mail_says_who_asks_and_how_to_stop(survey: Survey) -> None:
    letter = letters.mail(survey, ANA)
    assert letter.headers == {
        "From": "Casa & Cia <pesquisa@carteira.example>",
        "List-Unsubscribe": f"<{SITE}/p/{letters.MARK}/parar/>",
        "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
    }
    assert letter.subject == "Casa & Cia: como está a sua experiência?"
    assert letter.body.startswith("Olá, Ana.\n\nUma pergunta, menos de um minuto.\n\nDe 0 a 10, você")
    assert letter.body.endswith(f"Casa & Cia\nPara não receber mais pesquisas: {SITE}/p/{letters.MARK}/parar/\n")
    assert "recomendaria a Casa &amp; Cia?" in letter.html


def test_names_in_a_mail_are_text(survey: Survey) -> None:
    html = letters.mail(survey, Client(name="<b>Ana</b>", person_type="PF")).html
    assert "<b>" not in html


def test_reminder_says_that_it_is_one(survey: Survey) -> None:
    letter = letters.mail(survey, ANA, is_reminder=True)
    assert letter.subject == "Casa & Cia: sua opinião ainda conta"
    assert "Há alguns dias perguntamos a sua opinião" in letter.body
    assert "Há alguns dias" in letters.message(survey, ANA, "whatsapp", is_reminder=True)


@pytest.mark.parametrize(
    ("client", "said"),
    [
        (ANA, "Olá, Ana"),
        (Client(name="ANA SOUZA", social_name="bia lima", person_type="PF"), "Olá, Bia"),
        (Client(name="Padaria Sol Ltda", person_type="PJ"), "Olá"),
        (Client(name="cliente", person_type="PF"), "Olá"),
    ],
)
def test_greeting_holds_a_first_name_at_most(client: Client, said: str) -> None:
    assert letters.greeting(client) == said


def test_whatsapp_holds_question_link_and_way_out(survey: Survey) -> None:
    survey.intro = ""
    assert letters.message(survey, ANA, "whatsapp").split("\n\n") == [
        "Olá, Ana. Aqui é Casa & Cia.",
        "De 0 a 10, você recomendaria a Casa & Cia?",
        f"Responda aqui: {SITE}/p/{letters.MARK}/",
        f"Para não receber mais pesquisas: {SITE}/p/{letters.MARK}/parar/",
    ]


@pytest.mark.parametrize(
    ("question", "company", "said"),
    [
        ("Você recomendaria?", "Casa", "Casa: Voce recomendaria? "),
        ("Você recomendaria? " * 10, "Casa", "Casa: de 0 a 10, quanto nos recomenda? "),
        ("Você recomendaria? " * 10, "Companhia " * 6, "Companhia Companhia "),
    ],
)
def test_sms_fits_one_part_with_its_token(survey: Survey, question: str, company: str, said: str) -> None:
    survey.question, survey.company = question, company.strip()
    text = letters.with_token(letters.message(survey, ANA, "sms"), TOKEN)
    assert text.startswith(said)
    assert text.endswith(f"{SITE}/p/{TOKEN}/")
    assert (sms.measure(text).parts, sms.measure(text).encoding) == (1, "GSM-7")


def test_sms_of_an_endless_company_takes_what_it_takes(survey: Survey) -> None:
    survey.company = "C" * 80
    assert letters.message(survey, ANA, "sms") == f"{'C' * 80}: sua nota? {SITE}/p/{letters.MARK}/"


def test_preview_opens_nothing(survey: Survey) -> None:
    assert letters.shown(letters.message(survey, ANA, "sms")).endswith(f"{SITE}/p/…/")
