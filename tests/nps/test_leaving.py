"""Letters of surveys as they leave: the token is put in at the last moment, and what came between keeps them here."""

import datetime
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail
from django.db import connection
from django.utils import timezone
from psycopg import sql

from clients.models import Client, OptOut
from contacts import adapters
from contacts import deliveries as contact_deliveries
from jobs import outbox
from jobs.models import OutboxMessage
from nps import deliveries, invitations, tokens
from nps.models import Invitation, Survey
from tests.contacts.provider import open_desk
from tests.factories import Cast
from tests.nps.asking import MOBILE, give_phone, mailed, make_case
from tests.nps.surveying import make_invitation, make_survey

pytestmark = pytest.mark.django_db
ADDRESS = "ana@cliente.example"
State = OutboxMessage.State


@pytest.fixture
def ana(cast: Cast) -> Client:
    client = mailed("Ana Souza", cast.julia, ADDRESS)
    give_phone(client)
    return client


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro)


def waiting(client: Client, survey: Survey, **fields: Any) -> Invitation:
    return make_invitation(client, survey, **{"state": "waiting", "address": ADDRESS, **fields})


def leave(invitation: Invitation, *, reminds: bool = False) -> OutboxMessage:
    """The letter is written and sent; how that ended."""
    put = deliveries.remind if reminds else deliveries.send
    message = put(invitation, due_at=timezone.now())
    outbox.relay()
    message.refresh_from_db()
    invitation.refresh_from_db()
    return message


def tables_with(text: str) -> list[str]:
    """Where the base holds a text, in whatever column."""
    with connection.cursor() as cursor:
        names = connection.introspection.table_names(cursor)
        found = []
        for name in names:
            query = sql.SQL("SELECT 1 FROM {} row WHERE row::text LIKE %s LIMIT 1").format(sql.Identifier(name))
            cursor.execute(query, [f"%{text}%"])
            found += [name] if cursor.fetchone() else []
    return found


def test_mail_leaves_with_a_token_that_no_table_holds(ana: Client, survey: Survey) -> None:
    invitation = waiting(ana, survey)
    message = leave(invitation)
    token, (letter,) = tokens.token_of(invitation), mail.outbox
    assert message.state == State.SENT
    assert (invitation.state, invitation.delivered_at) == ("asked", message.ended_at)
    html = letter.alternatives[0].content  # type: ignore[attr-defined]
    assert [text.count(token) for text in (letter.body, html)] == [13, 13]
    assert token in letter.extra_headers["List-Unsubscribe"]
    assert letter.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert tables_with(token) == []
    assert "nps_invitation" in tables_with(invitation.digest)
    assert letter.to == [ADDRESS]


def test_reminder_names_the_same_address(ana: Client, survey: Survey) -> None:
    invitation = waiting(ana, survey)
    leave(invitation)
    delivered_at = invitation.delivered_at
    leave(invitation, reminds=True)
    token = tokens.token_of(invitation)
    assert [token in letter.body for letter in mail.outbox] == [True, True]
    assert (invitation.state, invitation.delivered_at) == ("asked", delivered_at)


# --- A provider ----------------------------------------------------------------------------------------


@pytest.fixture
def provider(settings: Any) -> Iterator[Any]:
    settings.CONTACT_ADAPTERS = {"whatsapp": "tests.contacts.provider.Adapter"}
    adapters._adapter.cache_clear()
    with open_desk() as desk:
        yield desk


def test_provider_gets_the_words_with_the_token(ana: Client, survey: Survey, provider: Any) -> None:
    invitation = waiting(ana, survey, channel="whatsapp", address=MOBILE)
    message = leave(invitation)
    (taken,) = provider.taken.values()
    assert (message.state, taken["number"]) == (State.SENT, MOBILE)
    assert tokens.url_of(tokens.token_of(invitation)) in taken["text"]
    assert invitation.state == "asked"
    assert tables_with(tokens.token_of(invitation)) == []


def test_provider_that_refuses_leaves_nobody_asked(ana: Client, survey: Survey, provider: Any) -> None:
    provider.mode = "refuses"
    invitation = waiting(ana, survey, channel="whatsapp", address=MOBILE)
    assert leave(invitation).state == State.FAILED
    assert invitation.state == "failed"


@pytest.mark.parametrize(("text", "purposes"), [("SAIR", ["survey"]), ("9", [])])
def test_answer_to_the_provider_may_stop_surveys(
    ana: Client, survey: Survey, provider: Any, text: str, purposes: list[str]
) -> None:
    invitation = waiting(ana, survey, channel="whatsapp", address=MOBILE)
    message = leave(invitation)
    report = adapters.StatusReport(message.reference, adapters.DeliveryState.ANSWERED, text)
    assert contact_deliveries.hear("whatsapp", report)
    assert [wish.purpose for wish in ana.opt_outs.all()] == purposes
    invitation.delete()
    deliveries.answered(message, "SAIR")
    assert ana.opt_outs.count() == len(purposes)


