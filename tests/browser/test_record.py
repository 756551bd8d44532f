"""A client's page at work: writing down what was said, with the keyboard and with the thumb."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from clients.models import Client, Phone
from contacts.models import ClientNote, ContactLog
from tests.browser.actions import accessibility_problems, screenshot, sign_in
from tests.factories import PASSWORD, make_cast, make_client, make_contract, make_product


@pytest.fixture
def client(db: None) -> Client:
    """With a contract in force: contacts are a service, which no hour closes."""
    client = make_client("Padaria Aurora", owner=make_cast().julia, uf="SC")
    Phone.objects.create(client=client, e164="+5547999120456", kind=Phone.Kind.MOBILE, is_primary=True)
    make_contract(client, timezone.localdate(), None, product=make_product(), status="in_force")
    return client


def open_page(page: Page, base: str, client: Client) -> None:
    sign_in(page, base, email="julia@carteira.example", password=PASSWORD)
    page.goto(f"{base}{client.get_absolute_url()}")
    expect(page.locator("#cliente-alcance").get_by_role("link", name="Ligar")).to_have_attribute(
        "href", "tel:+5547999120456"
    )


def logs_of(client: Client) -> list[ContactLog]:
    return list(client.contact_logs.filter(undone_at=None))


def test_record_writes_down_a_call_with_the_keyboard(page: Page, live_server: LiveServer, client: Client) -> None:
    open_page(page, live_server.url, client)
    words = page.locator("#composer-note")
    words.fill("Quer ver a proposta.")
    page.get_by_label("Resultado", exact=True).select_option("interested")
    words.press("Control+Enter")
    expect(page.locator("#cliente-linha")).to_contain_text("Quer ver a proposta.")
    expect(words).to_have_value("")
    (log,) = logs_of(client)
    assert (log.channel, log.outcome.code) == ("call", "interested")
    page.locator(".toasts").get_by_role("button", name="Desfazer").click()
    expect(page.locator("#cliente-linha")).not_to_contain_text("Quer ver a proposta.")
    assert logs_of(client) == []


def test_record_keeps_the_words_while_a_dialog_asks_for_more(
    page: Page, live_server: LiveServer, client: Client
) -> None:
    open_page(page, live_server.url, client)
    words = page.locator("#composer-note")
    words.fill("Ligar de novo à tarde.")
    page.get_by_label("Resultado", exact=True).select_option("callback")
    page.get_by_role("button", name="Registrar", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Escolha para quando ficou o retorno.")
    assert page.locator("#composer-note").input_value() == "Ligar de novo à tarde."
    assert logs_of(client) == []


def test_record_saves_a_note_at_its_own_address(page: Page, live_server: LiveServer, client: Client) -> None:
    open_page(page, live_server.url, client)
    page.locator(".composer").get_by_text("Anotação").click()
    expect(page.get_by_label("Resultado", exact=True)).to_be_hidden()
    page.locator("#composer-note").fill("Só atende de manhã.")
    page.get_by_role("button", name="Salvar anotação").click()
    expect(page.locator("#cliente-linha")).to_contain_text("Só atende de manhã.")
    assert ClientNote.objects.unscoped(reason="test").get().text == "Só atende de manhã."
    assert logs_of(client) == []


@pytest.mark.parametrize("width", [390, 1440])
def test_record_is_accessible(page: Page, live_server: LiveServer, client: Client, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    open_page(page, live_server.url, client)
    assert accessibility_problems(page) == []
    screenshot(page, f"record-{width}")


def test_record_fits_the_phone(page: Page, live_server: LiveServer, client: Client) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    open_page(page, live_server.url, client)
    bar = page.locator(".call-bar")
    expect(bar).to_be_in_viewport()
    page.mouse.wheel(0, 3000)
    expect(bar).to_be_in_viewport()
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
