"""The shell around every page: the palette by keyboard, notices, and what is typed without a connection."""

import re

import pytest
from django.urls import reverse
from playwright.sync_api import BrowserContext, Page, expect
from pytest_django.live_server_helper import LiveServer

from clients import search
from clients.models import Client
from people.notifications import notify
from tests.browser.actions import accessibility_problems, enter, screenshot, sign_in
from tests.factories import PASSWORD, Cast, make_client


@pytest.fixture
def raquel(cast: Cast) -> Client:
    client = make_client("Raquel Moura", owner=cast.julia, person_type="PF")
    search.refresh([client.pk])
    return client


@pytest.fixture
def inside(page: Page, live_server: LiveServer, cast: Cast) -> Page:
    enter(page, live_server.url, cast.julia)
    return page


@pytest.fixture
def roaming(context: BrowserContext, live_server: LiveServer, cast: Cast) -> Page:
    """A page whose requests may fail: htmx writes each of those to the console."""
    page = context.new_page()
    enter(page, live_server.url, cast.julia)
    return page


def wait_for_drafts(page: Page, count: int) -> None:
    """The content policy forbids what Playwright's own waiting evaluates."""
    counted = "Object.keys(localStorage).filter((key) => key.startsWith('draft:')).length"
    for _turn in range(50):
        if page.evaluate(counted) == count:
            return
        page.wait_for_timeout(100)
    pytest.fail(f"not {count} drafts")


def test_palette_finds_goes_and_gives_the_focus_back(inside: Page, live_server: LiveServer, raquel: Client) -> None:
    page, palette = inside, inside.locator("#d-palette")
    page.goto(live_server.url + reverse("people:account"))
    page.get_by_label("Nome").focus()
    page.keyboard.press("Control+k")
    expect(palette.get_by_role("option", name="Carteira em renovação")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_label("Nome")).to_be_focused()

    page.keyboard.press("Control+k")
    page.keyboard.type("raquel")
    expect(palette.get_by_role("option", name="Raquel Moura")).to_have_attribute("aria-selected", "true")
    assert accessibility_problems(page) == []
    screenshot(page, "palette")
    page.keyboard.press("ArrowRight")
    expect(palette.get_by_role("option", name="Abrir a ficha")).to_have_attribute("aria-selected", "true")
    page.keyboard.press("Backspace")
    expect(palette.get_by_role("option", name="Raquel Moura")).to_be_visible()
    page.keyboard.press("Enter")
    expect(page).to_have_url(live_server.url + raquel.get_absolute_url())
    page.wait_for_load_state("networkidle")

    page.keyboard.press("Control+k")
    expect(palette.get_by_text("Ações com Raquel Moura")).to_be_visible()
    page.keyboard.type("avis")
    page.keyboard.press("Enter")
    expect(page).to_have_url(live_server.url + reverse("people:notice_list"))


def test_bell_opens_the_newest_and_counts_down(inside: Page, live_server: LiveServer, cast: Cast) -> None:
    page = inside
    notify(cast.julia, "mention", "Caio citou você.", by=cast.caio, url=reverse("people:account"))
    page.goto(live_server.url + reverse("portfolio:calendar_view"))
    expect(page.locator("#notices-side")).to_have_text("1")
    page.locator(".side").get_by_role("button", name="Avisos").click()
    page.get_by_role("button", name=re.compile("Caio citou você")).click()
    expect(page).to_have_url(live_server.url + reverse("people:account"))
    expect(page.locator("#notices-side")).to_have_text("")


def test_typed_text_outlives_the_connection(roaming: Page, live_server: LiveServer, raquel: Client) -> None:
    page, address = roaming, live_server.url + reverse("contacts:note_create", args=[raquel.pk])
    page.goto(live_server.url + raquel.get_absolute_url())
    page.evaluate("navigator.serviceWorker.ready.then(() => true)")
    page.goto(address)
    field = page.locator("textarea[data-draft]")
    field.fill("Pediu retorno depois das férias.")
    wait_for_drafts(page, 1)

    page.context.set_offline(True)
    expect(page.get_by_text("Sem conexão: o que você digitar fica guardado neste aparelho.")).to_be_visible()
    page.goto(address)
    expect(page.get_by_role("heading", name="Sem conexão com o Carteira")).to_be_visible()
    screenshot(page, "offline")

    page.context.set_offline(False)
    page.goto(address)
    expect(field).to_have_value("Pediu retorno depois das férias.")
    expect(page.get_by_text("Este texto ficou guardado e ainda não foi enviado.")).to_be_visible()
    assert accessibility_problems(page) == []
    page.locator("main form [type=submit]").last.click()
    expect(page.locator(".toast-c")).to_be_visible()
    wait_for_drafts(page, 0)


