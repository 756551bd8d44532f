"""The outbox: one message, one mail; what was refused is tried again, what is uncertain waits for a person (F7)."""

import datetime
import smtplib
from collections.abc import Callable, Iterator

import pytest
from django.core import mail
from django.db import transaction
from django.utils import timezone

from jobs import outbox, queue, smtp, tasks, workers
from jobs.models import OutboxMessage
from jobs.registry import UnknownKindError
from people.models import Activity
from tests.jobs.post_office import PostOffice

pytestmark = pytest.mark.django_db
KIND = "test_letter"
State = OutboxMessage.State


@pytest.fixture
def heard(monkeypatch) -> list[tuple[int, str]]:
    """What the listener of the kind was told."""
    told: list[tuple[int, str]] = []
    monkeypatch.setattr(outbox, "_kinds", dict(outbox._kinds))
    outbox.register(KIND, label="Carta", ended=lambda message: told.append((message.pk, message.state)))
    return told


@pytest.fixture
def put(heard) -> Callable[..., OutboxMessage]:
    def put_one(key: str = "carta 1", **fields: object) -> OutboxMessage:
        told = {"to": "ana@exemplo.com.br", "subject": "Olá", "body": "Bom dia, Ana.", **fields}
        return outbox.put(KIND, key=key, **told)

    return put_one


@pytest.fixture
def office(settings, monkeypatch) -> Iterator[PostOffice]:
    monkeypatch.setattr(smtp, "DATA_SECONDS", 1.0)
    with PostOffice() as office:
        settings.MAILERS = office.mailers
        yield office


def again(message: OutboxMessage) -> OutboxMessage:
    message.refresh_from_db()
    return message


def make_due(message: OutboxMessage) -> None:
    OutboxMessage.objects.filter(pk=message.pk).update(due_at=timezone.now())


# --- Asking ---------------------------------------------------------------------------------------------


def test_put_twice_is_one_message(put):
    first = put(subject="Uma\r\nBcc: outro@exemplo.com.br")
    assert put(subject="Outra") == first
    assert first.subject == "Uma Bcc: outro@exemplo.com.br"
    assert OutboxMessage.objects.count() == 1


def test_put_of_an_unknown_kind_is_refused():
    with pytest.raises(UnknownKindError):
        outbox.put("nobody", key="x", to="a@b.com.br", subject="", body="")


def test_put_leaves_with_the_transaction_of_its_cause(put):
    with transaction.atomic():
        put()
        transaction.set_rollback(True)
    assert not OutboxMessage.objects.exists()


def test_put_wakes_the_sender_on_commit(put, monkeypatch, django_capture_on_commit_callbacks):
    woken = []
    monkeypatch.setattr(queue, "nudge", lambda task, *, countdown: woken.append((task, round(countdown))))
    now = timezone.now()
    with django_capture_on_commit_callbacks(execute=True):
        put("a")
        put("a")
        put("b", due_at=now + datetime.timedelta(seconds=10))
        put("c", due_at=now + datetime.timedelta(minutes=10))
    assert woken == [("jobs.tasks.send", 0), ("jobs.tasks.send", 10)]


def test_cancel_takes_back_what_waits_alone(put, office):
    message = put()
    assert outbox.cancel(message.pk)
    assert outbox.relay() == 0
    assert again(message).state == State.CANCELLED
    sent = put("b")
    outbox.relay()
    assert not outbox.cancel(sent.pk)
    assert again(sent).state == State.SENT


# --- Sending --------------------------------------------------------------------------------------------


def test_letter_is_sent_once_with_a_name_of_its_own(put, office, heard):
    message = put(html="<p>Bom dia</p>", reply_to="julia@carteira.example", headers={"From": "Júlia <x@y.example>"})
    assert (outbox.relay(), outbox.relay()) == (1, 0)
    (taken,) = office.taken
    assert taken["Message-ID"].startswith(f"<{KIND}.{message.pk}.")
    assert (taken["To"], taken["Reply-To"]) == ("ana@exemplo.com.br", "julia@carteira.example")
    assert "x@y.example" in taken["From"]
    assert taken.get_content_type() == "multipart/alternative"
    assert (again(message).state, message.attempts) == (State.SENT, 1)
    assert heard == [(message.pk, State.SENT)]


def test_relay_sends_all_that_is_due_in_order_over_one_line(put, office):
    late = put("later", due_at=timezone.now() + datetime.timedelta(hours=1))
    messages = [put(f"carta {number}") for number in range(3)]
    assert outbox.relay() == 3
    assert [name.split(".")[1] for name in office.names] == [str(message.pk) for message in messages]
    assert again(late).state == State.QUEUED
    assert not outbox.is_due()


