"""The numbers behind a class as screens read them, and what the tables refuse."""

import datetime
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from clients.models import Client, Sector
from contracts import nightly
from contracts.classification import evaluate, refresh, with_numbers
from contracts.models import ClassChange, ClassificationSettings, ClientCycle, SectorCycle
from tests.contracts.test_classification import TODAY, ago, deal
from tests.factories import make_client, make_purchase

pytestmark = pytest.mark.django_db


# --- The numbers for screens ---------------------------------------------------------------------------


def test_with_numbers_equals_the_rule() -> None:
    sector = Sector.objects.create(name="Saúde", key="SAUDE")
    once, often, never, ending, coming = (make_client(sector=sector) for _ in range(5))
    make_purchase(once, ago(50))
    for days in (5, 35, 65):
        make_purchase(often, ago(days))
    deal(ending, -300, 20)
    deal(coming, 3, 300, status="signed", created_at=datetime.datetime(2089, 1, 1, tzinfo=datetime.UTC))
    everyone = [once, often, never, ending, coming]
    for night in (None, TODAY):
        if night:
            nightly.classify_everybody(night)
        refresh([client.pk for client in everyone], on=TODAY)
        for client in with_numbers(Client.objects.unscoped(reason="test"), on=TODAY):
            found = evaluate(client, on=TODAY)
            assert (client.mean_days, client.cycle_days, client.limit_days, client.p_buys) == (
                found.mean_days, found.cycle_days, found.limit_days, found.p_buys,
            )  # fmt: skip
            assert (client.recency_days, client.span_days, client.next_change_on) == (
                found.recency_days, found.span_days, found.next_change_on,
            )  # fmt: skip
            assert client.health == (None if found.p_buys is None else int(100 * found.p_buys + 0.5))


def test_with_numbers_holds_on_a_day_before_the_purchases_that_are_kept() -> None:
    client = make_client()
    for ahead in (300, 310):
        make_purchase(client, TODAY + datetime.timedelta(days=ahead))
    nightly.classify_everybody(TODAY + datetime.timedelta(days=310))

    (seen,) = with_numbers(Client.objects.unscoped(reason="test"), on=TODAY)

    assert (seen.recency_days, seen.age_days) == (0, 10)
    assert 0 < seen.p_buys < 1


@pytest.mark.parametrize("number", [1, 3])
def test_with_numbers_costs_three_queries_for_any_number_of_clients(number: int) -> None:
    for _ in range(number):
        make_purchase(make_client(), ago(3))
    nightly.classify_everybody(TODAY)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        assert len(with_numbers(Client.objects.unscoped(reason="test"), on=TODAY)) == number
    assert len(queries) == 3


@given(
    gaps=st.integers(0, 5000),
    span=st.integers(0, 30000),
    recency=st.integers(0, 30000),
    mean=st.floats(0.5, 3000),
    limit=st.floats(1, 730),
)
def test_chances_never_overflow(gaps: int, span: int, recency: int, mean: float, limit: float) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT contracts_p_alive(%s, %s, %s, %s::float8), contracts_p_buys(%s, %s, %s, %s::float8, %s::float8)",
            [gaps, span, span + recency, mean] * 1 + [gaps, span, span + recency, mean, limit],
        )
        alive, buys = cursor.fetchone()
    assert 0 <= buys <= alive <= 1


# --- Constraints ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"id": 2}, "classification_settings_only_one"),
        ({"floor_days": 800}, "classification_floor_below_cap"),
        ({"factor": 0}, "classification_cycle_positive"),
        ({"high_risk_below": 0.7}, "classification_bands_in_order"),
    ],
)
def test_settings_refuse_what_makes_no_rule(fields: dict[str, Any], name: str) -> None:
    ClassificationSettings.objects.all().delete()
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ClassificationSettings.objects.create(**fields)
    assert str(ClassificationSettings.current()) == "parâmetros da classificação"


@pytest.mark.parametrize(
    ("fields", "name"),
    [
        ({"gaps": 0}, "cycle_dates_fit_gaps"),
        ({"gaps": -1, "first_on": TODAY, "last_on": TODAY}, "cycle_dates_fit_gaps"),
        ({"gaps": 1, "first_on": TODAY, "last_on": ago(1)}, "cycle_dates_fit_gaps"),
        ({"risk_band": "huge"}, "cycle_risk_known"),
        ({"tier": "E"}, "cycle_tier_known"),
    ],
)
def test_cycle_refuses_what_cannot_be(fields: dict[str, Any], name: str) -> None:
    with pytest.raises(IntegrityError, match=name), transaction.atomic():
        ClientCycle.objects.create(client=make_client(), **fields)


def test_night_has_one_mean_per_sector_and_history_only_known_words() -> None:
    SectorCycle.objects.create(on=TODAY, gaps=0, used_days=90)
    with pytest.raises(IntegrityError, match="sector_cycle_once_a_day"), transaction.atomic():
        SectorCycle.objects.create(on=TODAY, gaps=0, used_days=90)
    with pytest.raises(IntegrityError, match="sector_cycle_positive"), transaction.atomic():
        SectorCycle.objects.create(on=ago(1), gaps=0, used_days=0)
    change = {"client": make_client(), "on": TODAY, "gaps": 0}
    with pytest.raises(IntegrityError, match="class_change_known"), transaction.atomic():
        ClassChange.objects.create(**change, to_class="x", reason="SEM_COMPRA")
    with pytest.raises(IntegrityError, match="class_change_reason_known"), transaction.atomic():
        ClassChange.objects.create(**change, to_class="active", reason="x")
