"""A configured provider: messages leave through the outbox, once; what it tells is written down; calls ring."""

import datetime
import json
from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from clients.models import Client, OptOut, Phone
from contacts import adapters, deliveries, gate_facts, logs, messages
from contacts.correspondent import read
from contacts.gate import Verdict
from contacts.models import ContactLog, ContactOutcome, MessageTemplate
from contacts.views import deliveries as views
from jobs import outbox
from jobs.models import OutboxMessage
from people.models import Notification
from tests.contacts.provider import Desk, open_desk, signature_of
from tests.factories import Cast, make_client, make_contract

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
DAY = datetime.timedelta(days=1)
NOW = datetime.datetime(2026, 3, 10, 21, tzinfo=datetime.UTC)
MOBILE = "+5511987654321"
State, Receipt = OutboxMessage.State, OutboxMessage.Receipt


@pytest.fixture(autouse=True)
def desk(settings: Any) -> Iterator[Desk]:
    path = "tests.contacts.provider.Adapter"
    settings.CONTACT_ADAPTERS = {"whatsapp": path, "call": path}
    adapters._adapter.cache_clear()
    with open_desk() as desk:
        yield desk


@pytest.fixture
def ana(cast: Cast) -> Client:
    client = make_client("Ana Souza", owner=cast.julia, person_type="PF", uf="SP")
    Phone.objects.create(client=client, e164=MOBILE, kind="MOBILE", is_primary=True)
    make_contract(client, timezone.localdate(), None)
    return client


def send(client: Client, cast: Cast, *, purpose: str = "service") -> tuple[ContactLog, OutboxMessage]:
    template = MessageTemplate.objects.create(name=purpose, channel="whatsapp", purpose=purpose, body="Olá, Ana.")
    log = messages.send(messages.begin(read(client), cast.julia, channel="whatsapp", template=template))
    OutboxMessage.objects.update(due_at=timezone.now())
    return log, OutboxMessage.objects.get()


def left(message: OutboxMessage) -> tuple[str, str]:
    outbox.relay()
    message.refresh_from_db()
    return message.state, message.error


def report(client: Any, *said: dict[str, str], signature: str = "") -> int:
    body = json.dumps(said).encode()
    url = reverse("contacts:provider_report", args=["whatsapp"])
    headers = {"X-Signature": signature or signature_of(body)}
    return int(client.post(url, body, content_type="application/json", headers=headers).status_code)


# --- Sending ----------------------------------------------------------------------------------------------


def test_composer_sends_through_the_provider_once_and_can_take_back(
    cast: Cast, ana: Client, at_desk: Any, desk: Desk
) -> None:
    browser, url = at_desk(cast.julia), reverse("contacts:message_compose", args=[ana.pk])
    words = MessageTemplate.objects.create(name="Oi", channel="whatsapp", purpose="service", body="Olá, Ana.")
    page = browser.get(url, {"canal": "whatsapp", "modelo": words.pk}).content.decode()
    assert "Sai pelo número da empresa." in page
    assert "wa.me" not in page
    typed = {"channel": "whatsapp", "template": words.pk, "body": "Olá, Ana.", "form_key": "k1", "step": "send"}
    told = json.loads(browser.post(url, typed, headers=HTMX).headers["HX-Trigger"])["aviso"]
    browser.post(url, typed, headers=HTMX)
    message = OutboxMessage.objects.get()
    assert (message.recipient, message.masked_recipient, message.state) == (MOBILE, "•••4321", State.QUEUED)
    log = ana.contact_logs.get()
    assert (log.channel, log.used, log.phone, log.note) == ("whatsapp", MOBILE, ana.phones.get(), "Olá, Ana.")
    undone = browser.post(told["undo_url"], headers=HTMX)
    assert "WhatsApp cancelado antes de sair." in json.loads(undone.headers["HX-Trigger"])["aviso"]["text"]
    assert outbox.relay() == 0
    assert desk.taken == {}


