"""Cases: talked about, noted, handed on, escalated, closed and opened again."""

import datetime

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from clients.models import Client
from clients.versions import StaleRecordError
from contacts import logs
from contacts.models import ContactLog
from nps import cases
from nps.cases import CaseRefusedError
from nps.models import Case, Survey
from people.models import Activity, Notification, User
from people.roles import Role
from tests.contacts.talking import log_of, outcome
from tests.factories import Cast, make_client, make_user
from tests.nps.following import TUESDAY, case_of, close, follow, make_cause, noon
from tests.nps.surveying import make_survey

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro)


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana", owner=cast.julia, uf="SP")


@pytest.fixture
def case(ana: Client, survey: Survey) -> Case:
    follow(ana, survey, 3, on=TUESDAY)
    Notification.objects.all().delete()
    return case_of(ana)


def talked_at(case: Case) -> datetime.datetime | None:
    at: datetime.datetime | None = cases.with_talk(Case.objects.unscoped(reason="test")).get(pk=case.pk).talked_at
    return at


def told(person: User) -> list[str]:
    return list(Notification.objects.filter(recipient=person).values_list("text", flat=True))


def did(case: Case) -> list[str]:
    return [words for _line, words in cases.history(case)][::-1]


def test_only_one_case_runs_per_client(cast: Cast, ana: Client, case: Case) -> None:
    with pytest.raises(IntegrityError, match="case_one_runs"), transaction.atomic():
        Case.objects.create(client=ana, due_on=TUESDAY)


# --- The first conversation


def test_conversation_is_marked_once(cast: Cast, case: Case) -> None:
    cases.contacted(case, by=cast.sonia)
    first = case.contacted_at
    cases.contacted(case, by=cast.mauro)
    case.refresh_from_db()
    assert (case.state, case.contacted_at) == ("contacted", first)
    assert did(case) == ["Caso aberto", "Primeira conversa"]


def test_contact_with_the_client_is_the_conversation(cast: Cast, ana: Client, case: Case) -> None:
    at = noon(TUESDAY) + HOUR
    log_of(ana, cast.julia, "no_answer", started_at=at)
    log_of(ana, cast.julia, started_at=at - 2 * HOUR)
    assert talked_at(case) is None
    log = log_of(ana, cast.julia, started_at=at)
    assert talked_at(case) == at
    logs.correct(log, by=cast.julia, channel="call", outcome=outcome("no_answer"))
    assert talked_at(case) is None
    other = log_of(ana, cast.julia, started_at=at + HOUR)
    assert talked_at(case) == at + HOUR
    logs.undo(other, by=cast.julia)
    assert talked_at(case) is None


def test_contact_is_written_into_the_case(cast: Cast, ana: Client, case: Case) -> None:
    at = log_of(ana, cast.julia, started_at=noon(TUESDAY) + HOUR).started_at
    cases.contacted_at(case, at)
    cases.contacted_at(case, at + HOUR)
    assert (case.state, case.contacted_at) == ("contacted", at)
    close(case, by=cast.sonia)
    with pytest.raises(CaseRefusedError, match="encerrado"):
        cases.contacted(case, by=cast.sonia)


# --- Notes


def test_note_is_told_to_those_concerned(cast: Cast, case: Case) -> None:
    cases.note(case, text="Ela só atende à tarde.", by=cast.julia)
    assert [(note.text, note.by) for note in case.notes.all()] == [("Ela só atende à tarde.", cast.julia)]
    assert (told(cast.sonia), told(cast.julia)) == (["Júlia Prado anotou no caso de Ana."], [])
    assert Activity.objects.get(verb="case_noted").by == cast.julia


# --- Who settles it


