"""Whose records a user may see (DOMAIN 5): self, covered colleagues, the subtree of teams, or everyone."""

import datetime
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from people.models import Absence, TeamReach, User
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
        seen = Q(**{f"{owner}__in": self.owner_ids})
        ownerless = Q(**{f"{owner}__isnull": True})
        if self.team_ids:
            seen |= ownerless & Q(**{f"{team}__in": self.team_ids})
        if self.ownerless_root:
            seen |= ownerless & Q(**{f"{team}__isnull": True})
        return seen


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
    owners = {user.pk, *covered_by(user, on=day)}
    if user.reach is Reach.OWN or user.team_id is None:
        return Sight(everyone=False, owner_ids=tuple(sorted(owners)))
    teams = set(TeamReach.objects.filter(above=user.team_id).values_list("below", flat=True))
    owners.update(User.objects.filter(team__in=teams).values_list("pk", flat=True))
    team = user.team
    is_root_manager = user.role == Role.MANAGER and team is not None and team.parent_id is None
    return Sight(
        everyone=False,
        owner_ids=tuple(sorted(owners)),
        team_ids=tuple(sorted(teams)),
        ownerless_root=is_root_manager,
    )


def covered_by(user: User, *, on: datetime.date) -> list[int]:
    """Ids of the people whose clients `user` works on that day."""
    return list(
        Absence.objects.filter(cover=user, starts_on__lte=on, ends_on__gte=on, ended_early_at__isnull=True)
        .values_list("user", flat=True)
        .distinct()
    )


def visible_people(user: User, *, on: datetime.date | None = None) -> Q:
    """The colleagues a user may choose or see in lists of people."""
    sight = sight_of(user, on=on)
    return Q() if sight.everyone else Q(pk__in=sight.owner_ids)
