"""The page of one client: header, facts, contracts and purchases, what happened. Panels reload themselves."""

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import PortfolioClass
from contracts import reasons
from contracts.models import Contract
from core.answers import is_fragment
from core.paging import Order, page_of
from core.templatetags.formats import intdot
from people.access import UserRequest, allow
from people.roles import Permission
from portfolio import listing, record, rows, state
from portfolio.timeline import timeline

TEMPLATE = "portfolio/client_detail.html"
HISTORY_ROWS = 100
TABS = (
    ("", gettext_lazy("Linha do tempo")),
    ("compras", gettext_lazy("Compras")),
    ("contratos", gettext_lazy("Contratos")),
    ("historico", gettext_lazy("Histórico")),
)
BY_DAY = Order("data", "sold_on", descending=True)


@allow(Permission.VIEW_CLIENTS)
def client_detail(request: UserRequest, pk: int) -> HttpResponse:
    """The whole page; htmx gets the middle: its tabs and the pages inside them."""
    client = record.client_or_404(pk, user=request.user, on=timezone.localdate())
    contracts = record.contracts_of(client)
    context = {"client": client, **_middle(request, client, contracts)}
    if is_fragment(request):
        return render(request, f"{TEMPLATE}#{_part(request)}", context)
    for panel in PANELS.values():
        context |= panel(request, client, contracts)
    return render(request, TEMPLATE, context)


@allow(Permission.VIEW_CLIENTS)
def client_panel(request: UserRequest, pk: int, panel: str) -> HttpResponse:
    """One region of the page, reloaded after a write."""
    if panel not in PANELS:
        raise Http404
    client = record.client_or_404(pk, user=request.user, on=timezone.localdate())
    contracts = record.contracts_of(client)
    context = {"client": client, **PANELS[panel](request, client, contracts)}
    return render(request, f"{TEMPLATE}#{panel}", context)


def _part(request: UserRequest) -> str:
    """ "Mostrar mais" asks for what follows in the timeline, everything else for the region."""
    return "entries" if request.GET.get("desde") else "middle"


def _header(request: UserRequest, client: Any, contracts: list[Contract]) -> dict[str, Any]:
    today = timezone.localdate()
    label, value = record.value_of(client, contracts, on=today)
    step = state.step_at(request, client.pk)
    return {
        "document": record.document_label(client),
        "chip": rows.chip_of(client, on=today),
        "sentence": reasons.sentence(client, on=today),
        "risk": reasons.risk_sentence(reasons.facts_of(client, on=today)),
        "client_for": record.client_for(client, on=today),
        "value_label": label,
        "value": value,
        "phone": record.links_to(client),
        "step": step,
        "position": _position(step),
        "list_url": listing.list_url(step.query if step else f"class={client.portfolio_class}"),
        "class_label": PortfolioClass(client.portfolio_class).label,
    }


def _position(step: state.Step | None) -> str:
    if step is None or step.position is None:
        return ""
    return _("%(position)s de %(total)s") % {"position": intdot(step.position), "total": step.total}


def _facts(_request: UserRequest, client: Any, _contracts: list[Contract]) -> dict[str, Any]:
    facts = record.quality_of(client)
    return {
        "facts": facts,
        "quality": round(100 * sum(fact.ok for fact in facts) / len(facts)),
        "consents": record.consents_of(client),
    }


def _contracts(_request: UserRequest, client: Any, contracts: list[Contract]) -> dict[str, Any]:
    today = timezone.localdate()
    terms = record.terms_of(client, contracts, on=today)
    return {
        "terms": [term for term in terms if term.is_open],
        "ended": sum(not term.is_open for term in terms),
    }


def _middle(request: UserRequest, client: Any, contracts: list[Contract]) -> dict[str, Any]:
    tab = request.GET.get("aba", "")
    tab = tab if tab in MIDDLE else ""
    return {"tab": tab, "tabs": TABS, **MIDDLE[tab](request, client, contracts)}


def _timeline(request: UserRequest, client: Any, contracts: list[Contract]) -> dict[str, Any]:
    entries, more = timeline(client, contracts, token=request.GET.get("desde", ""))
    return {"entries": entries, "more": more}


def _purchases(request: UserRequest, client: Any, _contracts: list[Contract]) -> dict[str, Any]:
    found = client.purchases.select_related("product", "seller")
    total = client.purchases.count()
    page = page_of(found, everything=found, order=BY_DAY, total=total, where=request.GET.get("pagina", ""))
    purchases = found.in_bulk(page.ids)
    return {"page": page, "purchases": [purchases[pk] for pk in page.ids]}


def _all_contracts(_request: UserRequest, client: Any, contracts: list[Contract]) -> dict[str, Any]:
    return {"all_terms": record.terms_of(client, contracts, on=timezone.localdate())}


def _history(_request: UserRequest, client: Any, _contracts: list[Contract]) -> dict[str, Any]:
    changes = client.class_changes.select_related("contract")[:HISTORY_ROWS]
    return {
        "ownerships": client.ownerships.select_related("owner", "by")[:HISTORY_ROWS],
        "changes": [(change, reasons.sentence_of_change(change)) for change in changes],
    }


Context = Callable[[UserRequest, Any, list[Contract]], dict[str, Any]]
PANELS: dict[str, Context] = {"header": _header, "facts": _facts, "contracts": _contracts}
MIDDLE: dict[str, Context] = {
    "": _timeline,
    "compras": _purchases,
    "contratos": _all_contracts,
    "historico": _history,
}
