"""Propose, apply and undo a distribution; who is left out and why."""

import datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from clients import ownership
from clients.models import Address, Client, DistributionReason, Phone, Sector
from contracts import classification
from people.models import Absence, User
from portfolio import departures, distribution
from portfolio.models import DistributionBatch, DistributionMove, DistributionRule
from portfolio.territory import cep_range
from tests.factories import (
    Cast,
    forget,
    make_client,
    make_contract,
    make_family,
    make_product,
    make_purchase,
    make_user,
)

pytestmark = pytest.mark.django_db


def moves_of(batch: DistributionBatch) -> dict[str, DistributionMove]:
    moves = DistributionMove.objects.unscoped(reason="test").filter(batch=batch).select_related("client", "seller")
    return {move.client.name: move for move in moves}


def owner_of(client: Client) -> User | None:
    client.refresh_from_db()
    return client.owner


def queue(count: int, **fields: Any) -> list[Client]:
    return [make_client(f"Fila {index:02}", **fields) for index in range(count)]


def test_propose_shares_the_queue_and_changes_nothing(cast: Cast) -> None:
    clients = queue(6)

    batch = distribution.propose(by=cast.mauro)

    assert (batch.placed, batch.unplaced, batch.state) == (6, 0, "preview")
    assert sorted(seller["received"] for seller in batch.sellers) == [2, 2, 2]
    assert [owner_of(client) for client in clients] == [None] * 6
    assert "menor carga entre 3 vendedores" in moves_of(batch)["Fila 00"].reason


def test_supervisor_distributes_only_own_queue_to_own_sellers(cast: Cast) -> None:
    make_client("do Sul", team=cast.sul)
    make_client("do Norte", team=cast.norte)

    batch = distribution.propose(by=cast.sonia)

    moves = moves_of(batch)
    assert list(moves) == ["do Sul"]
    assert moves["do Sul"].seller in {cast.julia, cast.caio}


def test_client_of_a_team_stays_below_it(cast: Cast) -> None:
    make_client("do Norte", team=cast.norte)

    move = moves_of(distribution.propose(by=cast.mauro))["do Norte"]

    assert move.seller == cast.davi
    assert move.reason.startswith("Equipe Norte: é quem pode atender")


def test_absent_full_and_idle_sellers_are_skipped_by_name(cast: Cast) -> None:
    today = timezone.localdate()
    Absence.objects.create(user=cast.julia, starts_on=today, ends_on=today)
    User.objects.filter(pk=cast.caio.pk).update(client_limit=1)
    make_client("do Caio", owner=cast.caio)
    make_user("Inês Sem Horas", team=cast.sul, hours_per_day=0)
    make_user("Rui Que Saiu", team=cast.sul, is_active=False)
    queue(2)

    batch = distribution.propose(by=cast.mauro)

    assert {seller["name"] for seller in batch.sellers} == {"Davi Lobo"}
    assert {(one["name"], one["why"]) for one in batch.skipped} == {
        ("Júlia Prado", "ausente hoje"),
        ("Caio Torres", "no limite de 1 clientes"),
        ("Inês Sem Horas", "sem horas de trabalho"),
        ("Rui Que Saiu", "não entra mais no sistema"),
    }


def test_limit_leaves_the_rest_in_the_queue_with_the_reason(cast: Cast) -> None:
    User.objects.filter(pk__in=[cast.julia.pk, cast.caio.pk, cast.davi.pk]).update(client_limit=1)
    queue(4)

    batch = distribution.propose(by=cast.mauro)

    assert (batch.placed, batch.unplaced) == (3, 1)
    left = [move for move in moves_of(batch).values() if move.seller is None]
    assert left[0].reason == "Sem regra de território: todos os vendedores estão no limite de clientes."


def test_who_has_less_receives_more(cast: Cast) -> None:
    for index in range(4):
        make_client(f"da Júlia {index}", owner=cast.julia)
        make_client(f"do Davi {index}", owner=cast.davi)
    queue(3)

    batch = distribution.propose(by=cast.mauro)

    assert {move.seller for move in moves_of(batch).values()} == {cast.caio}


