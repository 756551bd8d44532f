"""Nights: once per date, resumable, missed and caught up; dates in the past; a change of parameters."""

import datetime
import random
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import sql

from clients.models import Client, Sector
from contracts import nightly, sectors, tiers
from contracts.classification import refresh
from contracts.evaluation import MOVED, read
from contracts.models import ClassChange, ClassificationSettings, ClientCycle, SectorCycle
from tests.contracts.classification_histories import random_history, store
from tests.contracts.classification_reference import History
from tests.factories import make_client, make_contract, make_purchase, make_user

pytestmark = pytest.mark.django_db
TODAY = datetime.date(2090, 6, 30)


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


def ahead(days: int) -> datetime.date:
    return TODAY + datetime.timedelta(days=days)


def company(seed: int, *, size: int = 60) -> dict[int, History]:
    chance = random.Random(seed)
    return store([random_history(chance, TODAY, sector=chance.choice([None, 1])) for _ in range(size)])


def history() -> list[tuple[Any, ...]]:
    lines = ClassChange.objects.unscoped(reason="test").order_by("client", "on", "pk")
    return list(lines.values_list("client", "on", "from_class", "to_class", "reason", "last_on", "limit_days"))


def class_of(client: Client) -> tuple[str, str]:
    client.refresh_from_db()
    return client.portfolio_class, client.class_reason


class Recorded:
    """Chunks that are counted, and break off where asked, as a job that is killed."""

    def __init__(self, *, until: int = 10_000) -> None:
        self.until = until
        self.done = 0

    @contextmanager
    def chunk(self) -> Iterator[None]:
        if self.done == self.until:
            raise InterruptedError
        yield
        self.done += 1


# --- Once per date -------------------------------------------------------------------------------------


def test_second_night_of_a_date_writes_nothing() -> None:
    company(1)
    first = nightly.classify_everybody(TODAY)
    second = nightly.classify_everybody(TODAY)
    assert first["changed"] > 30
    assert (second["changed"], second["written"]) == (0, 0)
    assert {name: second[name] for name in nightly.COUNTED} == {name: first[name] for name in nightly.COUNTED}


def test_night_counts_every_client_once() -> None:
    stored = company(2)
    for day in (TODAY, ahead(1), ahead(2)):
        counts = nightly.classify_everybody(day)
        classes = Client.objects.unscoped(reason="test").values_list("portfolio_class", flat=True)
        for name in ("active", "renewal", "inactive", "prospect"):
            assert counts[name] == list(classes).count(name)
        assert sum(counts[name] for name in ("active", "renewal", "inactive", "prospect")) == len(stored)
        cycles = ClientCycle.objects.unscoped(reason="test")
        assert counts["risk_high"] == cycles.filter(risk_band="high").count()
        assert counts["sectors"] == 1
    again = nightly.classify_everybody(ahead(2), recompute=True)
    assert {name: again[name] for name in nightly.COUNTED} == {name: counts[name] for name in nightly.COUNTED}


def test_night_finds_newcomers_and_a_recompute_whoever_lost_the_kept_row() -> None:
    lost, _known = (make_client() for _ in range(2))
    make_purchase(lost, ago(5))
    nightly.classify_everybody(TODAY)
    ClientCycle.objects.unscoped(reason="test").filter(client=lost).delete()
    newcomer = make_client()
    make_purchase(newcomer, ago(3))
    nightly.classify_everybody(ahead(1))
    kept = ClientCycle.objects.unscoped(reason="test")
    assert class_of(newcomer) == ("active", "DENTRO_DO_CICLO")
    assert kept.filter(client=newcomer).exists()
    nightly.classify_everybody(ahead(1), recompute=True)
    assert kept.filter(client=lost).exists()


def test_night_without_clients_has_a_mean_by_default() -> None:
    counts = nightly.classify_everybody(TODAY)
    assert (counts["active"], counts["written"]) == (0, 1)
    assert SectorCycle.objects.get().used_days == 90


