"""The measurement of the night on a few clients, and what the command prints."""

import datetime
import io
import json
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from carteira.bench.figures import Figure
from carteira.generator import marks
from carteira.schedule import NIGHT
from contracts import sectors
from people import activity
from tests.factories import make_client, make_purchase

pytestmark = pytest.mark.django_db(transaction=True)
TODAY = datetime.date(2090, 6, 30)


def bench(*arguments: str) -> str:
    out = io.StringIO()
    call_command("bench", "nightly", *arguments, stdout=out)
    return out.getvalue()


@pytest.fixture
def company() -> None:
    for days in range(20):
        make_purchase(make_client(), TODAY - datetime.timedelta(days=10 * days))
    activity.record(marks.GENERATED, by=None)


def test_each_round_is_a_night_of_its_own(company: None) -> None:
    found: dict[str, dict[str, Any]] = {
        figure["name"]: figure for figure in json.loads(bench("--quick", "--json"))["figures"]
    }
    assert found["night: rows written by the same date again"] | {"met": None} == {
        "name": "night: rows written by the same date again",
        "value": 0,
        "unit": "rows",
        "limit": None,
        "ratio": 0,
        "budget": 0,
        "met": None,
    }
    assert found["night: rows written by the same date again"]["met"] is True
    for name, budget in (("classification step", 3), ("full recompute from raw rows", 6), ("all steps", 120)):
        figure = found[f"night: {name}"]
        assert figure["budget"] == budget
        assert figure["ratio"] == pytest.approx(figure["value"] / figure["limit"])
    assert [name for name in found if name.startswith("night: step ")] == [f"night: step {step.name}" for step in NIGHT]
    night = sectors.last_night()
    bench("--quick")
    assert sectors.last_night() == night + datetime.timedelta(days=2)


def test_text_says_each_figure_with_its_limit_and_whether_it_is_met(company: None) -> None:
    lines = bench("--quick").splitlines()
    assert len(lines) == 6 + len(NIGHT)
    again = next(line for line in lines if "rows written by the same date" in line)
    assert again.split()[-4:] == ["0", "≤", "0", "dentro"]


def test_a_company_that_was_not_generated_stays_untouched() -> None:
    make_client()
    with pytest.raises(CommandError, match="generate"):
        bench("--quick")
    assert sectors.last_night() is None


@pytest.mark.parametrize("arguments", [["--repeat", "0"], ["--seconds", "0"]])
def test_nothing_is_measured_zero_times(arguments: list[str]) -> None:
    with pytest.raises(CommandError, match="começam em 1"):
        bench(*arguments)


def test_a_figure_knows_whether_it_is_met() -> None:
    assert Figure("a", 6, "s", 2, 3).is_met
    assert Figure("a", 7, "s", 2, 3).is_met is False
    assert Figure("a", 7, "×", None, 20, at_least=True).is_met is False
    assert Figure("a", 7, "s").is_met is None
