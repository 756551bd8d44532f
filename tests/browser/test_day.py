"""A seller's morning, at the desk and on the phone: spoken to, no answer, a return for later, put off and undone."""

import datetime
import re

import pytest
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts.models import ContactLog, Task
from contacts.workdays import Workdays
from portfolio.models import Postponement
from tests.browser.actions import accessibility_problems, screenshot, sign_in
from tests.factories import PASSWORD, make_cast
from tests.portfolio.test_agenda_days import late_client


@pytest.mark.parametrize("width", [390, 1440])
def test_seller_works_through_the_morning(page: Page, live_server: LiveServer, db: None, width: int) -> None:
    cast = make_cast()
    on = Workdays({}).on_or_after(timezone.localdate(), "")
    for _ in range(5):
        late_client(cast.julia, on=on)
    page.set_viewport_size({"width": width, "height": 900})
    sign_in(page, live_server.url, email=cast.julia.email, password=PASSWORD)
    expect(page).to_have_url(re.compile(reverse("portfolio:my_day")))
    if on != timezone.localdate():
        # A day without hours: one works ahead.
        page.get_by_role("link", name=re.compile("^Adiantar")).click()
    expect(page.locator(".day")).to_contain_text("0 de 5 feitos")
    assert accessibility_problems(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width

    page.locator(".next").get_by_role("button", name="Atendeu", exact=True).click()
    expect(page.locator(".day")).to_contain_text("1 de 5 feitos")
    expect(page.locator(".toasts")).to_contain_text("registrado: Atendeu.")

    page.locator(".next").get_by_role("button", name="Não atendeu").click()
    expect(page.locator(".day")).to_contain_text("2 de 5 feitos")

    tomorrow = timezone.localdate() + 8 * datetime.timedelta(days=1)
    page.locator(".next").get_by_role("button", name="Pediu retorno").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Dia").fill(tomorrow.isoformat())
    dialog.get_by_label("Hora").fill("15:00")
    dialog.get_by_role("button", name="Marcar neste dia e hora").click()
    expect(page.locator(".day")).to_contain_text("3 de 5 feitos")
    task = Task.objects.unscoped(reason="test").get()
    assert timezone.localtime(task.due_at).strftime("%H:%M") == "15:00"

    page.locator(".next").get_by_role("link", name="Adiar").click()
    page.get_by_role("dialog").get_by_role("button").filter(has_not_text="Adiar").nth(2).click()
    expect(page.locator(".day")).to_contain_text("3 de 4 feitos")
    page.locator(".toast-c").last.get_by_role("button", name="Desfazer").click()
    expect(page.locator(".day")).to_contain_text("3 de 5 feitos")
    assert Postponement.objects.unscoped(reason="test").get().undone_at is not None

    codes = ContactLog.objects.unscoped(reason="test").order_by("pk").values_list("outcome__code", flat=True)
    assert list(codes) == ["answered", "no_answer", "callback"]
    assert accessibility_problems(page) == []
    screenshot(page, f"meu-dia-{width}")
