"""People at the keyboard."""

from collections.abc import Callable

import pytest
from django.test import Client as Browser

from people.models import User
from tests.factories import browser_of


@pytest.fixture
def at_desk() -> Callable[[User], Browser]:
    return browser_of