def test_relay_ends_when_its_time_is_over(put, office):
    put()
    assert outbox.relay(budget=0) == 0
    assert outbox.is_due()


REFUSED = {
    "no_such_box": (State.FAILED, "O endereço não existe (código 550)."),
    "refuses_us": (State.FAILED, "O servidor de e-mail recusou a mensagem (código 550)."),
    "refuses_sender": (State.FAILED, "O servidor de e-mail recusou a mensagem (código 553)."),
    "refuses_data": (State.FAILED, "O servidor de e-mail recusou a mensagem (código 554)."),
    "refuses_text": (State.FAILED, "O servidor de e-mail recusou a mensagem (código 554)."),
    "greylists": (State.QUEUED, "O servidor de e-mail adiou a mensagem (código 451)."),
    "defers_text": (State.QUEUED, "O servidor de e-mail adiou a mensagem (código 452)."),
    "busy": (State.QUEUED, "O servidor de e-mail não atendeu."),
    "hangs_at_hello": (State.QUEUED, "O servidor de e-mail não atendeu."),
    "hangs_at_mail": (State.QUEUED, "A conexão caiu antes do envio."),
    "drops_at_rcpt": (State.QUEUED, "A conexão caiu antes do envio."),
    "drops_at_data": (State.UNKNOWN, "A conexão caiu durante o envio."),
    "drops_after_data": (State.UNKNOWN, "A conexão caiu durante o envio."),
    "hangs_after_data": (State.UNKNOWN, "A conexão caiu durante o envio."),
    "odd_answer": (State.UNKNOWN, "A conexão caiu durante o envio."),
}


@pytest.mark.parametrize("mode", REFUSED)
def test_no_fault_of_the_server_sends_a_mail_twice(put, office, mode, heard):
    office.mode = mode
    message = put()
    assert outbox.relay() == 1
    assert (again(message).state, message.error) == REFUSED[mode]
    assert heard == ([] if message.state == State.QUEUED else [(message.pk, message.state)])
    office.mode = "takes"
    make_due(message)
    outbox.relay()
    assert len(office.names) == (0 if again(message).state == State.FAILED else 0 if mode == "drops_at_data" else 1)


def test_closed_port_is_tried_again_and_the_rest_waits(put, settings):
    with PostOffice() as gone:
        pass
    settings.MAILERS = gone.mailers
    first, second = put("a"), put("b")
    assert outbox.relay() == 1
    assert (again(first).attempts, again(second).attempts) == (1, 0)
    assert first.due_at > timezone.now() + datetime.timedelta(seconds=50)


def test_tries_are_spread_over_a_day_and_end(put, office, heard):
    office.mode = "greylists"
    message = put()
    waits = []
    for _try in range(7):
        make_due(message)
        before = timezone.now()
        outbox.relay()
        if again(message).state == State.QUEUED:
            waits.append(round((message.due_at - before).total_seconds() / 60))
    assert waits == [1, 5, 30, 120, 480, 1440]
    assert message.state == State.FAILED
    assert heard == [(message.pk, State.FAILED)]


def test_address_that_cannot_be_written_fails_at_once(put, office):
    message, good = put(to="joão@exemplo.com.br"), put("b")
    assert outbox.relay() == 2
    assert (again(message).state, again(good).state) == (State.FAILED, State.SENT)
    assert "Confira o cadastro" in message.error


def test_line_that_broke_is_opened_again_for_the_next(put, office):
    office.mode = "drops_after_data"
    first, second = put("a"), put("b")
    assert outbox.relay() == 2
    assert {again(first).state, again(second).state} == {State.UNKNOWN}
    assert len(set(office.names)) == 2


def test_server_without_a_code_is_no_answer():
    assert outbox.code_of(smtplib.SMTPRecipientsRefused({})) == 0


def test_backend_that_cannot_tell_leaves_it_open(put, settings, monkeypatch):
    settings.MAILERS = {"default": {"BACKEND": "django.core.mail.backends.locmem.EmailBackend"}}
    monkeypatch.setattr("django.core.mail.backends.locmem.EmailBackend.send_messages", lambda *_a: 1 / 0)
    message = put()
    outbox.relay()
    assert again(message).state == State.UNKNOWN


def test_cap_of_an_hour_holds_back_the_rest(put, office, settings):
    settings.OUTBOX_PER_HOUR = 2
    messages = [put(f"carta {number}") for number in range(3)]
    assert outbox.relay() == 2
    assert again(messages[2]).state == State.QUEUED
    OutboxMessage.objects.filter(pk=messages[0].pk).update(claimed_at=timezone.now() - datetime.timedelta(minutes=61))
    assert outbox.relay() == 1


