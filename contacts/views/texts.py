"""Templates on the screen: the company's and one's own, written, retired, and seen as they read for a client."""

from collections.abc import Callable

from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.views.dialogs import FormPage, RefusedError, handle
from contacts import sms, texts, wording
from contacts.forms_texts import PreviewForm, TemplateCreateForm, TemplateEditForm
from contacts.models import MessageChannel, MessageTemplate
from core import answers
from people.access import UserRequest, allow
from people.roles import Permission

EVENTS = ("texts-changed",)


@allow(Permission.CONTACT)
def template_list(request: UserRequest) -> HttpResponse:
    found = texts.templates_of(request.user).order_by("-is_active", "channel", "name", "pk")
    rows = [(template, texts.may_edit(template, by=request.user)) for template in found]
    template = "contacts/template_list.html"
    return render(request, f"{template}#rows" if answers.is_fragment(request) else template, {"rows": rows})


@allow(Permission.CONTACT, methods=("GET", "POST"))
def template_create(request: UserRequest) -> HttpResponse:
    form = TemplateCreateForm(request.POST or None, user=request.user)
    page = _page(_("Novo modelo"), _("Criar modelo"))

    def save() -> str:
        shared = form.cleaned_data.get("for_company", False)
        with_name(lambda: texts.create_template(form.values(), by=request.user, for_company=shared))
        return _("Modelo criado.")

    return handle(request, page, form, save, events=EVENTS)


@allow(Permission.CONTACT, methods=("GET", "POST"))
def template_edit(request: UserRequest, pk: int) -> HttpResponse:
    template = _template(request, pk)
    if not texts.may_edit(template, by=request.user):
        raise PermissionDenied
    form = TemplateEditForm(request.POST or None, initial=TemplateEditForm.initial_of(template))

    def save() -> str:
        version = form.cleaned_data["version"]
        with_name(lambda: texts.edit_template(template, form.values(), version=version, by=request.user))
        return _("Modelo salvo.")

    page = _page(_("Editar modelo"), _("Salvar modelo"))
    return handle(request, page, form, save, events=EVENTS, present=TemplateEditForm.initial_of)


@allow(Permission.CONTACT, methods=("POST",))
def template_retire(request: UserRequest, pk: int) -> HttpResponse:
    template = _template(request, pk)
    texts.set_in_use(template, False, by=request.user)
    undo = reverse("contacts:template_restore", args=[pk])
    text = _("Modelo %(name)s fora de uso.") % {"name": template.name}
    return answers.done(request, text, url=reverse("contacts:template_list"), undo_url=undo, events=EVENTS)


@allow(Permission.CONTACT, methods=("POST",))
def template_restore(request: UserRequest, pk: int) -> HttpResponse:
    template = _template(request, pk)
    texts.set_in_use(template, True, by=request.user)
    text = _("Modelo %(name)s em uso de novo.") % {"name": template.name}
    return answers.done(request, text, url=reverse("contacts:template_list"), events=EVENTS)


@allow(Permission.CONTACT, methods=("POST",))
def template_preview(request: UserRequest) -> HttpResponse:
    """The words so far as they read for a client that one sees; writes nothing."""
    form = PreviewForm(request.POST)
    if not form.is_valid():
        return render(request, "contacts/template_preview.html#shown", {"client": None})
    client = form.chosen_client(request.user)
    data = form.cleaned_data
    filled = wording.fill(data["body"], client, request.user) if client else None
    context = {
        "client": client,
        "subject": wording.fill(data["subject"], client, request.user) if client else None,
        "filled": filled,
        "faults": wording.faults_of(data["body"], channel=data["channel"], purpose=data["purpose"]),
        "length": sms.measure(filled.text) if filled and data["channel"] == MessageChannel.SMS else None,
    }
    return render(request, "contacts/template_preview.html#shown", context)


def with_name(act: Callable[[], object]) -> None:
    try:
        act()
    except texts.NameTakenError as error:
        raise RefusedError("name", _("Este nome já existe. Escolha outro.")) from error


def _template(request: UserRequest, pk: int) -> MessageTemplate:
    return get_object_or_404(texts.templates_of(request.user), pk=pk)


def _page(title: str, submit: str) -> FormPage:
    back = reverse("contacts:template_list")
    return FormPage(title=title, submit=submit, back=back, crumb=_("Modelos e roteiros"), wide=True)
