"""Fixtures for every test. The database server and Redis are started by tests/services.py."""

import os
from collections.abc import Iterator

import pytest
from django.db import connections
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from core.fullness import FULL

# Shared processors make single examples slow; a slow example is no fault.
hypothesis_settings.register_profile(
    "carteira",
    deadline=None,
    print_blob=True,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
)
hypothesis_settings.load_profile("carteira")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    """Copy the migrated template instead of running every migration once per worker."""
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = os.environ["CARTEIRA_TEST_TEMPLATE"]


@pytest.fixture(autouse=True)
def _nothing_is_known_to_be_full() -> Iterator[None]:
    """A process remembers counts that passed their cap; the next test has other rows."""
    FULL.forget()
    yield
    FULL.forget()