def test_nobody_returns_without_an_event_in_60_nights() -> None:
    stored = company(3, size=80)
    before: dict[int, tuple[str, Any]] = {}
    for shift in range(60):
        nightly.classify_everybody(ahead(shift))
        rows = Client.objects.unscoped(reason="test").values_list(
            "pk", "portfolio_class", "cycle__last_on", "class_reason"
        )
        now = {pk: (klass, last, reason) for pk, klass, last, reason in rows}
        for pk, (klass, last) in before.items():
            if klass == "inactive" and now[pk][0] == "active" and not now[pk][2].startswith("CONTRATO"):
                assert now[pk][1] > last
        before = {pk: (klass, last) for pk, (klass, last, _reason) in now.items()}
    assert len(before) == len(stored)


# --- Killed, busy --------------------------------------------------------------------------------------


@pytest.mark.parametrize("recompute", [False, True])
def test_killed_night_resumes_to_the_same_end(recompute: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "CHUNK", 20)
    monkeypatch.setattr(nightly, "SPAN", 20)
    company(4)
    for until in range(1, 4):
        with pytest.raises(InterruptedError):
            nightly.classify_everybody(TODAY, Recorded(until=until), recompute=recompute)
        nightly.classify_everybody(TODAY, Recorded(), recompute=recompute)
        assert nightly.classify_everybody(TODAY)["written"] == 0
        assert nightly.classify_everybody(TODAY, recompute=True)["written"] == 0
        ClientCycle.objects.unscoped(reason="test").delete()


def test_spans_cover_every_client_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(nightly, "SPAN", 7)
    ids = sorted(make_client().pk for _ in range(20))
    found = [pk for after, until in nightly.spans() for pk in ids if after < pk <= until]
    assert (found, len(nightly.spans())) == (ids, 3)


@pytest.mark.django_db(transaction=True)
def test_client_somebody_writes_comes_at_the_end() -> None:
    client = make_client()
    make_purchase(client, ago(5))
    with psycopg.connect(**connection.get_connection_params() | {"cursor_factory": None}) as other:
        other.execute("SELECT 1 FROM clients_client WHERE id = %s FOR UPDATE", [client.pk])

        class Releasing(Recorded):
            @contextmanager
            def chunk(self) -> Iterator[None]:
                if self.done == 2:  # m is stored, who is free is written: the busy one is left.
                    assert class_of(client) == ("prospect", "SEM_COMPRA")
                    other.rollback()
                with transaction.atomic(), super().chunk():
                    yield

        nightly.classify_everybody(TODAY, Releasing())
    assert class_of(client) == ("active", "DENTRO_DO_CICLO")


# --- Missed nights and dates in the past ---------------------------------------------------------------


def test_missed_nights_oldest_first_equal_nights_on_time() -> None:
    stored = company(5)
    for shift in range(30):
        nightly.classify_everybody(ahead(shift))
    on_time = history()
    ClassChange.objects.unscoped(reason="test").delete()
    ClientCycle.objects.unscoped(reason="test").delete()
    SectorCycle.objects.all().delete()
    Client.objects.unscoped(reason="test").update(portfolio_class="prospect", class_reason="SEM_COMPRA")
    for shift in (*range(10), *range(10, 30)):
        nightly.classify_everybody(ahead(shift))
    assert history() == on_time
    assert stored


def test_write_after_missed_nights_lives_through_them_first() -> None:
    """The server was down for three nights; on the way the client left its cycle, today it bought."""
    client = make_client()
    make_purchase(client, ago(179))
    nightly.classify_everybody(TODAY)
    make_purchase(client, ahead(4))
    refresh([client.pk], on=ahead(4))
    lines = ClassChange.objects.unscoped(reason="test").filter(client=client).order_by("pk")
    assert [(line.on, line.to_class, line.cause) for line in lines] == [
        (TODAY, "active", "night"),
        (ahead(2), "inactive", "night"),
        (ahead(4), "active", "write"),
    ]
    before = history()
    for shift in (1, 2, 3, 4):
        nightly.classify_everybody(ahead(shift))
    assert history() == before


def test_long_stop_is_not_lived_through() -> None:
    client = make_client()
    make_purchase(client, ago(179))
    nightly.classify_everybody(TODAY)
    refresh([client.pk], on=ahead(9))
    assert ClassChange.objects.unscoped(reason="test").filter(client=client).count() == 2


