"""From a filtered list to a contact in a seller's day: a segment, a plan for everybody in it, and who is covered."""

import datetime
import re

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from clients.models import Client, OptOut, PortfolioClass
from contracts.models import ClientCycle
from jobs import workers
from people.models import User
from portfolio import coverage
from tests.browser.actions import accessibility_problems, enter, screenshot
from tests.browser.clock import TUESDAY, Clock
from tests.contacts.planning import members
from tests.contacts.talking import log_of
from tests.factories import Cast
from tests.portfolio.test_agenda_days import late_client

LONG_AGO = datetime.datetime(2025, 1, 2, 12, tzinfo=datetime.UTC)


def gone(owner: User, name: str, **fields: object) -> Client:
    """Of tier A and bought long ago: due for a contact every month."""
    fields = {"portfolio_class": PortfolioClass.INACTIVE, "class_reason": "FORA_DO_CICLO", "recency": 150} | fields
    client = late_client(owner, name, on=TUESDAY, created_at=LONG_AGO, **fields)
    ClientCycle.objects.unscoped(reason="test").filter(client=client).update(tier="A")
    return client


@pytest.fixture
def rita(clock: Clock, cast: Cast) -> Client:
    clock.put(9, 30)
    gone(cast.caio, "Tiago Melo")
    gone(cast.julia, "Mila Souza", uf="MG")
    OptOut.objects.create(client=gone(cast.julia, "Sara Pinto"), channel="any", reason="pediu")
    log_of(gone(cast.julia, "Bruno Sá"), cast.julia)
    rita = gone(cast.julia, "Rita Alves")
    coverage.count_everybody(TUESDAY)
    return rita


@pytest.mark.parametrize("width", [390, 1440])
def test_filters_become_a_segment_and_its_plan_a_contact_of_the_day(
    page: Page, live_server: LiveServer, cast: Cast, rita: Client, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    enter(page, live_server.url, cast.mauro)

    # The list, narrowed, is kept as a segment.
    page.goto(f"{live_server.url}{reverse('portfolio:client_list')}?class=inactive")
    page.get_by_role("button", name="Filtro", exact=True).click()
    page.get_by_role("dialog").get_by_label("UF").select_option("SP")
    page.get_by_role("dialog").get_by_role("button", name="Filtrar").click()
    expect(page.locator("#clientes")).not_to_contain_text("Mila Souza")
    page.get_by_role("button", name="Segmentos").click()
    page.get_by_role("button", name="Salvar filtros como segmento").click()
    page.get_by_role("dialog").get_by_label("Nome").fill("Inativos de SP")
    page.get_by_role("dialog").get_by_role("button", name="Salvar segmento").click()
    expect(page.get_by_role("button", name="Inativos de SP")).to_be_visible()
    screenshot(page, f"plans-list-{width}")

    # The plan: who would enter, and who entered.
    page.goto(live_server.url + reverse("portfolio:segment_list"))
    assert accessibility_problems(page) == []
    screenshot(page, f"plans-segments-{width}")
    page.get_by_role("link", name="Aplicar plano").click()
    page.get_by_label("Plano de contato").select_option("Reativação")
    preview = page.locator("#previa")
    expect(preview).to_contain_text(re.compile(r"Dos 4 clientes do segmento,\s+3 entram"))
    expect(preview).to_contain_text(re.compile(r"Pediram para não ser contatados\s+1"))
    page.get_by_role("button", name="Aplicar plano").click()
    expect(preview).to_contain_text("Pode sair desta página")
    assert accessibility_problems(page) == []
    screenshot(page, f"plans-applying-{width}")
    workers.work_off()
    expect(preview).to_contain_text("Entraram no plano: 3")
    expect(preview).to_contain_text(re.compile(r"Já estão no plano\s+3"))
    assert members().count() == 3
    screenshot(page, f"plans-applied-{width}")

    # Who is covered this month, and who is not.
    page.goto(live_server.url + reverse("portfolio:coverage_report"))
    expect(page.locator(".lede")).to_contain_text("Falta falar com 4 clientes este mês")
    expect(page.get_by_role("row").filter(has_text="Júlia Prado")).to_contain_text(re.compile(r"4\s+1\s+1\s+3"))
    assert accessibility_problems(page) == []
    screenshot(page, f"plans-coverage-{width}")
    page.get_by_role("link", name="Júlia Prado").click()
    expect(page.locator("#clientes")).to_contain_text("Rita Alves")
    expect(page.locator("#clientes")).not_to_contain_text("Bruno Sá")

    # The seller finds the step in the day and on the client's page.
    enter(page, live_server.url, cast.julia)
    page.goto(live_server.url + reverse("portfolio:my_day"))
    expect(page.locator("#agenda")).to_contain_text("Contato do plano")
    page.locator("#agenda").get_by_role("link", name="Rita Alves", exact=True).click()
    expect(page.locator("main")).to_contain_text("Retomar a conversa")
    screenshot(page, f"plans-client-{width}")
