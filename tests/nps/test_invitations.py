"""One client asked: what an invitation keeps of the day, and the link that is handed over once."""

import datetime
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from clients.models import Client, OptOut
from contracts.nightly import PlainChunks
from nps import invitations, tokens
from nps.eligibility import Way
from nps.invitations import NotAskedError
from nps.models import Survey
from people.models import Activity
from tests.factories import Cast, make_contract, make_product
from tests.nps.asking import DAY, MOBILE, TUESDAY, give_phone, mailed, make_case, make_log
from tests.nps.surveying import make_invitation, make_survey

pytestmark = pytest.mark.django_db


@pytest.fixture
def ana(cast: Cast) -> Client:
    client = mailed("Ana Souza", cast.julia, uf="SP")
    give_phone(client)
    return client


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro, channels=["whatsapp", "sms", "link"], valid_days=30)


def refused(survey: Survey, client: Client, cast: Cast, channel: str = "link") -> str:
    with pytest.raises(NotAskedError) as error:
        invitations.hand_over(survey, client, channel=channel, by=cast.sonia)
    return error.value.why


def test_invitation_keeps_whose_client_it_was_that_day(cast: Cast, ana: Client, survey: Survey) -> None:
    contract = make_contract(ana, TUESDAY, None, product=make_product("Seguro"))
    log = make_log(ana, cast.julia, TUESDAY)
    about = {"contract": contract, "product": contract.product, "log": log}
    made = invitations.invite(survey, ana, Way("email", "a@b.example"), TUESDAY, **about)
    made.refresh_from_db()
    assert (made.owner, made.team, made.product, made.uf, made.portfolio_class) == (
        cast.julia,
        cast.sul,
        contract.product,
        "SP",
        "active",
    )
    assert (made.state, made.asked_on, made.expires_on) == ("waiting", TUESDAY, TUESDAY + 30 * DAY)
    assert (made.contract, made.log, made.by) == (contract, log, None)
    assert tokens.found(tokens.token_of(made)) == made


def test_invitation_without_a_contract_names_no_product(ana: Client, survey: Survey) -> None:
    made = invitations.invite(survey, ana, Way("email"), TUESDAY)
    assert (made.product, made.contract) == (None, None)


def test_answer_that_came_first_stands(ana: Client, survey: Survey) -> None:
    made = make_invitation(ana, survey, state="answered")
    at = timezone.now()
    invitations.asked(made, at)
    invitations.failed(made)
    made.refresh_from_db()
    assert (made.state, made.delivered_at) == ("answered", at)


def test_failed_invitation_frees_its_sale(ana: Client, survey: Survey) -> None:
    contract = make_contract(ana, TUESDAY, None, product=make_product("Seguro"))
    about = {"contract": contract, "product": contract.product}
    first = invitations.invite(survey, ana, Way("email"), TUESDAY, **about)
    invitations.failed(first)
    invitations.invite(survey, ana, Way("link"), TUESDAY, **about)
    first.refresh_from_db()
    assert (first.state, first.contract, first.product) == ("failed", None, contract.product)


def test_invitations_end_after_their_last_day(ana: Client, survey: Survey) -> None:
    states = ["waiting", "asked", "answered", "failed"]
    made = [make_invitation(ana, survey, asked_on=TUESDAY, state=state) for state in states]
    assert invitations.expire(TUESDAY + 30 * DAY, PlainChunks()) == 0
    assert invitations.expire(TUESDAY + 31 * DAY, PlainChunks()) == 2
    for invitation in made:
        invitation.refresh_from_db()
    assert [invitation.state for invitation in made] == ["expired", "expired", "answered", "failed"]


# --- By hand -------------------------------------------------------------------------------------------


