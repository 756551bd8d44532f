"""The words of a class: every number in them is the stored or computed one."""

import datetime
import random
import re

import pytest

from clients.models import Client
from contracts import nightly, reasons
from contracts.classification import refresh, with_numbers
from contracts.models import ClassChange, ClassReason, Contract
from contracts.reasons import Facts
from tests.contracts.classification_histories import random_history, store
from tests.factories import make_client, make_contract, make_purchase

TODAY = datetime.date(2090, 6, 30)


def ago(days: int) -> datetime.date:
    return TODAY - datetime.timedelta(days=days)


def facts(reason: str, **numbers: object) -> Facts:
    return Facts(on=TODAY, reason=reason, **numbers)  # type: ignore[arg-type]


RHYTHM = {
    "gaps": 5,
    "recency_days": 121,
    "cycle_days": 34.285,
    "limit_days": 68.57,
    "mean_days": 45.0,
    "anchor_on": ago(121),
}
ONCE = {
    "gaps": 0,
    "recency_days": 120,
    "cycle_days": 45.0,
    "limit_days": 90.0,
    "mean_days": 45.0,
    "anchor_on": ago(120),
}
CANCELLED = Contract(cancelled_on=ago(15))


@pytest.mark.parametrize(
    ("found", "sentence", "chip"),
    [
        (facts("SEM_COMPRA"), "Ainda não comprou: prospect, fora das três carteiras.", ("prosp", "Prospect", "")),
        (
            facts("CONTRATO_A_VENCER", anchor_on=ago(-12)),
            "Contrato vence em 12 dias (12/07/2090).",
            ("renova", "Vence", "12 dias"),
        ),
        (
            facts("CONTRATO_A_VENCER", anchor_on=ago(-1)),
            "Contrato vence em 1 dia (01/07/2090).",
            ("renova", "Vence", "1 dia"),
        ),
        (facts("CONTRATO_A_VENCER", anchor_on=TODAY), "Contrato vence hoje (30/06/2090).", ("renova", "Vence", "hoje")),
        (
            facts("CONTRATO_VENCIDO_NA_CARENCIA", anchor_on=ago(10)),
            "Contrato venceu há 10 dias (20/06/2090) e ainda pode ser renovado.",
            ("renova", "Venceu", "10 dias"),
        ),
        (
            facts("CONTRATO_VIGENTE", anchor_on=ago(-200)),
            "Contrato vigente até 16/01/2091.",
            ("ativa", "Vigente", "200 dias"),
        ),
        (facts("CONTRATO_VIGENTE"), "Contrato vigente, sem data de fim.", ("ativa", "Vigente", "")),
        (
            facts("CANCELAMENTO_AGENDADO", anchor_on=ago(-9)),
            "Contrato com cancelamento agendado para 09/07/2090.",
            ("ativa", "Cancela", "9 dias"),
        ),
        (
            facts("VIGENTE_SEM_RENOVACAO", anchor_on=ago(-40)),
            "Contrato vigente até 09/08/2090, marcado para não renovar.",
            ("ativa", "Não renova", "40 dias"),
        ),
        (
            facts("VIGENTE_SEM_RENOVACAO"),
            "Contrato vigente marcado para não renovar.",
            ("ativa", "Não renova", ""),
        ),
        (
            facts("CONTRATO_ASSINADO_FUTURO", anchor_on=ago(-5)),
            "Contrato assinado; começa em 05/07/2090.",
            ("ativa", "Começa", "5 dias"),
        ),
        (
            facts("CONTRATO_ENCERRADO", anchor_on=ago(40)),
            "Único vínculo era o contrato, vencido há 40 dias e não renovado.",
            ("inativa", "Encerrou", "40 dias"),
        ),
        (
            facts("CONTRATO_ENCERRADO", anchor_on=ago(15), contract=CANCELLED),
            "Contrato cancelado há 15 dias; não há outro vínculo.",
            ("inativa", "Cancelou", "15 dias"),
        ),
        (facts("CONTRATO_ENCERRADO"), "Só tinha contrato, que não vale mais.", ("inativa", "Encerrou", "")),
        (
            facts("DENTRO_DO_CICLO", **RHYTHM | {"recency_days": 20, "anchor_on": ago(20)}),
            "Costuma comprar a cada 34 dias; última compra há 20 dias (0,6 ciclo; limite 69).",
            ("ativa", "Comprou", "20 dias"),
        ),
        (
            facts("DENTRO_DO_CICLO", **ONCE | {"recency_days": 0, "anchor_on": TODAY}),
            "Comprou uma vez, há 0 dias; clientes do segmento recompram em 45 dias (limite 90).",
            ("ativa", "Comprou", "hoje"),
        ),
        (
            facts("FORA_DO_CICLO", **RHYTHM),
            "Costuma comprar a cada 34 dias; está há 121 dias sem comprar (3,5 ciclos; limite 69).",
            ("inativa", "Sem comprar", "121 dias"),
        ),
        (
            facts("FORA_DO_CICLO", **ONCE),
            "Comprou uma vez, há 120 dias; clientes do segmento recompram em 45 dias (limite 90).",
            ("inativa", "Sem comprar", "120 dias"),
        ),
        (
            facts("SEM_NOVO_EVENTO", **RHYTHM | {"limit_days": 1400.0}),
            "Está inativo e não comprou de novo: última compra há 121 dias (3,5 ciclos; limite 1.400).",
            ("inativa", "Sem comprar", "121 dias"),
        ),
        (
            facts("SEM_NOVO_EVENTO", **ONCE),
            "Está inativo e não comprou de novo: a única compra foi há 120 dias (limite 90).",
            ("inativa", "Sem comprar", "120 dias"),
        ),
        (facts("DENTRO_DO_CICLO"), "Dentro do próprio ciclo de compra.", ("ativa", "Comprou", "")),
    ],
)
def test_sentence_and_chip_of_every_reason(found: Facts, sentence: str, chip: tuple[str, str, str]) -> None:
    assert reasons.sentence_of(found) == sentence
    shown = reasons.chip_of(found)
    assert (shown.tone, shown.label, shown.measure) == chip


