"""One Chromium per process; a fresh Brazilian context per test, which fails on errors of scripts."""

import os
import shutil
import threading
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.core.signals import request_finished, request_started
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from tests.browser.actions import screenshot
from tests.browser.clock import Clock

FLAGS = (
    "--no-sandbox",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-default-apps",
    "--disable-dev-shm-usage",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-features=Translate,OptimizationHints,MediaRouter",
    "--disable-gpu",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-first-run",
    "--no-pings",
    "--password-store=basic",
    "--force-color-profile=srgb",
)

# An answer such as 403 or 404 is asked for by the test, and logged by Chromium as an error too; a request that gives
# way to a tap is logged by htmx.
EXPECTED = ("Failed to load resource", "htmx:afterRequest", "htmx:sendAbort")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            # The live server writes from another thread, which a test's transaction would not see.
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
    # Playwright's loop stays open in this thread from here on, and Django takes that for asynchronous code.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield chromium
        chromium.close()


class Served:
    """The requests that the live server is answering: a page that closes takes none of them back."""

    def __init__(self) -> None:
        self._changed, self._running = threading.Condition(), 0

    def begin(self, **_signal: Any) -> None:
        with self._changed:
            self._running += 1

    def end(self, **_signal: Any) -> None:
        with self._changed:
            self._running -= 1
            self._changed.notify_all()

    def wait(self) -> None:
        with self._changed:
            self._changed.wait_for(lambda: self._running <= 0, timeout=15)


@pytest.fixture
def served(transactional_db: None) -> Iterator[None]:
    """Emptying the tables must not meet a request that still reads them."""
    served = Served()
    request_started.connect(served.begin)
    request_finished.connect(served.end)
    yield
    served.wait()
    request_started.disconnect(served.begin)
    request_finished.disconnect(served.end)


@pytest.fixture
def context(browser: Browser, served: None) -> Iterator[BrowserContext]:
    context = browser.new_context(
        locale="pt-BR",
        timezone_id="America/Sao_Paulo",
        viewport={"width": 1280, "height": 800},
        reduced_motion="reduce",
    )
    context.set_default_timeout(15_000)
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext, request: pytest.FixtureRequest) -> Iterator[Page]:
    """A page; errors of its scripts and refusals by the content policy fail the test."""
    page = context.new_page()
    problems: list[str] = []

    def note(message: ConsoleMessage) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            problems.append(message.text)

    page.on("console", note)
    page.on("pageerror", lambda error: problems.append(str(error)))
    yield page
    if getattr(request.node, "call_failed", False):
        screenshot(page, f"failed-{request.node.name}")
    assert problems == []


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    return Clock(monkeypatch)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.when == "call":
        item.call_failed = report.failed  # type: ignore[attr-defined]
    return report
