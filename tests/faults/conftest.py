from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from tests.faults.installation import Installation


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "faults: kills real processes; FAULTS=n makes it n times as long")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "faults" in item.path.parts:
            item.add_marker(pytest.mark.faults)


@pytest.fixture(scope="session")
def whole_installation() -> Iterator[Installation]:
    # Not pytest's own folder: other sessions close that one to the database server's user.
    with (
        TemporaryDirectory(prefix="carteira-faults-") as folder,
        closing(Installation(Path(folder))) as installation,
    ):
        installation.open()
        yield installation


@pytest.fixture
def installation(whole_installation: Installation) -> Iterator[Installation]:
    whole_installation.forget_jobs()
    yield whole_installation
    whole_installation.end_processes()
