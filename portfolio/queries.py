"""The list of the carteira: what is counted, in which order it comes, which page is shown."""

import dataclasses
import datetime
from collections import Counter
from dataclasses import dataclass
from decimal import Decimal

from django.db import connection
from django.db.models import DateField, DecimalField, F, IntegerField, Sum, Value
from django.db.models.expressions import RawSQL
from django.db.models.functions import Coalesce, Concat
from django.http import QueryDict
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from clients import search
from clients.models import ClientQuerySet, PortfolioClass
from contracts import classification
from core.fullness import FULL, key_of
from core.paging import COUNT_CAP, CappedCount, Order, Page, page_of
from people.models import User
from portfolio.filters import ClientFilter

LONG_AGO = datetime.date(1, 1, 1)


@dataclass(frozen=True)
class Tab:
    """One tab of the list; `portfolio_class` empty is all of them."""

    portfolio_class: str
    label: Promise | str
    dot: str = ""


TABS = (
    Tab("", _("Todas")),
    Tab(PortfolioClass.ACTIVE, _("Ativa"), "ativa"),
    Tab(PortfolioClass.RENEWAL, _("Renovação"), "renova"),
    Tab(PortfolioClass.INACTIVE, _("Inativa"), "inativa"),
    Tab(PortfolioClass.PROSPECT, _("Prospects"), "prosp"),
)
CLASSES = tuple(tab.portfolio_class for tab in TABS if tab.portfolio_class)

# The contracts of one seller, or of a team: with two more tables to read, not of a whole region.
MOST_ADDED = 2_000

# Nobody pages through more hits of a search; to count all that a frequent word finds costs more than the rest together.
SEARCH_CAP = 1_000

BY_NAME = Order("nome", "name_key")
# The same order where filters left few rows: no index knows this expression, so that the filters come first. Walking
# the index of names until 50 rows pass a rare filter would read the whole table.
FEW_BY_NAME = Order("nome", Concat("name_key", Value("")))
# Only by name is there an index; the others sort what a filter left, at most COUNT_CAP rows (PERFORMANCE 2).
ORDERS = {
    order.name: order
    for order in (
        BY_NAME,
        Order("desde", "class_since"),
        Order("motivo", Coalesce(F("cycle__anchor_on"), Value(LONG_AGO), output_field=DateField())),
        Order("compra", Coalesce(F("cycle__last_on"), Value(LONG_AGO), output_field=DateField())),
        Order("saude", Coalesce(F("health"), Value(-1), output_field=IntegerField())),
        Order("valor", Coalesce(F("cycle__value_12m"), Value(0), output_field=DecimalField())),
    )
}


@dataclass(frozen=True)
class Listing:
    """The list as one person asked for it. `is_cut` says that a search found more than SEARCH_CAP: then the counts are
    of those first found, and each class has at least as many."""

    user: User
    filters: ClientFilter
    portfolio_class: str
    text: str
    order: Order
    can_sort: bool
    counts: dict[str, int]
    is_cut: bool
    page: Page
    monthly: Decimal | None

    @property
    def is_narrowed(self) -> bool:
        return bool(self.text or self.filters.active())


def matching(*, filters: ClientFilter, text: str) -> ClientQuerySet:
    """The visible clients that pass the filters and the search, of every class."""
    found: ClientQuerySet = filters.qs
    return search.matching(found, text) if text else found


def in_tab(*, query: QueryDict, filters: ClientFilter, text: str) -> ClientQuerySet:
    """The same clients as the list at this address, without its order."""
    found = matching(filters=filters, text=text)
    portfolio_class = class_of(query)
    return found.filter(portfolio_class=portfolio_class) if portfolio_class else found


def class_of(query: QueryDict) -> str:
    word = query.get("class", "")
    return word if word in CLASSES else ""


def listing(*, user: User, query: QueryDict, filters: ClientFilter, text: str) -> Listing:
    if query.get("ordem", "").removeprefix("-") == "saude":
        # Health is computed when read: only the order that needs it pays for it.
        filters.queryset = classification.with_numbers(filters.queryset, on=timezone.localdate())
    portfolio_class = class_of(query)
    everything = matching(filters=filters, text=text)
    counts, is_cut = search_counts(everything) if text else (class_counts(everything), False)
    found = in_tab(query=query, filters=filters, text=text)
    total = COUNT_CAP + 1 if is_cut else counts[portfolio_class]
    monthly = monthly_of(found, total=total) if portfolio_class == PortfolioClass.RENEWAL else None
    can_sort = total <= COUNT_CAP
    order = order_of(query.get("ordem", ""), portfolio_class=portfolio_class, can_sort=can_sort)
    if order.name == BY_NAME.name and can_sort and (text or filters.filters):
        order = dataclasses.replace(FEW_BY_NAME, descending=order.descending)
    page = page_of(
        found,
        everything=filters.queryset,
        order=order,
        total=total,
        where=query.get("pagina", ""),
        # Whoever is called Luciano comes after half of the others.
        else_by=FEW_BY_NAME if is_cut else None,
    )
    return Listing(user, filters, portfolio_class, text, order, can_sort, counts, is_cut, page, monthly)


def order_of(word: str, *, portfolio_class: str, can_sort: bool) -> Order:
    """Renewals come by the end of the contract, the others by name, unless another order is asked for."""
    default = ORDERS["motivo"] if portfolio_class == PortfolioClass.RENEWAL and can_sort else BY_NAME
    order = ORDERS.get(word.removeprefix("-"))
    if order is None or (order.name != BY_NAME.name and not can_sort):
        return default
    return order.reversed() if word.startswith("-") else order


# Every class asks the same, so that the conditions are written, sent and read once.
_COUNTS = "SELECT wanted.name, (SELECT count(*) FROM ({}) counted) FROM unnest(%s::text[]) AS wanted (name)"


def class_counts(found: ClientQuerySet) -> dict[str, int]:
    """Rows per class, each up to COUNT_CAP + 1 ("" is the sum): one query for all that did not pass it lately."""
    of_class = found.filter(portfolio_class=RawSQL("wanted.name", ()))
    sql, params = CappedCount(of_class).query.sql_with_params()
    keys = {name: key_of(sql, params, name) for name in CLASSES}
    counts = {name: COUNT_CAP + 1 for name, key in keys.items() if FULL.knows(key)}
    if wanted := [name for name in CLASSES if name not in counts]:
        with connection.cursor() as cursor:
            cursor.execute(_COUNTS.format(sql), [*params, wanted])
            counts |= dict(cursor.fetchall())
    for name in wanted:
        if counts[name] > COUNT_CAP:
            FULL.remember(keys[name])
    return {"": min(sum(counts.values()), COUNT_CAP + 1), **{name: counts[name] for name in CLASSES}}


def search_counts(found: ClientQuerySet) -> tuple[dict[str, int], bool]:
    """The same of a search, which is asked once for all classes, and whether it found more than is counted."""
    classes = Counter(found.order_by().values_list("portfolio_class", flat=True)[: SEARCH_CAP + 1])
    counts = {"": min(classes.total(), SEARCH_CAP), **{name: classes[name] for name in CLASSES}}
    return counts, classes.total() > SEARCH_CAP


def monthly_of(found: ClientQuerySet, *, total: int) -> Decimal | None:
    """What the contracts that put these clients into renewal are worth a month; too many are not added up."""
    if total > MOST_ADDED:
        return None
    added: Decimal | None = found.aggregate(amount=Sum("cycle__contract__amount"))["amount"]
    return added