def test_message_leaves_with_its_key_and_keeps_the_reference(cast: Cast, ana: Client, desk: Desk) -> None:
    log, message = send(ana, cast)
    assert left(message) == (State.SENT, "")
    key = f"contact_whatsapp:{log.pk}"
    assert desk.taken == {key: {"number": MOBILE, "text": "Olá, Ana.", "key": key}}
    assert message.reference == f"ref-{key}"


def test_what_broke_off_is_uncertain_and_is_not_sent_again(cast: Cast, ana: Client, desk: Desk, client: Any) -> None:
    desk.mode = "drops"
    _log, message = send(ana, cast)
    assert left(message) == (State.UNKNOWN, "A conexão caiu durante o envio.")
    assert outbox.relay() == 0
    assert len(desk.taken) == 1
    # The provider knows the key: its report settles the doubt.
    assert report(client, {"id": message.dedupe_key, "state": "delivered"}) == 204
    message.refresh_from_db()
    assert (message.state, message.receipt) == (State.SENT, Receipt.DELIVERED)


def test_refusal_is_told_to_the_seller_and_absence_is_tried_again(cast: Cast, ana: Client, desk: Desk) -> None:
    desk.mode = "refuses"
    _log, message = send(ana, cast)
    assert left(message) == (State.FAILED, "O provedor recusou a mensagem.")
    assert "Ana Souza (WhatsApp) não saiu" in Notification.objects.get(recipient=cast.julia).text
    # While its thread looks at the door, a closed one still opens.
    desk.shutdown()
    desk.server_close()
    OutboxMessage.objects.update(state=State.QUEUED, ended_at=None)
    assert left(message) == (State.QUEUED, "O provedor não atendeu.")


def test_rule_that_closed_meanwhile_keeps_it_here(cast: Cast, ana: Client, desk: Desk) -> None:
    _log, message = send(ana, cast)
    OptOut.objects.create(client=ana, channel="whatsapp", by=cast.julia)
    state, error = left(message)
    assert state == State.FAILED
    assert "contat" in error
    assert desk.taken == {}


@pytest.mark.parametrize("route", ["contacts:log_edit", "contacts:log_correct"])
def test_nobody_says_afterwards_that_a_message_was_something_else(
    cast: Cast, ana: Client, desk: Desk, at_desk: Any, route: str
) -> None:
    log, message = send(ana, cast)
    ContactLog.objects.unscoped(reason="test").filter(pk=log.pk).update(purpose="offer")
    typed = {"channel": "call", "outcome": "interested", "purpose": "service", "direction": "in", "form_key": "k1"}
    typed |= {"started_at": "2026-01-05T10:00", "note": "Respondeu logo."}
    answer = at_desk(cast.julia).post(reverse(route, args=[log.pk]), typed, headers=HTMX)
    assert answer.status_code == 204
    said = ana.contact_logs.order_by("pk").last()
    assert (said.note, said.outcome.code) == ("Respondeu logo.", "interested")
    assert (said.channel, said.purpose, said.direction, said.used) == ("whatsapp", "offer", "out", MOBILE)
    assert (said.phone, said.started_at) == (log.phone, log.started_at)
    OptOut.objects.create(client=ana, channel="whatsapp", purpose="offer", by=cast.julia)
    assert left(message)[0] == State.FAILED


@pytest.mark.parametrize(
    ("verdict", "ending"),
    [
        (Verdict(True), None),
        (Verdict(False, "hours", "Abre.", NOW + DAY), outbox.Ending(State.QUEUED, "Abre.", until=NOW + DAY)),
        (Verdict(False, "rest_after_refusal", "Descansa.", NOW + 90 * DAY), outbox.Ending(State.FAILED, "Descansa.")),
        (Verdict(False, "deceased", "Falecido."), outbox.Ending(State.FAILED, "Falecido.")),
    ],
)
def test_message_waits_for_what_opens_soon(verdict: Verdict, ending: outbox.Ending | None) -> None:
    assert deliveries.ending_by(verdict, NOW) == ending