# --- Who died, who came late ------------------------------------------------------------------------------


def test_sender_that_died_leaves_an_uncertain_message(put, office, heard, settings):
    message = put()
    claimed = outbox.claim()
    assert outbox.sweep() == 0
    OutboxMessage.objects.update(claimed_at=timezone.now() - settings.OUTBOX_LEASE - datetime.timedelta(seconds=1))
    assert outbox.sweep() == 1
    assert outbox.relay() == 0
    assert (again(message).state, office.taken) == (State.UNKNOWN, [])
    assert heard == [(message.pk, State.UNKNOWN)]
    # The fence is the moment of the claim: this sender is late and writes nothing.
    outbox.settle(claimed, outbox.Ending(State.SENT))
    assert again(message).state == State.UNKNOWN


def test_slow_sender_may_still_say_how_it_ended(put, settings):
    put()
    message = outbox.claim()
    settings.OUTBOX_LEASE = datetime.timedelta(0)
    assert outbox.sweep() == 1
    outbox.settle(message, outbox.Ending(State.SENT))
    assert again(message).state == State.SENT


def test_listener_that_fails_does_not_hide_what_left(put, office, caplog):
    outbox.register(KIND, label="Carta", ended=lambda _message: 1 / 0)
    message = put()
    outbox.relay()
    assert again(message).state == State.SENT
    assert "its end could not be told" in caplog.text


def test_message_that_may_not_leave_now_waits_without_a_try(put, office, heard):
    later = timezone.now() + datetime.timedelta(hours=9)
    outbox.register(KIND, label="Carta", barred=lambda _message: outbox.Ending(State.QUEUED, "Cedo.", until=later))
    message = put()
    assert [outbox.relay(), outbox.relay()] == [1, 0]
    found = again(message)
    assert (found.state, found.error, found.due_at, found.attempts) == (State.QUEUED, "Cedo.", later, 0)
    assert (office.taken, heard) == ([], [])


def test_kind_without_listener_or_registration_is_sent(put, office):
    outbox.register(KIND, label="Carta")
    message, gone = put("a"), put("b")
    OutboxMessage.objects.filter(pk=gone.pk).update(kind="old_kind")
    assert outbox.relay() == 2
    assert (again(message).state, again(gone).state) == (State.SENT, State.SENT)
    assert (outbox.label_of(KIND), outbox.label_of("old_kind")) == ("Carta", "old_kind")


def test_tick_wakes_the_sender_and_sweeps(put, monkeypatch, django_capture_on_commit_callbacks, settings):
    woken = []
    monkeypatch.setattr(queue, "nudge", lambda task="work", *, countdown=0: woken.append(task))
    workers.tick()
    put("a")
    outbox.claim()
    put("b")
    settings.OUTBOX_LEASE = datetime.timedelta(0)
    with django_capture_on_commit_callbacks(execute=True):
        workers.tick()
    assert woken.count("jobs.tasks.send") == 1
    assert set(OutboxMessage.objects.values_list("dedupe_key", "state")) == {("a", State.UNKNOWN), ("b", State.QUEUED)}


def test_task_sends_what_is_due(put):
    mail.outbox.clear()
    put()
    tasks.send()
    assert [letter.subject for letter in mail.outbox] == ["Olá"]


# --- What a person decides ----------------------------------------------------------------------------------


def uncertain(message: OutboxMessage) -> OutboxMessage:
    message.state, message.ended_at, message.attempts, message.error = State.UNKNOWN, timezone.now(), 7, "A conexão"
    message.save()
    return message


def test_uncertain_message_is_marked_as_sent(put, cast, heard):
    message = uncertain(put())
    tried = message.ended_at
    assert outbox.mark_sent(message, by=cast.ada)
    assert (again(message).state, message.error, message.ended_at) == (State.SENT, "", tried)
    assert heard == [(message.pk, State.SENT)]
    assert Activity.objects.filter(verb="message_marked_sent", by=cast.ada, object_id=message.pk).exists()
    assert not outbox.mark_sent(message, by=cast.ada)
    assert not outbox.send_again(message, by=cast.ada)


def test_message_is_sent_again_with_fresh_tries(put, cast, office):
    message = uncertain(put())
    assert outbox.send_again(message, by=cast.ada)
    assert (again(message).state, message.attempts, message.ended_at) == (State.QUEUED, 0, None)
    outbox.relay()
    assert again(message).state == State.SENT
    assert len(office.taken) == 1


def test_failed_message_is_not_marked_as_sent(put, cast):
    message = uncertain(put())
    OutboxMessage.objects.update(state=State.FAILED)
    assert not outbox.mark_sent(message, by=cast.ada)
    assert outbox.send_again(message, by=cast.ada)
