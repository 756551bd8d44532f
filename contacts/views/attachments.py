"""Files of a client: kept, given out with a trace, removed with an undo."""

from django.http import FileResponse, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Client
from clients.views.dialogs import FormPage, once, repeated_submit, template_for
from contacts import attachments
from contacts.forms_task import FileForm
from contacts.models import Attachment
from core import answers
from core.forms import RepeatedSubmitError
from people.access import UserRequest, allow
from people.roles import Permission

EVENTS = ("close-dialog", "files-changed", "client-changed")


@allow(Permission.CONTACT, methods=("GET", "POST"))
def attachment_add(request: UserRequest, client_pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=client_pk)
    url = client.get_absolute_url()
    form = FileForm(request.POST or None, request.FILES or None)
    page = FormPage(title=_("Guardar arquivo"), submit=_("Guardar"), back=url, crumb=client.display_name)
    template, context = template_for(request), {"page": page, "form": form}
    if request.method != "POST":
        return render(request, template, context)
    if not form.is_valid():
        return answers.invalid(request, template, context)
    try:
        with once(form, by=request.user, url=url):
            kept = attachments.add(client, form.cleaned_data["file"], by=request.user)
    except RepeatedSubmitError as repeated:
        return repeated_submit(request, repeated, url=url)
    undo = reverse("contacts:attachment_remove", args=[kept.pk])
    return answers.done(request, _("Arquivo guardado."), url=url, undo_url=undo, events=EVENTS)


@allow(Permission.CONTACT, methods=("POST",))
def attachment_download(request: UserRequest, pk: int) -> FileResponse:
    """By POST, because it leaves a line in the history. The browser saves it and guesses nothing."""
    kept = _attachment(request, pk)
    attachments.record_download(kept, by=request.user)
    response = FileResponse(kept.file.open("rb"), as_attachment=True, filename=kept.name, content_type=kept.media_type)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Cache-Control"] = "private, no-store"
    return response


@allow(Permission.CONTACT, methods=("POST",))
def attachment_remove(request: UserRequest, pk: int) -> HttpResponse:
    kept = _attachment(request, pk)
    attachments.remove(kept, by=request.user)
    undo = reverse("contacts:attachment_restore", args=[pk])
    url = kept.client.get_absolute_url()
    return answers.done(request, _("Arquivo removido."), url=url, undo_url=undo, events=EVENTS)


@allow(Permission.CONTACT, methods=("POST",))
def attachment_restore(request: UserRequest, pk: int) -> HttpResponse:
    kept = _attachment(request, pk, removed=True)
    text = _("Remoção desfeita.")
    try:
        attachments.restore(kept, by=request.user)
    except attachments.ContactUndoneError:
        text = _("O contato deste arquivo foi desfeito, e o arquivo foi com ele. Guarde o arquivo de novo.")
    return answers.done(request, text, url=kept.client.get_absolute_url(), events=EVENTS)


def _attachment(request: UserRequest, pk: int, *, removed: bool = False) -> Attachment:
    visible = Attachment.objects.visible_to(request.user).filter(removed_at__isnull=not removed)
    return get_object_or_404(visible.select_related("client"), pk=pk)
