"""Phones, e-mails, addresses and contact people: added, edited, removed (with undo), made primary."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients import belongings
from clients.forms import AddressForm, EmailForm, PartForm, PersonForm, PhoneForm, initial_of
from clients.hygiene import doubts
from clients.models import Address, Client, ContactPerson, Email, Phone
from clients.views.dialogs import FormPage, RefusedError, handle
from core import answers
from people.access import UserRequest, allow
from people.roles import Permission

EVENTS = ("client-changed", "people-changed")
UNDOABLE = 10


@dataclass(frozen=True)
class Kind:
    """What the screens of one kind of record say. `noun` is the stem of its URL names."""

    noun: str
    model: Any
    form: type[PartForm]
    add_title: Promise
    edit_title: Promise
    added: Promise
    changed: Promise
    removed: Promise
    repeated: tuple[str, Promise | str] = ("", "")


KINDS = {
    kind.noun: kind
    for kind in (
        Kind(
            "phone",
            Phone,
            PhoneForm,
            gettext_lazy("Novo telefone"),
            gettext_lazy("Editar telefone"),
            gettext_lazy("Telefone cadastrado."),
            gettext_lazy("Telefone salvo."),
            gettext_lazy("Telefone removido."),
            ("number", gettext_lazy("O cliente já tem este telefone. Edite o que existe.")),
        ),
        Kind(
            "email",
            Email,
            EmailForm,
            gettext_lazy("Novo e-mail"),
            gettext_lazy("Editar e-mail"),
            gettext_lazy("E-mail cadastrado."),
            gettext_lazy("E-mail salvo."),
            gettext_lazy("E-mail removido."),
            ("address", gettext_lazy("O cliente já tem este e-mail. Edite o que existe.")),
        ),
        Kind(
            "address",
            Address,
            AddressForm,
            gettext_lazy("Novo endereço"),
            gettext_lazy("Editar endereço"),
            gettext_lazy("Endereço cadastrado."),
            gettext_lazy("Endereço salvo."),
            gettext_lazy("Endereço removido."),
        ),
        Kind(
            "person",
            ContactPerson,
            PersonForm,
            gettext_lazy("Nova pessoa de contato"),
            gettext_lazy("Editar pessoa de contato"),
            gettext_lazy("Pessoa de contato cadastrada."),
            gettext_lazy("Pessoa de contato salva."),
            gettext_lazy("Pessoa de contato removida."),
        ),
    )
}


@allow(Permission.EDIT_CLIENTS, methods=("GET", "POST"))
def belonging_add(request: UserRequest, client_pk: int, noun: str) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_pk)
    kind = KINDS[noun]
    form = kind.form(request.POST or None)
    page = FormPage(
        title=kind.add_title,
        submit=_("Cadastrar"),
        back=client.get_absolute_url(),
        crumb=client.display_name,
    )

    def save() -> str:
        record = kind.model(client=client, **form.values())
        _guarded(kind, lambda: belongings.add(record, by=request.user))
        return " ".join([str(kind.added), *_doubts(form)])

    return handle(request, page, form, save, events=EVENTS)


@allow(Permission.EDIT_CLIENTS, methods=("GET", "POST"))
def belonging_edit(request: UserRequest, pk: int, noun: str) -> HttpResponse:
    kind = KINDS[noun]
    record = _record(request, kind, pk)
    form = kind.form(request.POST or None, initial=initial_of(record))
    page = FormPage(
        title=kind.edit_title,
        submit=_("Salvar"),
        back=record.client.get_absolute_url(),
        crumb=record.client.display_name,
        remove_url=reverse(f"clients:{noun}_remove", args=[pk]),
    )

    def save() -> str:
        _guarded(kind, lambda: belongings.change(record, form.values(), by=request.user))
        return " ".join([str(kind.changed), *_doubts(form)])

    return handle(request, page, form, save, events=EVENTS)


@allow(Permission.EDIT_CLIENTS, methods=("POST",))
def belonging_remove(request: UserRequest, pk: int, noun: str) -> HttpResponse:
    kind = KINDS[noun]
    record = _record(request, kind, pk)
    client = record.client
    token = _keep(request, noun, record)
    belongings.remove(record, by=request.user)
    undo = reverse("clients:belonging_restore", args=[client.pk, token])
    url = client.get_absolute_url()
    return answers.done(request, str(kind.removed), url=url, undo_url=undo, events=("close-dialog", *EVENTS))


@allow(Permission.EDIT_CLIENTS, methods=("POST",))
def belonging_restore(request: UserRequest, client_pk: int, token: str) -> HttpResponse:
    """Undo of a removal: the values wait in the person's own session, never in an address."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_pk)
    removed: dict[str, Any] = request.session.get("removed", {})
    kept = removed.pop(token, None)
    if kept is None or kept["client"] != client.pk:
        raise Http404
    request.session["removed"] = removed
    url = client.get_absolute_url()
    try:
        belongings.add(KINDS[kept["noun"]].model(client=client, **kept["values"]), by=request.user)
    except belongings.AlreadyThereError:
        return answers.done(request, _("O cliente já tem este registro de novo."), url=url, events=EVENTS)
    return answers.done(request, _("Remoção desfeita."), url=url, events=EVENTS)


@allow(Permission.EDIT_CLIENTS, methods=("POST",))
def belonging_make_primary(request: UserRequest, pk: int, noun: str) -> HttpResponse:
    record = _record(request, KINDS[noun], pk)
    belongings.make_primary(record, by=request.user)
    return answers.done(request, _("Principal trocado."), url=record.client.get_absolute_url(), events=EVENTS)


def _record(request: UserRequest, kind: Kind, pk: int) -> Any:
    return get_object_or_404(kind.model.objects.visible_to(request.user).select_related("client"), pk=pk)


def _guarded(kind: Kind, act: Any) -> None:
    try:
        act()
    except belongings.AlreadyThereError as error:
        raise RefusedError(*kind.repeated) from error


def _doubts(form: PartForm) -> list[str]:
    data: Mapping[str, Any] = form.cleaned_data
    email = data.get("email") or (data.get("address") if isinstance(form, EmailForm) else "") or ""
    return doubts(cep=data.get("cep", ""), uf=data.get("uf", ""), email=email)


def _keep(request: UserRequest, noun: str, record: Any) -> str:
    token = secrets.token_urlsafe(9)
    left_out = {"id", "client", "created_at"}
    values = {field.name: getattr(record, field.name) for field in record._meta.fields if field.name not in left_out}
    removed = dict(list(request.session.get("removed", {}).items())[1 - UNDOABLE :])
    removed[token] = {"noun": noun, "client": record.client_id, "values": values}
    request.session["removed"] = removed
    return token
