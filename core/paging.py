"""Pages of a list: numbered while the count is small and exact, then by keyset, so that a deep page costs
what the first one does.

An order is one expression that is never NULL plus the primary key, both in the same direction: then a plain
index on (key, id) serves it either way. The token in the address holds the id of the row at the edge and
nothing of its contents; the row's key is looked up again, within what the user may see.
"""

import dataclasses
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import models
from django.db.models import Q, Subquery, Value
from django.db.models.expressions import BaseExpression, F

PAGE_SIZE = 50
NUMBERED_ROWS = 500
COUNT_CAP = 10_000
# Rows looked at in their order before a filter that many pass is asked first.
WALKED = 5_000
_SALT = "core.paging"


class CappedCount(Subquery):
    """Number of rows of a queryset, counted up to COUNT_CAP + 1 and no further."""

    template = "(SELECT count(*) FROM (%(subquery)s) AS counted)"
    output_field = models.IntegerField()

    def __init__(self, queryset: models.QuerySet[Any]) -> None:
        # A constant, not the id: then an index that holds what is filtered is enough, and no row is read.
        super().__init__(queryset.order_by().values(counted=Value(1))[: COUNT_CAP + 1])


@dataclass(frozen=True)
class Order:
    """`key` is a field path or an expression without NULLs; `name` is its word in the address."""

    name: str
    key: str | BaseExpression
    descending: bool = False

    @property
    def word(self) -> str:
        return f"-{self.name}" if self.descending else self.name

    @property
    def expression(self) -> F | BaseExpression:
        return F(self.key) if isinstance(self.key, str) else self.key

    def reversed(self) -> "Order":
        return dataclasses.replace(self, descending=not self.descending)

    def keyed[S: models.QuerySet[Any]](self, queryset: S) -> S:
        return queryset.alias(_key=self.expression)

    def sort[S: models.QuerySet[Any]](self, queryset: S) -> S:
        sign = "-" if self.descending else ""
        return self.keyed(queryset).order_by(f"{sign}_key", f"{sign}pk")

    def after(self, key: object, pk: int) -> Q:
        """What comes after the row (key, pk); the first, redundant half is what the index can use."""
        side = "lt" if self.descending else "gt"
        beyond = Q(**{f"_key__{side}": key}) | Q(_key=key, **{f"pk__{side}": pk})
        return Q(**{f"_key__{side}e": key}) & beyond


@dataclass(frozen=True)
class Edge:
    """The row a page starts after, or (`back`) ends before."""

    pk: int
    back: bool = False

    def token(self, order: Order) -> str:
        return signing.dumps([self.pk, int(self.back), order.word], salt=_SALT, compress=True)


def read_edge(token: str, order: Order) -> Edge | None:
    """None for a token of another order, or one that is not ours."""
    try:
        pk, back, word = signing.loads(token, salt=_SALT)
    except (signing.BadSignature, TypeError, ValueError):
        return None
    return Edge(pk, bool(back)) if word == order.word else None


@dataclass(frozen=True)
class Page:
    """Ids of one page. `total` is exact up to COUNT_CAP; `first` is the first row's position where known."""

    ids: list[int]
    total: int
    first: int | None
    numbers: range | None
    number: int | None
    previous: str = ""
    next: str = ""

    @property
    def is_capped(self) -> bool:
        return self.total > COUNT_CAP

    @property
    def last(self) -> int | None:
        return None if self.first is None else self.first + len(self.ids) - 1


def page_of(
    queryset: models.QuerySet[Any],
    *,
    everything: models.QuerySet[Any],
    order: Order,
    total: int,
    where: str = "",
    size: int = PAGE_SIZE,
    else_by: Order | None = None,
) -> Page:
    """The page `where` (a number or a token; "" is the first).

    An edge row is looked up in `everything`: it may have left the filter since, but must still be visible. Of many
    rows that pass a filter, those next in the order may all be far away: with `else_by`, the same order by another
    expression, only so many are walked, and then the filter comes first.
    """
    if total <= NUMBERED_ROWS:
        return _numbered(queryset, order=order, total=total, where=where, size=size)
    rows = _Rows(queryset, everything, else_by, size + 1)
    edge = read_edge(where, order) if where else None
    key = _key_of(everything, order, edge.pk) if edge else None
    if edge is None or key is None:
        return _first(rows, order=order, total=total, size=size)
    direction = order.reversed() if edge.back else order
    ids = rows.next(direction, direction.after(key[0], edge.pk))
    if edge.back and len(ids) <= size:
        # Going back ends on a whole first page, whatever came or went meanwhile.
        return _first(rows, order=order, total=total, size=size)
    return _keyset(ids, edge=edge, order=order, total=total, size=size)


@dataclass(frozen=True)
class _Rows:
    found: models.QuerySet[Any]
    everything: models.QuerySet[Any]
    else_by: Order | None
    number: int

    def next(self, order: Order, beyond: Q) -> list[int]:
        if self.else_by is not None:
            near = order.sort(self.everything).filter(beyond).values("pk")[:WALKED]
            ids = self._ids(order, beyond, self.found.filter(pk__in=near))
            if len(ids) == self.number:
                return ids
            order = dataclasses.replace(self.else_by, descending=order.descending)
        return self._ids(order, beyond, self.found)

    def _ids(self, order: Order, beyond: Q, found: models.QuerySet[Any]) -> list[int]:
        return list(order.sort(found).filter(beyond).values_list("pk", flat=True)[: self.number])


def _first(rows: _Rows, *, order: Order, total: int, size: int) -> Page:
    ids = rows.next(order, Q())
    token = Edge(ids[size - 1]).token(order) if len(ids) > size else ""
    return Page(ids[:size], total, 1 if ids else None, None, None, next=token)


def _numbered(queryset: models.QuerySet[Any], *, order: Order, total: int, where: str, size: int) -> Page:
    pages = max(1, -(-total // size))
    # int() would take "１" and "1_0" too; an address is digits.
    number = int(where) if where.isascii() and where.isdigit() and len(where) < 4 else 1
    number = min(max(number, 1), pages)
    start = (number - 1) * size
    ids = list(order.sort(queryset).values_list("pk", flat=True)[start : start + size])
    return Page(
        ids,
        total,
        start + 1 if ids else None,
        range(1, pages + 1),
        number,
        previous=str(number - 1) if number > 1 else "",
        next=str(number + 1) if number < pages else "",
    )


def _keyset(ids: list[int], *, edge: Edge, order: Order, total: int, size: int) -> Page:
    more = len(ids) > size
    ids = ids[:size]
    if edge.back:
        ids.reverse()
    # Whoever came from somewhere can go back there, even when this page is empty by now.
    first, last = (ids[0], ids[-1]) if ids else (edge.pk, edge.pk)
    has_next = edge.back or more
    return Page(
        ids,
        total,
        None,
        None,
        None,
        previous=Edge(first, back=True).token(order),
        next=Edge(last).token(order) if has_next else "",
    )


def _key_of(everything: models.QuerySet[Any], order: Order, pk: int) -> tuple[Any] | None:
    row = everything.filter(pk=pk).order_by().annotate(_key=order.expression)
    found: tuple[Any] | None = row.values_list("_key").first()
    return found
