"""The SQL of the rule against the plain Python of classification_reference, over random histories."""

import datetime
import random

import pytest

from clients.models import Client
from contracts import nightly, sectors
from contracts.classification import refresh
from contracts.evaluation import Evaluation, Question, read
from contracts.models import ClassificationSettings, ClientCycle
from tests.contracts.classification_histories import random_history, store
from tests.contracts.classification_reference import History, judge, means

pytestmark = pytest.mark.django_db
# Ahead of every clock: the rows are known as of the night itself.
TODAY = datetime.date(2090, 6, 30)


def company(seed: int, *, size: int) -> dict[int, History]:
    chance = random.Random(seed)
    return store([random_history(chance, TODAY, sector=chance.choice([None, 1, 2, 3])) for _ in range(size)])


def assert_same(found: Evaluation, expected, *, m: float) -> None:
    assert (found.class_code, found.reason, found.gaps) == (expected.klass, expected.reason, expected.x)
    assert (found.last_on, found.span_days, found.recency_days) == (
        expected.last,
        expected.t_x,
        expected.recency,
    )
    assert (found.mean_days, found.cycle_days, found.limit_days) == (m, expected.c, expected.limit)
    assert (found.p_buys is None) == (expected.p is None)
    if expected.p is not None:
        assert found.p_buys == pytest.approx(expected.p, abs=0.001)


@pytest.mark.parametrize("seed", range(4))
def test_classification_equals_reference_for_raw_rows(seed: int) -> None:
    """Classes, reasons and numbers from raw rows, m included, on days before, on and after the day of the data."""
    stored = company(seed, size=150)
    for shift in (-40, -1, 0, 1, 25, 70):
        day = TODAY + datetime.timedelta(days=shift)
        numbers = ClassificationSettings.current()
        blank = Question(on=day, means=sectors.stored_means(numbers), numbers=numbers, recompute=True)
        measured = sectors.measure(blank)
        general, by_sector = means(list(stored.values()), day, day)
        assert measured.rows[0].used_days == general
        found = {
            row.client_id: row for row in read(Question(on=day, means=measured.means, numbers=numbers, recompute=True))
        }
        for pk, history in stored.items():
            m = general if history.sector is None else by_sector[history.sector]
            assert_same(found[pk], judge(history, day, m), m=m)


@pytest.mark.parametrize("seed", [11, 12])
def test_nights_from_kept_aggregates_equal_reference(seed: int) -> None:
    """45 nights, each from what the nights before kept: future sales, starts, ends and graces come true on their day,
    and rule 4 remembers."""
    stored = company(seed, size=80)
    before: dict[int, tuple[str, datetime.date | None]] = dict.fromkeys(stored, ("prospect", None))
    seen = set()
    for ahead in range(45):
        day = TODAY + datetime.timedelta(days=ahead)
        nightly.classify_everybody(day)
        general, by_sector = means(list(stored.values()), day, day)
        clients = Client.objects.unscoped(reason="test").in_bulk(list(stored))
        found = {row.client_id: row for row in read(nightly.question_on(day))}
        for pk, history in stored.items():
            m = general if history.sector is None else by_sector[history.sector]
            expected = judge(history, day, m, before=before[pk])
            assert (clients[pk].portfolio_class, clients[pk].class_reason) == (
                expected.klass,
                expected.reason,
            )
            assert_same(found[pk], expected, m=m)
            before[pk] = (expected.klass, expected.last)
            seen.add(expected.reason)
    assert len(seen) >= 10


@pytest.mark.parametrize("seed", [21, 22])
def test_recompute_finds_nothing_that_the_kept_aggregates_missed(seed: int) -> None:
    company(seed, size=80)
    for ahead in range(0, 90, 6):
        day = TODAY + datetime.timedelta(days=ahead)
        nightly.classify_everybody(day)
        assert nightly.classify_everybody(day, recompute=True)["written"] == 0


def test_at_once_equals_nightly() -> None:
    """A refresh of everybody after the night writes only the day it was asked for."""
    stored = company(31, size=120)
    nightly.classify_everybody(TODAY)
    columns = (
        "client",
        "gaps",
        "last_on",
        "risk_band",
        "contract",
        "anchor_on",
        "due_on",
        "value_12m",
        "purchase_total",
    )
    cycles = ClientCycle.objects.unscoped(reason="test").order_by("client").values_list(*columns)
    classes = Client.objects.unscoped(reason="test").order_by("pk").values_list("portfolio_class", "class_reason")
    kept = list(cycles), list(classes)
    written = refresh(stored, on=TODAY)
    assert (written.history, written.clients) == (0, 0)
    assert (list(cycles.all()), list(classes.all())) == kept


def test_at_once_from_nothing_equals_the_first_night() -> None:
    """Before the first night every m is the default; with few gaps the night finds the same."""
    chance = random.Random(41)
    stored = store([random_history(chance, TODAY) for _ in range(5)])
    refresh(stored, on=TODAY)
    assert nightly.classify_everybody(TODAY)["changed"] == 0
