"""The whole document, shown by POST and logged."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _

from clients import documents
from clients.models import Client
from core.answers import is_fragment
from people.access import UserRequest, allow
from people.roles import Permission


@allow(Permission.REVEAL_DOCUMENTS, methods=("POST",))
def client_document(request: UserRequest, pk: int) -> HttpResponse:
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    try:
        number = documents.reveal(client, by=request.user)
    except documents.TooManyRevealsError:
        text = _("Foram muitos documentos lidos na última hora. Tente de novo mais tarde.")
        return HttpResponse(text, status=429)
    template = "clients/client_document.html"
    name = f"{template}#number" if is_fragment(request) else template
    return render(request, name, {"client": client, "number": number})