def test_value_counts_expected_purchases_and_renewals(cast: Cast) -> None:
    today = timezone.localdate()
    buyer, renewing = make_client("Compra sempre"), make_client("Vai renovar")
    for days in (90, 60, 30, 2):
        make_purchase(buyer, today - datetime.timedelta(days=days), amount=Decimal(1000))
    make_contract(
        renewing,
        today - datetime.timedelta(days=300),
        today + datetime.timedelta(days=65),
        amount=Decimal(700),
    )
    classification.refresh([buyer.pk, renewing.pk])

    moves = moves_of(distribution.propose(by=cast.mauro))

    # Four days of purchase, cycle (88 + 2·90)/5 = 53.6 days: 1000 · P · 90/53.6.
    numbers = classification.with_numbers(Client.objects.unscoped(reason="test"), on=today).get(pk=buyer.pk)
    assert moves["Compra sempre"].value == pytest.approx(1000 * numbers.p_buys * 90 / 53.6, rel=1e-6)
    assert moves["Vai renovar"].value >= 700


@pytest.mark.parametrize(
    ("criterion", "values", "fields"),
    [
        ("uf", ["SP", "rj"], {"uf": "SP"}),
        ("city", ["São Paulo"], {"city": "Sao Paulo"}),
        ("person_type", ["PJ"], {"person_type": "PJ"}),
    ],
)
def test_first_rule_that_fits_decides(cast: Cast, criterion: str, values: list[str], fields: dict[str, Any]) -> None:
    special = DistributionRule.objects.create(position=1, name="Especial", criterion=criterion, values=values)
    special.sellers.add(cast.caio)
    rest = DistributionRule.objects.create(position=2, name="Resto", criterion="any")
    rest.teams.add(cast.norte)
    make_client("cabe", **fields)
    make_client("não cabe")

    moves = moves_of(distribution.propose(by=cast.mauro))

    assert (moves["cabe"].seller, moves["não cabe"].seller) == (cast.caio, cast.davi)
    assert moves["cabe"].reason.startswith("Especial: ")


def test_rules_by_phone_postal_code_sector_and_family(cast: Cast) -> None:
    phoned, posted, skilled = make_client("DDD 81"), make_client("CEP"), make_client("tem consignado")
    Phone.objects.create(client=phoned, e164="+5581987654321", kind="MOBILE", is_primary=True)
    Address.objects.create(client=posted, cep="80010000", is_primary=True)
    family = make_family("Consignado")
    make_contract(skilled, datetime.date(2026, 1, 1), None, product=make_product("Consignado INSS", family=family))
    for position, (criterion, values) in enumerate(
        [("ddd", ["81"]), ("cep", ["80000-000-87999-999"]), ("family", ["consignado"])], start=1
    ):
        rule = DistributionRule.objects.create(position=position, name=criterion, criterion=criterion, values=values)
        rule.sellers.add(cast.davi)
    make_client("nenhuma regra")

    batch = distribution.propose(by=cast.mauro)

    moves = moves_of(batch)
    assert [moves[name].reason.split(":")[0] for name in ("DDD 81", "CEP", "tem consignado")] == [
        "ddd",
        "cep",
        "family",
    ]
    assert moves["nenhuma regra"].seller is None
    assert moves["nenhuma regra"].reason.startswith("Nenhuma regra de distribuição serve")


def test_rules_by_sector_and_by_one_postal_code(cast: Cast) -> None:
    sector = Sector.objects.create(name="Saúde", key="saude")
    make_client("clínica", sector=sector)
    posted = make_client("um CEP")
    Address.objects.create(client=posted, cep="80010000", is_primary=True)
    for position, (criterion, values) in enumerate([("sector", ["Saúde"]), ("cep", ["80010-000"])], start=1):
        rule = DistributionRule.objects.create(position=position, name=criterion, criterion=criterion, values=values)
        rule.sellers.add(cast.davi)

    moves = moves_of(distribution.propose(by=cast.mauro))

    assert [moves[name].reason.split(":")[0] for name in ("clínica", "um CEP")] == ["sector", "cep"]


