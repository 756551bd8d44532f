"""A client's page at work: writing down what was said, with the keyboard and with the thumb."""

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from clients.models import Client, Phone
from contacts.models import ClientNote, ContactLog
from tests.browser.actions import accessibility_problems, enter, screenshot
from tests.factories import Cast, make_client, make_contract, make_product


@pytest.fixture
def client(cast: Cast) -> Client:
    """With a contract in force: contacts are a service, which no hour closes."""
    client = make_client("Padaria Aurora", owner=cast.julia, uf="SC")
    Phone.objects.create(client=client, e164="+5547999120456", kind=Phone.Kind.MOBILE, is_primary=True)
    make_contract(client, timezone.localdate(), None, product=make_product(), status="in_force")
    return client


@pytest.fixture
def record(page: Page, live_server: LiveServer, cast: Cast, client: Client) -> Page:
    enter(page, live_server.url, cast.julia)
    page.goto(f"{live_server.url}{client.get_absolute_url()}")
    expect(page.locator("#cliente-alcance").get_by_role("link", name="Ligar")).to_have_attribute(
        "href", "tel:+5547999120456"
    )
    return page


def logs_of(client: Client) -> list[ContactLog]:
    return list(client.contact_logs.filter(undone_at=None))


def test_record_takes_down_what_was_said(record: Page, client: Client) -> None:
    page, words, line = record, record.locator("#composer-note"), record.locator("#cliente-linha")
    words.fill("Quer ver a proposta.")
    page.get_by_label("Resultado", exact=True).select_option("interested")
    words.press("Control+Enter")
    expect(line).to_contain_text("Quer ver a proposta.")
    expect(words).to_have_value("")
    (log,) = logs_of(client)
    assert (log.channel, log.outcome.code) == ("call", "interested")
    page.locator(".toasts").get_by_role("button", name="Desfazer").click()
    expect(line).not_to_contain_text("Quer ver a proposta.")
    assert logs_of(client) == []

    # The words stay while a dialog asks for more.
    words.fill("Ligar de novo à tarde.")
    page.get_by_label("Resultado", exact=True).select_option("callback")
    page.get_by_role("button", name="Registrar", exact=True).click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Escolha para quando ficou o retorno.")
    expect(words).to_have_value("Ligar de novo à tarde.")
    assert logs_of(client) == []
    dialog.get_by_role("button", name="Fechar").click()

    # A note goes to an address of its own, and calls a colleague.
    page.locator(".composer").get_by_text("Anotação").click()
    expect(page.get_by_label("Resultado", exact=True)).to_be_hidden()
    words.fill("")
    words.press_sequentially("Só atende de manhã, @so")
    page.get_by_role("button", name="Sônia Reis").click()
    page.get_by_role("button", name="Salvar anotação").click()
    expect(page.locator(".toasts")).to_contain_text("Anotação salva. Avisamos Sônia.")
    expect(line).to_contain_text("Só atende de manhã, @Sônia Reis")
    assert ClientNote.objects.unscoped(reason="test").get().text == "Só atende de manhã, @Sônia Reis"
    assert logs_of(client) == []


def test_record_fits_and_is_accessible(record: Page) -> None:
    for width in (1440, 390):
        record.set_viewport_size({"width": width, "height": 900})
        assert (width, accessibility_problems(record)) == (width, [])
        assert record.evaluate("document.documentElement.scrollWidth") == width
        screenshot(record, f"record-{width}")
    bar = record.locator(".call-bar")
    expect(bar).to_be_in_viewport()
    record.mouse.wheel(0, 3000)
    expect(bar).to_be_in_viewport()
