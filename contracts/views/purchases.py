"""Sales of a client: recorded, edited, cancelled, returned."""

from collections.abc import Callable

from django.http import HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Client
from clients.views.dialogs import FormPage, RefusedError, handle
from contracts import purchases
from contracts.forms import PurchaseCreateForm, PurchaseEditForm
from contracts.models import Purchase
from contracts.views.notices import with_class
from core import answers
from people.access import UserRequest, allow
from people.models import User
from people.roles import Permission

# Of a client what the page of a sale says: the rest of its 40 columns costs more than the question.
SAID = ("name", "social_name", "portfolio_class", "owner__name")
EVENTS = ("purchases-changed", "client-changed")


@allow(Permission.SELL, methods=("GET", "POST"))
def purchase_create(request: UserRequest, client_pk: int) -> HttpResponse:
    user = request.user
    visible = Client.objects.visible_to(user).select_related("owner").only(*SAID)
    client = get_object_or_404(visible, pk=client_pk)
    form = PurchaseCreateForm(request.POST or None, user=user, client=client, present=None)
    page = FormPage(
        title=_("Registrar venda"),
        submit=_("Registrar venda"),
        back=client.get_absolute_url(),
        crumb=client.display_name,
    )

    def save() -> str:
        _numbered(lambda: purchases.record(client, form.sale(), by=user))
        return with_class(_("Venda registrada."), client)

    return handle(request, page, form, save, events=EVENTS)


@allow(Permission.SELL, methods=("GET", "POST"))
def purchase_edit(request: UserRequest, pk: int) -> HttpResponse:
    user = request.user
    purchase = _purchase(user, pk)
    initial = PurchaseEditForm.initial_of(purchase)
    form = PurchaseEditForm(request.POST or None, user=user, client=purchase.client, present=purchase, initial=initial)
    page = FormPage(
        title=_("Editar venda"),
        submit=_("Salvar venda"),
        back=purchase.client.get_absolute_url(),
        crumb=purchase.client.display_name,
    )

    def save() -> str:
        sale, version = form.sale(), form.cleaned_data["version"]
        _numbered(lambda: purchases.edit(purchase, sale, version=version, by=user))
        return with_class(_("Venda salva."), purchase.client)

    return handle(request, page, form, save, events=EVENTS, present=PurchaseEditForm.initial_of)


@allow(Permission.SELL, methods=("POST",))
def purchase_cancel(request: UserRequest, pk: int) -> HttpResponse:
    purchase = _purchase(request.user, pk)
    purchases.cancel(purchase, by=request.user)
    return _done(request, purchase, _("Venda cancelada."), undo=True)


@allow(Permission.SELL, methods=("POST",))
def purchase_return(request: UserRequest, pk: int) -> HttpResponse:
    purchase = _purchase(request.user, pk)
    purchases.take_back(purchase, by=request.user)
    return _done(request, purchase, _("Devolução registrada."), undo=True)


@allow(Permission.SELL, methods=("POST",))
def purchase_restore(request: UserRequest, pk: int) -> HttpResponse:
    purchase = _purchase(request.user, pk)
    purchases.restore(purchase, by=request.user)
    return _done(request, purchase, _("A venda vale de novo."))


def _purchase(user: User, pk: int) -> Purchase:
    visible = Purchase.objects.visible_to(user).select_related("client", "product", "seller")
    return get_object_or_404(visible, pk=pk)


def _numbered(act: Callable[[], object]) -> None:
    try:
        act()
    except purchases.NumberTakenError as error:
        text = _("Este número já está em outra venda. Confira o número ou deixe em branco.")
        raise RefusedError("number", text) from error


def _done(request: UserRequest, purchase: Purchase, text: str, *, undo: bool = False) -> HttpResponse:
    return answers.done(
        request,
        with_class(text, purchase.client),
        url=purchase.client.get_absolute_url(),
        undo_url=reverse("contracts:purchase_restore", args=[purchase.pk]) if undo else "",
        events=("close-dialog", *EVENTS),
    )
