"""Taking back a death that was written down by mistake."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.forms import PartForm
from clients.models import Client
from clients.views.dialogs import FormPage, RefusedError, handle
from contacts import deaths
from core.forms import OneTimeFormMixin
from people.access import UserRequest, allow
from people.roles import Permission


class DeathForm(PartForm, OneTimeFormMixin):
    reason = forms.CharField(label=gettext_lazy("Como se soube que o cliente está vivo"), max_length=300)


@allow(Permission.PLAN_CONTACTS, methods=("GET", "POST"))
def death_take_back(request: UserRequest, client_pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_pk)
    page = FormPage(
        title=_("Retirar o registro de falecimento"),
        submit=_("Retirar o registro"),
        back=client.get_absolute_url(),
        crumb=client.display_name,
        lede=_(
            "O cliente volta a poder ser contatado. Pedidos que ele mesmo fez continuam valendo; planos e tarefas que "
            "pararam não voltam sozinhos. O motivo fica na linha do tempo."
        ),
        danger=True,
    )
    form = DeathForm(request.POST or None)

    def save() -> str:
        try:
            deaths.take_back(client, by=request.user, **form.values())
        except deaths.NotDeceasedError as error:
            raise RefusedError("", _("Este cliente não consta como falecido.")) from error
        return _("Registro de falecimento de %(client)s retirado.") % {"client": client.display_name}

    return handle(request, page, form, save, events=("contact-logged", "client-changed"))
