"""Fixtures for every test. The database server and Redis are started by tests/services.py."""

import os
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from django.apps import AppConfig, apps
from django.db import connections
from django.db.models import Model
from django.db.models.signals import post_migrate
from django.dispatch import receiver
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from contacts.models import ContactOutcome
from core.fullness import FULL
from nps.models import RootCause
from tests.factories import Cast, make_cast

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


# Whole journeys, walks and measurements: finer tests cover the same lines, and measuring would double their time.
UNMEASURED = (
    "browser",
    "faults",
    "project/walk",
    "carteira/test_bench_pages.py",
    "carteira/test_night_kills.py",
    "contacts/test_gate_histories.py",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    unmeasured = [Path(__file__).parent / name for name in UNMEASURED]
    for item in items:
        if any(item.path.is_relative_to(path) for path in unmeasured):
            item.add_marker("no_cover")


# What an installation begins with. A test that commits ends with every table empty, and the next one needs it.
BEGINNINGS: dict[str, tuple[type[Model], tuple[str, ...]]] = {
    "contacts": (ContactOutcome, ("0002_outcomes_and_hours", "0003_default_words_and_plans", "0009_answered")),
    "nps": (RootCause, ("0002_causes_and_attention_plan",)),
}


@receiver(post_migrate)
def _begin_again(sender: AppConfig, **_kwargs: Any) -> None:
    if sender.label not in BEGINNINGS:
        return
    first, names = BEGINNINGS[sender.label]
    if not first._default_manager.exists():
        for name in names:
            import_module(f"{sender.label}.migrations.{name}").fill(apps, None)


@pytest.fixture(autouse=True)
def _nothing_is_known_to_be_full() -> Iterator[None]:
    """A process remembers counts that passed their cap; the next test has other rows."""
    FULL.forget()
    yield
    FULL.forget()


@pytest.fixture
def cast(db: None) -> Cast:
    return make_cast()
