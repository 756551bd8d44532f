"""Segments: the menu with live counts, saving the filters of the list, sharing, removing."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from clients.models import Segment
from clients.views.dialogs import FormPage, RefusedError, handle
from core.answers import done, is_fragment
from people.access import UserRequest, allow
from people.models import User
from people.roles import Permission
from portfolio import listing, segments
from portfolio.forms_segments import NewSegmentForm, SegmentEditForm

EVENTS = ("segments-changed",)


@allow(Permission.VIEW_CLIENTS)
def segment_list(request: UserRequest) -> HttpResponse:
    """The page of segments, or the menu over the list."""
    query = segments.query_of(request.GET)
    context = {"entries": segments.entries_for(request.user, current=query), "query": query}
    template = "portfolio/segment_list.html"
    return render(request, f"{template}#menu" if is_fragment(request) else template, context)


@allow(Permission.VIEW_CLIENTS, methods=("GET", "POST"))
def segment_create(request: UserRequest) -> HttpResponse:
    query = segments.query_of(request.GET)
    form = NewSegmentForm(request.POST or None, user=request.user, initial={"query": query})
    page = FormPage(
        title=_("Salvar como segmento"),
        submit=_("Salvar segmento"),
        back=listing.list_url(query),
        crumb=_("Carteira"),
        lede=_("O segmento guarda os filtros; quem entra ou sai deles aparece sozinho."),
    )

    def save() -> str:
        values = form.values()
        kept = segments.query_of(QueryDict(values.pop("query")))
        with _named_once():
            segment = segments.save(**values, query=kept, by=request.user)
        return _("Segmento %(name)s salvo.") % {"name": segment.name}

    return handle(request, page, form, save, events=EVENTS)


@allow(Permission.VIEW_CLIENTS, methods=("GET", "POST"))
def segment_edit(request: UserRequest, pk: int) -> HttpResponse:
    segment = _own_or_404(pk, user=request.user)
    query = segments.query_of(request.GET)
    initial = {**_shown(segment), "version": segment.version, "query": query}
    form = SegmentEditForm(request.POST or None, segment=segment, query=query, user=request.user, initial=initial)
    page = FormPage(
        title=_("Segmento %(name)s") % {"name": segment.name},
        submit=_("Salvar segmento"),
        back=listing.list_url(segment.query),
        crumb=_("Carteira"),
        remove_url=reverse("portfolio:segment_remove", args=[pk]),
    )

    def save() -> str:
        changes = form.values()
        typed = segments.query_of(QueryDict(changes.pop("query")))
        if changes.pop("takes_filters", False):
            changes["query"] = typed
        with _named_once():
            segments.change(segment, changes, by=request.user, version=form.cleaned_data["version"])
        return _("Segmento %(name)s salvo.") % {"name": changes["name"]}

    return handle(request, page, form, save, events=EVENTS, present=_shown)


@allow(Permission.VIEW_CLIENTS, methods=("POST",))
def segment_remove(request: UserRequest, pk: int) -> HttpResponse:
    segment = _own_or_404(pk, user=request.user)
    text = _("Segmento %(name)s removido. Os clientes continuam na carteira.") % {"name": segment.name}
    segments.remove(segment, by=request.user)
    return done(request, text, url=reverse("portfolio:segment_list"), events=("close-dialog", *EVENTS))


def _shown(segment: Segment) -> dict[str, Any]:
    return {"name": segment.name, "is_pinned": segment.is_pinned, "is_shared": segment.is_shared}


def _own_or_404(pk: int, *, user: User) -> Segment:
    segment = get_object_or_404(Segment.objects.visible_to(user), pk=pk)
    if not segments.may_change(segment, user):
        raise Http404
    return segment


@contextmanager
def _named_once() -> Iterator[None]:
    """A taken name is said at the field."""
    try:
        yield
    except segments.NameTakenError as error:
        raise RefusedError("name", _("Você já tem um segmento com este nome. Escolha outro.")) from error
