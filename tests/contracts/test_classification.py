"""The class after a write, reason by reason; the truth table; the numbers on screens."""

import csv
import datetime
import json
from collections import Counter
from pathlib import Path

import pytest
from django.utils import timezone

from clients.models import Client, Sector
from contracts import cases, nightly, tiers
from contracts.classification import evaluate, refresh
from contracts.evaluation import Written
from contracts.models import ClassChange, ClassificationSettings, ClientCycle, SectorCycle
from tests.contracts.classifying import TODAY, ago, ahead, classified, deal
from tests.factories import make_client, make_family, make_product, make_purchase

pytestmark = pytest.mark.django_db
CASES = Path(__file__).parent.parent / "data" / "classification-cases.csv"


# --- The truth table -----------------------------------------------------------------------------------


def expected_rows() -> list[tuple[str, str, str, float | None]]:
    with CASES.open(encoding="utf-8", newline="") as file:
        return [
            (
                row["case_id"],
                cases.CLASSES[row["expected_class"]].value,
                row["expected_reason_code"],
                float(row["expected_limit_days"]) if row["expected_limit_days"] else None,
            )
            for row in csv.DictReader(file)
        ]


def test_truth_table_holds_and_leaves_nothing() -> None:
    assert [tuple(outcome) for outcome in cases.outcomes(CASES)] == expected_rows()
    assert (Client.objects.unscoped(reason="test").count(), Sector.objects.count()) == (0, 0)


def test_truth_table_holds_after_a_write_and_at_night() -> None:
    with CASES.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    stored = {}
    for row in rows:
        sector = Sector.objects.create(name=row["case_id"], key=row["case_id"])
        used = float(row["segment_cycle_days"])
        night = datetime.date(2026, 6, 29)
        SectorCycle.objects.create(sector=sector, on=night, mean_days=used, gaps=30, used_days=used)
        stored[row["case_id"]] = make_client(sector=sector)
        cases._record_purchases(stored[row["case_id"]], json.loads(row["purchases"]))
        day = datetime.date(2026, 6, 30)
        cases._record_contracts(stored[row["case_id"]], json.loads(row["contracts"]), day=day)
    SectorCycle.objects.create(on=datetime.date(2026, 6, 29), gaps=0, used_days=90)
    refresh([client.pk for client in stored.values()], on=datetime.date(2026, 6, 30))
    clients = Client.objects.unscoped(reason="test").in_bulk([client.pk for client in stored.values()])
    changes = {change.client_id: change for change in ClassChange.objects.unscoped(reason="test")}
    for case_id, klass, reason, limit in expected_rows():
        client = clients[stored[case_id].pk]
        assert (case_id, client.portfolio_class, client.class_reason) == (case_id, klass, reason)
        if limit is not None:
            assert round(changes[client.pk].limit_days or 0, 1) == limit


# --- Purchases -----------------------------------------------------------------------------------------


def test_two_sales_in_a_day_and_a_signature_on_it_are_one_purchase_day() -> None:
    client = make_client()
    make_purchase(client, ago(10))
    make_purchase(client, ago(10))
    deal(client, -200, -100, signed_on=ago(10))
    assert classified(client) == ("active", "DENTRO_DO_CICLO")
    cycle = ClientCycle.objects.unscoped(reason="test").get(client=client)
    assert (cycle.gaps, cycle.first_on, cycle.last_on, cycle.purchase_count) == (0, ago(10), ago(10), 2)


def test_purchase_on_the_limit_is_still_active() -> None:
    client = make_client()
    make_purchase(client, ago(180))
    assert classified(client) == ("active", "DENTRO_DO_CICLO")
    assert classified(client, on=ahead(1)) == ("inactive", "FORA_DO_CICLO")


def test_future_sale_counts_when_its_day_comes() -> None:
    client = make_client()
    make_purchase(client, ahead(2))
    assert classified(client) == ("prospect", "SEM_COMPRA")
    nightly.classify_everybody(ahead(1))
    client.refresh_from_db()
    assert client.portfolio_class == "prospect"
    nightly.classify_everybody(ahead(2))
    client.refresh_from_db()
    assert (client.portfolio_class, client.class_since) == ("active", ahead(2))


def test_returned_only_sale_makes_a_prospect_again() -> None:
    client = make_client()
    sale = make_purchase(client, ago(3))
    assert classified(client)[0] == "active"
    sale.status = "returned"
    sale.save()
    assert classified(client) == ("prospect", "SEM_COMPRA")


def test_fixed_days_of_the_family_last_bought_replace_the_cycle() -> None:
    client = make_client()
    short = make_product(family=make_family(inactive_after_days=20))
    long = make_product(family=make_family(inactive_after_days=400))
    make_purchase(client, ago(300), product=short)
    make_purchase(client, ago(25), product=short)
    assert classified(client) == ("inactive", "FORA_DO_CICLO")
    make_purchase(client, ago(25), product=long)
    assert classified(client)[1] == "SEM_NOVO_EVENTO"
    make_purchase(client, ago(24))
    assert classified(client) == ("active", "DENTRO_DO_CICLO")
    cycle = ClientCycle.objects.unscoped(reason="test").get(client=client)
    assert cycle.fixed_limit_days is None


