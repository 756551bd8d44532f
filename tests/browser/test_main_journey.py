"""The main job, end to end, as people do it: from a company's spreadsheets to each seller's classified carteira."""

import csv
import datetime
import re
from io import StringIO
from pathlib import Path

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from clients.models import Client
from contracts.models import ClassChange
from jobs import workers
from people.models import User
from people.roles import Role
from tests.browser.actions import accessibility_problems, enter, sign_in
from tests.factories import PASSWORD, Cast, make_cast, make_client, make_contract, make_purchase, make_user

SAMPLE = Path(__file__).parent.parent / "data" / "messy_clients_sample.csv"
EXPECTED = SAMPLE.with_suffix(".expected.csv")
DAY = datetime.timedelta(days=1)
# Colours change by transitions, one after the other.
WEAR = """async (theme) => {
  document.documentElement.dataset.bsTheme = theme;
  const moving = () => document.getAnimations().filter((one) => one instanceof CSSTransition);
  while (moving().length) await Promise.allSettled(moving().map((one) => one.finished));
}"""


@pytest.fixture
def cast(db: None) -> Cast:
    """The factories' cast; Caio Torres and Davi Lobo are named in the sample, Bruna Reis joins them."""
    cast = make_cast()
    make_user("Bruna Reis", team=cast.norte, email="bruna@carteira.example")
    return cast


def upload(page: Page, live_server: LiveServer, *, kind: str, name: str, content: bytes) -> None:
    page.goto(live_server.url + reverse("imports:batch_upload"))
    page.get_by_label("O que a planilha traz").select_option(kind)
    page.locator("main input[type=file]").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Ler a planilha").click()
    expect(page.get_by_role("heading", name="Ligue as colunas da planilha")).to_be_visible()


def run_checked(page: Page, *, button: str) -> None:
    page.get_by_role("button", name=button).click()
    workers.work_off()
    expect(page.get_by_role("heading", name="Importação concluída")).to_be_visible()


def check_columns(page: Page) -> None:
    page.get_by_role("button", name=re.compile(r"Conferir [\d.]+ linhas")).click()
    workers.work_off()
    expect(page.get_by_role("heading", name="Confira antes de importar")).to_be_visible()


def accepted() -> list[dict[str, str]]:
    """The sample's rows that must become clients with a document, in file order."""
    rows = csv.DictReader(StringIO(EXPECTED.read_text(encoding="utf-8")))
    return [row for row in rows if row["outcome"] in {"valid", "repaired"} and row["document"]]


