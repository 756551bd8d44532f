"""What a transactional survey asks about: a sale, or a contact in which the client was served."""

import datetime
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from clients.models import Purpose
from contacts.models import ContactLog, OutcomeGroup
from contracts.models import Contract, Purchase
from core.days import midnight
from nps.models import Survey

DAY: Final = datetime.timedelta(days=1)
# Days after its own on which an event is still asked about, when nights were missed; by hand people take longer.
CATCH_UP: Final = 3
BY_HAND: Final = 30
WHY: Final = "what a survey asks about; who may see the client is settled by who asks"


@dataclass(frozen=True)
class Event:
    client_id: int
    on: datetime.date
    contract_id: int | None = None
    log_id: int | None = None
    product_id: int | None = None


def events_on(survey: Survey, on: datetime.date, *, reach: int, ids: Collection[int] | None = None) -> list[Event]:
    """Of each client the newest event that is `delay_days` old, or up to `reach` days more."""
    last = on - survey.delay_days * DAY
    first = last - reach * DAY
    found = _sales(first, last, ids) if survey.kind == Survey.Kind.SALE else _services(first, last, ids)
    newest: dict[int, Event] = {}
    for event in found:
        known = newest.get(event.client_id)
        if known is None or event.on > known.on:
            newest[event.client_id] = event
    return list(newest.values())


def events_of(survey: Survey, ids: Collection[int], *, on: datetime.date, reach: int) -> dict[int, Event]:
    return {event.client_id: event for event in events_on(survey, on, reach=reach, ids=ids)}


def _of(rows: QuerySet[Any], ids: Collection[int] | None) -> QuerySet[Any]:
    return rows if ids is None else rows.filter(client__among=list(ids))


def _sales(first: datetime.date, last: datetime.date, ids: Collection[int] | None) -> Iterator[Event]:
    """Contracts that were signed and hold, and purchases that were completed."""
    holding = (Contract.Status.SIGNED, Contract.Status.IN_FORCE)
    dated = Contract.objects.unscoped(reason=WHY).annotate(day=Coalesce("signed_on", "start_on"))
    signed = _of(dated.filter(day__range=(first, last), status__in=holding), ids).order_by("-pk")
    for client, day, contract, product in signed.values_list("client_id", "day", "pk", "product_id"):
        yield Event(client, day, contract_id=contract, product_id=product)
    bought = Purchase.objects.unscoped(reason=WHY).filter(
        sold_on__range=(first, last), status=Purchase.Status.COMPLETED
    )
    for client, day, product in _of(bought, ids).order_by("-pk").values_list("client_id", "sold_on", "product_id"):
        yield Event(client, day, product_id=product)


def _services(first: datetime.date, last: datetime.date, ids: Collection[int] | None) -> Iterable[Event]:
    """What another contact corrects is no longer what happened."""
    logs = ContactLog.objects.unscoped(reason=WHY)
    corrections = logs.filter(corrects=OuterRef("pk"), undone_at=None)
    served = logs.filter(
        ~Exists(corrections),
        started_at__gte=midnight(first),
        started_at__lt=midnight(last + DAY),
        group=OutcomeGroup.REACHED,
        purpose=Purpose.SERVICE,
        undone_at=None,
    )
    rows = _of(served, ids).order_by("-started_at", "-pk").values_list("client_id", "started_at", "pk")
    return (Event(client, timezone.localdate(at), log_id=log) for client, at, log in rows)
