"""Who may be asked: each rule with its sentence, and the same word for many clients as for one."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from clients.models import Client, ContactPerson, OptOut
from nps import eligibility
from nps.eligibility import Terms, Way
from nps.models import Survey
from tests.factories import Cast, make_client, make_contract, make_product, make_purchase
from tests.nps.asking import DAY, MOBILE, TUESDAY, caps, give_email, give_phone, mailed, make_case, make_log, moment
from tests.nps.surveying import make_invitation, make_survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(cast: Cast) -> Client:
    return mailed("Ana Souza", cast.julia, "ana@cliente.example")


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro)


def why(client: Client, survey: Survey, *, on: datetime.date = TUESDAY, **said: Any) -> str:
    """The rule's word on one client, which must be that of many: whom it lets pass, `among` holds."""
    text = eligibility.why_not(client, survey, on=on, **said)
    everybody = Client.objects.unscoped(reason="test")
    terms = Terms.of(survey, on, reach=said.get("reach", 3))
    assert text or client in eligibility.among(everybody, terms)
    return text


def test_client_of_the_portfolio_may_be_asked(ana: Client, survey: Survey) -> None:
    assert why(ana, survey) == ""
    assert why(ana, survey, channel="email") == ""


def test_dead_client_is_not_asked(ana: Client, survey: Survey) -> None:
    ana.deceased_on = TUESDAY
    ana.save()
    assert why(ana, survey) == "Cliente falecido: ninguém é perguntado."


def test_stopped_survey_asks_nobody(ana: Client, survey: Survey) -> None:
    survey.is_active = False
    assert why(ana, survey) == "A pesquisa está parada. Inicie-a para perguntar."


def test_other_portfolio_is_not_asked(cast: Cast, survey: Survey) -> None:
    bia = mailed("Bia", cast.julia, portfolio_class="prospect")
    assert why(bia, survey) == "A carteira do cliente (Prospect) não entra nesta pesquisa."
    assert bia not in eligibility.among(Client.objects.unscoped(reason="test"), Terms.of(survey, TUESDAY))


def test_interval_of_the_survey_ends_on_its_day(ana: Client, survey: Survey) -> None:
    make_invitation(ana, survey, asked_on=TUESDAY)
    said = "Esta pesquisa perguntou em 03/03/2026; pode perguntar de novo a partir de 30/08/2026."
    assert why(ana, survey, on=TUESDAY + 179 * DAY) == said
    assert why(ana, survey, on=TUESDAY + 180 * DAY) == ""


def test_throttle_counts_every_survey_and_channel(cast: Cast, ana: Client, survey: Survey) -> None:
    other = make_survey(cast.mauro, kind="service")
    make_invitation(ana, other, asked_on=TUESDAY, channel="phone", by=cast.sonia)
    assert why(ana, survey, on=TUESDAY + 89 * DAY) == (
        "O cliente foi perguntado em 03/03/2026. Entre perguntas passam 90 dias."
    )
    assert why(ana, survey, on=TUESDAY + 90 * DAY) == ""
    caps(throttle_days=1)
    assert why(ana, survey, on=TUESDAY).endswith("Entre perguntas passa 1 dia.")
    caps(throttle_days=0)
    assert why(ana, survey, on=TUESDAY) == ""


def test_throttle_counts_from_the_day_on_which_a_letter_left(cast: Cast, ana: Client, survey: Survey) -> None:
    bia = mailed("Bia", cast.caio, "ana@cliente.example")
    late = moment(TUESDAY + 3 * DAY, datetime.time(0, 30))
    make_invitation(ana, survey, asked_on=TUESDAY, address="ana@cliente.example", delivered_at=late)
    other = make_survey(cast.mauro, name="Outra")
    for client in (ana, bia):
        assert "em 06/03/2026" in why(client, other, on=TUESDAY + 92 * DAY)
        assert why(client, other, on=TUESDAY + 93 * DAY) == ""


def test_throttle_knows_an_address_that_another_client_has(cast: Cast, ana: Client, survey: Survey) -> None:
    bia = mailed("Bia", cast.caio, "outra@cliente.example")
    give_phone(ana)
    ContactPerson.objects.create(client=bia, name="Rui", phone=MOBILE)
    make_invitation(ana, survey, asked_on=TUESDAY, channel="whatsapp", address=MOBILE)
    said = "Um telefone ou e-mail do cliente recebeu uma pergunta em 03/03/2026. Entre perguntas passam 90 dias."
    assert eligibility.why_not(bia, survey, on=TUESDAY + DAY) == said
    assert why(bia, survey, on=TUESDAY + 90 * DAY) == ""


