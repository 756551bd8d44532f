"""Contacts recorded, mended inside the window, corrected after it, and taken back."""

import datetime
from contextlib import nullcontext

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client
from contacts import gate_facts, logs, plans, promises
from contacts.consequences import MomentMissingError
from contacts.models import ContactPlan, PlanStep
from jobs.models import OutboxMessage
from people.models import Activity
from tests.contacts.talking import (
    LANDLINE,
    MOBILE,
    callback_of,
    close_window,
    log_of,
    make_ana,
    outcome,
    task_of,
)
from tests.factories import Cast, make_contract


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_ana(cast.julia)


def test_log_keeps_what_was_said_and_leaves_the_version_alone(cast: Cast, ana: Client) -> None:
    log = log_of(ana, cast.julia, note="Quer simulação", seconds=120, is_highlight=True)
    log.refresh_from_db()
    assert (log.group, log.note, log.seconds, log.is_highlight) == ("reached", "Quer simulação", 120, True)
    assert log.effects == {}
    ana.refresh_from_db()
    assert ana.version == 1


def test_log_names_the_primary_phone_when_none_was_said(cast: Cast, ana: Client) -> None:
    assert log_of(ana, cast.julia).used == MOBILE


def test_log_finds_the_phone_of_a_number(cast: Cast, ana: Client) -> None:
    assert log_of(ana, cast.julia, used=LANDLINE).phone == ana.phones.get(e164=LANDLINE)


def test_log_of_a_visit_names_no_number(cast: Cast, ana: Client) -> None:
    log = log_of(ana, cast.julia, channel="visit")
    assert (log.phone, log.used) == (None, "")


def test_history_tells_of_the_contact_without_personal_data(cast: Cast, ana: Client) -> None:
    log = log_of(ana, cast.julia, note="Segredo")
    line = Activity.objects.get(verb="contact_logged")
    assert line.changes == {"log": log.pk, "outcome": "interested", "channel": "call"}


def test_next_contact_becomes_a_task(cast: Cast, ana: Client) -> None:
    day = timezone.localdate() + datetime.timedelta(days=3)
    log = log_of(ana, cast.julia, next_on=day, next_channel="whatsapp")
    task = ana.tasks.get()
    assert (task.kind, task.due_on, task.due_at, task.channel) == ("task", day, None, "whatsapp")
    assert (task.from_log, task.assignee) == (log, None)


def test_callback_promises_its_moment_once(cast: Cast, ana: Client) -> None:
    moment = timezone.now() + datetime.timedelta(days=1)
    log_of(ana, cast.julia, "callback", next_at=moment)
    task = ana.tasks.get()
    assert (task.kind, task.due_at, task.due_on) == ("callback", moment, timezone.localtime(moment).date())


def test_callback_without_a_moment_is_refused_whole(cast: Cast, ana: Client) -> None:
    with pytest.raises(MomentMissingError):
        log_of(ana, cast.julia, "callback")
    assert not ana.contact_logs.exists()


@pytest.mark.parametrize("days", [-2, 0])
def test_contact_finishes_the_callback_it_answers(cast: Cast, ana: Client, days: int) -> None:
    task = callback_of(ana, cast.julia, days=days)
    log = log_of(ana, cast.julia)
    task.refresh_from_db()
    assert (task.done_log, task.done_by) == (log, cast.julia)


def test_contact_leaves_other_promises_open(cast: Cast, ana: Client) -> None:
    callback_of(ana, cast.julia, days=1)
    task_of(ana, cast.julia)
    log_of(ana, cast.julia)
    assert ana.tasks.filter(done_at=None).count() == 2


@pytest.mark.parametrize(("code", "channel"), [("no_answer", "call"), ("wrong_number", "call"), ("bounced", "email")])
def test_who_was_not_reached_is_still_promised_a_callback(cast: Cast, ana: Client, code: str, channel: str) -> None:
    """Also where the contact was begun from the promise itself, as Meu dia does."""
    task = callback_of(ana, cast.julia, channel=channel)
    log_of(ana, cast.julia, code, channel=channel)
    log_of(ana, cast.julia, code, channel=channel, task=task)
    assert ana.tasks.get().is_open


