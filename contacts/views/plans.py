"""Contact plans on the screen: the list, one plan with its steps and who is in it."""

from collections.abc import Callable
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.versions import StaleRecordError
from clients.views.dialogs import FormPage, RefusedError, handle, once, template_for
from contacts import cadences
from contacts.forms_plans import PlanCreateForm, PlanEditForm, StepForm
from contacts.models import ContactPlan, PlanMembership, PlanStep
from core import paging
from core.answers import done, go_to, invalid, is_fragment
from core.forms import RepeatedSubmitError
from people.access import UserRequest, allow
from people.models import User
from people.roles import Permission

EVENTS = ("plan-changed",)
State = PlanMembership.State
BY_DUE = paging.Order("dia", "due_on")
BY_END = paging.Order("saida", "ended_at", descending=True)


def address(plan: ContactPlan) -> str:
    return reverse("contacts:plan_detail", args=[plan.pk])


@allow(Permission.PLAN_CONTACTS)
def plan_list(request: UserRequest) -> HttpResponse:
    """Every plan, with how many clients the person sees in it."""
    inside = _visible(request.user).filter(state=State.RUNNING).order_by().values("plan")
    counts = dict(inside.annotate(total=Count("pk")).values_list("plan", "total"))
    plans = ContactPlan.objects.annotate(step_count=Count("steps")).order_by("-priority", "name")
    context = {"plans": [(plan, counts.get(plan.pk, 0)) for plan in plans]}
    return render(request, "contacts/plan_list.html", context)


@allow(Permission.PLAN_CONTACTS, methods=("GET", "POST"))
def plan_create(request: UserRequest) -> HttpResponse:
    form = PlanCreateForm(request.POST or None)
    page = FormPage(
        title=_("Novo plano de contato"),
        submit=_("Criar plano"),
        back=reverse("contacts:plan_list"),
        crumb=_("Planos de contato"),
        lede=_("Depois de criado, inclua os passos e ative o plano."),
    )
    context = {"page": page, "form": form}
    if request.method != "POST":
        return render(request, template_for(request), context)
    if not form.is_valid():
        return invalid(request, template_for(request), context)
    try:
        with once(form, by=request.user, url=page.back):
            plan = cadences.create(form.values(), by=request.user)
    except RepeatedSubmitError:
        return go_to(request, page.back)
    return go_to(request, address(plan))


@allow(Permission.PLAN_CONTACTS)
def plan_detail(request: UserRequest, pk: int) -> HttpResponse:
    """The plan and its steps; htmx takes the part that changes with them."""
    plan = get_object_or_404(ContactPlan, pk=pk)
    inside = Count("pk", filter=Q(state=State.RUNNING))
    members = _visible(request.user).filter(plan=plan).order_by().values("step").annotate(total=inside)
    before = dict(members.values_list("step", "total"))
    steps = list(plan.steps.select_related("template", "script"))
    context = {
        "plan": plan,
        "steps": [(step, before.get(step.pk, 0)) for step in steps],
        "inside": sum(before.values()),
    }
    template = "contacts/plan_detail.html"
    return render(request, f"{template}#plan" if is_fragment(request) else template, context)


