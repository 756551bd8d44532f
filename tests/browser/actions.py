"""What browser tests do again and again."""

import re
from pathlib import Path

from axe_playwright_python.sync_playwright import Axe
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse
from playwright.sync_api import Page, expect

from people.models import User

SCREENS = Path(__file__).resolve().parent.parent.parent / "test-artifacts" / "screens"
AXE = Axe()
BLOCKING = {"serious", "critical"}


def sign_in(page: Page, base: str, *, email: str, password: str) -> None:
    """Through the real form, as a person does."""
    page.goto(base + reverse("account_login"))
    page.locator("input[name=login]").fill(email)
    page.locator("input[name=password]").fill(password)
    page.locator("form:has(input[name=password]) [type=submit]").click()
    expect(page).not_to_have_url(re.compile(re.escape(reverse("account_login"))))


def enter(page: Page, base: str, person: User) -> None:
    """As somebody who signed in before: with a session, not through the form."""
    browser = Browser()
    browser.force_login(person)
    name = settings.SESSION_COOKIE_NAME
    # What the page of somebody else still asks for must not be answered to this person.
    page.goto("about:blank")
    page.context.clear_cookies()
    page.context.add_cookies([{"name": name, "value": browser.cookies[name].value, "url": base}])


def accessibility_problems(page: Page, *, only: str = "") -> list[str]:
    """Serious and critical findings of axe, one line each with the first element concerned; of one rule if named."""
    if not page.evaluate("'axe' in window"):
        page.evaluate(AXE.axe_script)
    options = {"resultTypes": ["violations"], **({"runOnly": [only]} if only else {})}
    violations = page.evaluate("options => axe.run(options).then(({ violations }) => violations)", options)
    return [
        f"{found['id']}: {found['help']} ({found['nodes'][0]['target']})"
        for found in violations
        if found["impact"] in BLOCKING
    ]


def screenshot(page: Page, name: str) -> Path:
    SCREENS.mkdir(parents=True, exist_ok=True)
    path = SCREENS / f"{re.sub(r'[^\w.-]+', '-', name)}.png"
    page.screenshot(path=path, full_page=True)
    return path