def test_invitation_that_failed_asked_nobody(ana: Client, survey: Survey) -> None:
    make_invitation(ana, survey, asked_on=TUESDAY, state="failed", address="ana@cliente.example")
    assert why(ana, survey, on=TUESDAY + DAY) == ""


def test_running_case_comes_first(ana: Client, survey: Survey) -> None:
    case = make_case(ana)
    assert why(ana, survey) == "O cliente tem um caso em aberto: resolva-o antes de perguntar de novo."
    case.state, case.closed_at = "resolved", case.opened_at
    case.save()
    assert why(ana, survey) == ""


# --- Channels ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("purpose", ["survey", "any"])
def test_opt_out_closes_its_channel(cast: Cast, ana: Client, survey: Survey, purpose: str) -> None:
    OptOut.objects.create(client=ana, channel="email", purpose=purpose, by=cast.julia)
    assert "O cliente pediu em" in why(ana, survey, channel="email")
    assert why(ana, survey, channel="link") == why(ana, survey, channel="phone") == ""
    OptOut.objects.create(client=ana, channel="any", purpose=purpose, by=cast.julia)
    assert "O cliente pediu em" in why(ana, survey, channel="link")
    assert "O cliente pediu em" in why(ana, survey, channel="phone")


def test_refused_offers_close_nothing(cast: Cast, ana: Client, survey: Survey) -> None:
    OptOut.objects.create(client=ana, channel="any", purpose="offer", by=cast.julia)
    assert why(ana, survey, channel="email") == ""


def test_channel_without_address_says_what_is_missing(cast: Cast, survey: Survey) -> None:
    rui = make_client("Rui", owner=cast.julia, portfolio_class="active")
    assert why(rui, survey, channel="email") == "O cliente não tem e-mail em uso. Cadastre um."
    assert why(rui, survey, channel="whatsapp") == "O cliente não tem telefone com WhatsApp em uso. Cadastre um."
    assert why(rui, survey, channel="sms") == "O cliente não tem celular em uso. Cadastre um."
    assert why(rui, survey, channel="link") == ""


def test_number_that_does_not_answer_is_passed_over(cast: Cast, survey: Survey) -> None:
    rui = make_client("Rui", owner=cast.julia, portfolio_class="active")
    give_phone(rui, status="unreachable")
    assert why(rui, survey, channel="sms") == "O cliente não tem celular em uso. Cadastre um."
    give_phone(rui, "+5511911112222", is_primary=False)
    terms = Terms.of(survey, TUESDAY)
    (candidate,) = eligibility.read([rui], terms)
    assert eligibility.address_for(candidate, terms, "sms") == "+5511911112222"


def test_way_is_the_first_open_channel(cast: Cast, ana: Client, survey: Survey) -> None:
    give_phone(ana)
    terms = Terms.of(survey, TUESDAY)
    (candidate,) = eligibility.read([ana], terms)
    assert eligibility.way_to(candidate, terms, ["whatsapp", "email"]) == Way("whatsapp", MOBILE)
    assert eligibility.way_to(candidate, terms, ["link", "email"]) == Way("link")
    OptOut.objects.create(client=ana, channel="visit", purpose="any", by=cast.julia)
    (candidate,) = eligibility.read([ana], terms)
    assert eligibility.way_to(candidate, terms, ["link", "email"]) == Way("email", "ana@cliente.example")
    assert eligibility.way_to(candidate, terms, ["link"]) is None


def test_reachable_is_whoever_has_an_address_of_a_channel_that_sends(cast: Cast, settings: Any) -> None:
    settings.CONTACT_ADAPTERS = {"whatsapp": "x", "sms": "x"}
    ana = mailed("Ana", cast.julia)
    dead = make_client("Bia", owner=cast.julia)
    give_email(dead, "bia@cliente.example", status="invalid")
    ContactPerson.objects.create(client=dead, name="Sem nada")
    mobile, landline, person = (make_client(name, owner=cast.julia) for name in ("Caio", "Duda", "Eva"))
    give_phone(mobile)
    give_phone(landline, "+551133334444", kind="LANDLINE")
    ContactPerson.objects.create(client=person, name="Rui", phone="+5511955554444", email="rui@cliente.example")

    def found(*channels: str) -> list[str]:
        survey = make_survey(cast.mauro, channels=list(channels))
        clients = Client.objects.unscoped(reason="test").filter(eligibility.reachable(survey))
        return [client.name for client in clients.order_by("name")]

    assert found("email") == [ana.name, "Eva"]
    assert found("sms") == found("whatsapp") == ["Caio", "Eva"]
    assert found("email", "sms", "link") == ["Ana", "Caio", "Eva"]
    settings.CONTACT_ADAPTERS = {}
    assert found("sms", "whatsapp", "link") == []