@pytest.mark.parametrize("value", ["", "8001", "80010-000-8"])
def test_cep_range_refuses_what_is_neither_one_code_nor_two(value: str) -> None:
    with pytest.raises(ValueError, match=f"^{value}$"):
        cep_range(value)


def test_rule_whose_sellers_are_away_says_so(cast: Cast) -> None:
    today = timezone.localdate()
    Absence.objects.create(user=cast.davi, starts_on=today, ends_on=today)
    rule = DistributionRule.objects.create(name="Só Davi", criterion="any")
    rule.sellers.add(cast.davi)
    make_client("esperando")

    move = moves_of(distribution.propose(by=cast.mauro))["esperando"]

    assert (move.seller, move.reason) == (None, "Só Davi: nenhum vendedor disponível hoje.")


def test_apply_hands_over_with_history_and_undo_takes_back(cast: Cast) -> None:
    clients = queue(3)
    batch = distribution.propose(by=cast.mauro)

    applied = distribution.apply(batch, by=cast.mauro)

    assert (applied.placed, applied.refused) == (3, 0)
    assert {owner_of(client) for client in clients} == {cast.julia, cast.caio, cast.davi}
    spell = clients[0].ownerships.get()
    assert (spell.reason, spell.by, spell.batch, spell.until) == ("distributed", cast.mauro, batch.pk, None)
    assert spell.note.startswith("Sem regra de território")

    other = cast.julia if clients[0].owner != cast.julia else cast.caio
    ownership.assign([clients[0].pk], other, by=cast.mauro, reason=DistributionReason.MANUAL)
    returned = distribution.undo(batch, by=cast.mauro)

    assert returned == 2
    assert [owner_of(client) for client in clients] == [other, None, None]
    assert distribution.undo(batch, by=cast.mauro) == 0


def test_undo_leaves_what_the_actor_no_longer_sees(cast: Cast) -> None:
    client = make_client("do Sul", team=cast.sul)
    batch = distribution.propose(by=cast.sonia)
    distribution.apply(batch, by=cast.sonia)
    owner = owner_of(client)
    User.objects.filter(pk=cast.sonia.pk).update(team=cast.norte)

    assert distribution.undo(batch, by=User.objects.get(pk=cast.sonia.pk)) == 0
    assert owner_of(client) == owner


def test_apply_refuses_what_changed_since_the_preview_and_names_it(cast: Cast) -> None:
    edited, taken, hidden, plain = queue(4)
    batch = distribution.propose(by=cast.mauro)
    Client.objects.unscoped(reason="test").filter(pk=edited.pk).update(version=2)
    ownership.assign([taken.pk], cast.davi, by=cast.norma, reason=DistributionReason.MANUAL)
    forget([hidden.pk])

    applied = distribution.apply(batch, by=cast.mauro)

    assert (applied.placed, applied.refused) == (1, 3)
    assert (
        DistributionMove.objects.unscoped(reason="test")
        .get(client=hidden.pk)
        .refused.startswith("O cliente saiu da base")
    )
    refused = {name: move.refused for name, move in moves_of(batch).items() if move.refused}
    assert refused == {
        "Fila 00": "O cliente foi alterado depois da prévia.",
        "Fila 01": "O cliente ganhou responsável depois da prévia.",
    }
    assert owner_of(plain) is not None
    assert distribution.apply(batch, by=cast.mauro) == distribution.Applied(placed=0, refused=0)