@allow(Permission.PLAN_CONTACTS, methods=("GET", "POST"))
def plan_edit(request: UserRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(ContactPlan, pk=pk)
    form = PlanEditForm(request.POST or None, present=plan, initial=PlanEditForm.initial_of(plan))
    page = FormPage(title=_("Editar plano"), submit=_("Salvar plano"), back=address(plan), crumb=plan.name)

    def save() -> str:
        cadences.edit(plan, form.values(), version=form.cleaned_data["version"], by=request.user)
        return _("Plano %(name)s salvo.") % {"name": plan.name}

    return handle(request, page, form, save, events=EVENTS, present=PlanEditForm.initial_of)


@allow(Permission.PLAN_CONTACTS, methods=("POST",))
def plan_duplicate(request: UserRequest, pk: int) -> HttpResponse:
    copy = cadences.duplicate(get_object_or_404(ContactPlan, pk=pk), by=request.user)
    return go_to(request, address(copy))


@allow(Permission.PLAN_CONTACTS, methods=("POST",))
def plan_activate(request: UserRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(ContactPlan, pk=pk)
    if not plan.steps.exists():
        return done(request, _("Inclua um passo antes de ativar o plano."), url=address(plan), events=EVENTS)
    cadences.set_active(plan, True, by=request.user)
    text = _("Plano %(name)s ativado.") % {"name": plan.name}
    return done(request, text, url=address(plan), undo_url=reverse("contacts:plan_pause", args=[pk]), events=EVENTS)


@allow(Permission.PLAN_CONTACTS, methods=("POST",))
def plan_pause(request: UserRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(ContactPlan, pk=pk)
    cadences.set_active(plan, False, by=request.user)
    text = _("Plano %(name)s pausado. Quem está nele espera.") % {"name": plan.name}
    return done(request, text, url=address(plan), undo_url=reverse("contacts:plan_activate", args=[pk]), events=EVENTS)


@allow(Permission.PLAN_CONTACTS)
def plan_members(request: UserRequest, pk: int) -> HttpResponse:
    """Clients the person sees: those in the plan, by their day, or those who left, the newest first."""
    plan = get_object_or_404(ContactPlan, pk=pk)
    has_left = request.GET.get("situacao") == "saidas"
    mine, order = _visible(request.user).filter(plan=plan), BY_END if has_left else BY_DUE
    found = mine.exclude(state=State.RUNNING) if has_left else mine.filter(state=State.RUNNING, due_on__isnull=False)
    total = found.order_by().values("pk")[: paging.COUNT_CAP + 1].count()
    page = paging.page_of(found, everything=mine, order=order, total=total, where=request.GET.get("pagina", ""))
    rows = order.sort(mine.filter(pk__in=page.ids)).select_related("client__owner", "step")
    context = {"plan": plan, "page": page, "members": rows, "has_left": has_left}
    template = "contacts/plan_members.html"
    return render(request, f"{template}#rows" if is_fragment(request) else template, context)


def _visible(user: User) -> QuerySet[PlanMembership]:
    return PlanMembership.objects.visible_to(user)


# --- Steps ---------------------------------------------------------------------------------------------


@allow(Permission.PLAN_CONTACTS, methods=("GET", "POST"))
def step_add(request: UserRequest, pk: int) -> HttpResponse:
    plan = get_object_or_404(ContactPlan, pk=pk)
    form = StepForm(request.POST or None, plan=plan)
    page = FormPage(title=_("Novo passo"), submit=_("Incluir passo"), back=address(plan), crumb=plan.name)

    def save() -> str:
        cadences.add_step(plan, form.values(), version=form.cleaned_data["version"], by=request.user)
        return _("Passo incluído.")

    return handle(request, page, form, _guarded(save), events=EVENTS)


@allow(Permission.PLAN_CONTACTS, methods=("GET", "POST"))
def step_edit(request: UserRequest, pk: int) -> HttpResponse:
    step = get_object_or_404(PlanStep.objects.select_related("plan"), pk=pk)
    form = StepForm(request.POST or None, plan=step.plan, present=step)
    page = FormPage(title=_("Editar passo"), submit=_("Salvar passo"), back=address(step.plan), crumb=step.plan.name)

    def save() -> str:
        cadences.edit_step(step, form.values(), version=form.cleaned_data["version"], by=request.user)
        return _("Passo salvo.")

    return handle(request, page, form, _guarded(save), events=EVENTS)


def _guarded(act: Callable[[], str]) -> Callable[[], str]:
    """The version is that of the whole plan: what changed need not be this step, so both texts cannot be compared."""

    def guarded() -> str:
        try:
            return act()
        except StaleRecordError as stale:
            text = _("Outra pessoa mudou este plano. Feche, confira os passos e faça a mudança de novo.")
            raise RefusedError("", text) from stale

    return guarded


@allow(Permission.PLAN_CONTACTS, methods=("POST",))
def step_move(request: UserRequest, pk: int) -> HttpResponse:
    step = get_object_or_404(PlanStep.objects.select_related("plan"), pk=pk)
    is_up = request.POST.get("para") == "cima"
    return _change(request, step, lambda version: cadences.move_step(step, up=is_up, version=version, by=request.user))


@allow(Permission.PLAN_CONTACTS, methods=("POST",))
def step_remove(request: UserRequest, pk: int) -> HttpResponse:
    step = get_object_or_404(PlanStep.objects.select_related("plan"), pk=pk)
    return _change(request, step, lambda version: cadences.remove_step(step, version=version, by=request.user))


def _change(request: UserRequest, step: PlanStep, act: Callable[[int], None]) -> HttpResponse:
    typed = request.POST.get("version", "")
    if not (typed.isascii() and typed.isdecimal()):
        return HttpResponse(status=400)
    text: Any = _("Passos salvos.")
    try:
        act(int(typed))
    except StaleRecordError:
        text = _("Outra pessoa mudou este plano. Confira os passos e tente de novo.")
    return done(request, text, url=address(step.plan), events=EVENTS)