def table(*lines: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n").encode("cp1252")


def tab(page: Page, label: str) -> Locator:
    return page.get_by_role("navigation", name="Carteiras").get_by_role("link", name=re.compile(f"^{label}"))


def count_in_tab(page: Page, label: str) -> int:
    text = tab(page, label).locator(".ct").inner_text()
    return int(text.replace(".", ""))


def test_main_journey_from_spreadsheets_to_classified_carteiras(
    page: Page, live_server: LiveServer, cast: Cast
) -> None:
    today = timezone.localdate()
    lapsed, buying, renewing, tomorrow = accepted()[:4]

    # The manager brings the messy spreadsheet.
    sign_in(page, live_server.url, email=cast.mauro.email, password=PASSWORD)
    upload(page, live_server, kind="clients", name=SAMPLE.name, content=SAMPLE.read_bytes())
    assert accessibility_problems(page) == []
    check_columns(page)
    expect(page.locator(".sums")).to_contain_text(re.compile(r"Novos\s*167.*Com erro\s*23", re.DOTALL))
    assert accessibility_problems(page) == []
    with page.expect_download() as download:
        page.get_by_role("link", name="Baixar 23 linhas com erro").click()
    assert download.value.suggested_filename.endswith(".xlsx")
    assert Client.objects.unscoped(reason="test").count() == 0

    run_checked(page, button="Importar 167 e pular 38")
    assert Client.objects.unscoped(reason="test").count() == 167

    # Purchases and contracts follow; products are created on the way.
    upload(
        page,
        live_server,
        kind="purchases",
        name="compras.csv",
        content=table(
            "cliente;numero;data;produto;valor;situacao",
            f"{lapsed['document']};V-1;{today - 200 * DAY:%d/%m/%Y};Seguro Auto;R$ 1.234,56;concluída",
            f"{buying['document']};V-2;{today - 10 * DAY:%d/%m/%Y};Seguro Auto;980,00;",
            f"99999999999999;V-3;{today - 10 * DAY:%d/%m/%Y};Seguro Auto;1,00;",
        ),
    )
    page.get_by_label("Criar os produtos que ainda não existem").check()
    check_columns(page)
    run_checked(page, button="Importar 2 e pular 1")

    upload(
        page,
        live_server,
        kind="contracts",
        name="contratos.csv",
        content=table(
            "cliente;instituicao;numero;produto;inicio;fim;situacao;valor",
            f"{renewing['document']};Banco Aurora;C-1;Prestamista;{today - 320 * DAY:%d/%m/%Y};"
            f"{today + 45 * DAY:%d/%m/%Y};vigente;62,00",
            f"{tomorrow['document']};Banco Aurora;C-2;Prestamista;{today - 303 * DAY:%d/%m/%Y};"
            f"{today + 61 * DAY:%d/%m/%Y};vigente;80,00",
        ),
    )
    page.get_by_label("Criar os produtos que ainda não existem").check()
    check_columns(page)
    run_checked(page, button="Importar 2")

    # The classes, with their reasons.
    page.goto(live_server.url + reverse("portfolio:client_list"))
    assert [count_in_tab(page, name) for name in ("Todas", "Ativa", "Renovação", "Inativa", "Prospects")] == [
        167, 2, 1, 1, 163,
    ]  # fmt: skip
    assert accessibility_problems(page) == []
    tab(page, "Inativa").click()
    page.get_by_role("link", name=lapsed["name"], exact=True).click()
    expect(page.locator("#cliente-topo")).to_contain_text("Comprou uma vez, há 200 dias")
    assert accessibility_problems(page) == []
    tab_url = page.url
    page.goto(live_server.url + reverse("portfolio:client_list"))
    tab(page, "Renovação").click()
    expect(page.locator("tbody")).to_contain_text("45 dias")

    # The queue is shared out.
    page.goto(live_server.url + reverse("portfolio:distribution"))
    waiting = Client.objects.unscoped(reason="test").ownerless().count()
    expect(page.locator(".lede")).to_contain_text(f"{waiting} clientes esperam um responsável")
    page.get_by_role("button", name="Calcular a prévia").click()
    expect(page.get_by_role("heading", name="Confira antes de distribuir")).to_be_visible()
    assert accessibility_problems(page) == []
    page.get_by_role("button", name=f"Distribuir {waiting} clientes").click()
    expect(page.locator("h1")).to_contain_text("Aplicada")
    assert Client.objects.unscoped(reason="test").ownerless().count() == 0

    # Two sellers: each sees the own clients only.
    for seller in (cast.caio, cast.davi):
        enter(page, live_server.url, seller)
        page.goto(live_server.url + reverse("portfolio:client_list"))
        own = Client.objects.unscoped(reason="test").filter(owner=seller).count()
        assert count_in_tab(page, "Todas") == own
        assert 0 < own < 167
    stranger = Client.objects.unscoped(reason="test").exclude(owner=cast.davi).first()
    assert stranger is not None
    answer = page.goto(live_server.url + stranger.get_absolute_url())
    assert answer is not None
    assert answer.status == 404

    # A sale to the inactive client makes it ativa at once.
    inactive = Client.objects.unscoped(reason="test").get(document=lapsed["document"])
    assert inactive.owner is not None
    enter(page, live_server.url, inactive.owner)
    page.goto(tab_url)
    page.get_by_role("link", name="Registrar venda").first.click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Produto").select_option(label="Seguro Auto")
    dialog.get_by_label("Valor").fill("1.500,00")
    dialog.get_by_role("button", name="Registrar venda").click()
    expect(page.locator(".toasts")).to_contain_text("agora é ativa")
    expect(page.locator("h1")).to_contain_text("Ativa")

    # The night for tomorrow changes what must change, and again nothing.
    changes = ClassChange.objects.unscoped(reason="test")
    enter(page, live_server.url, User.objects.get(role=Role.ADMIN))
    before = changes.count()
    for _round in range(2):
        page.goto(live_server.url + reverse("jobs:job_list"))
        page.get_by_role("button", name="Executar a rotina da noite").click()
        page.get_by_role("dialog").get_by_label("Data").fill((today + DAY).isoformat())
        page.get_by_role("dialog").get_by_role("button", name="Executar").click()
        workers.work_off()
        assert changes.count() == before + 1
    entered = changes.get(on=today + DAY)
    assert (entered.client.document, entered.to_class, entered.reason) == (
        tomorrow["document"], "renewal", "CONTRATO_A_VENCER",
    )  # fmt: skip


def test_screens_are_accessible_and_never_scroll_sideways(page: Page, live_server: LiveServer, cast: Cast) -> None:
    today = timezone.localdate()
    buyer = make_client("Clínica Vida Plena", owner=cast.julia, city="Belo Horizonte", uf="MG")
    make_purchase(buyer, today - 3 * DAY)
    make_contract(buyer, today - 100 * DAY, today + 200 * DAY)
    make_client("Esperando", team=cast.sul)
    User.objects.update(theme="dark")
    page.goto(live_server.url + reverse("account_login"))
    assert accessibility_problems(page) == []
    enter(page, live_server.url, cast.ada)
    places = [
        reverse(name)
        for name in (
            "portfolio:client_list", "clients:client_create", "imports:batch_list", "imports:batch_upload",
            "portfolio:distribution", "people:team_list", "people:account", "people:user_create", "jobs:job_list",
            "mfa_index",
        )
    ]  # fmt: skip
    for path in [
        *places,
        buyer.get_absolute_url(),
        reverse("clients:client_edit", args=[buyer.pk]),
        "/nada/",
    ]:
        page.goto(live_server.url + path)
        expect(page.locator("html")).to_have_attribute("data-bs-theme", "dark")
        for theme, rule in (("dark", ""), ("light", "color-contrast")):
            # The other theme has other colours, and nothing else.
            page.evaluate(WEAR, theme)
            for width in (390, 1440):
                page.set_viewport_size({"width": width, "height": 900})
                where = (path, theme, width)
                assert (where, accessibility_problems(page, only=rule)) == (where, [])
                assert (where, page.evaluate("document.documentElement.scrollWidth")) == (where, width)


def test_page_works_from_the_keyboard(page: Page, live_server: LiveServer, cast: Cast) -> None:
    for name in ("Ana", "Bia", "Caio"):
        make_client(name, owner=cast.julia)
    enter(page, live_server.url, cast.julia)
    page.goto(live_server.url + reverse("portfolio:client_list"))
    page.keyboard.press("j")
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.locator("h1")).to_contain_text("Bia")