def test_fixed_days_of_a_contract_signed_last_replace_the_cycle() -> None:
    client = make_client()
    product = make_product(family=make_family(inactive_after_days=20))
    make_purchase(client, ago(300))
    deal(client, -60, -45, product=product)
    assert classified(client) == ("inactive", "FORA_DO_CICLO")
    assert evaluate(client, on=TODAY).limit_days == 20


# --- Rule 4 remembers ----------------------------------------------------------------------------------


def test_inactive_client_returns_only_by_an_event() -> None:
    client = make_client()
    make_purchase(client, ago(190))
    assert classified(client) == ("inactive", "FORA_DO_CICLO")
    ClassificationSettings.objects.update(factor=3)
    assert classified(client) == ("inactive", "SEM_NOVO_EVENTO")
    assert classified(client, on=ahead(1)) == ("inactive", "SEM_NOVO_EVENTO")
    make_purchase(client, ago(100))
    assert classified(client, on=ahead(1)) == ("active", "DENTRO_DO_CICLO")


def test_undone_sale_of_an_inactive_client_is_no_return() -> None:
    """Without the later sale the limit grows, but nobody bought anything."""
    client = make_client()
    make_purchase(client, ago(200))
    sale = make_purchase(client, ago(199))
    assert classified(client) == ("inactive", "FORA_DO_CICLO")
    ClassificationSettings.objects.update(factor=3)
    sale.delete()
    assert classified(client) == ("inactive", "SEM_NOVO_EVENTO")


def test_late_entry_of_an_older_sale_leaves_a_line_while_inactive() -> None:
    client = make_client()
    make_purchase(client, ago(400))
    classified(client)
    make_purchase(client, ago(350))
    assert classified(client) == ("inactive", "FORA_DO_CICLO")
    lines = ClassChange.objects.unscoped(reason="test").filter(client=client).order_by("pk")
    assert [(line.from_class, line.to_class, line.last_on) for line in lines] == [
        ("prospect", "inactive", ago(400)),
        ("inactive", "inactive", ago(350)),
    ]


# --- What a write stores -------------------------------------------------------------------------------


def test_refresh_twice_writes_nothing_and_leaves_the_version() -> None:
    client = make_client()
    make_purchase(client, ago(5))
    assert refresh([client.pk, client.pk], on=TODAY) == Written(
        history=1, cycles=1, clients=1, counts=Counter(active=1, risk_medium=1)
    )
    assert refresh([client.pk], on=TODAY) == Written()
    assert refresh([]) == Written()
    client.refresh_from_db()
    assert (client.version, client.class_since) == (1, TODAY)


def test_refresh_without_a_day_is_of_today_and_never_before_the_last_evaluation() -> None:
    client = make_client()
    make_purchase(client, timezone.localdate())
    refresh([client.pk])
    cycle = ClientCycle.objects.unscoped(reason="test").get(client=client)
    assert cycle.evaluated_for == timezone.localdate()
    refresh([client.pk], on=TODAY)
    refresh([client.pk])
    cycle.refresh_from_db()
    assert cycle.evaluated_for == TODAY


def test_history_keeps_the_numbers_of_the_change() -> None:
    client = make_client()
    make_purchase(client, ago(40))
    make_purchase(client, ago(10))
    classified(client)
    (line,) = ClassChange.objects.unscoped(reason="test").filter(client=client)
    found = evaluate(client, on=TODAY)
    assert (line.from_class, line.to_class, line.reason, line.cause) == (
        "prospect", "active", "DENTRO_DO_CICLO", "write",
    )  # fmt: skip
    assert (line.gaps, line.span_days, line.recency_days) == (1, 30, 10)
    assert (line.cycle_days, line.limit_days, line.p_buys) == (found.cycle_days, found.limit_days, found.p_buys)
    assert (line.mean_days, line.cycle_days, line.limit_days) == (90, 70, 140)


def test_value_of_12_months_ages_with_the_tiers_and_counts_contracts_in_force() -> None:
    client = make_client()
    make_purchase(client, ago(364), amount=70)
    make_purchase(client, ago(1), amount=30)
    deal(client, -10, 300, amount=5)
    classified(client)
    cycle = ClientCycle.objects.unscoped(reason="test").get(client=client)
    assert (cycle.value_12m, cycle.value_due_on) == (160, ahead(1))
    assert tiers.rank_everybody(TODAY) == {"aged": 0, "ranked": 1}
    nightly.classify_everybody(ahead(1))
    tiers.rank_everybody(ahead(1))
    cycle.refresh_from_db()
    assert cycle.value_12m == 90
    assert cycle.value_due_on == ahead(364)
    nightly.classify_everybody(ahead(364))
    tiers.rank_everybody(ahead(364))
    cycle.refresh_from_db()
    assert (cycle.value_12m, cycle.value_due_on, cycle.tier) == (0, None, "")
