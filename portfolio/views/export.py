"""The list as a file: only for who just proved who they are; the admins are told."""

from allauth.account.decorators import reauthentication_required
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.db import transaction
from django.http import FileResponse, HttpRequest, HttpResponseBase, HttpResponseRedirect, QueryDict
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from clients.models import Client
from people.access import UserRequest, allow
from people.roles import Permission
from portfolio import export, export_notice, listing, queries, state
from portfolio.filters import ClientFilter
from portfolio.forms import ExportForm


@allow(Permission.ASSIGN_CLIENTS, methods=("POST",))
def client_export(request: UserRequest) -> HttpResponseBase:
    query = QueryDict(request.POST.get("query", "")[:1000])
    if not _proved_lately(request):
        return _ask_who(request, query)
    form = ExportForm(request.POST)
    kind = form.cleaned_data["format"] if form.is_valid() else "csv"
    filters = ClientFilter(data=query, queryset=Client.objects.visible_to(request.user), request=request)
    text = state.search_text(request)
    found = queries.in_tab(query=query, filters=filters, text=text)
    with transaction.atomic():
        narrowed = _narrowed_by(filters, query=query, text=text)
        file, log = export.export(found, kind=kind, by=request.user, filters=narrowed)
        export_notice.put(log)
    name = f"carteira-{timezone.localdate()}.{kind}"
    return FileResponse(file, as_attachment=True, filename=name, content_type=export.TYPES[kind])


def _narrowed_by(filters: ClientFilter, *, query: QueryDict, text: str) -> list[str]:
    """The names of what narrows the list, never a value: a search may be a person's name."""
    names = [label for _name, label, _value in filters.active()]
    tab = next(tab for tab in queries.TABS if tab.portfolio_class == queries.class_of(query))
    return [*names, *([_("Busca")] if text else []), *([str(tab.label)] if tab.portfolio_class else [])]


def _proved_lately(request: HttpRequest) -> bool:
    """Whether password or second factor were given again in the last minutes (ACCOUNT_REAUTHENTICATION_TIMEOUT)."""
    try:
        return bool(reauthentication_required(lambda request: True)(request))
    except ReauthenticationRequired:
        return False


def _ask_who(request: HttpRequest, query: QueryDict) -> HttpResponseRedirect:
    """To the confirmation of the password, and from there back to the same list."""
    messages.info(request, _("Para baixar a lista, confirme que é você. Depois peça o arquivo de novo."))
    back = urlencode({REDIRECT_FIELD_NAME: listing.list_url(listing.address(query))})
    return HttpResponseRedirect(f"{reverse('account_reauthenticate')}?{back}", status=303)
