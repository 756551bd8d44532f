"""Tasks and callbacks of a client: planned, changed, done, cancelled, and opened again."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Client
from clients.views.dialogs import FormPage, handle
from contacts import promises
from contacts.forms_task import TaskCreateForm, TaskEditForm, initial_of
from contacts.models import Task
from core import answers
from people.access import UserRequest, allow
from people.models import User
from people.roles import Permission

EVENTS = ("tasks-changed", "client-changed")


@allow(Permission.CONTACT, methods=("GET", "POST"))
def task_create(request: UserRequest, client_pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user).select_related("owner"), pk=client_pk)
    form = TaskCreateForm(request.POST or None, client=client, initial={"due_on": request.GET.get("dia", "")})
    page = FormPage(
        title=_("Nova tarefa"), submit=_("Criar tarefa"), back=client.get_absolute_url(), crumb=client.display_name
    )

    def save() -> str:
        promises.promise(client, by=request.user, **form.values())
        return _("Tarefa criada.")

    return handle(request, page, form, save, events=EVENTS)


@allow(Permission.CONTACT, methods=("GET", "POST"))
def task_edit(request: UserRequest, pk: int) -> HttpResponse:
    task = _task(request, pk)
    form = TaskEditForm(request.POST or None, client=task.client, initial=initial_of(task))
    page = FormPage(
        title=_("Editar tarefa"),
        submit=_("Salvar tarefa"),
        back=task.client.get_absolute_url(),
        crumb=task.client.display_name,
        remove_url=reverse("contacts:task_cancel", args=[pk]),
    )

    def save() -> str:
        said = form.values()
        promises.edit(task, said, version=form.cleaned_data["version"], by=request.user)
        return _("Tarefa salva.")

    return handle(request, page, form, save, events=EVENTS, present=initial_of)


@allow(Permission.CONTACT, methods=("POST",))
def task_done(request: UserRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda task, by: promises.finish(task, by=by), _("Tarefa feita."), undo=True)


@allow(Permission.CONTACT, methods=("POST",))
def task_cancel(request: UserRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda task, by: promises.cancel(task, by=by), _("Tarefa cancelada."), undo=True)


@allow(Permission.CONTACT, methods=("POST",))
def task_reopen(request: UserRequest, pk: int) -> HttpResponse:
    return _act(request, pk, lambda task, by: promises.reopen(task, by=by), _("Tarefa aberta de novo."))


def _act(
    request: UserRequest, pk: int, act: Callable[[Task, User], None], text: str, *, undo: bool = False
) -> HttpResponse:
    task = _task(request, pk)
    act(task, request.user)
    undo_url = reverse("contacts:task_reopen", args=[pk]) if undo else ""
    url = task.client.get_absolute_url()
    return answers.done(request, text, url=url, undo_url=undo_url, events=("close-dialog", *EVENTS))


def _task(request: UserRequest, pk: int) -> Task:
    visible = Task.objects.visible_to(request.user).select_related("client__owner")
    return get_object_or_404(visible, pk=pk)
