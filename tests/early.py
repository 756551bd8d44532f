"""A plugin (`-p`): pytest-django reads the settings, and so needs the services, before any conftest."""

import os
from pathlib import Path

import pytest


@pytest.hookimpl(tryfirst=True)
def pytest_load_initial_conftests() -> None:
    # xdist workers inherit the environment of the process that started the services.
    if "CARTEIRA_TEST_SESSION" not in os.environ:
        from tests.services import start  # noqa: PLC0415  (not above: coverage begins to measure just now)

        # WhiteNoise warns, and warnings are errors here, where nobody has collected static files yet.
        (Path(__file__).parent.parent / "static_root").mkdir(exist_ok=True)
        start()
