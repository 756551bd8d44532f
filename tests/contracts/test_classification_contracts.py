"""The class as contracts decide it (SCIENCE 2, rules 1 to 3)."""

import datetime
from typing import Any

import pytest

from contracts.models import ClientCycle
from tests.contracts.classifying import TODAY, ago, ahead, classified, deal
from tests.factories import make_client, make_family, make_product, make_purchase

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("start", "end", "fields", "expected"),
    [
        (-300, 60, {}, ("renewal", "CONTRATO_A_VENCER")),
        (-300, 61, {}, ("active", "CONTRATO_VIGENTE")),
        (-300, 0, {}, ("renewal", "CONTRATO_A_VENCER")),
        (-300, -1, {}, ("renewal", "CONTRATO_VENCIDO_NA_CARENCIA")),
        (-300, -30, {}, ("renewal", "CONTRATO_VENCIDO_NA_CARENCIA")),
        (-300, -31, {}, ("inactive", "CONTRATO_ENCERRADO")),
        # A contract of 30 days opens 7 days before its end, one of 80 days 20.
        (-20, 9, {}, ("active", "CONTRATO_VIGENTE")),
        (-22, 7, {}, ("renewal", "CONTRATO_A_VENCER")),
        (-59, 20, {}, ("renewal", "CONTRATO_A_VENCER")),
        (-58, 21, {}, ("active", "CONTRATO_VIGENTE")),
        (-300, 90, {"window_days": 90}, ("renewal", "CONTRATO_A_VENCER")),
        (-300, 40, {"window_days": 30}, ("active", "CONTRATO_VIGENTE")),
        (-300, 40, {"will_not_renew": True}, ("active", "VIGENTE_SEM_RENOVACAO")),
        (-300, -5, {"will_not_renew": True}, ("inactive", "CONTRATO_ENCERRADO")),
        (-300, None, {}, ("active", "CONTRATO_VIGENTE")),
        (-300, None, {"term_months": 12}, ("active", "CONTRATO_VIGENTE")),
        (-310, None, {"term_months": 12}, ("renewal", "CONTRATO_A_VENCER")),
        (-300, None, {"term_months": 0}, ("active", "CONTRATO_VIGENTE")),
        (5, 300, {"status": "signed"}, ("active", "CONTRATO_ASSINADO_FUTURO")),
        (5, 300, {"status": "proposal"}, ("prospect", "SEM_COMPRA")),
        (-5, 300, {"status": "draft"}, ("prospect", "SEM_COMPRA")),
        (-5, 300, {"status": "declined"}, ("prospect", "SEM_COMPRA")),
        (5, 300, {"status": "cancelled", "cancelled_on": ago(1)}, ("prospect", "SEM_COMPRA")),
        (-5, 300, {"status": "cancelled", "cancelled_on": ago(5)}, ("prospect", "SEM_COMPRA")),
        (-5, 300, {"status": "cancelled", "cancelled_on": ago(4)}, ("inactive", "CONTRATO_ENCERRADO")),
        (-5, 300, {"status": "cancelled", "cancelled_on": TODAY}, ("inactive", "CONTRATO_ENCERRADO")),
        (-5, 300, {"status": "cancelled", "cancelled_on": ahead(1)}, ("active", "CANCELAMENTO_AGENDADO")),
        (-300, 40, {"status": "in_force", "cancelled_on": ahead(9)}, ("active", "CANCELAMENTO_AGENDADO")),
    ],
)
def test_one_contract_alone(start: int, end: int | None, fields: dict[str, Any], expected: tuple[str, str]) -> None:
    client = make_client()
    fields = {"created_at": datetime.datetime(2089, 1, 1, tzinfo=datetime.UTC)} | fields
    deal(client, start, end, **fields)
    assert classified(client) == expected


def test_family_may_never_renew_or_widen_the_window() -> None:
    wide, never = make_family(window_days=90), make_family(window_rule="never")
    early, card = make_client(), make_client()
    deal(early, -300, 85, product=make_product(family=wide))
    deal(card, -300, 10, product=make_product(family=never))
    assert classified(early) == ("renewal", "CONTRATO_A_VENCER")
    assert classified(card) == ("active", "CONTRATO_VIGENTE")


@pytest.mark.parametrize(
    ("months", "first_due", "paid_until", "expected"),
    [
        # 20 % of 48 is 10 instalments, but 12 must be paid.
        (48, -330, 700, ("active", "CONTRATO_VIGENTE")),
        (48, -340, 700, ("renewal", "CONTRATO_A_VENCER")),
        # 20 % of 96 is 20 instalments.
        (96, -400, 2000, ("active", "CONTRATO_VIGENTE")),
        (96, -620, 2000, ("renewal", "CONTRATO_A_VENCER")),
        # Ten instalments: never 12 paid, but the last is due within 90 days.
        (10, -180, 120, ("active", "CONTRATO_VIGENTE")),
        (10, -190, 120, ("renewal", "CONTRATO_A_VENCER")),
    ],
)
def test_consignado_opens_by_instalments_paid(
    months: int, first_due: int, paid_until: int, expected: tuple[str, str]
) -> None:
    client = make_client()
    loan = make_product(family=make_family(window_rule="consignado"))
    deal(
        client,
        first_due - 30,
        paid_until,
        product=loan,
        term_months=months,
        first_due_on=ahead(first_due),
        window_days=5,
    )
    assert classified(client) == expected


def test_earliest_end_gives_the_reason() -> None:
    client = make_client()
    deal(client, -300, 30)
    earliest = deal(client, -300, -5)
    assert classified(client) == ("renewal", "CONTRATO_VENCIDO_NA_CARENCIA")
    cycle = ClientCycle.objects.unscoped(reason="test").get(client=client)
    assert (cycle.contract_id, cycle.anchor_on) == (earliest.pk, ago(5))


def test_signed_successor_releases_and_its_cancellation_gives_back() -> None:
    client = make_client()
    ending = deal(client, -300, 20)
    successor = deal(client, 21, 380, status="signed", signed_on=ago(3), renews=ending)
    assert classified(client) == ("active", "CONTRATO_VIGENTE")
    successor.status, successor.cancelled_on = "cancelled", TODAY
    successor.save()
    assert classified(client) == ("renewal", "CONTRATO_A_VENCER")


def test_proposed_successor_releases_nothing() -> None:
    client = make_client()
    ending = deal(client, -300, 20)
    deal(client, 21, 380, status="proposal", renews=ending)
    assert classified(client) == ("renewal", "CONTRATO_A_VENCER")


def test_one_staying_contract_outweighs_those_being_cancelled() -> None:
    client = make_client()
    deal(client, -300, 300, cancelled_on=ahead(9))
    assert classified(client) == ("active", "CANCELAMENTO_AGENDADO")
    deal(client, -300, 200, will_not_renew=True)
    assert classified(client) == ("active", "VIGENTE_SEM_RENOVACAO")
    deal(client, -300, 100)
    assert classified(client) == ("active", "CONTRATO_VIGENTE")


def test_client_with_purchases_falls_back_to_the_cycle_after_the_contract() -> None:
    client = make_client()
    make_purchase(client, ago(20))
    deal(client, -300, -40)
    assert classified(client) == ("active", "DENTRO_DO_CICLO")
