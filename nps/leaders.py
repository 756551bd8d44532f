"""Who settles what went wrong with a client: whoever leads nearest to the owner, never the owner."""

from typing import Any, Final

from django.db.models import Count, QuerySet

from clients.models import Client
from contacts.notes import colleagues_of
from people.models import User
from people.roles import PERMISSIONS, Permission, Role

# Who leads, in the order in which they are asked; admins only where nobody leads.
LEADS: Final = (Role.SUPERVISOR, Role.MANAGER)


def settlers(client: Client, *, besides: int | None = None) -> QuerySet[User]:
    """Everybody who may settle a case of the client, by name."""
    roles = [role for role in Role if Permission.SURVEY in PERMISSIONS[role]]
    return colleagues_of(client).filter(role__in=roles).exclude(pk__in=_own(client, besides))


def nearest(client: Client, *, besides: int | None = None) -> User | None:
    """The supervisor of the owner's team, else its manager, else those of the teams above; an admin where none is."""
    found = _chain(client, besides) or list(settlers(client, besides=besides).filter(role=Role.ADMIN))
    return next(iter(found), None)


def above(person: User | None, client: Client, *, besides: int | None = None) -> User | None:
    """The next one up: colleagues of the same team and role are no further up."""
    chain = _chain(client, besides)
    passed = [place for place, leader in enumerate(chain) if person and _place(leader) == _place(person)]
    return next(iter(chain[max(passed, default=-1) + 1 :]), None)


def _chain(client: Client, besides: int | None) -> list[User]:
    """Nearest first: the deeper a team stands in the tree, the nearer it is to its sellers."""
    leading: QuerySet[Any] = settlers(client, besides=besides).filter(role__in=LEADS)
    leading = leading.annotate(depth=Count("team__reached_from"))
    return sorted(leading, key=lambda leader: (-leader.depth, LEADS.index(leader.role), leader.pk))


def _place(leader: User) -> tuple[int | None, str]:
    return leader.team_id, leader.role


def _own(client: Client, besides: int | None) -> list[int]:
    return [pk for pk in (client.owner_id, besides) if pk is not None]
