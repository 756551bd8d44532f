"""Cases of unhappy clients: opened with somebody who settles them, talked about, handed on, closed (DOMAIN 4).

Nobody settles a case of their own client. The client's row is locked first, as everywhere.
"""

import datetime
from collections.abc import Iterable
from typing import Any, Final

from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients import versions
from clients.models import Client
from contacts import promises
from contacts.models import ContactLog, OutcomeGroup, Task
from contacts.workdays import Workdays
from nps import leaders, standing
from nps.models import Answer, Case, CaseNote, Group, NpsSettings, RootCause
from people import activity
from people.models import Activity, Notification, User
from people.notifications import notify
from people.roles import Permission

State: Final = Case.State
# What the history of a case tells; notes stand for themselves.
DONE: Final = {
    "case_opened": gettext_lazy("Caso aberto"),
    "case_contacted": gettext_lazy("Primeira conversa"),
    "case_handed_over": gettext_lazy("Passou para outra pessoa"),
    "case_escalated": gettext_lazy("Escalado: passou do prazo"),
    "case_closed": gettext_lazy("Caso encerrado"),
    "case_reopened": gettext_lazy("Caso aberto de novo"),
}


class CaseRefusedError(Exception):
    """The case does not allow it; the text says why."""


# --- Opening -------------------------------------------------------------------------------------------


@transaction.atomic
def open_for(answer: Answer, *, at: datetime.datetime | None = None) -> Case:
    """The case of a low answer: its own, whatever became of it, the one that runs already, or a new one, of the moment
    of the answer unless it counts only since `at`."""
    client = _locked(answer)
    own, running = client.nps_cases.filter(answer=answer).first(), client.nps_cases.filter(closed_at=None).first()
    return own or running or _open(client, answer, at or answer.edited_at or answer.answered_at or timezone.now())


def _open(client: Client, answer: Answer, opened_at: datetime.datetime) -> Case:
    assignee = leaders.nearest(client, besides=answer.owner_id)
    due_on = _due_on(client, timezone.localdate(opened_at))
    case = Case.objects.create(
        client=client, answer=answer, owner=answer.owner, assignee=assignee, opened_at=opened_at, due_on=due_on
    )
    _give_task(case, on=timezone.localdate(opened_at), by=answer.by or answer.survey.created_by)
    activity.record("case_opened", case, by=answer.by, client=client.pk, score=answer.score)
    said = {"client": client.display_name, "score": answer.score, "day": f"{due_on:%d/%m}", "who": assignee or "–"}
    _tell(case, [assignee], _("%(client)s deu nota %(score)s. Fale com o cliente até %(day)s.") % said)
    _tell(case, [client.owner], _("%(client)s deu nota %(score)s. Quem resolve: %(who)s, até %(day)s.") % said)
    return case


def _locked(answer: Answer) -> Client:
    assert answer.client_id is not None  # noqa: S101  answers that name nobody have no case
    return versions.lock(answer.client_id)


def _due_on(client: Client, day: datetime.date) -> datetime.date:
    return Workdays.load().ahead(day, NpsSettings.current().case_days, client.uf)


def _give_task(case: Case, *, on: datetime.date, by: User) -> None:
    """Into the day of whoever settles it, from the first working day on and not only when the time is up."""
    if case.assignee is None:
        return
    case.task = promises.promise(
        case.client,
        by=by,
        kind=Task.Kind.DEADLINE,
        title=_title(case),
        note=_("Prazo: %(day)s.") % {"day": f"{case.due_on:%d/%m/%Y}"},
        due_on=Workdays.load().on_or_after(on, case.client.uf),
        assignee=case.assignee,
    )
    case.save(update_fields=["task"])


def _title(case: Case) -> str:
    if case.answer is None:
        return _("Falar com cliente detrator")
    return _("Falar com cliente que deu nota %(score)s") % {"score": case.answer.score}


@transaction.atomic
def hear(answer: Answer) -> None:
    """Notes on the case that runs what the client has said since, once; whoever settles it is told."""
    client = _locked(answer)
    case = client.nps_cases.filter(closed_at=None).first()
    if case is None:
        return
    said_at = answer.edited_at or answer.answered_at or case.opened_at
    if said_at <= case.opened_at:
        return
    said = _("O cliente mudou a resposta") if case.answer_id == answer.pk else _("O cliente respondeu de novo")
    told = _("%(said)s: nota %(score)s.") % {"said": said, "score": answer.score}
    # Sellers read notes, and a better score only once the month is over.
    text = told if answer.group == Group.DETRACTOR else f"{said}."
    if not case.notes.filter(by=None, text=text, at__gte=said_at).exists():
        CaseNote.objects.create(case=case, text=text)
        _tell(case, [case.assignee], f"{client.display_name}: {told}")


# --- Looking -------------------------------------------------------------------------------------------


