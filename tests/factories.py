"""Plain factories. The named cast: Júlia and Caio sell in Sul, Davi sells in Norte (the outsider), Sônia supervises
Sul, Mauro manages Brasil (the root), Norma manages Norte, Bento does backoffice, Aurora audits, Ada is the admin."""

import datetime
import itertools
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.contrib.auth.hashers import make_password
from django.test import Client as Browser

from brazil.names import folded
from clients.models import Client, DistributionReason, Ownership
from contracts.models import Contract, Product, ProductFamily, Purchase
from imports import undoing
from people.models import Team, User
from people.roles import Role
from people.teams import rebuild_reach

PASSWORD = "uma senha bem comprida"
_numbers = itertools.count(1)


def make_team(name: str = "", *, parent: Team | None = None) -> Team:
    team = Team.objects.create(name=name or f"Equipe {next(_numbers)}", parent=parent)
    rebuild_reach()
    return team


def make_user(name: str = "", *, role: Role = Role.SELLER, team: Team | None = None, **fields: Any) -> User:
    name = name or f"Pessoa {next(_numbers)}"
    email = fields.pop("email", f"{folded(name).lower().replace(' ', '.')}.{next(_numbers)}@carteira.example")
    return User.objects.create_user(email=email, password=PASSWORD, name=name, role=role, team=team, **fields)


def browser_of(user: User) -> Browser:
    """A browser in which the person is logged in."""
    browser = Browser()
    browser.force_login(user)
    return browser


@dataclass(frozen=True)
class Cast:
    brasil: Team
    sul: Team
    norte: Team
    julia: User
    caio: User
    davi: User
    sonia: User
    mauro: User
    norma: User
    bento: User
    aurora: User
    ada: User


def make_cast() -> Cast:
    """In few statements and with one hash of the password: nearly every test has them."""
    brasil = Team.objects.create(name="Brasil")
    sul, norte = Team.objects.bulk_create([Team(name=name, parent=brasil) for name in ("Sul", "Norte")])
    rebuild_reach()
    people = {
        "julia": ("Júlia Prado", Role.SELLER, sul),
        "caio": ("Caio Torres", Role.SELLER, sul),
        "davi": ("Davi Lobo", Role.SELLER, norte),
        "sonia": ("Sônia Reis", Role.SUPERVISOR, sul),
        "mauro": ("Mauro Telles", Role.MANAGER, brasil),
        "norma": ("Norma Luz", Role.MANAGER, norte),
        "bento": ("Bento Sá", Role.BACKOFFICE, None),
        "aurora": ("Aurora Dias", Role.AUDITOR, None),
        "ada": ("Ada Nunes", Role.ADMIN, None),
    }
    password = make_password(PASSWORD)
    users = User.objects.bulk_create(
        User(
            email=f"{first}@carteira.example",
            name=name,
            name_key=folded(name),
            role=role,
            team=team,
            password=password,
        )
        for first, (name, role, team) in people.items()
    )
    return Cast(brasil, sul, norte, **dict(zip(people, users, strict=True)))


def forget(ids: Iterable[int]) -> None:
    """Clients leave the base, as those of an import that is undone."""
    undoing.delete(Client, list(ids))


def make_client(name: str = "", *, owner: User | None = None, **fields: Any) -> Client:
    name = name or f"Cliente {next(_numbers)}"
    client = Client.objects.create(
        name=name,
        name_key=folded(name),
        owner=owner,
        team=fields.pop("team", owner.team if owner else None),
        **fields,
    )
    if owner is not None:
        Ownership.objects.create(client=client, owner=owner, reason=DistributionReason.CREATED)
    return client


def make_family(name: str = "", **fields: Any) -> ProductFamily:
    name = name or f"Família {next(_numbers)}"
    return ProductFamily.objects.create(name=name, key=folded(name), **fields)


def make_product(name: str = "", *, family: ProductFamily | None = None, **fields: Any) -> Product:
    name = name or f"Produto {next(_numbers)}"
    return Product.objects.create(name=name, key=folded(name), family=family or make_family(), **fields)


def make_purchase(client: Client, sold_on: datetime.date, **fields: Any) -> Purchase:
    """A row as an import would leave it; the class is not refreshed."""
    fields.setdefault("amount", Decimal("100"))
    return Purchase.objects.create(client=client, sold_on=sold_on, **fields)


def make_contract(client: Client, start_on: datetime.date, end_on: datetime.date | None, **fields: Any) -> Contract:
    return Contract.objects.create(client=client, start_on=start_on, end_on=end_on, **fields)
