"""What happened with one client, newest first: several tables merged, each read as far as the page needs."""

import datetime
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from heapq import nlargest
from typing import Any

from django.core import signing
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.models import Client, Ownership, PortfolioClass
from contracts import reasons
from contracts.models import ClassChange, Contract, Purchase
from core.statements import Later, Records
from core.templatetags.formats import day, money_cents

PAGE = 20
# Ranks of the kinds, for ties: what follows from something stands above it.
BIRTH, SIGNING, CANCELLATION, PURCHASE, OWNERSHIP, CLASS_CHANGE = range(6)
_SALT = "portfolio.timeline"
VISIBLE = "of a visible client"
ANY_ID = 2**63 - 1


@dataclass(frozen=True)
class Entry:
    """`rank` breaks ties between kinds at the same moment; `timed` tells whether the hour means something."""

    at: datetime.datetime
    rank: int
    pk: int
    icon: str
    title: str
    body: str = ""
    tone: str = ""
    timed: bool = False

    @property
    def key(self) -> tuple[datetime.datetime, int, int]:
        return (self.at, self.rank, self.pk)

    @property
    def heading(self) -> str:
        """Quinta-feira, 19 de novembro; with the year outside the current one."""
        date = timezone.localtime(self.at).date()
        form = r"l, j \d\e F" if date.year == timezone.localdate().year else r"l, j \d\e F \d\e Y"
        return date_format(date, form).capitalize()


@dataclass(frozen=True)
class Cursor:
    """Where the page before ended."""

    at: datetime.datetime
    rank: int
    pk: int

    def edge(self, rank: int, *, is_date: bool) -> tuple[datetime.date, int]:
        """Rows of a table with this rank follow in the timeline that are earlier, or as early with a smaller id."""
        if not is_date:
            return self.at, self._below(rank, starts_day=True)
        local = timezone.localtime(self.at)
        return local.date(), self._below(rank, starts_day=local.time() == datetime.time())

    def _below(self, rank: int, *, starts_day: bool) -> int:
        if rank < self.rank or not starts_day:
            return ANY_ID
        return self.pk if rank == self.rank else 0


# Before everything that happened.
START = Cursor(datetime.datetime(9999, 1, 1, tzinfo=datetime.UTC), BIRTH, 0)


def read_cursor(token: str) -> Cursor | None:
    try:
        at, rank, pk = signing.loads(token, salt=_SALT)
        return Cursor(datetime.datetime.fromisoformat(at), int(rank), int(pk))
    except (signing.BadSignature, TypeError, ValueError):
        return None


def timeline(client: Client, contracts: Iterable[Contract], *, token: str = "") -> tuple[list[Entry], str]:
    """One page of entries and the token of the next ("" at the end)."""
    cursor = read_cursor(token) if token else None
    found = [entry for source in SOURCES for entry in _newest(source, client, cursor or START)]
    placed = [*_of_contracts(contracts), _birth(client)]
    found += [entry for entry in placed if cursor is None or entry.key < (cursor.at, cursor.rank, cursor.pk)]
    page = nlargest(PAGE + 1, found, key=lambda entry: entry.key)
    if len(page) <= PAGE:
        return page, ""
    last = page[PAGE - 1]
    return page[:PAGE], signing.dumps([last.at.isoformat(), last.rank, last.pk], salt=_SALT)


def _newest(source: "Source", client: Client, cursor: Cursor) -> Iterator[Entry]:
    moment, below = cursor.edge(source.rank, is_date=source.is_date)
    for row in source.rows.ask(client=client.pk, moment=moment, below=below):
        yield source.entry(row, _moment(getattr(row, source.field)), source.rank)


def _following(rows: QuerySet[Any], field: str) -> QuerySet[Any]:
    """Of one client, newest first, what comes after the edge of a page."""
    earlier = Q(**{f"{field}__lt": Later("moment")}) | Q(**{field: Later("moment"), "pk__lt": Later("below")})
    return rows.filter(earlier, client=Later("client")).order_by(f"-{field}", "-pk")[: PAGE + 1]


def _moment(value: datetime.date) -> datetime.datetime:
    """A date without an hour stands for its first moment."""
    if isinstance(value, datetime.datetime):
        return value
    return timezone.make_aware(datetime.datetime.combine(value, datetime.time()))


