"""Consents and opt-outs: recording a decision, and the history of all of them."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from clients import consents
from clients.forms import ConsentForm, OptOutForm
from clients.models import Client
from clients.views.dialogs import FormPage, handle, template_for
from people.access import UserRequest, allow
from people.roles import Permission


@allow(Permission.VIEW_CLIENTS)
def consent_list(request: UserRequest, client_pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_pk)
    context = {
        "client": client,
        "standing": consents.standing(client),
        "history": client.consents.select_related("by"),
        "opt_outs": client.opt_outs.select_related("by"),
    }
    return render(request, template_for(request, "clients/consent_list.html"), context)


@allow(Permission.EDIT_CLIENTS, methods=("GET", "POST"))
def consent_add(request: UserRequest, client_pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_pk)
    form = ConsentForm(request.POST or None)
    page = FormPage(
        title=_("Registrar consentimento"),
        submit=_("Registrar"),
        back=client.get_absolute_url(),
        crumb=client.display_name,
        lede=_("Cada decisão fica no histórico; vale a mais nova de cada canal e finalidade."),
    )

    def save() -> str:
        consent = consents.record(client, by=request.user, **form.values())
        return _("Autorização registrada.") if consent.granted else _("Retirada da autorização registrada.")

    return handle(request, page, form, save)


@allow(Permission.EDIT_CLIENTS, methods=("GET", "POST"))
def opt_out_add(request: UserRequest, client_pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_pk)
    form = OptOutForm(request.POST or None)
    page = FormPage(
        title=_("Não contatar"),
        submit=_("Registrar pedido"),
        back=client.get_absolute_url(),
        crumb=client.display_name,
        lede=_("O pedido do cliente vale para sempre neste canal e não é desfeito por importação."),
        danger=True,
    )

    def save() -> str:
        consents.opt_out(client, by=request.user, **form.values())
        return _("Pedido de não contatar registrado.")

    return handle(request, page, form, save)
