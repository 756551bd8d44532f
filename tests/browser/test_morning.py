"""A seller's morning on Meu dia, at the desk and on the phone, from the first call to the return promised for three."""

import datetime
import re
from urllib.parse import quote

import pytest
from django.urls import reverse
from playwright.sync_api import Locator, Page, expect
from pytest_django.live_server_helper import LiveServer

from clients.models import Client, PortfolioClass
from contacts.models import BlockedNumber, BlockList, ContactLog
from contracts.models import ClientCycle
from people.models import User
from portfolio import agenda_days
from portfolio.models import AgendaDay, AgendaLine, Postponement
from tests.browser.actions import accessibility_problems, enter, screenshot
from tests.browser.clock import TUESDAY, Clock
from tests.contacts.planning import default, members
from tests.contacts.planning import enter as put_in
from tests.factories import make_cast, make_contract, make_product
from tests.portfolio.test_agenda_days import late_client

DAY = datetime.timedelta(days=1)
# No telephone here, and no WhatsApp: such a link is followed nowhere, the tap is what counts.
STAY = """document.addEventListener("click", (event) =>
  event.target.closest("a[href^='tel:'], a[href*='wa.me']") && event.preventDefault())"""


@pytest.fixture
def julia(clock: Clock, db: None) -> User:
    """An hour for a carteira that would take more; the night has planned it."""
    clock.put(9, 30)
    julia = make_cast().julia
    User.objects.filter(pk=julia.pk).update(hours_per_day=1)
    _renewing(julia, "Renata Moura")
    for place, name in enumerate(("Bernardo Lima", "Clara Nunes", "Davi Rocha", "Elisa Prado", "Fábio Reis"), 1):
        late_client(julia, name=name, on=TUESDAY, city="São Paulo", value=1200 * place)
    gone = {"portfolio_class": PortfolioClass.INACTIVE, "class_reason": "FORA_DO_CICLO", "recency": 150}
    put_in(late_client(julia, name="Rita Alves", on=TUESDAY, **gone), default("Reativação"), TUESDAY, by=julia)
    late_client(
        julia, name="Ana Castro", on=TUESDAY, recency=5, person_type="PF", birth_date=datetime.date(1980, 3, 10)
    )
    _blocked(late_client(julia, name="Otávio Dias", on=TUESDAY))
    agenda_days.plan_everybody(TUESDAY)
    return julia


def _renewing(owner: User, name: str) -> None:
    fields = {"portfolio_class": PortfolioClass.RENEWAL, "class_reason": "CONTRATO_A_VENCER"}
    client = late_client(owner, name=name, on=TUESDAY, **fields)
    ends = TUESDAY + 5 * DAY
    contract = make_contract(client, TUESDAY - 300 * DAY, ends, product=make_product("Seguro Auto"), status="in_force")
    ClientCycle.objects.unscoped(reason="test").filter(client=client).update(contract=contract, anchor_on=ends)


def _blocked(client: Client) -> None:
    perturbe = BlockList.objects.create(name="Não me Perturbe", since=TUESDAY)
    BlockedNumber.objects.create(block_list=perturbe, e164=client.phones.get().e164, since=TUESDAY)


class Day:
    """Meu dia as its person sees it."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.next = page.locator(".next")
        self.dialog = page.get_by_role("dialog")

    def row(self, name: str) -> Locator:
        return self.page.locator("#agenda li.task").filter(has=self.page.get_by_role("link", name=name, exact=True))

    def expect_done(self, count: int) -> None:
        """And never more than fits: what is shown as open, with what was done, stays within the minutes."""
        expect(self.page.locator(".day")).to_contain_text(re.compile(rf"^\s*{count} de \d+ feitos"))
        day = AgendaDay.objects.get(on=TUESDAY, user__email="julia@carteira.example")
        lines = AgendaLine.objects.unscoped(reason="test").filter(day=day)
        planned = sum(line.minutes for line in lines.filter(state=AgendaLine.State.OPEN))
        spent = sum(line.minutes for line in lines.filter(state=AgendaLine.State.DONE))
        assert planned + spent <= day.minutes == 60
        expect(self.page.locator(".rail")).to_contain_text(f"{planned} de 60 min")

    def expect_next(self, name: str) -> None:
        expect(self.next.get_by_role("heading")).to_have_text(name)

    def come_back(self) -> None:
        """From the telephone's own program, or from WhatsApp."""
        self.page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

    def write(self, client: Locator, words: str) -> None:
        """With the template that fits the reason; on the way back the log opens by itself."""
        client.get_by_role("link", name=re.compile("^WhatsApp")).click()
        expect(self.dialog.get_by_label("Mensagem")).to_have_value(re.compile(words))
        link = self.dialog.get_by_role("link", name="Abrir no WhatsApp")
        expect(link).to_have_attribute("href", re.compile(rf"^https://wa\.me/55119\d+\?text={quote(words)}"))
        screenshot(self.page, f"morning-words-{self.page.viewport_size['width']}")
        link.click()
        self.come_back()
        self.dialog.get_by_role("button", name="Registrar: Mensagem enviada").click()
        expect(self.dialog).to_have_count(0)


