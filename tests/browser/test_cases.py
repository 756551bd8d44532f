"""From a low score to a settled case: the seller sees it at once, the supervisor has it in the day and settles it."""

import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from clients.models import Client
from contacts.gate_facts import check
from nps import answers, standing
from nps.models import Survey
from tests.browser.actions import accessibility_problems, enter, screenshot
from tests.browser.clock import TUESDAY, Clock
from tests.contacts.talking import make_ana
from tests.factories import Cast
from tests.nps.following import case_of, make_cause
from tests.nps.surveying import make_invitation, make_survey


@pytest.fixture
def survey(clock: Clock, cast: Cast) -> Survey:
    clock.put(9, 30)
    make_cause("Demora")
    return make_survey(cast.mauro, name="Clientes da casa")


@pytest.fixture
def ana(survey: Survey, cast: Cast) -> Client:
    return make_ana(cast.julia)


def say(client: Client, survey: Survey, score: int, comment: str = "") -> None:
    """What the client's page does."""
    answers.record(make_invitation(client, survey), score=score, comment=comment, may_call=True)


def rule_of(client: Client) -> str:
    return check(client, channel="call", purpose="offer", at=timezone.now()).rule


def open_case(page: Page) -> None:
    """From the bell."""
    page.get_by_role("button", name=re.compile("^Avisos")).last.click()
    page.locator("#notices-newest").get_by_role("button", name=re.compile("Ana deu nota 3")).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Ana")


def test_unhappy_client_is_settled(
    page: Page, live_server: LiveServer, cast: Cast, survey: Survey, ana: Client
) -> None:
    page.set_viewport_size({"width": 1440, "height": 900})
    assert rule_of(ana) == ""
    say(ana, survey, 3, "Ninguém me retornou.")
    assert rule_of(ana) == "paused"

    # The seller sees the case and adds to it, and settles nothing.
    enter(page, live_server.url, cast.julia)
    page.goto(live_server.url + reverse("portfolio:my_day"))
    open_case(page)
    expect(page.locator("#caso")).to_contain_text("Ninguém me retornou.")
    expect(page.get_by_role("link", name="Encerrar caso")).to_have_count(0)
    page.get_by_role("link", name="Anotar").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Anotação").fill("Prometi o boleto e esqueci.")
    dialog.get_by_role("button", name="Salvar anotação").click()
    expect(page.locator("#caso")).to_contain_text("Prometi o boleto e esqueci.")

    # The supervisor has it in the day, speaks with the client and closes it with its cause.
    enter(page, live_server.url, cast.sonia)
    page.goto(live_server.url + reverse("portfolio:my_day"))
    expect(page.locator("#agenda")).to_contain_text("Falar com cliente que deu nota 3")
    open_case(page)
    page.get_by_role("button", name="Já conversei").click()
    expect(page.locator("#caso h1")).to_contain_text("Em conversa")
    assert accessibility_problems(page) == []
    screenshot(page, "case-detail")
    page.get_by_role("link", name="Encerrar caso").click()
    dialog.get_by_text("Resolvido", exact=True).click()
    dialog.get_by_label("Causa raiz").select_option(label="Demora")
    dialog.get_by_label("O que foi feito").fill("Boleto enviado e desconto na próxima parcela.")
    screenshot(page, "case-resolve")
    dialog.get_by_role("button", name="Encerrar caso").click()
    expect(page.locator("#caso h1")).to_contain_text("Resolvido")
    page.goto(live_server.url + reverse("portfolio:my_day"))
    expect(page.locator("main")).not_to_contain_text("Falar com cliente que deu nota 3")
    page.goto(f"{live_server.url}{reverse('nps:case_list')}?situacao=encerrados")
    expect(page.locator("#case-rows tbody tr")).to_contain_text(["Demora"])
    assert accessibility_problems(page) == []
    screenshot(page, "case-list")

    # The seller hears of it. A settled case is no new answer: offers wait for one, or for their day.
    enter(page, live_server.url, cast.julia)
    page.goto(live_server.url + reverse("people:notice_list"))
    expect(page.locator("main")).to_contain_text("Caso de Ana: resolvido. Causa: Demora.")
    assert (case_of(ana).closed_by, rule_of(ana)) == (cast.sonia, "paused")
    say(ana, survey, 9)
    assert (rule_of(ana), standing.takes_offers(ana, on=TUESDAY)) == ("", True)
