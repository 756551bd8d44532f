"""Contracts of a client: signed, edited, renewed, cancelled, marked as not to be renewed."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Client
from clients.views.dialogs import FormPage, RefusedError, handle
from contracts import agreements
from contracts.forms import ContractCancelForm, ContractCreateForm, ContractEditForm, ContractRenewForm
from contracts.models import Contract
from contracts.views.notices import with_class
from core import answers
from people.access import UserRequest, allow
from people.models import User
from people.roles import Permission

EVENTS = ("contracts-changed", "client-changed")


@allow(Permission.MANAGE_CONTRACTS, methods=("GET", "POST"))
def contract_create(request: UserRequest, client_pk: int) -> HttpResponse:
    user = request.user
    client = get_object_or_404(Client.objects.visible_to(user).select_related("owner"), pk=client_pk)
    form = ContractCreateForm(request.POST or None, user=user, client=client, present=None)
    page = _page(client, title=_("Novo contrato"), submit=_("Cadastrar contrato"))

    def save() -> str:
        _guarded(lambda: agreements.add(client, form.terms(), by=user))
        return with_class(_("Contrato cadastrado."), client)

    return handle(request, page, form, save, events=EVENTS)


@allow(Permission.MANAGE_CONTRACTS, methods=("GET", "POST"))
def contract_edit(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    contract = _contract(user, pk)
    initial = ContractEditForm.initial_of(contract)
    form = ContractEditForm(request.POST or None, user=user, client=contract.client, present=contract, initial=initial)
    page = _page(contract.client, title=_("Editar contrato"), submit=_("Salvar contrato"))

    def save() -> str:
        terms, version = form.terms(), form.cleaned_data["version"]
        _guarded(lambda: agreements.edit(contract, terms, version=version, by=user))
        return with_class(_("Contrato salvo."), contract.client)

    return handle(request, page, form, save, events=EVENTS, present=ContractEditForm.initial_of)


@allow(Permission.MANAGE_CONTRACTS, methods=("GET", "POST"))
def contract_renew(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    contract = _contract(user, pk)
    form = ContractRenewForm(request.POST or None, user=user, client=contract.client, renews=contract)
    page = _page(contract.client, title=_("Renovar contrato"), submit=_("Renovar"))

    def save() -> str:
        _guarded(lambda: agreements.renew(contract, form.terms(), by=user))
        return with_class(_("Contrato renovado."), contract.client)

    return handle(request, page, form, save, events=EVENTS)


@allow(Permission.MANAGE_CONTRACTS, methods=("GET", "POST"))
def contract_cancel(request: UserRequest, pk: int) -> HttpResponse:
    contract = _contract(request.user, pk)
    form = ContractCancelForm(request.POST or None)
    page = _page(contract.client, title=_("Cancelar contrato"), submit=_("Cancelar contrato"), danger=True)

    def save() -> str:
        day, reason = form.cleaned_data["cancelled_on"], form.cleaned_data["reason"]
        _guarded(lambda: agreements.cancel(contract, cancelled_on=day, reason=reason, by=request.user))
        return with_class(_("Contrato cancelado."), contract.client)

    undo = reverse("contracts:contract_reinstate", args=[pk])
    return handle(request, page, form, save, events=EVENTS, undo_url=undo)


@allow(Permission.MANAGE_CONTRACTS, methods=("POST",))
def contract_reinstate(request: UserRequest, pk: int) -> HttpResponse:
    contract = _contract(request.user, pk)
    agreements.reinstate(contract, by=request.user)
    return _done(request, contract, _("O contrato vale de novo."))


@allow(Permission.MANAGE_CONTRACTS, methods=("POST",))
def contract_will_not_renew(request: UserRequest, pk: int) -> HttpResponse:
    """Turns the mark over; the undo of its notice is the same act again."""
    contract = _contract(request.user, pk)
    marks = not contract.will_not_renew
    agreements.mark_will_not_renew(contract, will_not_renew=marks, by=request.user)
    text = _("Contrato marcado: não renova.") if marks else _("O contrato volta a ser renovável.")
    return _done(request, contract, text, undo_url=request.path)


def _contract(user: User, pk: int) -> Contract:
    visible = Contract.objects.visible_to(user).select_related("client", "product", "institution", "seller")
    return get_object_or_404(visible, pk=pk)


def _page(client: Client, *, title: str, submit: str, danger: bool = False) -> FormPage:
    return FormPage(
        title=title,
        submit=submit,
        back=client.get_absolute_url(),
        crumb=client.display_name,
        wide=not danger,
        danger=danger,
    )


def _guarded(act: Callable[[], object]) -> None:
    """What the rules refuse, said at the field where it can be put right."""
    try:
        act()
    except agreements.NumberTakenError as error:
        text = _("Esta instituição já tem um contrato com este número. Confira o número ou deixe em branco.")
        raise RefusedError("number", text) from error
    except agreements.AlreadyRenewedError as error:
        raise RefusedError("", _("Este contrato já foi renovado. Edite a renovação que existe.")) from error
    except agreements.NotInForceError as error:
        text = _("Só um contrato assinado ou vigente aceita isto. Mude antes a situação dele.")
        raise RefusedError("", text) from error


def _done(request: UserRequest, contract: Contract, text: str, *, undo_url: str = "") -> HttpResponse:
    return answers.done(
        request,
        with_class(text, contract.client),
        url=contract.client.get_absolute_url(),
        undo_url=undo_url,
        events=("close-dialog", *EVENTS),
    )
