"""A client answers on the phone: from the letter to thanks, without a login; mail scanners leave nothing."""

import datetime

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect
from pytest_django.fixtures import Settings
from pytest_django.live_server_helper import LiveServer

from clients.models import Client
from nps import tokens
from nps.models import Answer, Invitation
from tests.browser.actions import accessibility_problems, screenshot
from tests.factories import Cast, make_client
from tests.nps.surveying import make_invitation, make_survey, token_for

PHONE = {"width": 390, "height": 844}


@pytest.fixture(autouse=True)
def _letters_lead_here(settings: Settings, live_server: LiveServer) -> None:
    settings.SITE_URL = live_server.url


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Souza", owner=cast.julia)


@pytest.fixture
def asked(cast: Cast, ana: Client) -> Invitation:
    return make_invitation(ana, make_survey(cast.mauro, company="Horizonte Crédito e Seguros"))


def link(invitation: Invitation, view: str = "answer") -> str:
    """As it stands in the letter."""
    return tokens.url_of(token_for(invitation), view)


def given() -> list[tuple[int, str]]:
    return list(Answer.objects.unscoped(reason="test").values_list("score", "comment"))


def test_from_the_letter_to_thanks_and_a_friend(page: Page, ana: Client, asked: Invitation) -> None:
    page.set_viewport_size(PHONE)
    for score in range(11):
        assert page.request.get(f"{link(asked)}?n={score}").ok
        assert page.request.head(f"{link(asked)}?n={score}").ok
    assert given() == []

    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    page.goto(f"{link(asked)}?n=9")
    assert [url for url in loaded if not url.startswith("data:")] == [f"{link(asked)}?n=9"]
    nine = page.get_by_role("radio", name="9", exact=True)
    expect(nine).to_be_checked()
    assert accessibility_problems(page) == []
    screenshot(page, "survey")
    # By keyboard alone: the arrows move along the scale.
    nine.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="10", exact=True)).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.type("Rápido e claro")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    expect(page.get_by_label("Podem me ligar para falar sobre a resposta.")).to_be_checked()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Obrigado, Ana")).to_be_visible()
    assert given() == [(10, "Rápido e claro")]
    assert accessibility_problems(page) == []
    screenshot(page, "survey-thanks")

    page.get_by_role("link", name="Indicar um amigo").click()
    page.get_by_label("Nome do seu amigo").fill("Bia Lima")
    page.get_by_label("Telefone com DDD").fill("98765-4321")
    page.get_by_role("button", name="Enviar indicação").click()
    expect(page.get_by_text("Falta o DDD do telefone.")).to_be_visible()
    assert accessibility_problems(page) == []
    screenshot(page, "survey-refer")
    page.get_by_label("Telefone com DDD").fill("(11) 98765-4321")
    page.get_by_role("button", name="Enviar indicação").click()
    expect(page.get_by_text("Indicação recebida.")).to_be_visible()
    bia = ana.referrals.get().prospect
    assert bia is not None
    assert (bia.name, bia.owner, bia.portfolio_class) == ("Bia Lima", ana.owner, "prospect")


def test_second_answer_expired_and_unsubscribed(page: Page, cast: Cast, ana: Client, asked: Invitation) -> None:
    page.set_viewport_size(PHONE)
    page.goto(f"{link(asked)}?n=9")
    page.get_by_role("button", name="Enviar resposta").click()
    page.goto(link(asked))
    expect(page.get_by_text("Sua nota 9 foi registrada.")).to_be_visible()
    page.get_by_role("link", name="Mudar a resposta").click()
    page.get_by_role("radio", name="3", exact=True).check()
    page.get_by_label("Qual o principal motivo da sua nota?").fill("Demorou")
    page.get_by_role("button", name="Mudar a resposta").click()
    expect(page.get_by_text("fala com você em até 2 dias úteis")).to_be_visible()
    assert given() == [(3, "Demorou")]

    page.get_by_role("link", name="Mudar a resposta").click()
    page.get_by_role("link", name="Como usamos seus dados").click()
    expect(page.get_by_role("heading", name="O que guardamos")).to_be_visible()
    assert accessibility_problems(page) == []
    page.get_by_role("link", name="Não quero receber pesquisas").click()
    assert not ana.opt_outs.exists()
    page.get_by_role("button", name="Parar as pesquisas").click()
    expect(page.get_by_role("heading", name="Pedido registrado")).to_be_visible()
    assert ana.opt_outs.get().purpose == "survey"

    month = timezone.localdate() - datetime.timedelta(days=31)
    page.goto(f"{link(make_invitation(ana, make_survey(cast.mauro), asked_on=month))}?n=10")
    expect(page.get_by_role("heading", name="Esta pesquisa já terminou")).to_be_visible()
    screenshot(page, "survey-expired")
    assert len(given()) == 1


def test_without_scripts_in_the_dark(browser: Browser, asked: Invitation) -> None:
    context = browser.new_context(java_script_enabled=False, color_scheme="dark", viewport=PHONE, locale="pt-BR")
    page = context.new_page()
    page.goto(link(asked))
    screenshot(page, "survey-dark")
    page.get_by_role("radio", name="0", exact=True).check()
    page.get_by_role("button", name="Enviar resposta").click()
    expect(page.get_by_role("heading", name="Obrigado, Ana")).to_be_visible()
    screenshot(page, "survey-thanks-dark")
    context.close()
    assert given() == [(0, "")]
