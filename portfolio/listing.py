"""What stands round the rows of the list: addresses, tabs, chips of the filters, columns, the line below."""

from functools import cache
from typing import Any, Self
from urllib.parse import urlencode

from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.paging import COUNT_CAP
from core.templatetags.formats import intdot, money
from people.models import User
from portfolio.filters import ClientFilter, sees_colleagues
from portfolio.forms import COLUMNS, DEFAULT_COLUMNS, LEADERS_COLUMNS
from portfolio.queries import TABS, Listing

# What may stand in the address of the list, in this order; anything else is dropped from our own links.
ADDRESS = ("class", *ClientFilter.base_filters, "ordem", "pagina")
# The order a column's heading asks for; a column without one does not sort.
SORTS = {"health": "saude", "reason": "motivo", "last": "compra", "since": "desde", "value": "valor"}
NUMERIC = frozenset({"value"})


class Shown(dict[str, bool]):
    """The columns of the page by name. Asking for one that is not shown is no error: a template would look for it in
    four other ways, in every row."""

    @classmethod
    def of(cls, columns: list[dict[str, Any]]) -> Self:
        return cls({column["name"]: True for column in columns})

    def __missing__(self, _name: str) -> bool:
        return False


def address(query: QueryDict, *, without: tuple[str, ...] = (), **changes: str) -> str:
    """The query string with only what the list knows, without empty values."""
    values = {name: query.get(name, "") for name in ADDRESS if name not in without} | changes
    return urlencode({name: value for name, value in values.items() if value})


def list_url(query: str) -> str:
    return f"{_path()}?{query}" if query else _path()


@cache
def _path() -> str:
    return reverse("portfolio:client_list")


def context(found: Listing, *, query: QueryDict, columns: list[str] | None) -> dict[str, Any]:
    chips = _chips(found, query)
    chosen = columns_of(found.user, columns)
    return {
        "listing": found,
        "page": found.page,
        "order": found.order.word,
        "query": address(query, without=("pagina",)),
        "tabs": _tabs(found, query),
        "chips": chips,
        "columns": chosen,
        "column_choices": columns_of(found.user, list(COLUMNS)),
        "shown": Shown.of(chosen),
        "summary": _summary(found),
        "is_new": not (found.counts[""] or chips or found.text),
        "clear_url": list_url(address(query, without=(*ClientFilter.base_filters, "pagina"))),
    }


def count_of(found: Listing, portfolio_class: str) -> str:
    """What is shown as the number of clients; a plus where there may be more. A search that was cut does not know how
    its hits are spread over the classes: nothing is said of them."""
    if found.is_cut and portfolio_class:
        return ""
    count = found.counts[portfolio_class]
    is_more = found.is_cut or count > COUNT_CAP
    return f"{intdot(min(count, COUNT_CAP))}+" if is_more else intdot(count)


def _tabs(found: Listing, query: QueryDict) -> list[dict[str, Any]]:
    return [
        {
            "label": tab.label,
            "dot": tab.dot,
            "count": count_of(found, tab.portfolio_class),
            "url": list_url(address(query, without=("class", "pagina", "ordem"), **{"class": tab.portfolio_class})),
            "current": tab.portfolio_class == found.portfolio_class,
        }
        for tab in TABS
    ]


def _chips(found: Listing, query: QueryDict) -> list[dict[str, str]]:
    return [
        {"label": label, "value": value, "url": list_url(address(query, without=(name, "pagina")))}
        for name, label, value in found.filters.active()
    ]


def columns_of(user: User, chosen: list[str] | None) -> list[dict[str, Any]]:
    hidden = set() if sees_colleagues(user) else LEADERS_COLUMNS
    names = DEFAULT_COLUMNS if chosen is None else chosen
    return [
        {"name": name, "label": label, "sort": SORTS.get(name, ""), "cls": "n" if name in NUMERIC else ""}
        for name, label in COLUMNS.items()
        if name in names and name not in hidden
    ]


def _summary(found: Listing) -> str:
    page = found.page
    total = count_of(found, found.portfolio_class)
    if not total:
        return _("Muitos resultados: escreva mais para contar.") if page.ids else ""
    count = ngettext("%(total)s cliente", "%(total)s clientes", page.total) % {"total": total}
    if page.first is not None and page.total > len(page.ids):
        count = _("%(first)s a %(last)s de %(count)s") % {
            "first": intdot(page.first),
            "last": intdot(page.last),
            "count": count,
        }
    if not found.monthly:
        return count
    return _("%(count)s · %(amount)s/mês em renovação") % {"count": count, "amount": money(found.monthly)}
