"""A day of cover: a seller is away, a colleague works the clients of both, and each sees what is theirs to see."""

import datetime

import pytest
from django.urls import reverse
from playwright.sync_api import Page, expect
from pytest_django.live_server_helper import LiveServer

from contacts.models import ContactLog
from tests.browser.actions import accessibility_problems, enter, screenshot
from tests.browser.clock import TUESDAY, Clock
from tests.factories import Cast
from tests.portfolio.test_agenda_days import late_client

MY_DAY = reverse("portfolio:my_day")


@pytest.mark.parametrize("width", [390, 1440])
def test_cover_works_the_day_of_who_is_away(
    page: Page, live_server: LiveServer, clock: Clock, cast: Cast, width: int
) -> None:
    clock.put(9, 30)
    page.set_viewport_size({"width": width, "height": 900})
    late_client(cast.julia, "Clara Nunes", on=TUESDAY)
    late_client(cast.caio, "Tiago Melo", on=TUESDAY, recency=80)
    late_client(cast.davi, "Norberto Luz", on=TUESDAY)

    # The supervisor writes down who is away and who covers.
    enter(page, live_server.url, cast.sonia)
    page.goto(live_server.url + reverse("people:absence_create"))
    page.get_by_label("Quem se ausenta").select_option("Caio Torres")
    page.get_by_label("Quem cobre").select_option("Júlia Prado")
    page.locator("[name=starts_on]").fill(TUESDAY.isoformat())
    page.locator("[name=ends_on]").fill((TUESDAY + datetime.timedelta(days=3)).isoformat())
    page.get_by_role("button", name="Salvar").click()
    expect(page.locator(".toasts")).to_contain_text("Ausência de Caio Torres registrada.")

    # The cover was told, and finds the clients of both in one day, marked.
    enter(page, live_server.url, cast.julia)
    page.goto(live_server.url + MY_DAY)
    expect(page.locator(".unread:visible")).to_have_text("1")
    expect(page.locator(".next")).to_contain_text("Tiago Melo")
    expect(page.locator(".next")).to_contain_text("de Caio")
    expect(page.locator("#agenda li.task")).to_contain_text("Clara Nunes")
    expect(page.locator("#agenda")).not_to_contain_text("Norberto Luz")
    assert accessibility_problems(page) == []
    screenshot(page, f"cover-{width}")
    page.locator(".next").get_by_role("button", name="Atendeu", exact=True).click()
    expect(page.locator(".day")).to_contain_text("1 de 2 feitos")
    log = ContactLog.objects.unscoped(reason="test").get()
    assert (log.client.name, log.client.owner, log.by) == ("Tiago Melo", cast.caio, cast.julia)

    # Who is away has no list, only who covers; so does the supervisor who looks.
    enter(page, live_server.url, cast.caio)
    page.goto(live_server.url + MY_DAY)
    expect(page.locator("main")).to_contain_text("Você está de férias")
    expect(page.locator("main")).to_contain_text("Júlia Prado cobre a carteira até 13 mar")
    expect(page.locator("#agenda li.task")).to_have_count(0)
    assert accessibility_problems(page) == []
    screenshot(page, f"cover-away-{width}")

    # To the other team it is nobody's day.
    enter(page, live_server.url, cast.davi)
    answer = page.goto(f"{live_server.url}{MY_DAY}?de={cast.caio.pk}")
    assert answer is not None
    assert answer.status == 404