def test_dialog_that_could_not_be_sent_stays_and_is_sent_again(
    roaming: Page, live_server: LiveServer, raquel: Client
) -> None:
    page = roaming
    page.goto(live_server.url + raquel.get_absolute_url())
    page.evaluate(
        "address => htmx.ajax('GET', address, {target: '#dialog-slot'})",
        reverse("contacts:note_create", args=[raquel.pk]),
    )
    dialog = page.locator("#dialog-slot dialog")
    dialog.locator("textarea").fill("Prefere ligação de manhã.")
    page.context.set_offline(True)
    dialog.locator("[type=submit]").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Sem conexão com o Carteira")
    expect(dialog.locator("textarea")).to_have_value("Prefere ligação de manhã.")

    page.context.set_offline(False)
    dialog.get_by_role("button", name="Tentar de novo").click()
    expect(dialog).to_have_count(0)


def test_typed_text_outlives_a_session_that_ended(
    roaming: Page, live_server: LiveServer, cast: Cast, raquel: Client
) -> None:
    page, address = roaming, live_server.url + reverse("contacts:note_create", args=[raquel.pk])
    page.goto(live_server.url + raquel.get_absolute_url())
    page.evaluate("address => htmx.ajax('GET', address, {target: '#dialog-slot'})", address)
    dialog = page.locator("#dialog-slot dialog")
    dialog.locator("textarea").fill("Só depois das 18h.")
    wait_for_drafts(page, 1)
    page.context.clear_cookies(name="sessionid")
    dialog.locator("[type=submit]").click()
    page.wait_for_url(re.compile("/conta/"))
    wait_for_drafts(page, 1)

    enter(page, live_server.url, cast.julia)
    page.goto(address)
    expect(page.locator("textarea[data-draft]")).to_have_value("Só depois das 18h.")
    page.context.clear_cookies(name="sessionid")
    page.locator("main form [type=submit]").last.click()
    page.wait_for_url(re.compile("/conta/"))
    sign_in(page, live_server.url, email=cast.julia.email, password=PASSWORD)
    page.goto(address)
    expect(page.locator("textarea[data-draft]")).to_have_value("Só depois das 18h.")


def test_words_called_off_in_the_dialog_outlive_another_contact(
    inside: Page, live_server: LiveServer, raquel: Client
) -> None:
    page, form, dialog = inside, inside.locator("form[data-composer]"), inside.locator("#dialog-slot dialog")
    page.goto(live_server.url + raquel.get_absolute_url())
    form.locator("textarea").fill("Quer pensar.")
    form.locator("[name=outcome]").select_option("callback")
    form.locator("[type=submit]").click()
    expect(dialog).to_be_visible()
    page.keyboard.press("Escape")
    expect(dialog).to_have_count(0)

    log = reverse("contacts:log_create", args=[raquel.pk])
    page.evaluate("address => htmx.ajax('GET', address, {target: '#dialog-slot'})", log)
    dialog.locator("[name=outcome][value=no_answer]").first.click()
    expect(dialog).to_have_count(0)
    page.wait_for_load_state("networkidle")
    expect(form.locator("textarea")).to_have_value("Quer pensar.")
    form.locator("[name=outcome]").select_option("interested")
    form.locator("[type=submit]").click()
    expect(form.locator("textarea")).to_have_value("")


def test_leaving_clears_what_was_kept(roaming: Page, live_server: LiveServer, raquel: Client) -> None:
    page = roaming
    page.goto(live_server.url + reverse("contacts:note_create", args=[raquel.pk]))
    page.locator("textarea[data-draft]").fill("Rascunho.")
    wait_for_drafts(page, 1)
    page.locator(".me").click()
    page.get_by_role("button", name="Sair").click()
    page.wait_for_url(re.compile("/conta/"))

    wait_for_drafts(page, 0)
    assert page.evaluate("sessionStorage.getItem('palette:recent')") is None
