"""What one line of the registry of routes says, and the groups of roles it says it with."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from people.roles import Role

EVERYBODY = frozenset(Role)
WORKERS = EVERYBODY - {Role.AUDITOR}
LEADERS = frozenset({Role.SUPERVISOR, Role.MANAGER, Role.ADMIN})
READERS_OF_JOBS = LEADERS | {Role.AUDITOR}
ADMINS = frozenset({Role.ADMIN})
NOBODY: frozenset[Role] = frozenset()

GET = ("GET",)
POST = ("POST",)
BOTH = ("GET", "POST")


@dataclass(frozen=True)
class Route:
    """`record` is the kind of record the address names (its key in the world of the walk; "" names none).

    `public` gives the reason why everybody may; then `roles` is empty. `key` is the argument that carries the id,
    `fixed` the other arguments, `queries` further query strings to read, `answers` what a POST with the payload of
    tests/project/payloads.py is answered with.
    """

    roles: frozenset[Role]
    methods: tuple[str, ...] = GET
    record: str = ""
    public: str = ""
    key: str = "pk"
    fixed: Mapping[str, Any] = field(default_factory=dict)
    queries: tuple[str, ...] = ("",)
    shown: frozenset[int] = frozenset({200})
    answers: frozenset[int] = frozenset({204, 302, 303})
