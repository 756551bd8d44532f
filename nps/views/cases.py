"""Cases on the screen: the list, one case with what was said, and the acts of whoever settles it."""

from collections.abc import Callable
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.views.dialogs import FormPage, RefusedError, handle
from core import answers, paging
from nps import cases, periods
from nps.forms_case import HandOverForm, NoteForm, ResolveForm
from nps.models import Case
from people.access import UserRequest, allow
from people.roles import Permission

EVENTS = ("case-changed",)
BY_DUE = paging.Order("prazo", "due_on")
BY_END = paging.Order("fim", "closed_at", descending=True)
OVERDUE, CLOSED, MINE = "atrasados", "encerrados", "meus"


@allow(Permission.VIEW_CLIENTS)
def case_list(request: UserRequest) -> HttpResponse:
    """Those that run, the nearest deadline first; those that are late; those that were closed, the newest first."""
    state, whose = request.GET.get("situacao", ""), request.GET.get("de", "")
    seen = cases.with_talk(Case.objects.visible_to(request.user))
    mine = seen.filter(assignee=request.user) if whose == MINE else seen
    today = timezone.localdate()
    tabs = {"": mine.filter(closed_at=None), OVERDUE: cases.late(mine, today), CLOSED: mine.exclude(closed_at=None)}
    counts = {name: _count(found) for name, found in tabs.items()}
    state = state if state in tabs else ""
    found, order = tabs[state], BY_END if state == CLOSED else BY_DUE
    page = paging.page_of(found, everything=seen, order=order, total=counts[state], where=request.GET.get("pagina", ""))
    rows = order.sort(seen.filter(pk__in=page.ids)).select_related("client__owner", "answer", "assignee", "cause")
    told = [(case, periods.is_case_told(request.user, case)) for case in rows]
    context = {"cases": told, "page": page, "state": state, "whose": whose, "today": today}
    context |= {"running": counts[""], "overdue": counts[OVERDUE], "closed": counts[CLOSED]}
    template = "nps/case_list.html"
    return render(request, f"{template}#rows" if answers.is_fragment(request) else template, context)


def _count(found: QuerySet[Any]) -> int:
    return found.order_by().values("pk")[: paging.COUNT_CAP + 1].count()


@allow(Permission.VIEW_CLIENTS)
def case_detail(request: UserRequest, pk: int) -> HttpResponse:
    """The answer, what was noted and done; htmx takes the part that changes."""
    case = _case(request, pk)
    context = {
        "case": case,
        "is_told": periods.is_case_told(request.user, case),
        "when_told": periods.when_told(),
        "notes": case.notes.select_related("by"),
        "history": cases.history(case),
        "may_settle": cases.may_settle(case, request.user),
        "today": timezone.localdate(),
    }
    template = "nps/case_detail.html"
    return render(request, f"{template}#case" if answers.is_fragment(request) else template, context)


@allow(Permission.CONTACT, methods=("GET", "POST"))
def case_note(request: UserRequest, pk: int) -> HttpResponse:
    case = _case(request, pk)
    form = NoteForm(request.POST or None)

    def save() -> str:
        cases.note(case, text=form.cleaned_data["text"], by=request.user)
        return _("Anotação salva.")

    return handle(request, _page(case, _("Anotar no caso"), _("Salvar anotação")), form, save, events=EVENTS)


@allow(Permission.SURVEY, methods=("POST",))
def case_contacted(request: UserRequest, pk: int) -> HttpResponse:
    return _act(request, pk, cases.contacted, _("Primeira conversa registrada."))


@allow(Permission.SURVEY, methods=("POST",))
def case_reopen(request: UserRequest, pk: int) -> HttpResponse:
    return _act(request, pk, cases.reopen, _("Caso aberto de novo, com novo prazo."))


@allow(Permission.SURVEY, methods=("GET", "POST"))
def case_hand_over(request: UserRequest, pk: int) -> HttpResponse:
    case = _settled(request, pk)
    form = HandOverForm(request.POST or None, case=case, initial={"version": case.version})

    def save() -> str:
        said = form.cleaned_data
        cases.hand_to(case, said["person"], by=request.user, version=said["version"])
        return _("Caso agora com %(who)s.") % {"who": said["person"].name}

    page = _page(case, _("Passar o caso"), _("Passar"))
    return handle(request, page, form, _told(save), events=EVENTS, present=lambda now: {"person": now.assignee})


@allow(Permission.SURVEY, methods=("GET", "POST"))
def case_resolve(request: UserRequest, pk: int) -> HttpResponse:
    case = _settled(request, pk)
    form = ResolveForm(request.POST or None, initial={"version": case.version, "cause": case.cause_id})

    def save() -> str:
        said = form.cleaned_data
        how = {name: said[name] for name in ("cause", "action", "solved", "version")}
        cases.resolve(case, **how, by=request.user)
        return _("Caso encerrado.")

    page = _page(case, _("Encerrar o caso"), _("Encerrar caso"))
    return handle(request, page, form, _told(save), events=EVENTS, present=_ending)


def _ending(case: Case) -> dict[str, Any]:
    return {"cause": case.cause, "action": case.action}


def _told(act: Callable[[], str]) -> Callable[[], str]:
    """What the rule refuses is said in the form."""

    def told() -> str:
        try:
            return act()
        except cases.CaseRefusedError as refusal:
            raise RefusedError("", str(refusal)) from refusal

    return told


def _act(request: UserRequest, pk: int, act: Callable[..., None], text: str) -> HttpResponse:
    case = _settled(request, pk)
    try:
        act(case, by=request.user)
    except cases.CaseRefusedError as refusal:
        text = str(refusal)
    return answers.done(request, text, url=_address(case), events=EVENTS)


def _case(request: UserRequest, pk: int) -> Any:
    visible = cases.with_talk(Case.objects.visible_to(request.user))
    return get_object_or_404(
        visible.select_related("client__owner", "answer__survey", "assignee", "owner", "cause"), pk=pk
    )


def _settled(request: UserRequest, pk: int) -> Case:
    """Of a case of one's own client the rule would refuse as well: here before a form is shown."""
    case: Case = _case(request, pk)
    if not cases.may_settle(case, request.user):
        raise PermissionDenied
    return case


def _address(case: Case) -> str:
    return reverse("nps:case_detail", args=[case.pk])


def _page(case: Case, title: str, submit: str) -> FormPage:
    return FormPage(title=title, submit=submit, back=_address(case), crumb=case.client.display_name)
