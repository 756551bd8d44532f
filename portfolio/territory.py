"""Territory and skill: which sellers may take which client. Rules are tried in order; the first that fits decides."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from brazil.names import folded
from clients.models import Sector
from contracts.models import ProductFamily
from people.models import Team, TeamReach
from portfolio.candidates import Orphan, Seller
from portfolio.models import DistributionRule

Criterion = DistributionRule.Criterion
NO_RULE = -1


@dataclass(frozen=True)
class Plan:
    """`allowed` is clients × sellers; `rule[j]` the index of the rule that decided, or NO_RULE."""

    allowed: NDArray[np.bool_]
    rule: NDArray[np.int64]
    rule_names: list[str]
    team_of: list[str]

    def choices(self, client: int) -> int:
        return int(self.allowed[client].sum())

    def rule_name(self, client: int) -> str:
        if self.rule_names and self.rule[client] != NO_RULE:
            return self.rule_names[int(self.rule[client])]
        team = self.team_of[client]
        return _("Equipe %(team)s") % {"team": team} if team else _("Sem regra de território")

    def why_nobody(self, client: int) -> str:
        if self.rule_names and self.rule[client] == NO_RULE:
            return _("Nenhuma regra de distribuição serve para este cliente. Crie uma ou transfira à mão.")
        if not self.choices(client):
            return _("%(rule)s: nenhum vendedor disponível hoje.") % {"rule": self.rule_name(client)}
        return _("%(rule)s: todos os vendedores estão no limite de clientes.") % {"rule": self.rule_name(client)}


def plan(orphans: list[Orphan], sellers: list[Seller]) -> Plan:
    """Combines the active rules with the team of each client (a client of a team stays below that team)."""
    rules = list(DistributionRule.objects.filter(is_active=True).prefetch_related("teams", "sellers"))
    below = _teams_below()
    masks = np.array([_mask(rule, sellers, below) for rule in rules], dtype=np.bool_).reshape(len(rules), len(sellers))
    tests = [_test(rule) for rule in rules]
    decided = np.array([_first(tests, orphan) for orphan in orphans], dtype=np.int64)
    everyone = np.ones(len(sellers), dtype=np.bool_)
    nobody = np.zeros(len(sellers), dtype=np.bool_)
    team_masks: dict[int, NDArray[np.bool_]] = {}
    allowed = np.empty((len(orphans), len(sellers)), dtype=np.bool_)
    for position, orphan in enumerate(orphans):
        if rules:
            allowed[position] = masks[decided[position]] if decided[position] != NO_RULE else nobody
        else:
            allowed[position] = everyone
        if orphan.team_id is not None:
            if orphan.team_id not in team_masks:
                teams = below.get(orphan.team_id, set())
                team_masks[orphan.team_id] = np.array([seller.team_id in teams for seller in sellers])
            allowed[position] &= team_masks[orphan.team_id]
    names = dict(Team.objects.filter(pk__in=team_masks).values_list("pk", "name"))
    team_of = [names.get(orphan.team_id, "") if orphan.team_id else "" for orphan in orphans]
    return Plan(allowed=allowed, rule=decided, rule_names=[rule.name for rule in rules], team_of=team_of)


def _teams_below() -> dict[int, set[int]]:
    below: dict[int, set[int]] = {}
    for above_id, below_id in TeamReach.objects.values_list("above", "below"):
        below.setdefault(above_id, set()).add(below_id)
    return below


def _mask(rule: DistributionRule, sellers: list[Seller], below: dict[int, set[int]]) -> list[bool]:
    """A rule without teams and sellers allows everyone."""
    named = {person.pk for person in rule.sellers.all()}
    teams = set().union(*(below.get(team.pk, {team.pk}) for team in rule.teams.all()))
    if not named and not teams:
        return [True] * len(sellers)
    return [seller.pk in named or seller.team_id in teams for seller in sellers]


def _first(tests: list[Callable[[Orphan], bool]], orphan: Orphan) -> int:
    return next((index for index, fits in enumerate(tests) if fits(orphan)), NO_RULE)


def _test(rule: DistributionRule) -> Callable[[Orphan], bool]:  # noqa: PLR0911 (one criterion a line)
    """The predicate of a rule, its values folded once."""
    values = {folded(value) for value in rule.values}
    match Criterion(rule.criterion):
        case Criterion.ANY:
            return lambda orphan: True
        case Criterion.UF:
            return lambda orphan: orphan.uf.casefold() in values
        case Criterion.DDD:
            return lambda orphan: orphan.ddd in values
        case Criterion.CITY:
            return lambda orphan: folded(orphan.city) in values
        case Criterion.PERSON_TYPE:
            return lambda orphan: orphan.person_type.casefold() in values
        case Criterion.CEP:
            ranges = [cep_range(value) for value in rule.values]
            return lambda orphan: any(low <= orphan.cep <= high for low, high in ranges if orphan.cep)
        case Criterion.SECTOR:
            sectors = set(Sector.objects.filter(key__in=values).values_list("pk", flat=True))
            return lambda orphan: orphan.sector_id in sectors
        case _:  # Criterion.FAMILY
            families = set(ProductFamily.objects.filter(key__in=values).values_list("pk", flat=True))
            return lambda orphan: not families.isdisjoint(orphan.families)


def cep_range(value: str) -> tuple[str, str]:
    """`01000000-19999999` or one CEP; separators are ignored. Raises ValueError when it is neither."""
    digits = "".join(char for char in value if char in "0123456789")
    if len(digits) == 16:
        return digits[:8], digits[8:]
    if len(digits) == 8:
        return digits, digits
    raise ValueError(value)
