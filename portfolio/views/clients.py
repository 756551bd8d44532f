"""The list of the carteira: tabs, filters, search, columns, bulk acts and the file."""

from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brazil.documents import parse_document
from clients import duplicates
from clients.handover import ClientsNotFoundError
from clients.models import Client
from core.answers import done, invalid, is_fragment
from core.templatetags.formats import intdot
from people.access import UserRequest, allow
from people.models import User
from people.roles import Permission, Reach, Role
from portfolio import listing, queries, rows, segments, state
from portfolio.filters import ClientFilter
from portfolio.forms import ColumnsForm, SearchForm, SelectionForm, TagForm
from portfolio.tagging import tag_clients


@allow(Permission.VIEW_CLIENTS)
def home(request: UserRequest) -> HttpResponse:
    """Sellers begin with their day, the others with the list."""
    view = "portfolio:my_day" if request.user.role == Role.SELLER else "portfolio:client_list"
    return HttpResponseRedirect(reverse(view))


@allow(Permission.VIEW_CLIENTS)
def client_list(request: UserRequest) -> HttpResponse:
    found = queries.listing(
        user=request.user,
        query=request.GET,
        filters=_filters(request, request.GET),
        text=state.search_text(request),
    )
    query = listing.address(request.GET)
    total = listing.count_of(found, found.portfolio_class)
    state.keep_walk(request, found.page, total=total, query=query, portfolio_class=found.portfolio_class)
    context = listing.context(found, query=request.GET, columns=state.columns(request))
    context["told"] = state.told(request)
    context["pinned"] = pinned = segments.pinned_for(request.user, current=segments.query_of(request.GET))
    context["segment_name"] = next((segment["name"] for segment in pinned if segment["current"]), "")
    context["rows"] = rows.rows_for(found.page.ids, on=timezone.localdate(), shown=context["shown"])
    if not is_fragment(request):
        return render(request, "portfolio/client_list.html", context)
    response = render(request, "portfolio/client_list.html#list", context)
    url = listing.list_url(query)
    # Reloading in place must not fill the history with the same address.
    response.headers["HX-Push-Url"] = "false" if request.htmx.current_url_abs_path == url else url
    response.headers["HX-Trigger"] = "close-dialog"
    return response


@allow(Permission.VIEW_CLIENTS)
def client_filter(request: UserRequest) -> HttpResponse:
    """The dialog with every filter, filled with those in force."""
    kept = [(name, request.GET[name]) for name in ("class", "ordem") if request.GET.get(name)]
    filters = ClientFilter(request.GET, Client.objects.visible_to(request.user), request=request)
    context = {"form": filters.form, "kept": kept}
    return render(request, _dialog(request, "portfolio/client_filter.html"), context)


@allow(Permission.VIEW_CLIENTS, methods=("POST",))
def client_search(request: UserRequest) -> HttpResponse:
    form = SearchForm(request.POST)
    text = form.cleaned_data["q"] if form.is_valid() else request.POST.get("q", "")[: state.SEARCH_LENGTH]
    state.keep_search(request, text.strip(), told=_told(text, user=request.user))
    return _back_to_list(request)


def _told(text: str, *, user: User) -> str:
    """Of a hidden client with this document: only who owns it, counted and logged (RELIABILITY T4)."""
    document = parse_document(text).normalized
    if not document or user.reach is Reach.EVERYONE:
        return ""
    try:
        duplicates.require_quota(by=user)
        holder = duplicates.holder_of(document)
        told = duplicates.tell(holder, by=user) if holder else None
    except duplicates.TooManyHitsError:
        return _("Foram muitos documentos de outras carteiras na última hora. Tente de novo mais tarde.")
    return told.text if told and told.client is None else ""


@allow(Permission.VIEW_CLIENTS, methods=("POST",))
def client_columns(request: UserRequest) -> HttpResponse:
    form = ColumnsForm(request.POST)
    if form.is_valid():
        state.keep_columns(request, form.cleaned_data["columns"])
    return _back_to_list(request)


@allow(Permission.EDIT_CLIENTS, methods=("POST",))
def client_tag(request: UserRequest) -> HttpResponse:
    """Posted with ids alone it asks for the tag; with `name` it tags them all, or none."""
    selection = SelectionForm(request.POST)
    if not selection.is_valid():
        raise SuspiciousOperation("ids")
    ids = selection.cleaned_data["ids"]
    form = TagForm(request.POST if "name" in request.POST else None)
    template, context = _dialog(request, "portfolio/client_tag.html"), {"form": form, "ids": ids}
    if not form.is_bound:
        return render(request, template, context)
    if not form.is_valid():
        return invalid(request, template, context)
    try:
        tag, count = tag_clients(ids, form.cleaned_data["name"], by=request.user)
    except ClientsNotFoundError as error:
        raise Http404 from error
    text = ngettext(
        "%(count)s cliente recebeu a etiqueta %(tag)s.",
        "%(count)s clientes receberam a etiqueta %(tag)s.",
        count,
    ) % {"count": intdot(count), "tag": tag}
    events = ("close-dialog", "client-changed", "selection-clear")
    return done(request, text, url=listing.list_url(""), events=events)


def _dialog(request: HttpRequest, template: str) -> str:
    return f"{template}#dialog" if is_fragment(request) else template


def _filters(request: UserRequest, query: QueryDict) -> ClientFilter:
    return ClientFilter(query, Client.objects.visible_to(request.user), request=request, whole=False)


def _back_to_list(request: HttpRequest) -> HttpResponse:
    """303 to the list that the form was on; a fragment follows it and stays a fragment."""
    query = QueryDict(request.POST.get("query", "")[:1000])
    return HttpResponseRedirect(listing.list_url(listing.address(query, without=("pagina",))), status=303)
