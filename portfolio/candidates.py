"""Who is waiting for a seller, who can take clients, and what each client is worth in money and minutes."""

import datetime
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import (
    Case,
    Count,
    DecimalField,
    F,
    FloatField,
    OuterRef,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Cast, Coalesce, Greatest
from django.utils.translation import gettext as _

from clients.models import Address, Client, ClientQuerySet, Phone
from contracts import classification
from contracts.models import Contract
from people.models import Absence, User
from people.roles import Role
from people.visibility import visible_people
from portfolio.balance import Floats
from portfolio.models import DistributionRule

Criterion = DistributionRule.Criterion

# Until contact plans exist, the default intervals of DOMAIN 3: A every 30 days, B 60, C and others 90; one contact
# takes 360 minutes / 40 contacts = 9 minutes.
CONTACT_MINUTES = 9.0
CONTACTS_A_MONTH = {"A": 1.0, "B": 0.5}
RARE_CONTACTS_A_MONTH = 1 / 3
HORIZON_DAYS = 90


@dataclass(frozen=True)
class Queue:
    """The clients that wait, one array a column, in the order of their ids.

    `traits` holds what the rules in force look at: per criterion one value a client.
    """

    pks: list[int]
    versions: list[int]
    names: list[str]
    teams: list[int | None]
    values: Floats
    minutes: Floats
    traits: dict[str, Sequence[Any]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.pks)


@dataclass(frozen=True)
class Seller:
    """`room` is how many clients still fit under the seller's limit; None is no limit."""

    pk: int
    name: str
    team_id: int | None
    hours: float
    room: int | None
    clients: int
    value: float
    minutes: float


def worth(clients: QuerySet[Client], *, day: datetime.date) -> QuerySet[Client]:
    """Annotates `worth_value`, the purchases expected in 90 days (SCIENCE 6), and `worth_minutes` a month.

    What contracts bring is added by `renewals`, in one pass over the few contracts that end.
    """
    ticket = Cast(F("cycle__purchase_total"), FloatField()) / Greatest(F("cycle__purchase_count"), Value(1))
    turns = Greatest(Value(1.0), Value(float(HORIZON_DAYS)) / F("cycle_days"))
    tier = Case(
        *(When(cycle__tier=letter, then=Value(often * CONTACT_MINUTES)) for letter, often in CONTACTS_A_MONTH.items()),
        default=Value(RARE_CONTACTS_A_MONTH * CONTACT_MINUTES),
        output_field=FloatField(),
    )
    numbered: QuerySet[Client] = classification.with_numbers(clients, on=day)
    return numbered.annotate(
        worth_value=Coalesce(F("p_buys") * ticket * turns, Value(0.0), output_field=FloatField()),
        worth_minutes=tier,
    )


def renewals(clients: QuerySet[Client], *, day: datetime.date, per: str) -> dict[int, float]:
    """What the contracts of these clients that end within 90 days are worth, added up per client or owner."""
    due = Contract.objects.unscoped(reason="sum over clients already chosen").filter(
        client__in=clients.order_by().values("pk"),
        status__in=[Contract.Status.SIGNED, Contract.Status.IN_FORCE],
        end_on__gte=day,
        end_on__lte=day + datetime.timedelta(days=HORIZON_DAYS),
    )
    money: DecimalField[Any, Any] = DecimalField(max_digits=16, decimal_places=2)
    rows = due.order_by().values(per).annotate(total=Coalesce(Sum("amount"), Value(0), output_field=money))
    return {key: float(total) for key, total in rows.values_list(per, "total")}


def waiting(*, by: User | None, only_new: bool = False) -> ClientQuerySet:
    """The queue as `by` sees it, or (`by=None`) everybody's; `only_new` takes only clients nobody ever owned."""
    everyone = Client.objects.unscoped(reason="command or night") if by is None else Client.objects.visible_to(by)
    return everyone.never_owned() if only_new else everyone.ownerless()


def queue(clients: ClientQuerySet, *, day: datetime.date, criteria: Collection[str] = ()) -> Queue:
    """`clients` with their worth, and the traits that rules of these criteria look at."""
    columns = {criterion: _COLUMNS[Criterion(criterion)] for criterion in criteria if criterion in _COLUMNS}
    rows = worth(clients, day=day).annotate(**{f"trait_{name}": column for name, column in columns.items()})
    names = [
        "pk",
        "version",
        "name_key",
        "team_id",
        "worth_value",
        "worth_minutes",
        *(f"trait_{name}" for name in columns),
    ]
    # One row of arrays: a hundred thousand rows would each be made by the ORM.
    found = rows.aggregate(**{f"all_{name}": ArrayAgg(name, order_by="pk") for name in names})
    pks, versions, keys, teams, values, minutes, *traits = (found[f"all_{name}"] or [] for name in names)
    due = renewals(clients, day=day, per="client")
    known: dict[str, Sequence[Any]] = dict(zip(columns, traits, strict=True))
    if Criterion.FAMILY in criteria:
        known[Criterion.FAMILY] = _families(clients, pks)
    return Queue(
        pks=pks,
        versions=versions,
        names=keys,
        teams=teams,
        values=np.array(values, dtype=np.float64) + np.array([due.get(pk, 0.0) for pk in pks]),
        minutes=np.array(minutes, dtype=np.float64),
        traits=known,
    )


def _primary(model: type[Address] | type[Phone], column: str) -> Coalesce:
    rows = model.objects.unscoped(reason="of these clients").filter(client=OuterRef("pk"), is_primary=True)
    return Coalesce(Subquery(rows.values(column)[:1]), Value(""))


# A phone is read whole: its DDD is for the rule to find.
_COLUMNS: dict[Criterion, Any] = {
    Criterion.UF: F("uf"),
    Criterion.CITY: F("city"),
    Criterion.PERSON_TYPE: F("person_type"),
    Criterion.SECTOR: F("sector_id"),
    Criterion.DDD: _primary(Phone, "e164"),
    Criterion.CEP: _primary(Address, "cep"),
}


def _families(clients: ClientQuerySet, pks: Sequence[int]) -> list[frozenset[int]]:
    """The product families each client holds by contract: what skill rules look at."""
    held: dict[int, set[int]] = {}
    contracts = Contract.objects.unscoped(reason="of clients already chosen").filter(
        client__in=clients.order_by().values("pk"), product__isnull=False
    )
    for client_id, family_id in contracts.order_by().values_list("client", "product__family").distinct():
        held.setdefault(client_id, set()).add(family_id)
    return [frozenset(held.get(pk, ())) for pk in pks]


def sellers(*, by: User | None, day: datetime.date) -> tuple[list[Seller], list[dict[str, str]]]:
    """Sellers who can take clients today, and the others with the reason: left, away, full or without hours."""
    people = User.objects.filter(role=Role.SELLER).order_by("name_key", "pk")
    if by is not None:
        people = people.filter(visible_people(by))
    away = set(
        Absence.objects.filter(starts_on__lte=day, ends_on__gte=day, ended_early_at__isnull=True).values_list(
            "user", flat=True
        )
    )
    loads = _loads(day)
    able: list[Seller] = []
    skipped: list[dict[str, str]] = []
    for person in people:
        count, value, minutes = loads.get(person.pk, (0, 0.0, 0.0))
        why = _why_not(person, count, away)
        if why:
            skipped.append({"name": person.name, "why": why})
            continue
        room = None if person.client_limit is None else person.client_limit - count
        able.append(
            Seller(
                person.pk,
                person.name,
                person.team_id,
                float(person.hours_per_day),
                room,
                count,
                value,
                minutes,
            )
        )
    return able, skipped


def _loads(day: datetime.date) -> dict[int, tuple[int, float, float]]:
    """Clients, value and minutes a month of everybody who has clients."""
    owned = Client.objects.unscoped(reason="totals per seller").filter(owner__isnull=False)
    due = renewals(owned, day=day, per="client__owner")
    rows = (
        worth(owned, day=day)
        .order_by()
        .values("owner")
        .annotate(total=Count("pk"), value=Sum("worth_value"), minutes=Sum("worth_minutes"))
        .values_list("owner", "total", "value", "minutes")
    )
    return {owner: (total, value + due.get(owner, 0.0), minutes) for owner, total, value, minutes in rows}


def _why_not(person: User, count: int, away: set[int]) -> str:
    if not person.is_active:
        return _("não entra mais no sistema")
    if person.pk in away:
        return _("ausente hoje")
    if not person.hours_per_day:
        return _("sem horas de trabalho")
    if person.client_limit is not None and count >= person.client_limit:
        return _("no limite de %(limit)s clientes") % {"limit": person.client_limit}
    return ""