def test_message_that_waited_counts_the_offers_made_since(cast: Cast, ana: Client) -> None:
    noon = datetime.datetime(2026, 3, 10, 15, tzinfo=datetime.UTC)
    sent = ContactOutcome.objects.get(code="sent")
    said: Any = {"purpose": "offer", "used": MOBILE}
    log = logs.record(ana, by=cast.julia, channel="whatsapp", outcome=sent, started_at=noon - 3 * DAY, **said)
    assert deliveries.verdict_on(log, noon).allowed
    logs.record(ana, by=cast.caio, channel="call", outcome=sent, started_at=noon - DAY / 24, **said)
    assert deliveries.verdict_on(log, noon).rule == "between"


def test_message_that_waited_counts_from_the_day_on_which_it_left(cast: Cast, ana: Client) -> None:
    log, message = send(ana, cast)
    written = timezone.now() - 3 * DAY
    logged = ContactLog.objects.unscoped(reason="test").filter(client=ana)
    logged.update(started_at=written, purpose="offer")
    correction = logs.correct(logged.get(), by=cast.julia, channel="whatsapp", outcome=log.outcome, purpose="offer")
    late = logs.correct(
        correction, by=cast.julia, channel="whatsapp", outcome=log.outcome, started_at=written - DAY, purpose="offer"
    )
    message.state, message.ended_at = State.SENT, timezone.now()
    messages.conclude(message)
    assert [row.started_at for row in logged.order_by("pk")] == [message.ended_at] * 2 + [written - DAY]
    logs.undo(late, by=cast.julia)
    assert gate_facts.facts_of([ana.pk], at=timezone.now())[ana.pk].offers == (message.ended_at,)
    assert ana.pulse.last_at == message.ended_at


def test_message_that_left_at_once_stays_at_its_moment(cast: Cast, ana: Client) -> None:
    log, message = send(ana, cast)
    left(message)
    assert message.ended_at > log.started_at
    assert ContactLog.objects.visible_to(cast.julia).get().started_at == log.started_at


def test_first_offer_that_never_left_says_nothing_to_the_client(cast: Cast, ana: Client) -> None:
    log, message = send(ana, cast)
    ContactLog.objects.unscoped(reason="test").filter(pk=log.pk).update(purpose="offer")
    assert read(ana).offered == {"whatsapp"}
    OutboxMessage.objects.filter(pk=message.pk).update(state=State.FAILED)
    assert read(ana).offered == set()


def test_correction_of_a_message_speaks_of_what_left_until_it_fails(cast: Cast, ana: Client, desk: Desk) -> None:
    log, message = send(ana, cast)
    for _ in range(2):
        assert deliveries.leaves_as_written(log)
        log = logs.correct(log, by=cast.julia, channel="whatsapp", outcome=log.outcome)
    desk.mode = "refuses"
    left(message)
    assert not deliveries.leaves_as_written(log)


def test_provider_taken_out_of_the_settings_and_contact_that_is_gone(cast: Cast, ana: Client, settings: Any) -> None:
    log, message = send(ana, cast)
    settings.CONTACT_ADAPTERS = {}
    assert left(message) == (State.FAILED, "Nenhum provedor está configurado para este canal.")
    message.subject_id = None
    assert deliveries.barred(message) == outbox.Ending(State.FAILED, "O contato desta mensagem não existe mais.")
    log.delete()


# --- What the provider tells --------------------------------------------------------------------------------


def test_reports_go_forward_only_and_name_their_message(cast: Cast, ana: Client, client: Any) -> None:
    _log, message = send(ana, cast)
    left(message)
    for state in ("accepted", "read", "delivered"):
        assert report(client, {"id": message.reference, "state": state}, {"id": "foreign", "state": state}) == 204
    message.refresh_from_db()
    assert (message.state, message.receipt) == (State.SENT, Receipt.READ)
    assert report(client, {"id": message.reference, "state": "failed"}) == 204
    message.refresh_from_db()
    assert (message.state, message.error) == (State.FAILED, "O provedor não conseguiu entregar.")
    assert Notification.objects.filter(recipient=cast.julia).count() == 1
    report(client, {"id": message.reference, "state": "read"})
    message.refresh_from_db()
    assert message.state == State.FAILED


