"""Block lists, the count of calls, and what the gate goes by: one page for administrators."""

import csv
from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import F
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from brazil.phones import format_phone
from clients.views.dialogs import FormPage, handle
from contacts import block_lists
from contacts.calls import calls_in_month
from contacts.forms_gate import BlockListForm, LoadForm, NumberForm
from contacts.gate_facts import kept_wishes
from contacts.models import BlockList, ContactHours, ContactSettings, LocalHoliday
from contacts.models.rules import BlockListLoad
from core.answers import done, go_to, invalid, is_fragment
from jobs.models import Job
from people.access import UserRequest, allow
from people.roles import Permission

SHOWN_PROBLEMS = 8
SHOWN_HOLIDAYS = 12


def overview(number_form: NumberForm) -> dict[str, Any]:
    today, settings = timezone.localdate(), ContactSettings.current()
    return {
        "lists": BlockList.objects.select_related("loaded_by"),
        "calls": calls_in_month(today),
        "settings": settings,
        "has_settings": not settings._state.adding,
        "hours": ContactHours.objects.order_by("uf", "days", F("since").desc()),
        "holidays": LocalHoliday.objects.filter(on__gte=today).order_by("on")[:SHOWN_HOLIDAYS],
        "number_form": number_form,
        "today": today,
    }


@allow(Permission.CONFIGURE)
def block_list_list(request: UserRequest) -> HttpResponse:
    return render(request, "contacts/block_list_list.html", overview(NumberForm()))


@allow(Permission.CONFIGURE, methods=("POST",))
def number_check(request: UserRequest) -> HttpResponse:
    """By POST, so that the number stands in no address or log."""
    form = NumberForm(request.POST)
    template = "contacts/block_list_list.html"
    template = f"{template}#number" if is_fragment(request) else template
    if not form.is_valid():
        return invalid(request, template, overview(form))
    e164 = form.cleaned_data["number"].e164
    found = {"shown": format_phone(e164), "lists": block_lists.lists_with(e164), "kept": kept_wishes(e164)}
    return render(request, template, overview(form) | {"found": found})


@allow(Permission.CONFIGURE, methods=("GET", "POST"))
def block_list_create(request: UserRequest) -> HttpResponse:
    return _form(request, BlockList(), _("Nova lista de bloqueio"), reverse("contacts:block_list_list"))


@allow(Permission.CONFIGURE, methods=("GET", "POST"))
def block_list_edit(request: UserRequest, pk: int) -> HttpResponse:
    block_list = get_object_or_404(BlockList, pk=pk)
    return _form(request, block_list, _("Editar a lista"), reverse("contacts:block_list_detail", args=[pk]))


def _form(request: UserRequest, block_list: BlockList, title: str, back: str) -> HttpResponse:
    form = BlockListForm(request.POST or None, block_list=block_list)
    page = FormPage(title=title, submit=_("Salvar"), back=back, crumb=block_list.name or _("Bloqueios"))

    def save() -> str:
        block_lists.save(block_list, by=request.user, values=form.values())
        return _("Lista salva.")

    return handle(request, page, form, save, events=())


@allow(Permission.CONFIGURE, methods=("POST",))
def block_list_remove(request: UserRequest, pk: int) -> HttpResponse:
    block_list = get_object_or_404(BlockList, pk=pk)
    block_lists.ask_removal(block_list, by=request.user)
    return done(request, _("A lista está sendo removida."), url=reverse("contacts:block_list_list"))


def detail_of(block_list: BlockList, form: LoadForm) -> dict[str, Any]:
    loads = list(block_list.loads.select_related("created_by"))
    waiting = next((load for load in loads if load.state == BlockListLoad.State.WAITING), None)
    return {
        "list": block_list,
        "loads": loads,
        "waiting": waiting,
        "job": Job.objects.filter(pk=waiting.job_id or 0).first() if waiting else None,
        "problems": list(first_problems(loads[0])) if loads else [],
        "form": form,
    }


def first_problems(load: BlockListLoad) -> Iterator[list[str]]:
    if not load.problems:
        return
    with open(load.problems.path, encoding="utf-8-sig", newline="") as file:
        reader = csv.reader(file, delimiter=";")
        next(reader)
        for row, _place in zip(reader, range(SHOWN_PROBLEMS), strict=False):
            yield row


@allow(Permission.CONFIGURE)
def block_list_detail(request: UserRequest, pk: int) -> HttpResponse:
    block_list = get_object_or_404(BlockList.objects.select_related("loaded_by"), pk=pk)
    return render(request, "contacts/block_list_detail.html", detail_of(block_list, LoadForm()))


@allow(Permission.CONFIGURE, methods=("POST",))
def block_list_load(request: UserRequest, pk: int) -> HttpResponse:
    block_list = get_object_or_404(BlockList, pk=pk)
    form = LoadForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            with transaction.atomic():
                block_lists.receive(form.cleaned_data["file"], block_list, by=request.user)
        except block_lists.FileRefusedError as refusal:
            form.add_error("file", str(refusal))
        else:
            return go_to(request, reverse("contacts:block_list_detail", args=[pk]))
    return invalid(request, "contacts/block_list_detail.html", detail_of(block_list, form))


@allow(Permission.CONFIGURE)
def block_list_progress(request: UserRequest, pk: int) -> HttpResponse:
    """Asked while a load waits or runs; then it leads to the page of the result."""
    block_list = get_object_or_404(BlockList, pk=pk)
    context = detail_of(block_list, LoadForm())
    if is_fragment(request) and context["job"] and context["job"].is_unfinished:
        return render(request, "contacts/block_list_detail.html#progress", context)
    return go_to(request, reverse("contacts:block_list_detail", args=[pk]))


@allow(Permission.CONFIGURE)
def load_problems(request: UserRequest, pk: int) -> HttpResponseBase:
    load = get_object_or_404(BlockListLoad, pk=pk)
    if not load.problems:
        raise Http404
    return FileResponse(
        load.problems.open(),
        as_attachment=True,
        filename=f"linhas-sem-numero-{pk}.csv",
        content_type="text/csv; charset=utf-8",
    )
