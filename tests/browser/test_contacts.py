"""Two taps on a phone: the number, and on the way back how it went."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from clients.models import Client
from tests.browser.actions import accessibility_problems, screenshot, sign_in
from tests.contacts.talking import make_ana
from tests.factories import PASSWORD, Cast, make_cast, make_contract

RETURN = """() => {
  document.dispatchEvent(new Event("visibilitychange"));
}"""


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def ana(cast: Cast) -> Client:
    """With a contract in force, so that she may be served at any hour."""
    client = make_ana(cast.julia)
    today = timezone.localdate()
    make_contract(client, today, today + datetime.timedelta(days=300))
    return client


@pytest.mark.parametrize("width", [390, 1440])
def test_call_and_how_it_went_are_two_taps(
    page: Page, live_server: LiveServer, cast: Cast, ana: Client, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 844})
    sign_in(page, live_server.url, email=cast.julia.email, password=PASSWORD)
    page.goto(live_server.url + reverse("contacts:contact_links", args=[ana.pk]))
    # No telephone here: the link is followed nowhere, the tap is what counts.
    page.evaluate("document.addEventListener('click', (event) => event.preventDefault())")
    page.locator("a[href^='tel:']").first.click()
    # The phone may have thrown the page away meanwhile.
    page.reload()
    dialog = page.locator("#dialog-slot dialog[open]")
    expect(dialog.get_by_role("heading", name="Como foi?")).to_be_visible()
    expect(dialog.get_by_role("button", name="Mensagem enviada")).to_be_hidden()
    assert accessibility_problems(page) == []
    screenshot(page, f"contact-dialog-{width}")
    dialog.get_by_role("button", name="Não atende").click()
    expect(page.get_by_text("Contato com Ana registrado.")).to_be_visible()
    expect(dialog).to_have_count(0)
    log = ana.contact_logs.get()
    assert (log.outcome.code, log.used) == ("no_answer", ana.phones.get(is_primary=True).e164)
    page.get_by_role("button", name="Desfazer").click()
    expect(page.get_by_text("Contato desfeito.")).to_be_visible()
    # Once: coming back again asks nothing.
    page.evaluate(RETURN)
    page.wait_for_timeout(300)
    expect(dialog).to_have_count(0)


def test_a_colleague_is_called_by_a_tap(page: Page, live_server: LiveServer, cast: Cast, ana: Client) -> None:
    sign_in(page, live_server.url, email=cast.julia.email, password=PASSWORD)
    page.goto(live_server.url + reverse("contacts:note_create", args=[ana.pk]))
    field = page.get_by_label("Anotação")
    field.press_sequentially("Veja, @so")
    page.get_by_role("button", name="Sônia Reis").click()
    expect(field).to_have_value("Veja, @Sônia Reis ")
    page.get_by_role("button", name="Salvar anotação").click()
    expect(page.get_by_text("Anotação salva. Avisamos Sônia.")).to_be_visible()