# --- What transactional surveys ask about --------------------------------------------------------------


def test_sale_is_asked_about_on_its_day_and_caught_up(cast: Cast, ana: Client) -> None:
    survey = make_survey(cast.mauro, kind="sale", delay_days=7)
    sold = make_contract(ana, TUESDAY, None, product=make_product("Seguro"))
    said = "Não há venda nem contrato de 7 a 10 dias atrás para perguntar."
    assert why(ana, survey, on=TUESDAY + 6 * DAY) == said
    assert [why(ana, survey, on=TUESDAY + days * DAY) for days in (7, 10)] == ["", ""]
    assert why(ana, survey, on=TUESDAY + 11 * DAY) == said
    assert why(ana, survey, on=TUESDAY + 37 * DAY, reach=30) == ""
    (candidate,) = eligibility.read([ana], Terms.of(survey, TUESDAY + 7 * DAY))
    assert candidate.event is not None
    assert (candidate.event.contract_id, candidate.event.product_id) == (sold.pk, sold.product_id)


@pytest.mark.parametrize("status", ["draft", "proposal", "declined"])
def test_contract_that_was_not_signed_is_no_sale(cast: Cast, ana: Client, status: str) -> None:
    make_contract(ana, TUESDAY, None, status=status)
    assert why(ana, make_survey(cast.mauro, kind="sale"), on=TUESDAY + 7 * DAY).startswith("Não há venda")


def test_day_of_signing_counts_before_that_of_the_start(cast: Cast, ana: Client) -> None:
    make_contract(ana, TUESDAY + 30 * DAY, None, signed_on=TUESDAY, status="signed")
    assert why(ana, make_survey(cast.mauro, kind="sale"), on=TUESDAY + 7 * DAY) == ""


def test_newest_purchase_is_asked_about_unless_it_came_back(cast: Cast, ana: Client) -> None:
    survey = make_survey(cast.mauro, kind="sale")
    make_contract(ana, TUESDAY - DAY, None)
    bought = make_purchase(ana, TUESDAY, product=make_product("Consórcio"))
    make_purchase(ana, TUESDAY - 2 * DAY)
    (candidate,) = eligibility.read([ana], Terms.of(survey, TUESDAY + 7 * DAY))
    assert candidate.event is not None
    assert (candidate.event.contract_id, candidate.event.product_id) == (None, bought.product_id)
    ana.purchases.update(status="returned")
    ana.contracts.update(status="cancelled", cancelled_on=TUESDAY)
    assert why(ana, survey, on=TUESDAY + 7 * DAY).startswith("Não há venda")


def test_sale_is_asked_about_once(cast: Cast, ana: Client) -> None:
    caps(throttle_days=0)
    survey = make_survey(cast.mauro, kind="sale")
    make_contract(ana, TUESDAY, None)
    make_invitation(ana, survey, asked_on=TUESDAY + 7 * DAY)
    assert why(ana, survey, on=TUESDAY + 8 * DAY) == "Esta pesquisa já perguntou sobre este fato em 10/03/2026."
    make_contract(ana, TUESDAY + 9 * DAY, None)
    assert why(ana, survey, on=TUESDAY + 16 * DAY) == ""


def test_service_is_asked_about_where_the_client_was_served(cast: Cast, ana: Client) -> None:
    survey = make_survey(cast.mauro, kind="service", delay_days=1)
    make_log(ana, cast.julia, TUESDAY, group="not_reached")
    make_log(ana, cast.julia, TUESDAY, purpose="offer")
    undone = make_log(ana, cast.julia, TUESDAY)
    undone.undone_at = undone.started_at
    undone.save()
    assert why(ana, survey, on=TUESDAY + DAY) == "Não há atendimento de 1 a 4 dias atrás para perguntar."
    log = make_log(ana, cast.julia, TUESDAY)
    newer = make_log(ana, cast.julia, TUESDAY, corrects=log)
    (candidate,) = eligibility.read([ana], Terms.of(survey, TUESDAY + DAY))
    assert candidate.event is not None
    assert candidate.event.log_id == newer.pk
    assert why(ana, survey, on=TUESDAY + DAY) == ""


def test_many_are_judged_in_as_many_queries_as_one(cast: Cast) -> None:
    survey = make_survey(cast.mauro, kind="sale")
    clients = [mailed(f"Cliente {n}", cast.julia) for n in range(3)]
    for client in clients:
        make_contract(client, TUESDAY, None)
    terms = Terms.of(survey, TUESDAY + 7 * DAY)

    def asked(number: int) -> int:
        with CaptureQueriesContext(
            connection,
        ) as queries:
            assert len(eligibility.read(clients[:number], terms)) == number
        return len(queries)

    assert asked(1) == asked(3) == 11
