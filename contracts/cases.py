"""Truth tables of the rule: each case becomes real rows, goes through the real rule, and is rolled back.

The format is that of `tests/data/classification-cases.csv`: a reference date, m of a sector of its own, purchases,
contracts, and the class and last purchase day at the evaluation before.
"""

import csv
import datetime
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import IntegrityError, transaction

from clients.models import Client, PortfolioClass, Sector
from contracts.evaluation import Means, Question, read, write
from contracts.models import ClassChange, ClassificationSettings, ClassReason, ClientCycle, Contract, Purchase

COLUMNS: Final = ("case_id", "reference_date", "segment_cycle_days", "purchases", "contracts", "previous")
CLASSES: Final = {
    "ativa": PortfolioClass.ACTIVE,
    "inativa": PortfolioClass.INACTIVE,
    "renovacao": PortfolioClass.RENEWAL,
    "prospect": PortfolioClass.PROSPECT,
}
PURCHASES: Final = {
    "concluida": Purchase.Status.COMPLETED,
    "cancelada": Purchase.Status.CANCELLED,
    "devolvida": Purchase.Status.RETURNED,
}
CONTRACTS: Final = {
    "rascunho": Contract.Status.DRAFT,
    "proposta": Contract.Status.PROPOSAL,
    "recusado": Contract.Status.DECLINED,
    "assinado": Contract.Status.SIGNED,
    "vigente": Contract.Status.IN_FORCE,
    "cancelado": Contract.Status.CANCELLED,
}
# A case tells the class before; these are reasons that go with it.
REASON_BEFORE: Final = {
    PortfolioClass.ACTIVE: ClassReason.WITHIN_CYCLE,
    PortfolioClass.INACTIVE: ClassReason.BEYOND_CYCLE,
    PortfolioClass.RENEWAL: ClassReason.CONTRACT_ENDING,
    PortfolioClass.PROSPECT: ClassReason.NO_PURCHASE,
}
DECIDED_BY_CYCLE: Final = (ClassReason.WITHIN_CYCLE, ClassReason.BEYOND_CYCLE, ClassReason.NO_NEW_EVENT)


class CaseError(Exception):
    """A case that cannot be read, by its name."""


class Outcome(NamedTuple):
    """`limit` only where the cycle decided, as rule 4 does."""

    case_id: str
    class_code: str
    reason_code: str
    limit: float | None


def outcomes(path: Path) -> list[Outcome]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file)
        missing = [name for name in COLUMNS if name not in (rows.fieldnames or ())]
        if missing:
            raise CaseError(f"faltam colunas: {', '.join(missing)}")
        return [_outcome(row) for row in rows]


def _outcome(row: dict[str, str]) -> Outcome:
    try:
        with transaction.atomic():
            found = _classified(row)
            transaction.set_rollback(True)
    except (ArithmeticError, AttributeError, IntegrityError, KeyError, TypeError, ValueError) as error:
        raise CaseError(f"caso {row['case_id']}: {error!r}") from error
    return found


def _classified(row: dict[str, str]) -> Outcome:
    day = datetime.date.fromisoformat(row["reference_date"])
    key = f"CASO {uuid4().hex}"
    sector = Sector.objects.create(name=key, key=key)
    client = Client.objects.create(name=key, name_key=key, sector=sector)
    _record_purchases(client, json.loads(row["purchases"] or "[]"))
    _record_contracts(client, json.loads(row["contracts"] or "[]"), day=day)
    if row["previous"]:
        _remember(client, json.loads(row["previous"]))
    numbers = ClassificationSettings.current()
    mean = float(row["segment_cycle_days"] or numbers.default_mean_days)
    means = Means(company=mean, by_sector={sector.pk: mean})
    question = Question(on=day, means=means, numbers=numbers, recompute=True).about([client.pk])
    write(question, cause=ClassChange.Cause.WRITE, stamp=True)
    client.refresh_from_db()
    (found,) = read(question)
    limit = found.limit_days if client.class_reason in DECIDED_BY_CYCLE else None
    return Outcome(
        row["case_id"],
        client.portfolio_class,
        client.class_reason,
        None if limit is None else round(limit, 1),
    )


def _record_purchases(client: Client, purchases: list[dict[str, Any]]) -> None:
    for purchase in purchases:
        Purchase.objects.create(
            client=client,
            sold_on=datetime.date.fromisoformat(purchase["date"]),
            status=PURCHASES.get(purchase["status"], purchase["status"]),
        )


def _record_contracts(client: Client, contracts: list[dict[str, Any]], *, day: datetime.date) -> None:
    """Registered on the reference date: what a case tells is what is known then."""
    noon = datetime.datetime.combine(day, datetime.time(12), ZoneInfo(settings.TIME_ZONE))
    rows = {
        contract["id"]: Contract.objects.create(
            client=client,
            status=CONTRACTS.get(contract["status"], contract["status"]),
            start_on=_day(contract.get("start")),
            end_on=_day(contract.get("end")),
            signed_on=_day(contract.get("signed_at")),
            cancelled_on=_day(contract.get("cancelled_on")),
            will_not_renew=contract.get("renewal") == "nao_renova",
            window_days=contract.get("window"),
            created_at=noon,
        )
        for contract in contracts
    }
    for contract in contracts:
        if contract.get("renews"):
            rows[contract["id"]].renews = rows[contract["renews"]]
            rows[contract["id"]].save(update_fields=["renews"])


def _remember(client: Client, previous: dict[str, Any]) -> None:
    """The class and last purchase day at the evaluation before."""
    client.portfolio_class = CLASSES.get(previous["class"], previous["class"])
    client.class_reason = REASON_BEFORE[PortfolioClass(client.portfolio_class)]
    client.save(update_fields=["portfolio_class", "class_reason"])
    last = _day(previous.get("last"))
    ClientCycle.objects.create(client=client, gaps=-1 if last is None else 0, first_on=last, last_on=last)


def _day(text: str | None) -> datetime.date | None:
    return datetime.date.fromisoformat(text) if text else None


def as_rows(found: list[Outcome]) -> Iterator[dict[str, Any]]:
    for outcome in found:
        yield {
            "case_id": outcome.case_id,
            "class": outcome.class_code,
            "reason_code": outcome.reason_code,
            "limit": outcome.limit,
        }