def late(cases: QuerySet[Any], on: datetime.date) -> QuerySet[Any]:
    """Of those of `with_talk`: nobody spoke to the client in time."""
    return cases.filter(closed_at=None, talked_at=None, due_on__lt=on)


def history(case: Case) -> list[tuple[Activity, str]]:
    """What was done, with its words, the newest first."""
    of_case = Activity.objects.filter(content_type=ContentType.objects.get_for_model(Case), object_id=case.pk)
    lines = of_case.filter(verb__in=DONE).select_related("by").order_by("-at", "-id")
    return [(line, str(DONE[line.verb])) for line in lines]


# --- Who was spoken to ---------------------------------------------------------------------------------


def with_talk(cases: QuerySet[Case]) -> QuerySet[Any]:
    """Annotates `talked_at`: the first conversation, as marked by hand or as logged since the case was opened."""
    logs = ContactLog.objects.unscoped(reason="contacts of clients whose cases are in hand")
    corrected = Exists(logs.filter(corrects=OuterRef("pk"), undone_at=None))
    talks = logs.filter(
        ~corrected,
        client=OuterRef("client"),
        group=OutcomeGroup.REACHED,
        undone_at=None,
        started_at__gte=OuterRef("opened_at"),
    ).order_by("started_at")
    return cases.annotate(talked_at=Coalesce("contacted_at", Subquery(talks.values("started_at")[:1])))


@transaction.atomic
def contacted(case: Case, *, by: User) -> None:
    """The first conversation, marked by hand; a second time changes nothing."""
    _hold(case, by)
    _require_running(case)
    _mark_talk(case, timezone.now(), by=by)


@transaction.atomic
def contacted_at(case: Case, at: datetime.datetime) -> None:
    """The first conversation, as a contact tells of it."""
    versions.lock(case.client_id)
    case.refresh_from_db()
    _mark_talk(case, at, by=None)


def _mark_talk(case: Case, at: datetime.datetime, *, by: User | None) -> None:
    if case.state == State.OPEN:
        versions.write(case, {"state": State.CONTACTED, "contacted_at": at}, version=case.version)
        activity.record("case_contacted", case, by=by, client=case.client_id)


@transaction.atomic
def note(case: Case, *, text: str, by: User) -> CaseNote:
    """Anybody who sees the client may add to its case; whoever settles it and the owner are told."""
    client = versions.lock(case.client_id)
    written = CaseNote.objects.create(case=case, text=text, by=by)
    activity.record("case_noted", case, by=by, client=client.pk, note=written.pk)
    said = _("%(author)s anotou no caso de %(client)s.") % {"author": by.name, "client": client.display_name}
    _tell(case, [case.assignee, client.owner], said, by=by)
    return written


# --- Who settles it ------------------------------------------------------------------------------------


def may_settle(case: Case, person: User) -> bool:
    """Whoever leads or does backoffice, but nobody for an own client, of now or of the day of asking."""
    return person.may(Permission.SURVEY) and person.pk not in (case.owner_id, case.client.owner_id)


@transaction.atomic
def hand_to(case: Case, person: User, *, by: User, version: int | None = None) -> None:
    """Another one settles it, who is told. Raises CaseRefusedError."""
    client = _hold(case, by)
    _require_running(case)
    if not leaders.settlers(client, besides=case.owner_id).filter(pk=person.pk).exists():
        raise CaseRefusedError(_("Esta pessoa não pode resolver este caso."))
    before = case.assignee_id
    _pass(case, {"assignee": person}, version=version)
    activity.record("case_handed_over", case, by=by, client=client.pk, before=before, after=person.pk)
    said = _("%(author)s passou a você o caso de %(client)s. Falar até %(day)s.")
    words = said % {"author": by.name, "client": client.display_name, "day": f"{case.due_on:%d/%m}"}
    _tell(case, [person], words, by=by)


@transaction.atomic
def escalate(case: Case) -> bool:
    """Nobody spoke to the client in time: whoever leads above takes the case over, once, and both are told."""
    client = versions.lock(case.client_id)
    case.refresh_from_db()
    if case.escalated_at or case.state != State.OPEN:
        return False
    before, leader = case.assignee, leaders.above(case.assignee, client, besides=case.owner_id)
    _pass(case, {"assignee": leader or before, "escalated_at": timezone.now()})
    said = {"day": f"{case.due_on:%d/%m}", "who": case.assignee}
    CaseNote.objects.create(case=case, text=_("Passou de %(day)s sem conversa. Agora com %(who)s.") % said)
    activity.record(
        "case_escalated", case, by=None, client=client.pk, before=before and before.pk, after=case.assignee_id
    )
    words = _("Ninguém falou com %(client)s até %(day)s. O caso agora está com %(who)s.")
    _tell(case, [before, leader], words % {"client": client.display_name, **said})
    return True


