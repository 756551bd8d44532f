"""Purchases, contracts and classes in the timeline."""

import datetime
from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import CharField, QuerySet
from django.db.models.functions import Cast
from django.utils.translation import gettext as _

from clients.models import PortfolioClass
from contracts import reasons
from contracts.models import ClassChange, Contract, Purchase
from core.statements import Later
from core.templatetags.formats import day, money_cents
from portfolio.timeline.entry import (
    VISIBLE,
    Entry,
    Rank,
    Reader,
    Said,
    Source,
    View,
    joined,
    moment_of,
    read_day,
)


def of_contracts(contracts: Iterable[Contract]) -> Iterator[Entry]:
    for contract in contracts:
        begun = contract.signed_on or contract.start_on
        if begun and contract.status in Contract.BINDING:
            yield _signing(contract, begun)
        if contract.cancelled_on:
            yield _cancellation(contract, contract.cancelled_on)


def _signing(contract: Contract, begun: datetime.date) -> Entry:
    term = _("até %(day)s") % {"day": day(contract.end_on)} if contract.end_on else _("sem data de fim")
    amount = _("%(amount)s por mês") % {"amount": money_cents(contract.amount)} if contract.amount else ""
    return Entry(
        moment_of(begun),
        Rank.SIGNING,
        contract.pk,
        "file-text",
        _("Renovou") if contract.renews_id else _("Contratou"),
        strong=str(contract.product or _("contrato")),
        body=joined(amount, term, contract.institution),
        tone="ok",
    )


def _cancellation(contract: Contract, cancelled: datetime.date) -> Entry:
    name = str(contract.product or _("contrato"))
    at = moment_of(cancelled)
    return Entry(at, Rank.CANCELLATION, contract.pk, "circle-x", _("Cancelou"), name, "", contract.cancel_reason, "bad")


def _purchases() -> QuerySet[Any]:
    return Purchase.objects.unscoped(reason=VISIBLE).filter(client=Later("client"))


def _purchase(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    seller = _("por %(name)s") % {"name": said["seller"]} if said["seller"] else ""
    is_done = said["status"] == Purchase.Status.COMPLETED
    return Entry(
        at,
        Rank.PURCHASE,
        said["pk"],
        "briefcase" if is_done else "arrow-back-up",
        _("Comprou")
        if is_done
        else _("Compra %(status)s:") % {"status": Purchase.Status(said["status"]).label.lower()},
        strong=said["product"] or _("sem produto informado"),
        body=joined(money_cents(said["amount"]), seller, said["notes"]),
        tone="ok" if is_done else "bad",
    )


def _class_changes() -> QuerySet[Any]:
    return ClassChange.objects.unscoped(reason=VISIBLE).filter(client=Later("client"))


_NUMBERS = (
    "cause",
    "from_class",
    "to_class",
    "reason",
    "gaps",
    "recency_days",
    "mean_days",
    "cycle_days",
    "limit_days",
    "p_buys",
    "risk_band",
)


def _class_change(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    change = ClassChange(
        on=datetime.date.fromisoformat(said["at"]),
        anchor_on=read_day(said["anchor_on"]),
        contract=_contract(said),
        **{name: said[name] for name in _NUMBERS},
    )
    title = _("Entrou na carteira") if change.from_class != change.to_class else _("Segue na carteira")
    name = str(PortfolioClass(change.to_class).label)
    return Entry(at, Rank.CLASS_CHANGE, said["pk"], "history", title, name, body=reasons.sentence_of_change(change))


def _contract(said: Said) -> Contract | None:
    """Of the contract that decided, what its sentence says."""
    if said["contract"] is None:
        return None
    return Contract(pk=said["contract"], cancelled_on=read_day(said["cancelled_on"]))


SOURCES = (
    Source(
        Rank.PURCHASE,
        View.BUSINESS,
        _purchases,
        "sold_on",
        {
            "amount": Cast("amount", CharField()),
            "status": "status",
            "notes": "notes",
            "product": "product__name",
            "seller": "seller__name",
        },
        _purchase,
        is_date=True,
    ),
    Source(
        Rank.CLASS_CHANGE,
        View.BUSINESS,
        _class_changes,
        "on",
        {
            **{name: name for name in (*_NUMBERS, "anchor_on")},
            "contract": "contract_id",
            "cancelled_on": "contract__cancelled_on",
        },
        _class_change,
        is_date=True,
    ),
)