def test_nobody_settles_an_own_case(cast: Cast, survey: Survey) -> None:
    client = make_client(owner=cast.sonia)
    follow(client, survey, 1)
    own = case_of(client)
    assert [cases.may_settle(own, person) for person in (cast.sonia, cast.julia, cast.aurora, cast.mauro)] == [
        False,
        False,
        False,
        True,
    ]
    acts = (
        lambda: cases.contacted(own, by=cast.sonia),
        lambda: cases.hand_to(own, cast.mauro, by=cast.sonia),
        lambda: close(own, by=cast.sonia),
        lambda: cases.reopen(own, by=cast.julia),
    )
    for act in acts:
        with pytest.raises(PermissionDenied):
            act()
    # Whose client it was on the day of asking stays out of it as well.
    Client.objects.visible_to(cast.ada).filter(pk=client.pk).update(owner=cast.julia)
    assert not cases.may_settle(case_of(client), cast.sonia)


def test_case_is_handed_on_with_its_task(cast: Cast, case: Case) -> None:
    cases.hand_to(case, cast.bento, by=cast.sonia)
    case.task.refresh_from_db()
    assert (case.assignee, case.task.assignee) == (cast.bento, cast.bento)
    assert told(cast.bento) == ["Sônia Reis passou a você o caso de Ana. Falar até 12/03."]
    assert did(case)[-1] == "Passou para outra pessoa"


def test_case_is_handed_to_nobody_who_may_not_settle_it(cast: Cast, case: Case) -> None:
    outsider = make_user("Rui", role=Role.SUPERVISOR, team=cast.norte)
    for person in (cast.julia, cast.caio, cast.aurora, outsider):
        with pytest.raises(CaseRefusedError, match="não pode"):
            cases.hand_to(case, person, by=cast.sonia)


def test_lost_edits_are_refused(cast: Cast, case: Case) -> None:
    read = case.version
    cases.hand_to(case, cast.bento, by=cast.sonia, version=read)
    with pytest.raises(StaleRecordError):
        cases.hand_to(case, cast.mauro, by=cast.sonia, version=read)
    with pytest.raises(StaleRecordError):
        cases.resolve(case, cause=make_cause(), action="x", solved=True, by=cast.sonia, version=read)


def test_late_case_goes_up_once(cast: Cast, case: Case) -> None:
    assert cases.escalate(case)
    case.task.refresh_from_db()
    assert (case.assignee, case.task.assignee) == (cast.mauro, cast.mauro)
    assert [note.text for note in case.notes.all()] == ["Passou de 12/03 sem conversa. Agora com Mauro Telles."]
    text = "Ninguém falou com Ana até 12/03. O caso agora está com Mauro Telles."
    assert told(cast.sonia) == told(cast.mauro) == [text]
    assert not cases.escalate(case)
    assert did(case)[-1] == "Escalado: passou do prazo"


def test_case_without_anybody_above_stays(cast: Cast, case: Case) -> None:
    cases.hand_to(case, cast.mauro, by=cast.sonia)
    assert cases.escalate(case)
    assert (case.assignee, case.escalated_at is not None) == (cast.mauro, True)


def test_case_goes_past_colleagues_of_the_same_place(cast: Cast, case: Case) -> None:
    make_user("Zeca", role=Role.SUPERVISOR, team=cast.sul)
    cases.escalate(case)
    assert case.assignee == cast.mauro


def test_case_of_backoffice_or_nobody_goes_to_whoever_leads_nearest(cast: Cast, case: Case) -> None:
    cases.hand_to(case, cast.bento, by=cast.sonia)
    cases.escalate(case)
    assert case.assignee == cast.sonia
    Case.objects.unscoped(reason="test").update(assignee=None, escalated_at=None, task=None)
    cases.escalate(case)
    assert case.assignee == cast.sonia


def test_case_of_who_may_settle_it_no_more_finds_another(cast: Cast, ana: Client, case: Case) -> None:
    cases.resettle(case)
    assert case.assignee == cast.sonia
    Client.objects.visible_to(cast.ada).filter(pk=ana.pk).update(owner=cast.sonia)
    cases.resettle(case)
    case.task.refresh_from_db()
    assert (case.assignee, case.task.assignee) == (cast.mauro, cast.mauro)
    assert told(cast.mauro) == ["O caso de Ana agora é seu. Falar até 12/03."]
    User.objects.exclude(pk=cast.bento.pk).update(is_active=False)
    cases.resettle(case)
    assert case.assignee == cast.mauro


