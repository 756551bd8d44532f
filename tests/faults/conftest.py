import os
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory, gettempdir

import pytest

from carteira.postgres import PostgresServer
from tests.faults.installation import Installation, Site, crash, lives
from tests.faults.tally import MARKER, tally

__all__ = ["tally"]

PREFIX = "carteira-faults-"


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "faults: kills real processes; FAULTS=20 is twenty times as long, the full form")
    config.addinivalue_line("markers", MARKER)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if "faults" in item.path.parts:
            item.add_marker(pytest.mark.faults)


def remove_leftovers() -> None:
    """Of sessions that were killed."""
    for folder in Path(gettempdir()).glob(f"{PREFIX}[0-9]*-*"):
        if not lives(int(folder.name.removeprefix(PREFIX).split("-")[0])):
            crash(PostgresServer(folder))
            rmtree(folder, ignore_errors=True)


@pytest.fixture(scope="session")
def installation() -> Iterator[Installation]:
    remove_leftovers()
    # Not pytest's own folder: other sessions close that one to the database server's user.
    with (
        TemporaryDirectory(prefix=f"{PREFIX}{os.getpid()}-") as folder,
        closing(Installation(Path(folder))) as installation,
    ):
        installation.open()
        yield installation


@pytest.fixture
def new_site(installation: Installation) -> Iterator[Callable[..., Site]]:
    sites: list[Site] = []

    def make(**options: object) -> Site:
        sites.append(installation.site(**options))
        return sites[-1]

    yield make
    installation.server.ensure_running()
    for site in sites:
        site.close()


@pytest.fixture
def site(new_site: Callable[..., Site]) -> Site:
    return new_site()
