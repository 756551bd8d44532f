"""Writing to a client: the composer with its words and its rules, the mail that leaves, and taking it back."""

from typing import Any

from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Client
from clients.views.dialogs import once, repeated_submit
from contacts import correspondent, messages
from contacts.forms_messages import CHANGE, CHECK, SEND, MessageForm
from contacts.messages import Draft
from contacts.models import ContactLog, MessageChannel
from core import answers
from core.forms import RepeatedSubmitError
from people.access import UserRequest, allow
from people.roles import Permission

TEMPLATE = "contacts/message_compose.html"
EVENTS = ("close-dialog", "contact-logged", "client-changed")
NAMES = {"template": "modelo", "phone": "telefone", "purpose": "finalidade", "task": "tarefa", "membership": "plano"}
# Parts of the template that htmx asks for by the element they replace.
PARTS = {"message-body": "body", "message-acts": "acts"}


@allow(Permission.CONTACT, methods=("GET", "POST"))
def message_compose(request: UserRequest, client_pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_pk)
    parts: dict[str, Any] = {"to": correspondent.read(client), "user": request.user}
    parts["templates"] = messages.templates_of(request.user)
    if request.method != "POST":
        return _show(request, *_asked(request.GET, parts))
    form = MessageForm(request.POST, **parts)
    if not form.is_valid():
        return answers.invalid(request, _template(request), {"form": form, "client": client})
    draft = form.draft()
    if form.cleaned_data["step"] != SEND or not draft.leaves_by_itself:
        return _show(request, form, draft)
    return _send(request, form, draft)


def _asked(query: QueryDict, parts: dict[str, Any]) -> tuple[MessageForm, Draft]:
    """What an address names: `?canal=whatsapp&modelo=3&telefone=7&finalidade=offer&ocasiao=renewal&plano=5`.

    Without a template the first one of the occasion is taken.
    """
    channel = query.get("canal", "")
    if channel not in MessageChannel.values:
        channel = parts["to"].usual_channel
    data = {name: query.get(portuguese, "") for name, portuguese in NAMES.items()}
    form = MessageForm({**data, "channel": channel, "step": CHANGE, "form_key": "-"}, **parts)
    # An address that names what is gone opens the composer without it.
    form.is_valid()
    about, occasion = form.about(), query.get("ocasiao", "")
    if about["template"] is None and occasion:
        about["template"] = form.template_for(channel, about["purpose"], occasion)
    return form, messages.begin(parts["to"], parts["user"], channel=channel, **about)


def _show(request: UserRequest, form: MessageForm, draft: Draft, *, status: int = 200) -> HttpResponse:
    judged = messages.judge(draft)
    # Before anything is written or checked, missing words are no fault.
    is_begun = bool(draft.body.strip()) or form.cleaned_data.get("step") != CHANGE
    context = {
        "client": draft.client,
        "draft": draft,
        "form": form.showing(draft),
        "judged": judged,
        "reasons": judged.reasons if is_begun else judged.standing,
        "check": CHECK,
    }
    return render(request, _template(request), context, status=status)


def _template(request: UserRequest) -> str:
    """The page; for htmx the dialog, or the part that it asked for."""
    if not answers.is_fragment(request):
        return TEMPLATE
    return f"{TEMPLATE}#{PARTS.get(request.htmx.target, 'dialog')}"


def _send(request: UserRequest, form: MessageForm, draft: Draft) -> HttpResponse:
    url = draft.client.get_absolute_url()
    try:
        with once(form, by=request.user, url=url):
            log = messages.send(draft)
    except messages.NotReadyError:
        return _show(request, form, draft, status=422)
    except RepeatedSubmitError as repeated:
        return repeated_submit(request, repeated, url=url)
    said = {"channel": log.get_channel_display(), "client": draft.client.display_name}
    text = _("%(channel)s para %(client)s na fila. Sai em alguns segundos.") % said
    undo = reverse("contacts:message_undo", args=[log.pk])
    return answers.done(request, text, url=url, undo_url=undo, events=EVENTS)


@allow(Permission.CONTACT, methods=("POST",))
def message_undo(request: UserRequest, pk: int) -> HttpResponse:
    """Keeps a message that still waits from leaving."""
    visible = ContactLog.objects.visible_to(request.user).filter(undone_at=None, channel__in=MessageChannel.values)
    log = get_object_or_404(visible.select_related("client"), pk=pk)
    if messages.take_back(log, by=request.user):
        text = _("%(channel)s cancelado antes de sair.")
    else:
        text = _("%(channel)s já saiu; o contato fica registrado.")
    said = text % {"channel": log.get_channel_display()}
    return answers.done(request, said, url=log.client.get_absolute_url(), events=EVENTS)