# --- What comes between --------------------------------------------------------------------------------


def held(ana: Client, survey: Survey, **fields: Any) -> str:
    invitation = waiting(ana, survey, **fields)
    message = leave(invitation)
    assert (message.state, mail.outbox) == (State.FAILED, [])
    return message.error


def test_letter_stays_after_an_answer(ana: Client, survey: Survey) -> None:
    assert held(ana, survey, state="answered") == "O cliente já respondeu."
    assert Invitation.objects.unscoped(reason="test").get().state == "answered"


def test_letter_stays_when_its_invitation_is_over(ana: Client, survey: Survey) -> None:
    assert held(ana, survey, state="expired") == "O convite venceu antes do envio."


def test_letter_stays_after_its_last_day(ana: Client, survey: Survey) -> None:
    asked_on = timezone.localdate() - datetime.timedelta(days=survey.valid_days + 1)
    assert held(ana, survey, asked_on=asked_on) == "O convite venceu antes do envio."


def test_letter_stays_when_the_survey_stopped(ana: Client, survey: Survey) -> None:
    Survey.objects.update(is_active=False)
    survey.refresh_from_db()
    assert held(ana, survey) == "A pesquisa foi parada antes do envio."


def test_letter_stays_while_a_case_runs(ana: Client, survey: Survey) -> None:
    make_case(ana)
    assert held(ana, survey) == "O cliente tem um caso em aberto."


def test_letter_stays_after_a_refusal(cast: Cast, ana: Client, survey: Survey) -> None:
    OptOut.objects.create(client=ana, channel="any", purpose="survey", by=cast.julia)
    assert "sem pesquisas" in held(ana, survey)


def test_letter_stays_when_its_address_is_gone(ana: Client, survey: Survey) -> None:
    assert held(ana, survey, address="velho@cliente.example").startswith("Este número ou e-mail não está no cadastro")


def test_letter_stays_when_the_key_of_the_installation_changed(ana: Client, survey: Survey) -> None:
    error = held(ana, survey, digest="f" * 64)
    assert error == "A chave da instalação mudou, e o link deste convite não pode mais ser escrito."


def test_letter_without_its_invitation_stays(ana: Client, survey: Survey) -> None:
    invitation = waiting(ana, survey)
    message = deliveries.send(invitation, due_at=timezone.now())
    invitation.delete()
    outbox.relay()
    message.refresh_from_db()
    assert (message.state, message.error) == (State.FAILED, "O convite desta mensagem não existe mais.")
    deliveries.complete(message)
    assert "~convite~" in message.body


# --- How it ends ---------------------------------------------------------------------------------------


def end(message: OutboxMessage, state: str, receipt: str = "") -> None:
    OutboxMessage.objects.filter(pk=message.pk).update(state=State.SENDING, claimed_at=timezone.now())
    message.refresh_from_db()
    outbox.settle(message, outbox.Ending(state, receipt=receipt))


def test_letter_that_came_back_spoils_the_address_and_frees_what_it_asked_about(
    cast: Cast, ana: Client, survey: Survey
) -> None:
    invitation = waiting(ana, survey)
    end(deliveries.send(invitation, due_at=timezone.now()), State.FAILED, "bounced")
    invitation.refresh_from_db()
    assert (invitation.state, invitation.contract, invitation.log) == ("failed", None, None)
    assert ana.emails.get().status == "invalid"


def test_reminder_that_came_back_leaves_the_question_asked(ana: Client, survey: Survey) -> None:
    invitation = waiting(ana, survey, state="asked")
    end(deliveries.remind(invitation, due_at=timezone.now()), State.FAILED, "bounced")
    invitation.refresh_from_db()
    assert (invitation.state, ana.emails.get().status) == ("asked", "invalid")


def test_uncertain_letter_is_neither_asked_nor_failed(cast: Cast, ana: Client, survey: Survey) -> None:
    invitation = waiting(ana, survey)
    message = deliveries.send(invitation, due_at=timezone.now())
    end(message, State.UNKNOWN)
    invitation.refresh_from_db()
    assert invitation.state == "waiting"
    outbox.mark_sent(message, by=cast.ada)
    invitation.refresh_from_db()
    assert invitation.state == "asked"


def test_letter_that_leaves_in_the_end_has_asked(cast: Cast, ana: Client, survey: Survey) -> None:
    invitation = waiting(ana, survey)
    invitations.failed(invitation)
    invitations.asked(invitation, timezone.now())
    invitation.refresh_from_db()
    assert invitation.state == "asked"
