"""Surveys on the page of a client, in its timeline, in its risk and in the filters of the list."""

import datetime

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import Client
from contracts import classification
from contracts.models import ClientCycle
from nps.models import Case, Referral, Standing, Survey
from people.models import User
from portfolio import risk
from tests.factories import Cast, browser_of, make_client, make_purchase
from tests.nps.surveying import make_answer, make_invitation, make_survey

pytestmark = pytest.mark.django_db
DAY = datetime.timedelta(days=1)


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.ada)


@pytest.fixture
def ana(cast: Cast) -> Client:
    client = make_client("Ana Souza", owner=cast.julia)
    today = timezone.localdate()
    for days in (300, 270, 240, 210, 180, 30):
        make_purchase(client, today - days * DAY)
    classification.refresh([client.pk])
    return client


def page(user: User, client: Client) -> str:
    return browser_of(user).get(reverse("portfolio:client_detail", args=[client.pk])).content.decode()


def last_month() -> datetime.datetime:
    return timezone.now().replace(day=1) - DAY


def unhappy(client: Client) -> None:
    Standing.objects.create(client=client, detractor_until=timezone.localdate())


def listed(user: User, **query: str) -> list[str]:
    rows = browser_of(user).get(reverse("portfolio:client_list"), query).context["rows"]
    return [row.name for row in rows]


def test_answer_is_told_to_who_leads_at_once_and_to_the_seller_after_the_month(
    cast: Cast, ana: Client, survey: Survey
) -> None:
    make_answer(ana, survey, 10, comment="Resolvem tudo na hora.")
    assert "Resolvem tudo na hora." in page(cast.sonia, ana)
    text = page(cast.julia, ana)
    assert "Resolvem tudo na hora." not in text
    assert "nota visível a partir de" in text
    assert "Promotor" not in text
    make_answer(ana, survey, 8, comment="Podia ser mais rápido.", answered_at=last_month())
    assert "Podia ser mais rápido." in page(cast.julia, ana)


def test_case_tells_the_seller_at_once(cast: Cast, ana: Client, survey: Survey) -> None:
    answer = make_answer(ana, survey, 2, comment="Ninguém retornou.")
    case = Case.objects.create(client=ana, answer=answer, assignee=cast.sonia, due_on=timezone.localdate())
    text = page(cast.julia, ana)
    assert "Ninguém retornou." in text
    assert reverse("nps:case_detail", args=[case.pk]) in text
    assert "Caso aberto" in text
    # What was mended since waits for the end of the month.
    answer.score = 9
    answer.save()
    assert "Ninguém retornou." not in page(cast.julia, ana)
    assert "Ninguém retornou." in page(cast.sonia, ana)


@pytest.mark.parametrize(
    ("days", "said"),
    [(-1, ""), (0, "Sem ofertas até"), (None, "Sem ofertas enquanto o caso estiver aberto.")],
)
def test_page_says_until_when_no_offers_are_made(cast: Cast, ana: Client, days: int | None, said: str) -> None:
    until = datetime.date.max if days is None else timezone.localdate() + days * DAY
    Client.objects.visible_to(cast.julia).filter(pk=ana.pk).update(offers_paused_until=until)
    text = page(cast.julia, ana)
    assert said in text
    assert ("Sem ofertas" in text) == bool(said)


def test_only_somebody_else_writes_the_answer_of_a_client_down(cast: Cast, ana: Client) -> None:
    url = reverse("nps:phone_answer", args=[ana.pk])
    assert url in page(cast.sonia, ana)
    assert url not in page(cast.julia, ana)
    assert url not in page(cast.sonia, make_client("Bia", owner=cast.sonia))


def test_who_introduced_whom_is_named_to_who_sees_both(cast: Cast, ana: Client, survey: Survey) -> None:
    bia = make_client("Bia Lima", owner=cast.julia)
    referral = Referral.objects.create(client=ana, prospect=bia, name="Bia Lima")
    assert "Indicado por" in page(cast.julia, bia)
    assert "Ana Souza" in page(cast.julia, bia)
    assert "Indicou 1 pessoa" in page(cast.julia, ana)
    referral.client = make_client("Davi Reis", owner=cast.davi)
    referral.save()
    text = page(cast.julia, bia)
    assert "Indicado por um cliente de outra carteira" in text
    assert "Davi Reis" not in text


def test_timeline_tells_of_questions_answers_cases_and_introductions(cast: Cast, ana: Client, survey: Survey) -> None:
    make_invitation(ana, survey, state="failed", asked_on=timezone.localdate() - 40 * DAY)
    make_invitation(ana, survey, asked_on=timezone.localdate() - 20 * DAY, reminded_on=timezone.localdate() - 16 * DAY)
    make_answer(ana, survey, 6, by=cast.sonia, answered_at=last_month(), left_out_why="Teste")
    Case.objects.create(client=ana, assignee=cast.sonia, due_on=timezone.localdate(), action="Ligar amanhã")
    Referral.objects.create(client=ana, name="Bia Lima")
    text = page(cast.sonia, ana)
    for said in (
        "Pesquisa não chegou por",
        "Perguntado por",
        "lembrado em",
        "Nota 6:",
        "por telefone, anotada por",
        "não conta: Teste",
        "Caso aberto:",
        "Ligar amanhã",
        "Indicou",
    ):
        assert said in text, said


def test_detractor_stands_one_band_higher_and_is_told_why(cast: Cast, ana: Client) -> None:
    ClientCycle.objects.visible_to(cast.julia).filter(client=ana).update(risk_band="medium")
    assert "médio risco" in page(cast.julia, ana)
    unhappy(ana)
    text = page(cast.julia, ana)
    assert "alto risco" in text
    assert "Detrator na pesquisa: um nível a mais." in text


@pytest.mark.parametrize(("band", "above"), [("", ""), ("low", "medium"), ("medium", "high"), ("high", "high")])
def test_bands_are_lifted_by_one(band: str, above: str) -> None:
    assert risk.lifted(band) == above


@pytest.mark.parametrize(
    ("band", "names"),
    [
        ("low", ["Feliz low"]),
        ("medium", ["Feliz medium", "Triste low"]),
        ("high", ["Feliz high", "Triste high", "Triste medium"]),
    ],
)
def test_list_asks_for_the_lifted_band(cast: Cast, band: str, names: list[str]) -> None:
    for mood in ("Feliz", "Triste"):
        for own in ("low", "medium", "high"):
            client = make_client(f"{mood} {own}", owner=cast.julia)
            classification.refresh([client.pk])
            ClientCycle.objects.visible_to(cast.julia).filter(client=client).update(risk_band=own)
            if mood == "Triste":
                unhappy(client)
    assert listed(cast.julia, risk=band) == names


def test_list_asks_for_the_last_answer_that_may_be_known(cast: Cast, survey: Survey) -> None:
    for name, score, at in (("Ana", 10, last_month()), ("Bia", 9, timezone.now()), ("Caio", 7, last_month())):
        client = make_client(name, owner=cast.julia)
        answer = make_answer(client, survey, score, answered_at=at)
        Standing.objects.create(client=client, answer=answer)
    assert listed(cast.julia, nps="promoter") == ["Ana"]
    assert listed(cast.sonia, nps="promoter") == ["Ana", "Bia"]
    assert listed(cast.sonia, nps="passive") == ["Caio"]
    assert listed(cast.sonia, nps="detractor") == []
