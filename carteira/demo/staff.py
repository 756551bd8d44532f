"""The people of Horizonte: a tree of teams, their leaders, the sellers with their territories, and the rules
that send new clients to them."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password

from brazil.names import folded
from people.models import Absence, Team, User
from people.roles import Role
from people.teams import rebuild_reach
from portfolio.models import DistributionRule

# Team -> the team above it, UF.
TEAMS = {
    "Brasil": ("", ""),
    "Sul e Sudeste": ("Brasil", ""),
    "Nordeste e Norte": ("Brasil", ""),
    "Curitiba": ("Sul e Sudeste", "PR"),
    "São Paulo": ("Sul e Sudeste", "SP"),
    "Recife": ("Nordeste e Norte", "PE"),
    "Belém": ("Nordeste e Norte", "PA"),
}
LEADERS = (
    ("Patrícia Amaral", Role.ADMIN, ""),
    ("Renato Siqueira", Role.MANAGER, "Brasil"),
    ("Helena Sampaio", Role.MANAGER, "Sul e Sudeste"),
    ("Lindalva Cavalcanti", Role.SUPERVISOR, "Nordeste e Norte"),
    ("Elisa Werneck", Role.SUPERVISOR, "Curitiba"),
    ("Rodrigo Bittencourt", Role.SUPERVISOR, "São Paulo"),
    ("Beatriz Fonseca", Role.BACKOFFICE, ""),
    ("Aurélio Pimenta", Role.AUDITOR, ""),
)
YEARS_OF_LEADERS = 6


@dataclass(frozen=True, slots=True)
class SellerPlan:
    """`share` of the clients; `days` in the company; `cities` where the clients live."""

    name: str
    team: str
    share: int
    days: int
    cities: str
    hours: int = 8
    limit: int | None = None


SELLERS = (
    SellerPlan(
        "Juliana Prado", "Curitiba", 12, 1900,
        "Joinville, Blumenau, Itajaí, Florianópolis, Jaraguá do Sul",
    ),
    SellerPlan("Aline Prado", "Curitiba", 11, 1450, "Curitiba, Ponta Grossa, São José dos Pinhais"),
    SellerPlan("Bruno Kessler", "Curitiba", 6, 820, "Londrina, Maringá, Cascavel", hours=4),
    SellerPlan(
        "Sofia Lacerda", "Curitiba", 10, 1250,
        "Porto Alegre, Caxias do Sul, Pelotas, Santa Maria, Chapecó",
    ),
    SellerPlan("Bruna Reis", "São Paulo", 12, 1700, "São Paulo, Guarulhos, Santo André, Santos"),
    SellerPlan(
        "Caio Torres", "São Paulo", 10, 640,
        "Campinas, Ribeirão Preto, Sorocaba, São José dos Campos, Uberlândia",
    ),
    SellerPlan(
        "Diego Alencar", "São Paulo", 11, 1100,
        "Rio de Janeiro, Niterói, Belo Horizonte, Juiz de Fora, Vitória, Goiânia, Rio Verde, Brasília, "
        "Campo Grande, Cuiabá",
    ),
    SellerPlan(
        "Davi Lobo", "Recife", 11, 1600,
        "Recife, Olinda, Jaboatão dos Guararapes, Caruaru, João Pessoa, Campina Grande, Maceió",
    ),
    SellerPlan(
        "Tainá Moraes", "Recife", 10, 930,
        "Fortaleza, Natal, Mossoró, Salvador, Feira de Santana, Aracaju, Teresina",
    ),
    SellerPlan(
        "Marina Queiroz", "Belém", 9, 410,
        "Belém, Ananindeua, Santarém, Manaus, São Luís, Macapá, Palmas, Porto Velho", limit=140,
    ),
)  # fmt: skip
# Left the company; part of the portfolio still waits for a new owner.
FORMER = SellerPlan("Otávio Brandão", "São Paulo", 0, 2100, "São Paulo, Campinas, Santos")
FORMER_LEFT_DAYS_AGO = 96
ON_VACATION, COVER = "Sofia Lacerda", "Juliana Prado"

RULES = (
    ("Sul para Curitiba", "Curitiba", ["PR", "SC", "RS"]),
    ("Sudeste e Centro-Oeste para São Paulo", "São Paulo", ["SP", "RJ", "MG", "ES", "GO", "DF", "MS", "MT"]),
    ("Nordeste para Recife", "Recife", ["PE", "PB", "AL", "CE", "RN", "BA", "SE", "PI"]),
    ("Norte e Maranhão para Belém", "Belém", ["PA", "AM", "AP", "RO", "RR", "AC", "TO", "MA"]),
)


@dataclass(frozen=True, slots=True)
class Staff:
    teams: dict[str, Team]
    people: dict[str, User]

    @property
    def admin(self) -> User:
        return self.people[LEADERS[0][0]]

    def supervisor_of(self, seller: User) -> User:
        names = {"Curitiba": "Elisa Werneck", "São Paulo": "Rodrigo Bittencourt"}
        team = seller.team.name if seller.team else ""
        return self.people[names.get(team, "Lindalva Cavalcanti")]


def write_staff(today: datetime.date, password: str) -> Staff:
    """One hash for all: hashing is slow on purpose, and the demo password is no secret."""
    hashed = make_password(password)
    teams = _teams(today)
    people = {
        name: _person(
            name,
            team=teams.get(team),
            role=role,
            password=hashed,
            joined_on=_ago(today, 365 * YEARS_OF_LEADERS),
        )
        for name, role, team in LEADERS
    }
    for plan in (*SELLERS, FORMER):
        people[plan.name] = _person(
            plan.name,
            team=teams[plan.team],
            role=Role.SELLER,
            password=hashed,
            joined_on=_ago(today, plan.days),
            hours_per_day=plan.hours,
            client_limit=plan.limit,
        )
    staff = Staff(teams, people)
    _absences(staff, today)
    _close_login(staff, today)
    _rules(staff)
    return staff


def login_rows(password: str) -> list[dict[str, str]]:
    """The people of the demo who may log in, leaders first."""
    names = [name for name, *_ in LEADERS] + [plan.name for plan in SELLERS]
    people = User.objects.filter(email__in=map(_email, names), is_active=True).in_bulk(field_name="email")
    found = [people[_email(name)] for name in names if _email(name) in people]
    return [
        {"role": str(user.get_role_display()), "name": user.name, "email": user.email, "password": password}
        for user in found
    ]


def _email(name: str) -> str:
    return f"{folded(name).replace(' ', '.')}@horizonte.example"


def _ago(today: datetime.date, days: int) -> datetime.date:
    return today - datetime.timedelta(days=days)


def _teams(today: datetime.date) -> dict[str, Team]:
    teams: dict[str, Team] = {}
    for name, (above, uf) in TEAMS.items():
        defaults = {"uf": uf, "opened_on": _ago(today, 365 * YEARS_OF_LEADERS)}
        parent = teams[above] if above else None
        teams[name] = Team.objects.get_or_create(name=name, parent=parent, defaults=defaults)[0]
    rebuild_reach()
    return teams


def _person(name: str, **fields: Any) -> User:
    user = User(name=name, email=_email(name), **fields)
    user.save()
    return user


def _absences(staff: Staff, today: datetime.date) -> None:
    """One on vacation today, one back from it."""
    Absence.objects.create(
        user=staff.people[ON_VACATION],
        cover=staff.people[COVER],
        kind=Absence.Kind.VACATION,
        starts_on=_ago(today, 6),
        ends_on=_ago(today, -8),
    )
    Absence.objects.create(
        user=staff.people["Davi Lobo"],
        cover=staff.people["Tainá Moraes"],
        kind=Absence.Kind.VACATION,
        starts_on=_ago(today, 140),
        ends_on=_ago(today, 121),
    )


def _close_login(staff: Staff, today: datetime.date) -> None:
    former = staff.people[FORMER.name]
    former.is_active, former.left_on = False, _ago(today, FORMER_LEFT_DAYS_AGO)
    former.save(update_fields=["is_active", "left_on"])


def _rules(staff: Staff) -> None:
    if DistributionRule.objects.exists():
        return
    for position, (name, team, ufs) in enumerate(RULES, start=1):
        rule = DistributionRule.objects.create(
            position=position, name=name, criterion=DistributionRule.Criterion.UF, values=ufs
        )
        rule.teams.add(staff.teams[team])