@dataclass(frozen=True)
class Source:
    rank: int
    field: str
    rows: Records[Any]
    entry: Callable[[Any, datetime.datetime, int], Entry]
    is_date: bool = True


def _of_contracts(contracts: Iterable[Contract]) -> Iterator[Entry]:
    """Contracts are few and the page has them already: they are placed in Python."""
    for contract in contracts:
        begun = contract.signed_on or contract.start_on
        if begun and contract.status in Contract.BINDING:
            yield _signing(contract, begun)
        if contract.cancelled_on:
            yield _cancellation(contract, contract.cancelled_on)


def _signing(contract: Contract, begun: datetime.date) -> Entry:
    title = _("%(name)s renovado") if contract.renews_id else _("%(name)s contratado")
    term = _("até %(day)s") % {"day": day(contract.end_on)} if contract.end_on else _("sem data de fim")
    amount = _("%(amount)s por mês") % {"amount": money_cents(contract.amount)} if contract.amount else ""
    name = {"name": contract.product or _("Contrato")}
    body = _joined(amount, term, contract.institution)
    return Entry(_moment(begun), SIGNING, contract.pk, "file-text", title % name, body, "ok")


def _cancellation(contract: Contract, cancelled: datetime.date) -> Entry:
    title = _("%(name)s cancelado") % {"name": contract.product or _("Contrato")}
    at = _moment(cancelled)
    return Entry(at, CANCELLATION, contract.pk, "circle-x", title, contract.cancel_reason, "bad")


def _purchases() -> QuerySet[Purchase]:
    said = ("client", "sold_on", "amount", "status", "notes", "product__name", "seller__name")
    purchases = Purchase.objects.unscoped(reason=VISIBLE).select_related("product", "seller")
    return _following(purchases.only(*said), "sold_on")


def _purchase(row: Purchase, at: datetime.datetime, rank: int) -> Entry:
    name = row.product or _("Compra")
    seller = _("por %(name)s") % {"name": row.seller} if row.seller else ""
    body = _joined(money_cents(row.amount), seller, row.notes)
    if row.status == Purchase.Status.COMPLETED:
        return Entry(at, rank, row.pk, "briefcase", _("Comprou %(name)s") % {"name": name}, body, "ok")
    title = _("%(name)s, compra %(status)s") % {"name": name, "status": row.get_status_display().lower()}
    return Entry(at, rank, row.pk, "arrow-back-up", title, body, "bad")


def _ownerships() -> QuerySet[Ownership]:
    said = ("client", "since", "reason", "note", "owner__name", "by__name")
    return _following(Ownership.objects.unscoped(reason=VISIBLE).select_related("owner", "by").only(*said), "since")


def _ownership(row: Ownership, at: datetime.datetime, rank: int) -> Entry:
    by = _("por %(name)s") % {"name": row.by} if row.by else ""
    title = _("Passou para a carteira de %(name)s") % {"name": row.owner}
    body = _joined(row.get_reason_display(), by, row.note)
    return Entry(at, rank, row.pk, "users", title, body, timed=True)


def _class_changes() -> QuerySet[ClassChange]:
    return _following(ClassChange.objects.unscoped(reason=VISIBLE).select_related("contract"), "on")


def _class_change(row: ClassChange, at: datetime.datetime, rank: int) -> Entry:
    name = PortfolioClass(row.to_class).label
    title = _("Entrou na carteira %(name)s") if row.from_class != row.to_class else _("Segue na carteira %(name)s")
    return Entry(at, rank, row.pk, "history", title % {"name": name}, reasons.sentence_of_change(row))


SOURCES = (
    Source(PURCHASE, "sold_on", Records(_purchases), _purchase),
    Source(OWNERSHIP, "since", Records(_ownerships), _ownership, is_date=False),
    Source(CLASS_CHANGE, "on", Records(_class_changes), _class_change),
)


def _birth(client: Client) -> Entry:
    by = _("por %(name)s") % {"name": client.created_by} if client.created_by else ""
    body = _joined(by, _("origem: %(source)s") % {"source": client.source} if client.source else "")
    return Entry(client.created_at, BIRTH, client.pk, "user-plus", _("Entrou no Carteira"), body, timed=True)


def _joined(*parts: object) -> str:
    return " · ".join(str(part) for part in parts if part)
