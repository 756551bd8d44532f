"""A contact written down: the dialog, the one tap, and what may still be changed afterwards."""

from collections.abc import Callable
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Client
from clients.views.dialogs import FormPage, once, repeated_submit, template_for
from contacts import attachments, gate_facts, links, logs
from contacts.forms_log import EditForm, LogForm, QuickForm, asked_for
from contacts.models import ContactLog, LogChannel
from core import answers
from core.forms import RepeatedSubmitError
from people.access import UserRequest, allow
from people.roles import Permission

TEMPLATE = "contacts/log_form.html"
QUICK_TEMPLATE = "contacts/log_quick.html"
EVENTS = ("close-dialog", "contact-logged", "client-changed")


@allow(Permission.CONTACT, methods=("GET", "POST"))
def log_create(request: UserRequest, client_pk: int) -> HttpResponse:
    client = _client(request, client_pk)
    initial = None if request.method == "POST" else asked_for(client, request.GET)
    form = LogForm(request.POST or None, request.FILES or None, client=client, initial=initial)
    title = _("Como foi?") if "volta" in request.GET else _("Registrar contato")
    page = FormPage(title=title, submit=_("Registrar"), back=client.get_absolute_url(), crumb=client.display_name)

    def save() -> ContactLog:
        log = logs.record(client, by=request.user, **form.values())
        if file := form.cleaned_data["file"]:
            attachments.add(client, file, by=request.user, log=log)
        return log

    return _answer(request, page, form, save, text=_("Contato com %(client)s registrado."))


@allow(Permission.CONTACT, methods=("POST",))
def log_quick(request: UserRequest, client_pk: int) -> HttpResponse:
    """One tap. What an outcome needs besides is asked in a small dialog, whatever the caller's target was."""
    client = _client(request, client_pk)
    form = QuickForm(request.POST, client=client)
    if not form.is_valid() or form.needs_moment or form.needs_detail:
        template = template_for(request, QUICK_TEMPLATE)
        response = answers.invalid(request, template, {"form": form, "client": client})
        return _into_dialog(response)
    if not form.cleaned_data["form_key"]:
        del form.fields["form_key"]
    try:
        with once(form, by=request.user, url=client.get_absolute_url()):
            log = logs.record(client, by=request.user, **form.values())
    except RepeatedSubmitError as repeated:
        return repeated_submit(request, repeated, url=client.get_absolute_url())
    return _logged(request, log, _("Contato com %(client)s registrado: %(outcome)s."))


@allow(Permission.CONTACT, methods=("GET", "POST"))
def log_edit(request: UserRequest, pk: int) -> HttpResponse:
    """Inside the window; after it, the same fields as a correction."""
    log = _log(request, pk)
    if not logs.may_mend(log, by=request.user):
        return answers.go_to(request, reverse("contacts:log_correct", args=[pk]))
    form = EditForm(request.POST or None, log=log)
    page = _page_of(log, _("Editar contato"), _("Salvar contato"))

    def save() -> ContactLog:
        return logs.edit(log, by=request.user, **form.values())

    return _answer(request, page, form, save, text=_("Contato com %(client)s salvo."))


@allow(Permission.CONTACT, methods=("GET", "POST"))
def log_correct(request: UserRequest, pk: int) -> HttpResponse:
    """What was corrected already leads on to what stands in its place."""
    log = _log(request, pk)
    newest = logs.newest_of(log)
    if request.method != "POST" and newest != log:
        return answers.go_to(request, reverse("contacts:log_edit", args=[newest.pk]))
    form = EditForm(request.POST or None, log=log)
    lede = _("O registro de %(author)s fica como está. A correção aparece ao lado dele.") % {"author": log.by}
    page = _page_of(log, _("Corrigir contato"), _("Registrar correção"), lede=lede)

    def save() -> ContactLog:
        return logs.correct(log, by=request.user, **form.values())

    return _answer(request, page, form, save, text=_("Correção do contato com %(client)s registrada."))