def test_apply_refuses_sellers_who_left_and_clients_out_of_sight(cast: Cast) -> None:
    make_client("Sul", team=cast.sul)
    batch = distribution.propose(by=cast.sonia)
    User.objects.filter(pk__in=[cast.julia.pk, cast.caio.pk]).update(is_active=False)

    assert distribution.apply(batch, by=cast.sonia).refused == 1

    User.objects.filter(pk__in=[cast.julia.pk, cast.caio.pk]).update(is_active=True)
    batch = distribution.propose(by=cast.sonia)
    Client.objects.unscoped(reason="test").filter(name="Sul").update(team=cast.norte)
    distribution.apply(batch, by=User.objects.get(pk=cast.sonia.pk))
    assert moves_of(batch)["Sul"].refused == "O cliente saiu da sua visão depois da prévia."


def test_nothing_to_distribute_without_queue_or_sellers(cast: Cast) -> None:
    with pytest.raises(distribution.NothingToDistributeError):
        distribution.propose(by=cast.mauro)
    make_client("esperando")
    User.objects.filter(role="seller").update(hours_per_day=0)
    with pytest.raises(distribution.NothingToDistributeError):
        distribution.propose(by=cast.mauro)


def test_night_places_only_clients_nobody_ever_owned_and_once(cast: Cast) -> None:
    fresh, released = make_client("novo"), make_client("devolvido", owner=cast.julia)
    ownership.assign([released.pk], None, by=cast.sonia, reason=DistributionReason.RELEASED)
    today = timezone.localdate()

    assert distribution.place_new_orphans(today) == {"placed": 1, "unplaced": 0}
    assert distribution.place_new_orphans(today) == {"placed": 0, "unplaced": 0}
    assert owner_of(fresh) is not None
    assert owner_of(released) is None


def test_night_made_up_for_later_places_by_the_sellers_of_now(cast: Cast) -> None:
    owned, waiting = make_client(owner=cast.julia), queue(1)[0]
    make_purchase(owned, timezone.localdate())
    classification.refresh([owned.pk])

    past = timezone.localdate() - datetime.timedelta(days=2000)
    assert distribution.place_new_orphans(past) == {"placed": 1, "unplaced": 0}
    assert owner_of(waiting) is not None


def test_night_that_can_place_nobody_leaves_no_batch(cast: Cast) -> None:
    make_client("sem regra")
    rule = DistributionRule.objects.create(name="Só SP", criterion="uf", values=["SP"])
    rule.sellers.add(cast.julia)

    assert distribution.place_new_orphans(timezone.localdate()) == {"placed": 0, "unplaced": 1}
    assert DistributionBatch.objects.count() == 0


def test_departure_closes_the_login_and_fills_the_queue(cast: Cast) -> None:
    client = make_client("da Júlia", owner=cast.julia)

    assert departures.leave(cast.julia, by=cast.ada) == 1

    assert owner_of(client) is None
    assert client.team == cast.sul
    cast.julia.refresh_from_db()
    assert (cast.julia.is_active, cast.julia.session_epoch, cast.julia.left_on) == (
        False,
        1,
        timezone.localdate(),
    )


def test_batch_is_discarded_only_while_it_is_a_preview(cast: Cast) -> None:
    queue(1)
    batch = distribution.propose(by=cast.mauro)
    distribution.apply(batch, by=cast.mauro)
    distribution.discard(batch)
    batch.refresh_from_db()
    assert batch.state == "applied"


def test_reasons_are_stored_as_they_are_worded(cast: Cast) -> None:
    rule = DistributionRule.objects.create(name="100% C:\\novo\tou\n\\N", criterion="any")
    queue(1)

    move = moves_of(distribution.propose(by=cast.mauro))["Fila 00"]

    assert move.reason.startswith(f"{rule.name}: menor carga entre 3 vendedores; fica com ")


def test_person_in_the_history_of_clients_cannot_be_deleted(cast: Cast) -> None:
    client = make_client("Do Caio")
    ownership.assign([client.pk], cast.caio, by=cast.mauro, reason=DistributionReason.MANUAL)
    ownership.assign([client.pk], None, by=cast.mauro, reason=DistributionReason.RELEASED)

    for person in (cast.caio, cast.mauro):
        with pytest.raises(IntegrityError, match="history of clients"), transaction.atomic():
            User.objects.filter(pk=person.pk)._raw_delete("default")
