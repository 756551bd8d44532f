"""People who work at the same moment, each with a connection of their own."""

from typing import Any

import pytest

from tests.factories import Cast, make_cast
from tests.faults.tally import MARKER, tally

__all__ = ["tally"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", MARKER)


@pytest.fixture
def cast(transactional_db: None, settings: Any) -> Cast:
    # Nobody types a password here, so none needs to be slow to check.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    return make_cast()
