"""Who is waiting for a seller, who can take clients, and what each client is worth in money and minutes."""

import datetime
from dataclasses import dataclass
from typing import Any

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

from clients.models import Address, Client, Phone
from contracts import classification
from contracts.models import Contract
from people.models import Absence, User
from people.roles import Role
from people.visibility import visible_people

# Until contact plans exist, the default intervals of DOMAIN 3: A every 30 days, B 60, C and others 90; one contact
# takes 360 minutes / 40 contacts = 9 minutes.
CONTACT_MINUTES = 9.0
CONTACTS_A_MONTH = {"A": 1.0, "B": 0.5}
RARE_CONTACTS_A_MONTH = 1 / 3
HORIZON_DAYS = 90


@dataclass(frozen=True)
class Orphan:
    pk: int
    version: int
    value: float
    minutes: float
    uf: str
    city: str
    person_type: str
    sector_id: int | None
    team_id: int | None
    ddd: str
    cep: str
    families: tuple[int, ...] = ()


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
    """Annotates `worth_value` and `worth_minutes` (SCIENCE 6): expected purchases in 90 days plus renewals due."""
    due = (
        Contract.objects.unscoped(reason="sum over clients already chosen")
        .filter(
            client=OuterRef("pk"),
            status__in=[Contract.Status.SIGNED, Contract.Status.IN_FORCE],
            end_on__gte=day,
            end_on__lte=day + datetime.timedelta(days=HORIZON_DAYS),
        )
        .order_by()
        .values("client")
        .annotate(total=Sum("amount"))
        .values("total")
    )
    money: DecimalField[Any, Any] = DecimalField(max_digits=16, decimal_places=2)
    ticket = Cast(F("cycle__purchase_total"), FloatField()) / Greatest(F("cycle__purchase_count"), Value(1))
    turns = Greatest(Value(1.0), Value(float(HORIZON_DAYS)) / F("cycle_days"))
    tier = Case(
        *(When(cycle__tier=letter, then=Value(often * CONTACT_MINUTES)) for letter, often in CONTACTS_A_MONTH.items()),
        default=Value(RARE_CONTACTS_A_MONTH * CONTACT_MINUTES),
        output_field=FloatField(),
    )
    numbered: QuerySet[Client] = classification.with_numbers(clients, on=day)
    return numbered.annotate(
        worth_value=Coalesce(F("p_buys") * ticket * turns, Value(0.0), output_field=FloatField())
        + Cast(Coalesce(Subquery(due, output_field=money), Value(0), output_field=money), FloatField()),
        worth_minutes=tier,
    )


def orphans(*, by: User | None, day: datetime.date, only_new: bool = False) -> list[Orphan]:
    """The queue as `by` sees it, or (`by=None`) everybody's; `only_new` takes only clients nobody ever owned."""
    everyone = Client.objects.unscoped(reason="command or night") if by is None else Client.objects.visible_to(by)
    queue = everyone.never_owned() if only_new else everyone.ownerless()
    phones = Phone.objects.unscoped(reason="of these clients").filter(client=OuterRef("pk"), is_primary=True)
    rows = (
        worth(queue, day=day)
        .annotate(
            phone=Coalesce(Subquery(phones.values("e164")[:1]), Value("")),
            home_cep=_primary_cep(),
        )
        .order_by("pk")
        .values_list(
            "pk", "version", "worth_value", "worth_minutes", "uf", "city", "person_type", "sector_id", "team_id",
            "phone", "home_cep",
        )
    )  # fmt: skip
    found = [Orphan(*row[:9], ddd=_ddd(row[9]), cep=row[10]) for row in rows.iterator(chunk_size=5_000)]
    return _with_families(found)


def _primary_cep() -> Coalesce:
    rows = Address.objects.unscoped(reason="of these clients").filter(client=OuterRef("pk"), is_primary=True)
    return Coalesce(Subquery(rows.values("cep")[:1]), Value(""))


def _ddd(e164: str) -> str:
    return e164[3:5] if e164.startswith("+55") else ""


def _with_families(found: list[Orphan]) -> list[Orphan]:
    """Adds the product families each client holds by contract: what skill rules look at."""
    held: dict[int, set[int]] = {}
    contracts = Contract.objects.unscoped(reason="of clients already chosen").filter(
        client__in=[orphan.pk for orphan in found], product__isnull=False
    )
    for client_id, family_id in contracts.values_list("client", "product__family").distinct():
        held.setdefault(client_id, set()).add(family_id)
    if not held:
        return found
    return [Orphan(**{**orphan.__dict__, "families": tuple(sorted(held.get(orphan.pk, ())))}) for orphan in found]


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
    owned = Client.objects.unscoped(reason="totals per seller").filter(owner__role=Role.SELLER)
    rows = (
        worth(owned, day=day)
        .order_by()
        .values("owner")
        .annotate(total=Count("pk"), value=Sum("worth_value"), minutes=Sum("worth_minutes"))
        .values_list("owner", "total", "value", "minutes")
    )
    return {owner: (total, float(value or 0), float(minutes or 0)) for owner, total, value, minutes in rows}


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
