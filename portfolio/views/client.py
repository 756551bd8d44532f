"""The page of one client: header, facts, contracts and purchases, what happened. Panels reload themselves."""

import datetime
from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from clients.models import PortfolioClass
from contacts.models import ContactSettings
from contracts import reasons
from contracts.models import Contract
from core.answers import is_fragment
from core.paging import Order, page_of
from core.templatetags.formats import intdot
from people.access import UserRequest, allow
from people.roles import Permission
from portfolio import composer, contact_rule, listing, next_action, reach, record, risk, rows, satisfaction, state
from portfolio.timeline.entry import VIEWS, Reader, View
from portfolio.timeline.page import timeline

TEMPLATE = "portfolio/client_detail.html"
HISTORY_ROWS = 100
TABS = (
    ("", gettext_lazy("Linha do tempo")),
    ("compras", gettext_lazy("Compras")),
    ("contratos", gettext_lazy("Contratos")),
    ("historico", gettext_lazy("Histórico")),
)
BY_DAY = Order("data", "sold_on", descending=True)
# The element of the timeline, which is filled without the composer above it.
LINE = "cliente-linha"


@allow(Permission.VIEW_CLIENTS)
def client_detail(request: UserRequest, pk: int) -> HttpResponse:
    """The whole page; htmx gets the middle: its tabs and the pages inside them."""
    client, contracts = _found(request, pk)
    context = {"client": client, **_middle(request, client, contracts)}
    if is_fragment(request):
        return render(request, f"{TEMPLATE}#{_part(request)}", context)
    for panel in COLUMNS.values():
        context |= panel(request, client, contracts)
    return render(request, TEMPLATE, context)


@allow(Permission.VIEW_CLIENTS)
def client_panel(request: UserRequest, pk: int, panel: str) -> HttpResponse:
    """One region of the page, reloaded after a write."""
    if panel == "reach":
        return _reach(request, pk)
    if panel not in PANELS:
        raise Http404
    client, contracts = _found(request, pk)
    context = {"client": client, **PANELS[panel](request, client, contracts)}
    return render(request, f"{TEMPLATE}#{panel}", context)


def _part(request: UserRequest) -> str:
    """ "Mostrar mais" asks for what follows in the timeline, a filter for its lines, everything else for the region."""
    if request.GET.get("desde"):
        return "entries"
    return "line" if request.htmx.target == LINE else "middle"


def _reach(request: UserRequest, pk: int) -> HttpResponse:
    """The gate asks more than the rest of the page together: the page comes first, the numbers follow it."""
    client = reach.client_with_phones(request.user, pk)
    if client is None or not request.user.may(Permission.CONTACT):
        raise Http404
    context = {"client": client, "reach": reach.reach_of(client, at=timezone.now())}
    return render(request, f"{TEMPLATE}#reach", context)


def _found(request: UserRequest, pk: int) -> tuple[Any, list[Contract]]:
    client = record.client_or_404(pk, user=request.user, on=timezone.localdate())
    client.settings = ContactSettings.current()
    client.interval = next_action.interval_of(client, client.settings)
    return client, record.contracts_of(client)


def _header(request: UserRequest, client: Any, contracts: list[Contract]) -> dict[str, Any]:
    now = timezone.now()
    today = timezone.localdate(now)
    label, value = record.value_of(client, contracts, on=today)
    step = state.step_at(request, client.pk)
    action = next_action.next_action(client, client.interval, now=now)
    return {
        "document": record.document_label(client),
        "chip": rows.chip_of(client, on=today),
        "sentence": reasons.sentence(client, on=today),
        "risk": risk.sentence(client, on=today, is_detractor=client.is_detractor),
        "client_for": record.client_for(client, on=today),
        "value_label": label,
        "value": value,
        "action": action,
        "rule": _rule(client, action, on=today),
        "step": step,
        "position": _position(step),
        "list_url": listing.list_url(step.query if step else f"class={client.portfolio_class}"),
        "class_label": PortfolioClass(client.portfolio_class).label,
    }


def _rule(client: Any, action: next_action.NextAction | None, *, on: datetime.date) -> contact_rule.Rule:
    days = [timezone.localdate(moment) for moment in client.spoken_at]
    every = client.interval.days if client.interval else 0
    return contact_rule.rule(days, on=on, interval=every, is_due=action is not None and action.is_due)


def _position(step: state.Step | None) -> str:
    if step is None or step.position is None:
        return ""
    return _("%(position)s de %(total)s") % {"position": intdot(step.position), "total": step.total}


def _facts(_request: UserRequest, client: Any, _contracts: list[Contract]) -> dict[str, Any]:
    facts, now = record.quality_of(client), timezone.now()
    interval = client.interval
    return {
        "facts": facts,
        "quality": round(100 * sum(fact.ok for fact in facts) / len(facts)),
        "consents": record.consents_of(client),
        "interval": interval,
        "days_left": interval.days_left(timezone.localdate(now)) if interval else None,
        "jobs": [(job, job.is_late(now)) for job in client.jobs],
    }


def _contracts(request: UserRequest, client: Any, contracts: list[Contract]) -> dict[str, Any]:
    today = timezone.localdate()
    terms = record.terms_of(client, contracts, on=today)
    return {
        "terms": [term for term in terms if term.is_open],
        "ended": sum(not term.is_open for term in terms),
        "satisfaction": satisfaction.of(client, user=request.user, on=today),
    }


def _composer(request: UserRequest, client: Any, _contracts: list[Contract]) -> dict[str, Any]:
    if not request.user.may(Permission.CONTACT):
        return {}
    made = composer.composer_for(client, client.interval, client.members, today=timezone.localdate())
    return {"composer": made}


def _middle(request: UserRequest, client: Any, contracts: list[Contract]) -> dict[str, Any]:
    tab = request.GET.get("aba", "")
    tab = tab if tab in MIDDLE else ""
    return {"tab": tab, "tabs": TABS, **MIDDLE[tab](request, client, contracts)}


def _timeline(request: UserRequest, client: Any, contracts: list[Contract]) -> dict[str, Any]:
    view = request.GET.get("tipo", "")
    view = View(view) if view in View else View.ALL
    reader = Reader(request.user, timezone.now(), datetime.timedelta(hours=client.settings.edit_hours))
    token = request.GET.get("desde", "")
    entries, more = timeline(client, contracts, reader=reader, view=view, token=token)
    context = {"entries": entries, "more": more, "view": view, "views": VIEWS}
    if is_fragment(request) and _part(request) != "middle":
        return context
    return {**context, **_composer(request, client, contracts)}


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
COLUMNS: dict[str, Context] = {"header": _header, "facts": _facts, "contracts": _contracts}
PANELS: dict[str, Context] = {**COLUMNS, "composer": _composer}
MIDDLE: dict[str, Context] = {
    "": _timeline,
    "compras": _purchases,
    "contratos": _all_contracts,
    "historico": _history,
}
