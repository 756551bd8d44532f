"""The answers of the command palette. What is typed is posted: it stands in no address and no log."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone

from clients.models import Client
from people.access import UserRequest, allow
from people.roles import Permission
from portfolio import palette
from portfolio.forms import PaletteForm

TEMPLATE = "portfolio/palette.html"


@allow(Permission.VIEW_CLIENTS, methods=("POST",))
def palette_search(request: UserRequest) -> HttpResponse:
    """Clients for what was typed; for nothing typed, those lately opened and the acts on the client of the page."""
    form = PaletteForm(request.POST)
    asked = form.cleaned_data if form.is_valid() else {"q": "", "recent": [], "client": None}
    text = asked["q"].strip()
    hits = palette.found(request.user, text) if text else palette.recent(request.user, asked["recent"])
    context = {"text": text, "is_short": len(text) < palette.SHORTEST, "hits": hits}
    if not text and asked["client"]:
        client = Client.objects.visible_to(request.user).filter(pk=asked["client"]).first()
        context |= {"client": client, "acts": palette.acts(request.user, client, at=timezone.now()) if client else []}
    return render(request, f"{TEMPLATE}#found", context)


@allow(Permission.VIEW_CLIENTS, methods=("POST",))
def palette_acts(request: UserRequest, pk: int) -> HttpResponse:
    """What may be done with one client."""
    client = get_object_or_404(Client.objects.visible_to(request.user), pk=pk)
    acts = palette.acts(request.user, client, at=timezone.now())
    return render(request, f"{TEMPLATE}#acts", {"client": client, "acts": acts})
