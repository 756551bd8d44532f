"""Notes about a client, and the colleagues that @ offers."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Client
from clients.views.dialogs import FormPage, handle
from contacts import notes
from contacts.forms_task import NoteForm
from people.access import UserRequest, allow
from people.roles import Permission


@allow(Permission.CONTACT, methods=("GET", "POST"))
def note_create(request: UserRequest, client_pk: int) -> HttpResponse:
    client = _client(request, client_pk)
    form = NoteForm(request.POST or None)
    marks = {"data-draft": f"note-{client.pk}", "data-mentions": reverse("contacts:note_mentions", args=[client.pk])}
    form.fields["text"].widget.attrs.update(marks)
    page = FormPage(
        title=_("Nova anotação"),
        submit=_("Salvar anotação"),
        back=client.get_absolute_url(),
        crumb=client.display_name,
    )

    def save() -> str:
        note = notes.create(client, by=request.user, **form.values())
        told = ", ".join(person.first_name for person in note.mentions.all())
        return _("Anotação salva. Avisamos %(names)s.") % {"names": told} if told else _("Anotação salva.")

    return handle(request, page, form, save, events=("note-created", "client-changed"))


@allow(Permission.CONTACT)
def note_mentions(request: UserRequest, client_pk: int) -> HttpResponse:
    """Colleagues who may see the client, by the beginning of a name."""
    client = _client(request, client_pk)
    said = request.GET.get("q", "")[:60]
    people = notes.suggested(client, said) if said.isprintable() else []
    return render(request, "contacts/note_mentions.html", {"people": people})


def _client(request: UserRequest, pk: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user).select_related("owner"), pk=pk)