def test_unanswered_call_with_a_new_moment_replaces_the_promise(cast: Cast, ana: Client) -> None:
    old = callback_of(ana, cast.julia)
    log_of(ana, cast.julia, "no_answer", next_on=timezone.localdate() + datetime.timedelta(days=1))
    old.refresh_from_db()
    assert not old.is_open
    assert ana.tasks.filter(done_at=None).count() == 1


def test_written_message_keeps_the_promise_to_write(cast: Cast, ana: Client) -> None:
    written, spoken = (callback_of(ana, cast.julia, channel=channel) for channel in ("whatsapp", "call"))
    log_of(ana, cast.julia, "sent", channel="whatsapp")
    written.refresh_from_db()
    spoken.refresh_from_db()
    assert (written.is_open, spoken.is_open) == (False, True)


def test_contact_finishes_the_task_in_hand(cast: Cast, ana: Client) -> None:
    task = task_of(ana, cast.julia)
    log_of(ana, cast.julia, "no_answer", task=task)
    assert not ana.tasks.get().is_open


def test_undo_takes_back_the_promise_and_opens_the_answered_one(cast: Cast, ana: Client) -> None:
    answered = callback_of(ana, cast.julia)
    log = log_of(ana, cast.julia, "callback", next_at=timezone.now() + datetime.timedelta(hours=3))
    assert logs.undo(log, by=cast.julia) == 0
    assert list(ana.tasks.all()) == [answered]
    answered.refresh_from_db()
    assert (answered.is_open, answered.done_by, answered.done_log) == (True, None, None)
    log.refresh_from_db()
    assert log.undone_at is not None


def test_undo_leaves_what_moved_on_since(cast: Cast, ana: Client) -> None:
    log = log_of(ana, cast.julia, next_on=timezone.localdate())
    promises.finish(ana.tasks.get(), by=cast.julia)
    assert logs.undo(log, by=cast.julia) == 1
    assert ana.tasks.count() == 1


def test_undo_happens_once(cast: Cast, ana: Client) -> None:
    log = log_of(ana, cast.julia)
    logs.undo(log, by=cast.julia)
    with pytest.raises(logs.WindowClosedError):
        logs.undo(log, by=cast.julia)


def test_only_author_and_leaders_mend(cast: Cast, ana: Client) -> None:
    log = log_of(ana, cast.julia)
    assert [logs.may_mend(log, by=who) for who in (cast.julia, cast.sonia, cast.bento)] == [True, True, False]
    with pytest.raises(PermissionDenied):
        logs.undo(log, by=cast.bento)
    logs.undo(log, by=cast.sonia)


def test_after_the_window_a_log_stands(cast: Cast, ana: Client) -> None:
    log = close_window(log_of(ana, cast.julia, note="Assim foi"))
    for act in (lambda: logs.undo(log, by=cast.julia), lambda: logs.edit(log, by=cast.sonia, note="Outra")):
        with pytest.raises(logs.WindowClosedError):
            act()
    log.refresh_from_db()
    assert (log.note, log.undone_at) == ("Assim foi", None)


def test_edit_takes_back_what_the_log_caused_and_carries_out_what_it_says_now(cast: Cast, ana: Client) -> None:
    log = log_of(ana, cast.julia, "wrong_number")
    assert ana.phones.get(e164=MOBILE).status == "wrong_number"
    day = timezone.localdate() + datetime.timedelta(days=2)
    log = logs.edit(log, by=cast.julia, outcome=outcome("interested"), channel="call", next_on=day)
    assert (log.group, log.by) == ("reached", cast.julia)
    mobile = ana.phones.get(e164=MOBILE)
    assert (mobile.status, mobile.is_primary) == ("ok", True)
    assert ana.tasks.get().due_on == day
    logs.edit(log, by=cast.julia, outcome=outcome("interested"), channel="call", next_on=None, note="Sem retorno")
    assert not ana.tasks.exists()
    assert Activity.objects.filter(verb="contact_logged").count() == 1


def test_edit_moves_the_blame_to_the_number_that_was_dialled(cast: Cast, ana: Client) -> None:
    log = log_of(ana, cast.julia, "wrong_number")
    log = logs.edit(
        log, by=cast.julia, outcome=outcome("no_number"), channel="call", phone=ana.phones.get(e164=LANDLINE)
    )
    assert log.used == LANDLINE
    assert [phone.status for phone in ana.phones.order_by("pk")] == ["ok", "wrong_number"]


