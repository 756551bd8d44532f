"""The cast of factories, and people at the keyboard."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from people.models import User
from tests.factories import Cast, make_cast


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()


@pytest.fixture
def at_desk() -> Callable[[User], Browser]:
    """A browser in which the person is logged in."""

    def open_browser(user: User) -> Browser:
        browser = Browser()
        browser.force_login(user)
        return browser

    return open_browser