@allow(Permission.CONTACT, methods=("POST",))
def log_undo(request: UserRequest, pk: int) -> HttpResponse:
    log = _log(request, pk)
    url = log.client.get_absolute_url()
    try:
        left = logs.undo(log, by=request.user)
    except logs.WindowClosedError:
        text = _("O prazo para desfazer passou, ou já foi desfeito. Registre uma correção.")
    except logs.MessageLeftError:
        text = _("%(channel)s já saiu; o contato fica registrado.") % {"channel": log.get_channel_display()}
    except logs.CorrectedError as corrected:
        text = _("Esta correção já foi corrigida. %(newest)s") % {"newest": _pointed(corrected.newest)}
    else:
        text = _("Contato desfeito. O que mudou depois dele ficou como está.") if left else _("Contato desfeito.")
    return answers.done(request, text, url=url, events=EVENTS)


@allow(Permission.CONTACT)
def log_gate(request: UserRequest, client_pk: int) -> HttpResponse:
    """What the legal gate says of this channel and purpose now; empty when it is open."""
    client = _client(request, client_pk)
    channel, purpose = request.GET.get("channel", ""), request.GET.get("purpose", "")
    said = None
    if channel in LogChannel.values and request.GET.get("direction") != "in":
        said = gate_facts.check(client, channel=channel, purpose=purpose or gate_facts.purpose_for(client))
    return render(request, "contacts/log_gate.html", {"said": said, "client": client})


@allow(Permission.CONTACT)
def contact_links(request: UserRequest, client_pk: int) -> HttpResponse:
    """The numbers that may be tapped now, or the rule that closes them."""
    client = _client(request, client_pk)
    purpose = gate_facts.purpose_asked(client, request.GET.get("finalidade", ""))
    found = links.of_client(client, purpose=purpose)
    template = template_for(request, "contacts/contact_links.html")
    if answers.is_fragment(request) and request.htmx.target != "dialog-slot":
        template = template.replace("#dialog", "#links")
    return render(request, template, {"client": client, "links": found})


def _client(request: UserRequest, pk: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user), pk=pk)


def _log(request: UserRequest, pk: int) -> ContactLog:
    visible = ContactLog.objects.visible_to(request.user).filter(undone_at=None)
    return get_object_or_404(visible.select_related("client", "outcome", "by"), pk=pk)


def _page_of(log: ContactLog, title: str, submit: str, *, lede: str = "") -> FormPage:
    client = log.client
    return FormPage(title=title, submit=submit, back=client.get_absolute_url(), crumb=client.display_name, lede=lede)


def _answer(
    request: UserRequest, page: FormPage, form: LogForm, act: Callable[[], ContactLog], *, text: str
) -> HttpResponse:
    """Shows the form, or writes the contact and offers the undo."""
    template = template_for(request, TEMPLATE)
    context: dict[str, Any] = {"page": page, "form": form, "client": form.client}
    if request.method != "POST":
        return render(request, template, context)
    if form.is_valid() and form.needs_moment:
        form.add_error("next", _("Escolha para quando ficou o retorno."))
    if form.is_valid() and form.needs_detail:
        form.add_error("outcome", _("Diga se o pedido vale só para este canal ou para todos."))
    if not form.is_valid():
        return answers.invalid(request, template, context)
    try:
        with once(form, by=request.user, url=page.back):
            log = act()
    except RepeatedSubmitError as repeated:
        return repeated_submit(request, repeated, url=page.back)
    except logs.WindowClosedError:
        form.add_error(None, _("O prazo para editar este contato passou. Registre uma correção."))
        return answers.invalid(request, template, context)
    except logs.CorrectedError as corrected:
        form.add_error(None, _("Este contato já foi corrigido. %(newest)s") % {"newest": _pointed(corrected.newest)})
        return answers.invalid(request, template, context)
    return _logged(request, log, text)


def _pointed(newest: ContactLog) -> str:
    said = {"outcome": newest.outcome.label, "author": newest.by}
    return _("Vale agora “%(outcome)s”, de %(author)s: corrija esse registro.") % said


def _logged(request: UserRequest, log: ContactLog, text: str) -> HttpResponse:
    said = text % {"client": log.client.display_name, "outcome": log.outcome.label}
    undo = reverse("contacts:log_undo", args=[log.pk])
    return answers.done(request, said, url=log.client.get_absolute_url(), undo_url=undo, events=EVENTS)


def _into_dialog(response: HttpResponse) -> HttpResponse:
    response.headers["HX-Retarget"] = "#dialog-slot"
    response.headers["HX-Reswap"] = "innerHTML"
    return response