def test_every_reason_has_words() -> None:
    assert set(reasons.SENTENCES) == set(reasons.CHIPS) == set(ClassReason)


@pytest.mark.parametrize(
    ("numbers", "sentence"),
    [
        (
            {"p_buys": 0.3149, "limit_days": 68.57, "risk_band": "high"},
            "Chance de comprar nos próximos 69 dias: 31\u00a0% (alto risco).",
        ),
        (
            {"p_buys": 0.5, "limit_days": 30.0, "risk_band": "medium"},
            "Chance de comprar nos próximos 30 dias: 50\u00a0% (médio risco).",
        ),
        (
            {"p_buys": 0.605, "limit_days": 30.0, "risk_band": "low"},
            "Chance de comprar nos próximos 30 dias: 61\u00a0% (baixo risco).",
        ),
        ({"p_buys": 0.1, "limit_days": 90.0}, "Chance de comprar nos próximos 90 dias: 10\u00a0%."),
        ({}, ""),
    ],
)
def test_risk_in_words(numbers: dict[str, object], sentence: str) -> None:
    assert reasons.risk_sentence(facts("DENTRO_DO_CICLO", **numbers)) == sentence


def test_next_change_in_words() -> None:
    said = reasons.change_sentence(facts("DENTRO_DO_CICLO", next_change_on=ago(-2)))
    assert said == "Muda em 02/07/2090 se nada acontecer."
    assert reasons.change_sentence(facts("SEM_COMPRA")) == ""


def test_day_nobody_gave_is_said_so() -> None:
    assert reasons.sentence_of(facts("CONTRATO_ASSINADO_FUTURO")) == "Contrato assinado; começa em data não informada."


@pytest.mark.django_db
def test_client_speaks_with_the_numbers_of_screens() -> None:
    client = make_client()
    for days in (121, 151, 181, 211, 241, 271):
        make_purchase(client, ago(days))
    refresh([client.pk], on=TODAY)
    annotated = with_numbers(Client.objects.unscoped(reason="test"), on=TODAY).select_related("cycle__contract")
    (shown,) = annotated
    # m is 90 days by default: c = (150 + 180) / 7, L = 2 c.
    assert reasons.sentence(shown, on=TODAY) == (
        "Costuma comprar a cada 47 dias; está há 121 dias sem comprar (2,6 ciclos; limite 94)."
    )
    assert reasons.chip(shown, on=TODAY) == ("inativa", "history", "Sem comprar", "121 dias")
    assert re.fullmatch(r"Chance de comprar nos próximos 94 dias: \d+\u00a0%\.", reasons.outlook(shown, on=TODAY))
    bare = make_client()
    assert reasons.sentence(bare, on=TODAY) == "Ainda não comprou: prospect, fora das três carteiras."


@pytest.mark.django_db
def test_change_of_parameters_says_so() -> None:
    client = make_client()
    make_contract(client, ago(300), ago(-10))
    refresh([client.pk], on=TODAY)
    (change,) = ClassChange.objects.unscoped(reason="test").filter(client=client)
    assert reasons.sentence_of_change(change) == "Contrato vence em 10 dias (10/07/2090)."
    change.cause = ClassChange.Cause.SETTINGS
    assert reasons.sentence_of_change(change) == (
        "Contrato vence em 10 dias (10/07/2090). Os parâmetros da classificação mudaram."
    )
    assert str(change) == f"#{client.pk} 2090-06-30: prospect → renewal"


@pytest.mark.django_db
def test_every_row_has_a_sentence_with_its_numbers() -> None:
    chance = random.Random(51)
    store([random_history(chance, TODAY) for _ in range(120)])
    nightly.classify_everybody(TODAY)
    shown = with_numbers(Client.objects.unscoped(reason="test"), on=TODAY).select_related("cycle__contract")
    for client in shown:
        said = reasons.sentence(client, on=TODAY)
        if client.class_reason in {"DENTRO_DO_CICLO", "FORA_DO_CICLO"}:
            assert f"há {client.recency_days} dia" in said
            assert f"limite {client.limit_days:.0f}" in said or f"{client.limit_days}".endswith(".5")
        elif client.cycle.anchor_on:
            assert (
                f"{client.cycle.anchor_on:%d/%m/%Y}" in said
                or f"há {(TODAY - client.cycle.anchor_on).days} dia" in said
            )
        assert client.cycle.contract_id is None or client.class_reason.startswith(("CONTRATO", "CANCEL", "VIGENTE"))
        assert str(client.cycle) == f"#{client.pk}"
    for change in ClassChange.objects.unscoped(reason="test").select_related("contract"):
        assert reasons.sentence_of_change(change)


@pytest.mark.parametrize("number", [0, 1, 7.4, 7.5, 8.5, 0.49999999999999994, 1234567.5, -2.5, -0.4, 30 / 7])
def test_whole_numbers_are_rounded_as_decimals_are(number: float) -> None:
    assert reasons.nearest(number) == int(reasons.rounded(number))