def test_case_that_nobody_could_settle_finds_somebody(cast: Cast, case: Case) -> None:
    Case.objects.unscoped(reason="test").update(assignee=None, task=None)
    cases.resettle(case)
    assert (case.assignee, case.task.assignee) == (cast.sonia, cast.sonia)


# --- The end


@pytest.mark.parametrize(("solved", "state"), [(True, "resolvido"), (False, "encerrado sem solução")])
def test_case_ends_with_cause_and_action(cast: Cast, case: Case, solved: bool, state: str) -> None:
    close(case, by=cast.mauro, solved=solved)
    case.task.refresh_from_db()
    assert (case.cause, case.action, case.closed_by, case.task.done_by) == (
        make_cause(),
        "Entregamos hoje.",
        cast.mauro,
        cast.mauro,
    )
    assert told(cast.julia) == told(cast.sonia) == [f"Caso de Ana: {state}. Causa: Demora."]
    with pytest.raises(CaseRefusedError, match="já foi encerrado"):
        close(case, by=cast.sonia)
    with pytest.raises(CaseRefusedError, match="já foi encerrado"):
        cases.hand_to(case, cast.bento, by=cast.sonia)


def test_end_keeps_when_the_client_was_spoken_to(cast: Cast, ana: Client, case: Case) -> None:
    log: ContactLog = log_of(ana, cast.julia, started_at=noon(TUESDAY) + HOUR)
    close(case, by=cast.sonia)
    assert case.contacted_at == log.started_at
    cases.reopen(case, by=cast.sonia)
    assert case.state == "contacted"


def test_case_opens_again_with_a_new_deadline(cast: Cast, ana: Client, case: Case) -> None:
    close(case, by=cast.sonia)
    done = case.task
    cases.reopen(case, by=cast.mauro)
    ana.refresh_from_db()
    assert (case.state, case.is_running, case.due_on > timezone.localdate()) == ("open", True, True)
    assert (case.task != done, case.task.assignee, case.task.is_open) == (True, cast.sonia, True)
    assert ana.offers_paused_until == datetime.date.max
    assert told(cast.sonia)[0] == "Mauro Telles reabriu o caso de Ana."
    version = case.version
    cases.reopen(case, by=cast.mauro)
    assert case.version == version


def test_case_opens_again_with_somebody_who_may_settle_it(cast: Cast, ana: Client, case: Case) -> None:
    close(case, by=cast.sonia)
    Client.objects.visible_to(cast.ada).filter(pk=ana.pk).update(owner=cast.sonia)
    cases.reopen(case, by=cast.mauro)
    assert (case.assignee, case.task.assignee) == (cast.mauro, cast.mauro)


def test_case_stays_closed_beside_another_or_after_a_death(cast: Cast, ana: Client, survey: Survey, case: Case) -> None:
    close(case, by=cast.sonia)
    follow(ana, survey, 2)
    with pytest.raises(CaseRefusedError, match="Outro caso"):
        cases.reopen(case, by=cast.sonia)
    close(ana.nps_cases.get(closed_at=None), by=cast.sonia)
    Client.objects.visible_to(cast.ada).update(deceased_on=TUESDAY)
    with pytest.raises(CaseRefusedError, match="faleceu"):
        cases.reopen(case, by=cast.sonia)


def test_case_ends_with_its_client(cast: Cast, case: Case) -> None:
    for _twice in range(2):
        cases.end_with_client(case)
    assert (case.state, case.action, case.closed_by) == ("unresolved", "Cliente falecido.", None)
    assert did(case) == ["Caso aberto", "Caso encerrado"]


def test_case_outlives_its_answer_and_its_task(cast: Cast, case: Case) -> None:
    Case.objects.unscoped(reason="test").update(answer=None, task=None)
    close(case, by=cast.sonia)
    cases.reopen(case, by=cast.sonia)
    assert case.task.title == "Falar com cliente detrator"
