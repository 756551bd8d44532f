"""The people of the generated company: regions, their teams and leaders, and sellers with portfolios of unlike size."""

import datetime
import random
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import cycle

from django.contrib.auth.hashers import make_password

from brazil.names import folded
from carteira.demo.places import PLACES, REGION_OF_UF
from carteira.demo.words import Namer
from carteira.generator.marks import Login
from people.models import Team, User
from people.roles import Role
from people.teams import rebuild_reach
from portfolio.models import DistributionRule

COMPANY = "Companhia"
DOMAIN = "companhia.example"
# Region -> its name, its teams.
REGIONS = {
    "southeast": ("Sudeste", 15),
    "south": ("Sul", 10),
    "northeast": ("Nordeste", 7),
    "west": ("Centro-Oeste", 5),
    "north": ("Norte", 3),
}
UF_OF_REGION = {"southeast": "SP", "south": "PR", "northeast": "PE", "west": "GO", "north": "PA"}
SELLERS_PER_TEAM = 12
YEARS = 8
# A seller's share of the clients: of 33 one has three times the usual, of 10 one has just begun.
SHARE_HEAVY, SHARE_LIGHT = 60, 8
SHARES_USUAL = (18, 22)


@dataclass(frozen=True, slots=True)
class Seller:
    user: User
    region: str
    share: int


@dataclass(frozen=True, slots=True)
class Staff:
    leaders: list[User]
    sellers: list[Seller]

    @property
    def admin(self) -> User:
        return self.leaders[0]

    def logins(self, password: str) -> list[Login]:
        people = [*self.leaders, *(seller.user for seller in self.sellers)]
        return [Login(str(user.role), user.name, user.email, password) for user in people]


class Recruiter:
    """Draws the people; one hash for all, since hashing is slow on purpose."""

    def __init__(self, seed: int, today: datetime.date, password: str) -> None:
        self.rng = random.Random(seed)  # noqa: S311  (the same people for the same seed)
        self.namer = Namer(self.rng, set())
        self.today = today
        self.password = make_password(password)

    def person(self, mailbox: str, role: Role, *, region: str = "southeast", team: Team | None = None) -> User:
        name = self.namer.person(UF_OF_REGION[region], self.rng.randint(1962, 2001)).full
        joined_on = self.today - datetime.timedelta(days=self.rng.randint(200, 365 * YEARS))
        return User(
            email=f"{mailbox}@{DOMAIN}",
            name=name,
            name_key=folded(name),
            role=role,
            team=team,
            password=self.password,
            joined_on=joined_on,
        )


def write_staff(sellers: int, *, seed: int, today: datetime.date, password: str) -> Staff:
    recruiter = Recruiter(seed, today, password)
    root = _team(COMPANY, None, today)
    regions = {region: _team(name, root, today) for region, (name, _) in REGIONS.items()}
    teams = [(region, _team(name, regions[region], today)) for region, name in _team_names(sellers)]
    rebuild_reach()
    leaders = User.objects.bulk_create(_leaders(recruiter, root, regions, teams))
    _rules(regions)
    return Staff(leaders, _sellers(recruiter, sellers, teams))


def _team(name: str, parent: Team | None, today: datetime.date) -> Team:
    opened_on = today - datetime.timedelta(days=365 * YEARS)
    return Team.objects.create(name=name, parent=parent, opened_on=opened_on)


def _team_names(sellers: int) -> Iterator[tuple[str, str]]:
    """At least one team per region, at most those of the plan, as many as the sellers fill."""
    cities = {region: cycle(_cities(region)) for region in REGIONS}
    used: set[str] = set()
    count = min(sum(teams for _, teams in REGIONS.values()), max(len(REGIONS), sellers // SELLERS_PER_TEAM))
    for region in [*REGIONS, *(region for region, place in _seats() if place)][:count]:
        city = next(cities[region])
        yield region, f"{city} 2" if city in used else city
        used.add(city)


def _seats() -> list[tuple[str, int]]:
    """Region and place of each team of the plan, well mixed: wherever the list is cut, regions have their shares."""
    seats = [(region, place) for region, (_, teams) in REGIONS.items() for place in range(teams)]
    return sorted(seats, key=lambda seat: (seat[1] + 0.5) / REGIONS[seat[0]][1])


def _cities(region: str) -> list[str]:
    places = [place for place in PLACES.values() if REGION_OF_UF[place.uf] == region]
    return [place.city for place in sorted(places, key=lambda place: -place.weight)]


def _leaders(
    recruiter: Recruiter, root: Team, regions: dict[str, Team], teams: list[tuple[str, Team]]
) -> Iterator[User]:
    yield recruiter.person("admin", Role.ADMIN)
    for region, team in regions.items():
        yield recruiter.person(f"gerente.{region}", Role.MANAGER, region=region, team=team)
    yield recruiter.person("diretoria", Role.MANAGER, team=root)
    yield recruiter.person("backoffice", Role.BACKOFFICE)
    yield recruiter.person("auditoria", Role.AUDITOR)
    for number, (region, team) in enumerate(teams, start=1):
        yield recruiter.person(f"supervisor{number:02}", Role.SUPERVISOR, region=region, team=team)


def _sellers(recruiter: Recruiter, count: int, teams: list[tuple[str, Team]]) -> list[Seller]:
    of_region = {region: cycle([team for team in teams if team[0] == region]) for region in REGIONS}
    regions = cycle(region for region, _ in _seats())
    seats = [next(of_region[region]) for region, _ in zip(regions, range(count), strict=False)]
    users = [
        recruiter.person(f"vendedor{number:04}", Role.SELLER, region=region, team=team)
        for number, (region, team) in enumerate(seats, start=1)
    ]
    written = User.objects.bulk_create(users)
    return [
        Seller(user, region, _share(recruiter.rng, place))
        for place, (user, (region, _)) in enumerate(zip(written, seats, strict=True))
    ]


def _share(rng: random.Random, place: int) -> int:
    """The first seller, whose login the measurements use, is a usual one."""
    if place % 33 == 2:
        return SHARE_HEAVY
    return SHARE_LIGHT if place % 10 == 9 else rng.randint(*SHARES_USUAL) if place else sum(SHARES_USUAL) // 2


def _rules(regions: dict[str, Team]) -> None:
    """Newcomers go to the teams of their region."""
    for position, (region, team) in enumerate(regions.items(), start=1):
        ufs = [uf for uf, of_region in REGION_OF_UF.items() if of_region == region]
        rule = DistributionRule.objects.create(
            position=position, name=f"Região {team.name}", criterion=DistributionRule.Criterion.UF, values=ufs
        )
        rule.teams.add(team)
