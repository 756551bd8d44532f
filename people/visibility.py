"""Whose records a user may see (DOMAIN 5): self, covered colleagues, the subtree of teams, or everyone."""

import datetime
from dataclasses import dataclass
from typing import Any

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, Q, QuerySet
from django.utils import timezone

from core.statements import Later, Statement
from people.models import Absence, Team, TeamReach, User
from people.roles import Reach, Role


@dataclass(frozen=True)
class Sight:
    """What a user sees. `everyone` wins over the lists; `ownerless_root` adds records without owner and team."""

    everyone: bool
    owner_ids: tuple[int, ...] = ()
    team_ids: tuple[int, ...] = ()
    ownerless_root: bool = False

    def filter(self, *, owner: str, team: str) -> Q:
        """The condition over a model's paths to its owner and team, e.g. `owner="client__owner"`."""
        if self.everyone:
            return Q()
        seen = Q(**{f"{owner}__among": list(self.owner_ids)})
        ownerless = Q(**{f"{owner}__isnull": True})
        if self.team_ids:
            seen |= ownerless & Q(**{f"{team}__among": list(self.team_ids)})
        if self.ownerless_root:
            seen |= ownerless & Q(**{f"{team}__isnull": True})
        return seen

    def holds(self, owner: int | None, team: int | None) -> bool:
        """The same, asked of one record that was read."""
        if self.everyone or owner is not None:
            return self.everyone or owner in self.owner_ids
        return team in self.team_ids or (self.ownerless_root and team is None)


NOTHING = Sight(everyone=False)


def sight_of(user: User, *, on: datetime.date | None = None) -> Sight:
    """The sight of `user` on a day (today), read once per loaded user: a request loads its user afresh."""
    day = on or timezone.localdate()
    cached: tuple[datetime.date, Sight] | None = user.__dict__.get("_sight")
    if cached is None or cached[0] != day:
        cached = (day, _look(user, day))
        user.__dict__["_sight"] = cached
    return cached[1]


def _look(user: User, day: datetime.date) -> Sight:
    if not user.is_active:
        return NOTHING
    if user.reach is Reach.EVERYONE:
        return Sight(everyone=True)
    # Without a team the part of the statement that asks for teams finds none.
    team = None if user.reach is Reach.OWN else user.team_id
    (reached,) = REACHED.ask(user=user.pk, team=team, on=day)
    is_root_manager = user.role == Role.MANAGER and reached["is_root"]
    return Sight(
        everyone=False,
        owner_ids=tuple(sorted({user.pk, *reached["covered"], *reached["colleagues"]})),
        team_ids=tuple(sorted(reached["teams"])),
        ownerless_root=is_root_manager,
    )


def _reached() -> Any:
    """Whom one person covers, and the teams and people below their team, in one answer."""
    below = TeamReach.objects.filter(above=Later("team")).values("below")
    return User.objects.filter(pk=Later("user")).values(
        covered=ArraySubquery(_covering(cover=Later("user"), on=Later("on"))),
        teams=ArraySubquery(below),
        colleagues=ArraySubquery(User.objects.filter(team__in=below).order_by().values("pk")),
        is_root=Exists(Team.objects.filter(pk=Later("team"), parent=None)),
    )


REACHED = Statement(_reached)


def covered_by(user: User, *, on: datetime.date) -> list[int]:
    """Ids of the people whose clients `user` works on that day."""
    return [row["user"] for row in COVERED.ask(cover=user.pk, on=on)]


COVERED = Statement(lambda: _covering(cover=Later("cover"), on=Later("on")).distinct())


def _covering(*, cover: User | Later, on: datetime.date | Later) -> QuerySet[Absence, Any]:
    covering = Absence.objects.filter(cover=cover, starts_on__lte=on, ends_on__gte=on, ended_early_at__isnull=True)
    return covering.order_by().values("user")


def visible_people(user: User, *, on: datetime.date | None = None) -> Q:
    """The colleagues a user may choose or see in lists of people."""
    sight = sight_of(user, on=on)
    return Q() if sight.everyone else Q(pk__among=list(sight.owner_ids))