def test_link_to_copy_is_the_page_itself(cast: Cast, ana: Client, survey: Survey) -> None:
    handed = invitations.hand_over(survey, ana, channel="link", by=cast.sonia)
    assert handed.link == tokens.url_of(tokens.token_of(handed.invitation))
    assert handed.is_to_copy
    made = handed.invitation
    assert (made.state, made.by, made.address, made.asked_on) == ("asked", cast.sonia, "", timezone.localdate())
    assert made.delivered_at is not None
    told = Activity.objects.get(verb="survey_handed_over")
    assert (told.by, told.changes) == (cast.sonia, {"survey": survey.pk, "channel": "link"})


@pytest.mark.parametrize(
    ("channel", "start"), [("whatsapp", "https://wa.me/5511987654321?text="), ("sms", f"sms:{MOBILE}?body=")]
)
def test_link_of_whatsapp_and_sms_holds_the_words(
    cast: Cast, ana: Client, survey: Survey, channel: str, start: str
) -> None:
    handed = invitations.hand_over(survey, ana, channel=channel, by=cast.sonia)
    assert handed.link.startswith(start)
    assert tokens.token_of(handed.invitation) in handed.link
    assert (handed.invitation.address, handed.is_to_copy) == (MOBILE, False)


def test_second_link_is_refused(cast: Cast, ana: Client, survey: Survey) -> None:
    invitations.hand_over(survey, ana, channel="link", by=cast.sonia)
    assert refused(survey, ana, cast).startswith("Esta pesquisa perguntou em")


@pytest.mark.parametrize("channel", ["email", "phone"])
def test_channel_that_is_not_handed_over_is_refused(cast: Cast, ana: Client, survey: Survey, channel: str) -> None:
    assert refused(survey, ana, cast, channel) == "Esta pesquisa não é entregue à mão por este canal."


def test_channel_of_a_provider_is_not_handed_over(cast: Cast, ana: Client, survey: Survey, settings: Any) -> None:
    settings.CONTACT_ADAPTERS = {"whatsapp": "x"}
    assert refused(survey, ana, cast, "whatsapp") == "Esta pesquisa não é entregue à mão por este canal."


def test_rules_hold_by_hand(cast: Cast, ana: Client, survey: Survey) -> None:
    OptOut.objects.create(client=ana, channel="any", purpose="survey", by=cast.julia)
    assert "sem pesquisas" in refused(survey, ana, cast)
    make_case(ana)
    assert refused(survey, ana, cast).startswith("O cliente tem um caso em aberto")


def test_sale_is_asked_about_by_hand_for_longer(cast: Cast, ana: Client) -> None:
    survey = make_survey(cast.mauro, kind="sale", channels=["link"])
    contract = make_contract(ana, timezone.localdate() - datetime.timedelta(days=37), None)
    handed = invitations.hand_over(survey, ana, channel="link", by=cast.sonia)
    assert handed.invitation.contract == contract


@pytest.mark.django_db(transaction=True)
def test_two_clients_of_one_number_are_not_asked_at_once(cast: Cast, ana: Client, survey: Survey) -> None:
    bia = mailed("Bia Lima", cast.julia)
    give_phone(bia)

    def ask(client: Client) -> bool:
        try:
            invitations.by_phone(survey, client, by=cast.sonia)
        except NotAskedError:
            return False
        finally:
            connection.close()
        return True

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(ask, (ana, bia))) == [False, True]


def test_phone_is_asked_and_answered_at_once(cast: Cast, ana: Client, survey: Survey) -> None:
    made = invitations.by_phone(survey, ana, by=cast.sonia)
    assert (made.channel, made.address, made.state, made.by) == ("phone", MOBILE, "asked", cast.sonia)
    with pytest.raises(NotAskedError, match="Esta pesquisa perguntou em"):
        invitations.by_phone(survey, ana, by=cast.sonia)


def test_anonymous_survey_is_not_answered_on_the_phone(cast: Cast, ana: Client) -> None:
    with pytest.raises(NotAskedError, match="anônima"):
        invitations.by_phone(make_survey(cast.mauro, is_anonymous=True), ana, by=cast.sonia)