def test_late_night_adds_history_and_leaves_newer_state() -> None:
    """Everything was imported at once and is evaluated for today; then nights run for dates before."""
    client = make_client()
    make_purchase(client, ago(300))
    make_purchase(client, ago(10))
    refresh([client.pk], on=TODAY)
    assert class_of(client) == ("active", "DENTRO_DO_CICLO")
    since = client.class_since
    for shift in (280, 100, 90):
        nightly.classify_everybody(ago(shift))
    assert (class_of(client), client.class_since) == (("active", "DENTRO_DO_CICLO"), since)
    lines = ClassChange.objects.unscoped(reason="test").filter(client=client).order_by("on")
    assert [(line.on, line.from_class, line.to_class) for line in lines] == [
        (ago(280), "prospect", "active"),
        (ago(100), "active", "inactive"),
        (TODAY, "prospect", "active"),
    ]
    assert nightly.classify_everybody(ago(90))["written"] == 0


def test_rule_4_remembers_along_nights_of_the_past() -> None:
    client = make_client()
    make_purchase(client, ago(300))
    make_purchase(client, ago(10))
    refresh([client.pk], on=TODAY)
    nightly.classify_everybody(ago(100))
    ClassificationSettings.objects.update(factor=4)
    (found,) = [row for row in read(nightly.question_on(ago(90))) if row.client_id == client.pk]
    assert (found.class_code, found.reason) == ("inactive", "SEM_NOVO_EVENTO")
    (found,) = [row for row in read(nightly.question_on(ago(9))) if row.client_id == client.pk]
    assert (found.class_code, found.reason) == ("active", "DENTRO_DO_CICLO")


def test_past_date_sees_only_what_had_happened() -> None:
    """A later sale, contract and cancellation change nothing about a date before them."""
    stored = company(6)
    for shift in range(3):
        nightly.classify_everybody(ahead(shift))
    nightly.classify_everybody(ahead(60))
    before = read(nightly.question_on(ahead(1)))
    for pk in stored:
        client = Client.objects.unscoped(reason="test").get(pk=pk)
        make_purchase(client, ahead(10))
        created = datetime.datetime(2090, 7, 20, tzinfo=datetime.UTC)
        make_contract(client, ahead(20), ahead(400), signed_on=ahead(15), created_at=created)
    refresh(stored, on=ahead(60))
    contracts = [contract for client in Client.objects.unscoped(reason="test") for contract in client.contracts.all()]
    for contract in contracts:
        if contract.status == "in_force" and contract.cancelled_on is None and contract.start_on <= TODAY:
            contract.status, contract.cancelled_on = "cancelled", ahead(30)
            contract.save()
    refresh(stored, on=ahead(60))
    after = {row.client_id: row for row in read(nightly.question_on(ahead(1)))}
    assert [row[2:13] for row in before] == [after[row.client_id][2:13] for row in before]


def test_past_date_writes_nothing() -> None:
    company(7)
    nightly.classify_everybody(TODAY)
    assert nightly.is_past(ago(1))
    assert not nightly.is_past(TODAY)
    lines = history()
    counts = nightly.counts_of(nightly.question_on(ago(30)))
    assert sum(counts[name] for name in ("active", "renewal", "inactive", "prospect")) == 60
    assert len(list(nightly.everybody(nightly.question_on(ago(30))))) == 60
    assert (history(), SectorCycle.objects.values("on").distinct().count()) == (lines, 1)


# --- Aggregates, parameters, tiers ---------------------------------------------------------------------


def test_recompute_mends_what_was_changed_behind_the_rules() -> None:
    clients = [make_client() for _ in range(3)]
    for client in clients:
        for shift in range(40):
            make_purchase(client, ago(10 + 10 * shift))
    nightly.classify_everybody(TODAY)
    make_purchase(clients[0], ago(1), status="completed")
    client = make_client()
    make_purchase(client, ago(3))
    ClientCycle.objects.create(client=client, evaluated_for=TODAY)
    assert nightly.classify_everybody(TODAY)["written"] == 0
    assert nightly.classify_everybody(TODAY, recompute=True)["changed"] == 1
    assert class_of(client) == ("active", "DENTRO_DO_CICLO")
    assert SectorCycle.objects.get(sector=None).gaps == 3 * 39 + 1
    assert nightly.classify_everybody(TODAY, recompute=True)["written"] == 0