def test_edit_keeps_the_task_in_hand_finished(cast: Cast, ana: Client) -> None:
    task = task_of(ana, cast.julia)
    log = log_of(ana, cast.julia, task=task)
    logs.edit(log, by=cast.julia, outcome=outcome("sold"), channel="call")
    task.refresh_from_db()
    assert task.done_log == log


def test_correction_is_another_row(cast: Cast, ana: Client) -> None:
    log = close_window(log_of(ana, cast.julia, "interested", note="Disse sim"))
    said = logs.correct(log, by=cast.caio, outcome=outcome("not_now"), channel="call", note="Disse não")
    log.refresh_from_db()
    assert (log.note, log.outcome.code) == ("Disse sim", "interested")
    assert (said.corrects, said.started_at, said.by) == (log, log.started_at, cast.caio)
    assert Activity.objects.filter(verb="contact_logged", changes__corrects=log.pk).exists()


def test_recording_asks_the_same_number_of_questions_whatever_the_history(cast: Cast, ana: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as asked:
            log_of(ana, cast.julia)
        return len(asked)

    log_of(ana, cast.julia)
    first = count()
    for _ in range(3):
        log_of(ana, cast.julia, next_on=timezone.localdate() + datetime.timedelta(days=9))
    assert count() == first


def test_purpose_unsaid_is_what_the_client_has_with_us(cast: Cast, ana: Client) -> None:
    assert log_of(ana, cast.julia).purpose == "offer"
    assert log_of(ana, cast.julia, direction="in").purpose == "service"
    today = timezone.localdate()
    make_contract(ana, today, today + datetime.timedelta(days=90))
    assert log_of(ana, cast.julia).purpose == "service"
    assert log_of(ana, cast.julia, purpose="offer").purpose == "offer"


def test_log_of_a_step_carries_its_plan(cast: Cast, ana: Client) -> None:
    plan = ContactPlan.objects.create(name="Ofertas", purpose="offer")
    step = PlanStep.objects.create(plan=plan, title="Ligar")
    membership = plans.join(ana, plan, by=cast.julia, on=timezone.localdate())
    log = log_of(ana, cast.julia, membership=membership)
    assert (log.plan_step, log.purpose) == (step.pk, "offer")
    membership.refresh_from_db()
    assert membership.state == "finished"


def test_corrections_follow_one_another(cast: Cast, ana: Client) -> None:
    """Each hides the one it corrects: two beside one another would count as two attempts."""
    log = log_of(ana, cast.julia, purpose="offer")
    said = {"by": cast.julia, "outcome": outcome("not_now"), "channel": "call", "purpose": "offer"}
    first = logs.correct(log, **said)
    with pytest.raises(logs.CorrectedError) as refused:
        logs.correct(log, **said)
    assert refused.value.newest == first
    second = logs.correct(first, **said)
    with pytest.raises(logs.CorrectedError):
        logs.undo(first, by=cast.julia)
    facts = gate_facts.facts_of([ana.pk], at=timezone.now())[ana.pk]
    assert facts.offers == (log.started_at,)
    logs.undo(second, by=cast.julia)
    logs.undo(first, by=cast.julia)
    assert logs.newest_of(log) == log


@pytest.mark.parametrize(
    ("state", "is_held"), [("queued", True), ("sent", False), ("unknown", False), ("failed", True)]
)
def test_contact_of_a_message_that_left_stays(cast: Cast, ana: Client, state: str, is_held: bool) -> None:
    log = log_of(ana, cast.julia, "sent", channel="whatsapp")
    message = OutboxMessage.objects.create(
        kind="contact_whatsapp", dedupe_key="1", recipient=MOBILE, subject_id=log.pk, state=state
    )
    with nullcontext() if is_held else pytest.raises(logs.MessageLeftError):
        logs.undo(log, by=cast.julia)
    log.refresh_from_db()
    message.refresh_from_db()
    assert (log.undone_at is not None) == is_held
    assert message.state == ("cancelled" if state == "queued" else state)
