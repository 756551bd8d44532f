"""Territory and skill: which sellers may take which client. Rules are tried in order; the first that fits decides."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.utils.translation import gettext as _
from numpy.typing import NDArray

from brazil.names import folded
from clients.models import Sector
from contracts.models import ProductFamily
from people.models import Team, TeamReach
from portfolio.balance import Integers
from portfolio.candidates import Criterion, Queue, Seller
from portfolio.models import DistributionRule

NO_RULE = -1


@dataclass(frozen=True)
class Cell:
    """Clients of one team that one rule decided: the same sellers may take all of them."""

    name: str
    has_rule: bool
    choices: int

    def why_nobody(self) -> str:
        if not self.has_rule:
            return _("Nenhuma regra de distribuição serve para este cliente. Crie uma ou transfira à mão.")
        if not self.choices:
            return _("%(rule)s: nenhum vendedor disponível hoje.") % {"rule": self.name}
        return _("%(rule)s: todos os vendedores estão no limite de clientes.") % {"rule": self.name}


@dataclass(frozen=True)
class Plan:
    """`cell[j]` is the index of the cell of client j; `allowed` is cells × sellers."""

    cell: Integers
    cells: list[Cell]
    allowed: NDArray[np.bool_]


def rules_in_force() -> list[DistributionRule]:
    return list(DistributionRule.objects.filter(is_active=True).prefetch_related("teams", "sellers"))


def plan(queue: Queue, sellers: list[Seller], rules: list[DistributionRule]) -> Plan:
    """Combines the rules with the team of each client (a client of a team stays below that team)."""
    below = _teams_below()
    index: dict[tuple[int, int | None], int] = {}
    pairs = zip(_deciding(queue, rules).tolist(), queue.teams, strict=True)
    cell = np.array([index.setdefault(pair, len(index)) for pair in pairs], dtype=np.int64)
    masks = [_mask(rule, sellers, below) for rule in rules]
    allowed = np.zeros((len(index), len(sellers)), dtype=np.bool_)
    for (rule, team), row in index.items():
        allowed[row] = masks[rule] if rule != NO_RULE else not rules
        if team is not None:
            allowed[row] &= [seller.team_id in below.get(team, ()) for seller in sellers]
    names = dict(Team.objects.filter(pk__in={team for _rule, team in index if team}).values_list("pk", "name"))
    cells = [
        Cell(
            name=rules[rule].name if rule != NO_RULE else _team_name(names.get(team or 0, "")),
            has_rule=rule != NO_RULE or not rules,
            choices=int(allowed[row].sum()),
        )
        for (rule, team), row in index.items()
    ]
    return Plan(cell=cell, cells=cells, allowed=allowed)


def _team_name(name: str) -> str:
    return _("Equipe %(team)s") % {"team": name} if name else _("Sem regra de território")


def _deciding(queue: Queue, rules: list[DistributionRule]) -> Integers:
    """The index of the first rule that fits each client, or NO_RULE."""
    decided = np.full(len(queue), NO_RULE, dtype=np.int64)
    for position, rule in reversed(list(enumerate(rules))):
        decided[_fitting(rule, queue)] = position
    return decided


def _fitting(rule: DistributionRule, queue: Queue) -> NDArray[np.bool_]:
    """Which clients the rule is about; each different value is looked at once."""
    if rule.criterion == Criterion.ANY:
        return np.ones(len(queue), dtype=np.bool_)
    column: Sequence[Any] = queue.traits[rule.criterion]
    fits = _test(rule)
    known = {value: fits(value) for value in set(column)}
    return np.array([known[value] for value in column], dtype=np.bool_)


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


def _test(rule: DistributionRule) -> Callable[[Any], bool]:
    """The predicate of a rule over one trait, its values folded once."""
    values = {folded(value) for value in rule.values}
    match Criterion(rule.criterion):
        case Criterion.UF | Criterion.PERSON_TYPE:
            return lambda code: code.casefold() in values
        case Criterion.DDD:
            return lambda phone: phone.startswith("+55") and phone[3:5] in values
        case Criterion.CITY:
            return lambda city: folded(city) in values
        case Criterion.CEP:
            ranges = [cep_range(value) for value in rule.values]
            return lambda cep: any(low <= cep <= high for low, high in ranges if cep)
        case Criterion.SECTOR:
            sectors = set(Sector.objects.filter(key__in=values).values_list("pk", flat=True))
            return lambda sector: sector in sectors
        case _:  # Criterion.FAMILY
            families = set(ProductFamily.objects.filter(key__in=values).values_list("pk", flat=True))
            return lambda held: not families.isdisjoint(held)


def cep_range(value: str) -> tuple[str, str]:
    """`01000000-19999999` or one CEP; separators are ignored. Raises ValueError when it is neither."""
    digits = "".join(char for char in value if char in "0123456789")
    if len(digits) == 16:
        return digits[:8], digits[8:]
    if len(digits) == 8:
        return digits, digits
    raise ValueError(value)