@transaction.atomic
def resettle(case: Case) -> None:
    """Whoever left, moved away or owns the client by now settles it no more: who leads nearest does, and is told."""
    client = versions.lock(case.client_id)
    case.refresh_from_db()
    able = leaders.settlers(client, besides=case.owner_id)
    person = leaders.nearest(client, besides=case.owner_id)
    if not case.is_running or person is None or able.filter(pk=case.assignee_id or 0).exists():
        return
    before = case.assignee_id
    _pass(case, {"assignee": person})
    if case.task is None:
        _give_task(case, on=timezone.localdate(), by=person)
    activity.record("case_handed_over", case, by=None, client=client.pk, before=before, after=person.pk)
    said = {"client": client.display_name, "day": f"{case.due_on:%d/%m}"}
    _tell(case, [person], _("O caso de %(client)s agora é seu. Falar até %(day)s.") % said)


def _pass(case: Case, changes: dict[str, Any], *, version: int | None = None) -> None:
    """The task goes with the case."""
    versions.write(case, changes, version=version or case.version)
    if case.task and case.task.is_open:
        moved = {"assignee": case.assignee, "moved_at": timezone.now()}
        versions.write(case.task, moved, version=case.task.version)


# --- The end -------------------------------------------------------------------------------------------


@transaction.atomic
def resolve(case: Case, *, cause: RootCause, action: str, solved: bool, by: User, version: int | None = None) -> None:
    """Closed with the root cause and what was done; the owner is told. How it ends is never a new answer: after a low
    one the client counts as a detractor for as long as without a case."""
    client = _hold(case, by)
    _require_running(case)
    state = State.RESOLVED if solved else State.UNRESOLVED
    _close(case, {"state": state, "cause": cause, "action": action, "closed_by": by}, version=version)
    if case.task:
        promises.finish(case.task, by=by)
    activity.record("case_closed", case, by=by, client=client.pk, state=state, cause=cause.name)
    said = _("Caso de %(client)s: %(state)s. Causa: %(cause)s.")
    words = said % {"client": client.display_name, "state": case.get_state_display().lower(), "cause": cause.name}
    _tell(case, [client.owner, case.assignee], words, by=by)


@transaction.atomic
def end_with_client(case: Case) -> None:
    """The client has died: nobody is to be called any more. The task went with the death."""
    versions.lock(case.client_id)
    case.refresh_from_db()
    if case.is_running:
        _close(case, {"state": State.UNRESOLVED, "action": _("Cliente falecido.")})
        activity.record("case_closed", case, by=None, client=case.client_id, state=case.state)


def _close(case: Case, ending: dict[str, Any], *, version: int | None = None) -> None:
    talk = with_talk(case.client.nps_cases.all()).get(pk=case.pk).talked_at
    changes = {**ending, "contacted_at": talk, "closed_at": timezone.now()}
    versions.write(case, changes, version=version or case.version)
    standing.refresh([case.client_id])


@transaction.atomic
def reopen(case: Case, *, by: User) -> None:
    """Back to whoever settled it, else to who opens it again, with a new deadline and task. Raises CaseRefusedError."""
    client = _hold(case, by)
    if case.is_running:
        return
    if client.deceased_on:
        raise CaseRefusedError(_("O cliente faleceu: o caso fica encerrado."))
    if client.nps_cases.filter(closed_at=None).exists():
        raise CaseRefusedError(_("Outro caso deste cliente já está aberto."))
    today = timezone.localdate()
    state = State.CONTACTED if case.contacted_at else State.OPEN
    is_able = leaders.settlers(client, besides=case.owner_id).filter(pk=case.assignee_id or 0).exists()
    opening = {"closed_at": None, "closed_by": None, "escalated_at": None, "due_on": _due_on(client, today)}
    settler = {"assignee": case.assignee if is_able else by}
    versions.write(case, {"state": state, **opening, **settler}, version=case.version)
    _give_task(case, on=today, by=by)
    standing.refresh([client.pk])
    activity.record("case_reopened", case, by=by, client=client.pk)
    said = _("%(author)s reabriu o caso de %(client)s.") % {"author": by.name, "client": client.display_name}
    _tell(case, [case.assignee, client.owner], said, by=by)


def _hold(case: Case, by: User) -> Client:
    """The case as it stands now that its client is locked, for somebody who may settle it."""
    client = versions.lock(case.client_id)
    case.refresh_from_db()
    case.client = client
    if not may_settle(case, by):
        raise PermissionDenied
    return client


def _require_running(case: Case) -> None:
    if not case.is_running:
        raise CaseRefusedError(_("Este caso já foi encerrado."))


def _tell(case: Case, people: Iterable[User | None], text: str, *, by: User | None = None) -> None:
    """Never with more of a person than the client's name."""
    url = reverse("nps:case_detail", args=[case.pk])
    notify([person for person in people if person], Notification.Kind.CASE, text, url=url, by=by)