@pytest.mark.parametrize("width", [390, 1440])
def test_morning_from_the_first_call_to_the_return(
    page: Page, live_server: LiveServer, clock: Clock, julia: User, width: int
) -> None:
    page.set_viewport_size({"width": width, "height": 900})
    page.add_init_script(STAY)
    enter(page, live_server.url, julia)
    page.goto(live_server.url + reverse("portfolio:my_day"))
    day = Day(page)
    expect(page.locator("h1")).to_have_text("Bom dia, Júlia")
    day.expect_done(0)
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    screenshot(page, f"morning-{width}")
    # The list can go along on paper, with its numbers.
    page.emulate_media(media="print")
    expect(day.row("Ana Castro").get_by_role("link", name="Ligar para")).to_be_visible()
    expect(day.next.get_by_role("button")).to_have_count(0)
    page.emulate_media(media="screen")

    # A call is two taps: the number, and on the way back how it went. The phone threw the page away meanwhile.
    expect(day.next).to_contain_text("Seguro Auto vence em 5 dias")
    day.next.get_by_role("link", name="Ligar para Renata Moura").click()
    page.reload()
    expect(day.dialog.get_by_role("heading", name="Como foi?")).to_be_visible()
    expect(day.dialog.get_by_role("button", name="Mensagem enviada")).to_be_hidden()
    assert accessibility_problems(page) == []
    screenshot(page, f"morning-log-{width}")
    day.dialog.get_by_role("button", name="Interessado").click()
    day.expect_done(1)
    # Once: coming back again asks nothing.
    day.come_back()
    page.wait_for_timeout(300)
    expect(day.dialog).to_have_count(0)

    # WhatsApp: to who stopped buying, and to who has a birthday.
    day.write(day.row("Rita Alves"), "Olá, Rita. Aqui é Júlia")
    day.expect_done(2)
    assert members().get().step.position == 2
    day.expect_next("Ana Castro")
    day.write(day.next, "Ana, feliz aniversário!")
    day.expect_done(3)

    # No answer, in one tap; taken back and said again.
    day.expect_next("Fábio Reis")
    day.next.get_by_role("button", name="Não atendeu").click()
    day.expect_done(4)
    page.locator(".toast-c").last.get_by_role("button", name="Desfazer").click()
    day.expect_done(3)
    day.expect_next("Fábio Reis")
    day.next.get_by_role("button", name="Não atendeu").click()
    day.expect_done(4)

    # A return, agreed for three.
    name = day.next.get_by_role("heading").inner_text()
    day.next.get_by_role("button", name="Pediu retorno").click()
    day.dialog.get_by_role("button", name="hoje 15:00").click()
    day.expect_done(5)
    expect(day.row(name).first).to_contain_text("15:00")

    # Put off, and not.
    day.next.get_by_role("link", name="Adiar").click()
    day.dialog.get_by_role("button", name="em 3 dias").click()
    expect(page.locator(".toasts")).to_contain_text("adiado para")
    page.locator(".toast-c").last.get_by_role("button", name="Desfazer").click()
    expect(page.locator(".toasts")).to_contain_text("Adiamento desfeito.")
    assert Postponement.objects.unscoped(reason="test").get().undone_at is not None
    screenshot(page, f"morning-done-{width}")

    # A number that may not be called stands below with its rule, and no page has a link to it.
    page.locator("summary").filter(has_text="não coub").click()
    expect(day.row("Otávio Dias")).to_contain_text("Não me Perturbe")
    day.row("Otávio Dias").get_by_role("link").click()
    expect(page.locator("#cliente-regra")).to_contain_text("Não me Perturbe")
    expect(page.locator("a[href^='tel:'], a[href*='wa.me']")).to_have_count(0)
    screenshot(page, f"morning-blocked-{width}")

    # At three the promised one is on top.
    clock.put(14, 55)
    page.goto(live_server.url + reverse("portfolio:my_day"))
    expect(page.locator("h1")).to_have_text("Boa tarde, Júlia")
    day.expect_next(name)
    expect(day.next).to_contain_text("15:00, combinado")
    day.next.get_by_role("button", name="Atendeu", exact=True).click()
    expect(day.row(name)).to_contain_text("Atendeu")

    codes = ContactLog.objects.unscoped(reason="test").filter(undone_at=None).order_by("pk")
    said = list(codes.values_list("outcome__code", flat=True))
    assert said == ["interested", "sent", "sent", "no_answer", "callback", "answered"]
    assert accessibility_problems(page) == []
    screenshot(page, f"morning-afternoon-{width}")
