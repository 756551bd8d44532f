"""Transfer to a colleague, one client or many, and release to the queue."""

from django.core.exceptions import SuspiciousOperation
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients import handover
from clients.forms import TransferForm
from clients.handover import MOST_AT_ONCE, ClientsNotFoundError
from clients.models import Client
from clients.views.dialogs import FormPage, handle, template_for
from core import answers
from people.access import UserRequest, allow
from people.roles import Permission

BULK = "clients/client_bulk_transfer.html"


@allow(Permission.ASSIGN_CLIENTS, methods=("GET", "POST"))
def client_transfer(request: UserRequest, pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    form = TransferForm(request.POST or None, user=request.user)
    page = FormPage(
        title=_("Transferir cliente"),
        submit=_("Transferir"),
        back=client.get_absolute_url(),
        crumb=client.display_name,
    )

    def save() -> str:
        owner = form.cleaned_data["owner"]
        handover.transfer([client.pk], to=owner, note=form.cleaned_data["note"], by=request.user)
        return _("%(client)s agora é de %(owner)s.") % {"client": client.display_name, "owner": owner.name}

    return handle(request, page, form, save)


@allow(Permission.ASSIGN_CLIENTS, methods=("POST",))
def client_release(request: UserRequest, pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    handover.release([client.pk], by=request.user)
    text = _("%(client)s voltou para a fila.") % {"client": client.display_name}
    return answers.done(request, text, url=client.get_absolute_url(), events=("client-changed",))


@allow(Permission.ASSIGN_CLIENTS, methods=("POST",))
def client_bulk_transfer(request: UserRequest) -> HttpResponse:
    """Posted with ids alone it asks for the new owner; with `owner` it transfers them all, or none."""
    ids = _ids(request)
    asked = "owner" in request.POST
    form = TransferForm(request.POST if asked else None, user=request.user)
    context = {"form": form, "ids": ids}
    try:
        handover.require_visible(ids, by=request.user)
        if not asked:
            return render(request, template_for(request, BULK), context)
        if not form.is_valid():
            return answers.invalid(request, template_for(request, BULK), context)
        owner, note = form.cleaned_data["owner"], form.cleaned_data["note"]
        moved = handover.transfer(ids, to=owner, note=note, by=request.user)
    except ClientsNotFoundError as error:
        return _not_found(request, error.count)
    return _moved(request, moved, owner.name)


def _ids(request: UserRequest) -> list[int]:
    ids = request.POST.getlist("ids")
    if not 0 < len(ids) <= MOST_AT_ONCE or not all(pk.isascii() and pk.isdigit() and len(pk) < 19 for pk in ids):
        raise SuspiciousOperation("ids")
    return sorted({int(pk) for pk in ids})


def _not_found(request: UserRequest, count: int) -> HttpResponse:
    text = ngettext(
        "%(count)s cliente não encontrado. Nada foi transferido.",
        "%(count)s clientes não encontrados. Nada foi transferido.",
        count,
    ) % {"count": count}
    context = {"text": text, "back": reverse("portfolio:client_list")}
    return render(request, template_for(request, "clients/clients_not_found.html"), context, status=404)


def _moved(request: UserRequest, moved: int, owner: str) -> HttpResponse:
    text = ngettext(
        "%(count)s cliente transferido para %(owner)s.",
        "%(count)s clientes transferidos para %(owner)s.",
        moved,
    ) % {"count": moved, "owner": owner}
    events = ("close-dialog", "client-changed", "selection-clear")
    return answers.done(request, text, url=reverse("portfolio:client_list"), events=events)
