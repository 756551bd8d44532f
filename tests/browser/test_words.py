"""Words on the screen: the composer in a dialog follows what is typed, a template is seen as it reads for a client."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from clients.models import Client, Email
from contacts.models import CallScript, MessageTemplate
from jobs.models import OutboxMessage
from tests.browser.actions import accessibility_problems, enter, screenshot
from tests.contacts.talking import make_ana
from tests.factories import Cast, make_contract, make_product


@pytest.fixture
def ana(cast: Cast) -> Client:
    client = make_ana(cast.julia)
    if not client.emails.exists():
        Email.objects.create(client=client, address="ana@exemplo.com.br", is_primary=True)
    today = timezone.localdate()
    make_contract(client, today, today + datetime.timedelta(days=20), product=make_product("Seguro Auto"))
    return client


def open_composer(page: Page, base: str, client: Client) -> None:
    """From any page: the way other screens open it."""
    page.goto(base + reverse("contacts:script_list"))
    address = reverse("contacts:message_compose", args=[client.pk])
    page.evaluate("(url) => htmx.ajax('GET', url, '#dialog-slot')", address)


def test_message_follows_template_channel_and_typing(
    page: Page, live_server: LiveServer, cast: Cast, ana: Client
) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    enter(page, live_server.url, cast.julia)
    open_composer(page, live_server.url, ana)
    dialog = page.locator("#dialog-slot dialog[open]")
    template = MessageTemplate.objects.filter(channel="whatsapp", occasion="renewal").first()
    assert template is not None
    dialog.get_by_label("Modelo").select_option(str(template.pk))
    text = dialog.get_by_label("Mensagem")
    expect(text).to_have_value(re.compile("Seguro Auto"))
    link = dialog.get_by_role("link", name="Abrir no WhatsApp")
    expect(link).to_have_attribute("href", re.compile(r"^https://wa\.me/55"))
    text.fill("Sobre {{parcela}}")
    expect(dialog.get_by_text("{{parcela}} está vazio")).to_be_visible()
    expect(link).to_have_count(0)
    screenshot(page, "message-blocked")
    assert accessibility_problems(page) == []
    dialog.get_by_text("E-mail", exact=True).click()
    dialog.get_by_label("Assunto").fill("Sua apólice")
    dialog.get_by_label("Mensagem").fill("Bom dia, {{primeiro_nome}}.")
    dialog.get_by_role("button", name="Enviar e-mail").click()
    expect(page.get_by_text("Sai em alguns segundos.")).to_be_visible()
    page.get_by_role("button", name="Desfazer").click()
    expect(page.get_by_text("E-mail cancelado antes de sair.")).to_be_visible()
    assert OutboxMessage.objects.get().state == "cancelled"


def test_template_and_script_read_for_a_client(page: Page, live_server: LiveServer, cast: Cast, ana: Client) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    enter(page, live_server.url, cast.sonia)
    page.goto(live_server.url + reverse("contacts:template_list"))
    screenshot(page, "templates")
    page.get_by_role("link", name="Novo modelo").click()
    dialog = page.locator("#dialog-slot dialog[open]")
    dialog.get_by_label("Texto").fill("Olá, {{primeiro_nome}}: {{produto}}.")
    expect(dialog.get_by_text("Olá, Ana: Seguro Auto.")).to_be_visible()
    screenshot(page, "template-form")
    script = CallScript.objects.get(name="Renovação")
    page.goto(live_server.url + reverse("contacts:script_detail", args=[script.pk]))
    screenshot(page, "script")
    page.goto(live_server.url + reverse("contacts:script_show", args=[ana.pk, script.pk]))
    expect(page.get_by_text("Seu contrato de Seguro Auto vence em")).to_be_visible()
    assert accessibility_problems(page) == []
    screenshot(page, "script-show")