@pytest.mark.parametrize(("purpose", "closed"), [("service", "any"), ("offer", "offer")])
def test_answer_is_told_and_sair_closes_the_channel(
    cast: Cast, ana: Client, client: Any, purpose: str, closed: str
) -> None:
    log, message = send(ana, cast)
    left(message)
    ContactLog.objects.unscoped(reason="test").filter(pk=log.pk).update(purpose=purpose)
    report(client, {"id": message.reference, "state": "answered", "text": "Obrigada!"})
    assert Notification.objects.get().text == "Ana Souza respondeu à sua mensagem."
    assert not ana.opt_outs.exists()
    OutboxMessage.objects.update(receipt=Receipt.READ)
    for _ in range(2):
        report(client, {"id": message.reference, "state": "answered", "text": "SAIR."})
    assert (ana.opt_outs.get().channel, ana.opt_outs.get().purpose) == ("whatsapp", closed)
    assert Notification.objects.count() == 2
    ContactLog.objects.unscoped(reason="test").filter(pk=log.pk).delete()
    OutboxMessage.objects.update(receipt=Receipt.READ)
    assert report(client, {"id": message.reference, "state": "answered", "text": "SAIR"}) == 204


def test_report_needs_its_signature_a_provider_and_patience(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    assert report(client, {"id": "1", "state": "read"}, signature="wrong") == 403
    for channel in ("email", "call", "sms"):
        assert client.post(reverse("contacts:provider_report", args=[channel])).status_code == 404
    assert client.get(reverse("contacts:provider_report", args=["whatsapp"])).status_code == 405
    monkeypatch.setattr(views, "RATE", "1/m/ip")
    assert [report(client, {"id": "1", "state": "read"}) for _ in range(2)] == [204, 429]


# --- Calls ------------------------------------------------------------------------------------------------


def ring(browser: Any, client: Client, **fields: Any) -> Any:
    said = {"phone": client.phones.get().pk, "purpose": "service", "form_key": "k1", **fields}
    return browser.post(reverse("contacts:call_start", args=[client.pk]), said, headers=fields.pop("headers", HTMX))


def test_call_button_rings_once_and_asks_how_it_went(cast: Cast, ana: Client, at_desk: Any, desk: Desk) -> None:
    browser = at_desk(cast.julia)
    numbers = browser.get(reverse("contacts:contact_links", args=[ana.pk]), {"finalidade": "service"})
    assert "Ligar pelo ramal" in numbers.content.decode()
    answer = ring(browser, ana).content.decode()
    assert f"/contatos/clientes/{ana.pk}/registrar/?canal=call" in answer
    again = ring(browser, ana)
    assert "já tinha sido enviado" in json.loads(again.headers["HX-Trigger"])["aviso"]["text"]
    assert desk.taken == {"k1": {"number": MOBILE, "extension": "", "key": "k1"}}
    plain = browser.post(
        reverse("contacts:call_start", args=[ana.pk]),
        {"phone": ana.phones.get().pk, "purpose": "service", "form_key": "k2"},
    )
    assert plain.status_code == 303
    assert "registrar" in plain.headers["Location"]


def test_call_passes_the_gate_and_says_when_the_system_is_away(
    cast: Cast, ana: Client, at_desk: Any, desk: Desk, settings: Any
) -> None:
    browser = at_desk(cast.julia)
    desk.mode = "refuses"
    refused = ring(browser, ana, form_key="a")
    assert "não completou a ligação" in json.loads(refused.headers["HX-Trigger"])["aviso"]["text"]
    OptOut.objects.create(client=ana, channel="any", by=cast.julia)
    blocked = ring(browser, ana, form_key="b")
    assert "contat" in json.loads(blocked.headers["HX-Trigger"])["aviso"]["text"]
    assert desk.taken == {}
    assert ring(browser, ana, phone=0).status_code == 400
    settings.CONTACT_ADAPTERS = {}
    assert ring(browser, ana, form_key="c").status_code == 400