def test_change_of_parameters_reclassifies_everybody_on_purpose() -> None:
    ada = make_user("Ada")
    client = make_client()
    make_purchase(client, ago(200))
    nightly.classify_everybody(TODAY)
    assert class_of(client) == ("inactive", "FORA_DO_CICLO")
    ClassificationSettings.objects.update(factor=3)
    nightly.classify_everybody(TODAY)
    assert class_of(client) == ("inactive", "SEM_NOVO_EVENTO")
    nightly.reclassify_after_change(by=ada)
    assert class_of(client) == ("active", "DENTRO_DO_CICLO")
    line = ClassChange.objects.unscoped(reason="test").filter(client=client).first()
    assert line is not None
    assert (line.cause, line.by, line.on) == ("settings", ada, TODAY)
    assert nightly.reclassify_after_change(by=None)["written"] == 0


def test_sector_with_few_gaps_falls_back_to_the_company_and_then_to_the_default() -> None:
    busy, quiet = (Sector.objects.create(name=name, key=name.upper()) for name in ("Muito", "Pouco"))
    for sector, number in ((busy, 31), (quiet, 3)):
        client = make_client(sector=sector)
        for shift in range(number):
            make_purchase(client, ago(1 + 20 * shift))
    nightly.classify_everybody(TODAY)
    used = dict(SectorCycle.objects.values_list("sector", "used_days"))
    assert used == {None: 20, busy.pk: 20, quiet.pk: 20}
    ClassificationSettings.objects.update(min_gaps=33)
    nightly.classify_everybody(TODAY)
    assert set(SectorCycle.objects.values_list("used_days", flat=True)) == {90}
    assert {str(row)[:5] for row in SectorCycle.objects.select_related("sector")} == {"— 209", "Muito", "Pouco"}
    assert sectors.last_night(until=ago(1)) is None


def test_tiers_are_shares_of_the_clients_with_value() -> None:
    clients = [make_client() for _ in range(11)]
    for value, client in enumerate(clients):
        if value:
            make_purchase(client, ago(1), amount=value)
    nightly.classify_everybody(TODAY)
    assert tiers.rank_everybody(TODAY) == {"aged": 0, "ranked": 10}
    found = dict(ClientCycle.objects.unscoped(reason="test").values_list("client", "tier"))
    assert "".join(found[client.pk] or "-" for client in clients) == "-DDCCCBBBAA"
    assert tiers.rank_everybody(TODAY) == {"aged": 0, "ranked": 0}


def test_values_age_with_the_tiers_as_raw_rows_say() -> None:
    """Sales leave the 12 months, contracts begin and end; whoever was changed behind the rules is found on purpose."""
    stored = company(9)
    aged = 0
    for ahead_by in range(0, 400, 25):
        nightly.classify_everybody(ahead(ahead_by))
        aged += tiers.rank_everybody(ahead(ahead_by))["aged"]
        assert tiers.rank_everybody(ahead(ahead_by), recompute=True) == {"aged": 0, "ranked": 0}
    assert aged > 30
    cycles = ClientCycle.objects.unscoped(reason="test").filter(pk=min(stored))
    cycles.update(purchase_total=1, value_12m=-1)
    assert tiers.rank_everybody(ahead(375)) == {"aged": 0, "ranked": 0}
    assert tiers.rank_everybody(ahead(375), recompute=True)["aged"] == 1


def test_night_looks_at_most_clients_without_their_purchases_and_contracts() -> None:
    """The plan of the one look at everybody reads clients and kept rows, nothing else."""
    company(8)
    nightly.classify_everybody(TODAY)
    with connection.cursor() as cursor:
        cursor.execute(sql.SQL("EXPLAIN ") + MOVED, nightly.question_on(ahead(1)).parameters())
        plan = "\n".join(row[0] for row in cursor.fetchall())
    assert "contracts_clientcycle" in plan
    for table in ("contracts_purchase", "contracts_contract", "contracts_classchange"):
        assert table not in plan
