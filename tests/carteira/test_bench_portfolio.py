"""The measurements of export and distribution on a few clients: that they run, measure and leave nothing behind."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from carteira.bench import distribute, export
from carteira.bench.figures import BenchError, Figure, Options
from carteira.generator import marks
from clients.models import Client, Ownership
from jobs.models import Job
from people import activity
from people.models import Activity
from portfolio.models import DistributionBatch
from tests.factories import PASSWORD, Cast, make_cast, make_client

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def company(settings: Any, tmp_path: Path) -> Cast:
    """300 clients of three sellers, marked as generated."""
    settings.DATA_DIR = tmp_path
    cast = make_cast()
    for number in range(300):
        make_client(f"Cliente {number:03}", owner=(cast.julia, cast.caio, cast.davi)[number % 3])
    activity.record(marks.GENERATED, by=None)
    marks.write_logins(tmp_path, [marks.Login("admin", cast.ada.name, cast.ada.email, PASSWORD)])
    return cast


def figures(measure: Callable[[Options], Iterator[Figure]]) -> dict[str, Figure]:
    return {figure.name: figure for figure in measure(Options(repeat=1, quick=True))}


def test_distribute_measures_the_real_path_and_leaves_the_base_as_it_was(company: Cast) -> None:
    def state() -> tuple[Any, ...]:
        clients = Client.objects.unscoped(reason="test").order_by("pk").values_list("pk", "owner", "team", "version")
        spells = Ownership.objects.unscoped(reason="test").order_by("pk").values_list("pk", "client", "owner", "until")
        tables = (DistributionBatch, Job, Activity)
        return list(clients), list(spells), [table._default_manager.count() for table in tables]

    before = state()
    found = figures(distribute.measure)

    assert state() == before
    main = found["100 clients over 3 sellers, applied with history"]
    assert (main.budget, main.unit) == (30, "s")
    assert main.value > 0
    assert main.limit
    raw = found["100 clients over 3 sellers, beside the same rows written raw"]
    assert (raw.value, raw.budget) == (main.value, 2)
    assert raw.limit
    assert found["largest load over the mean, count"].value <= 1.1


def test_export_measures_the_real_address(company: Cast) -> None:
    found = figures(export.measure)

    assert found["300 clients as CSV"].budget == 3
    assert found["memory it takes"].budget == 32
    assert Activity.objects.filter(verb="clients_exported").count() == 0


@pytest.mark.parametrize("topic", [distribute, export])
def test_neither_touches_a_company_that_was_not_generated(topic: Any, settings: Any, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    make_cast()
    with pytest.raises(BenchError, match="generate"):
        figures(topic.measure)


def test_a_refused_download_is_no_measure(company: Cast, settings: Any) -> None:
    settings.ACCOUNT_REAUTHENTICATION_TIMEOUT = 0
    with pytest.raises(BenchError, match="303"):
        figures(export.measure)
