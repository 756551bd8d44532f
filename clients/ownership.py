"""Handing clients over: the only code that writes `Client.owner`, always with its history."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.utils import timezone

from clients.models import Client, DistributionReason, Ownership
from people import activity
from people.models import User

NOBODY = 0
ROWS_A_STATEMENT = 10_000

_CLOSE_SPELLS = """
    UPDATE clients_ownership SET until = %(now)s WHERE until IS NULL AND client_id = ANY(%(owned)s)
"""
_OPEN_SPELLS = """
    INSERT INTO clients_ownership (client_id, owner_id, since, reason, note, by_id, batch)
    SELECT move.client_id, move.owner_id, %(now)s, %(reason)s, move.note, %(by)s, %(batch)s
    FROM unnest(%(clients)s::bigint[], %(owners)s::bigint[], %(notes)s::text[]) AS move(client_id, owner_id, note)
    WHERE move.owner_id <> 0
"""
# A released client keeps its team, so that the team's leaders find it in their queue.
_SET_OWNERS = """
    UPDATE clients_client AS client
    SET owner_id = nullif(move.owner_id, 0),
        team_id = CASE WHEN move.owner_id = 0 THEN client.team_id ELSE person.team_id END
    FROM unnest(%(clients)s::bigint[], %(owners)s::bigint[]) AS move(client_id, owner_id)
    LEFT JOIN people_user AS person ON person.id = move.owner_id
    WHERE client.id = move.client_id
"""


@transaction.atomic
def assign(
    client_ids: Collection[int],
    owner: User | None,
    *,
    by: User | None,
    reason: DistributionReason,
    note: str = "",
    batch: int | None = None,
) -> int:
    """Gives the clients to `owner`; None puts them back in the queue. Returns how many changed hands.

    The caller has checked that `by` may see and assign them.
    """
    target = owner.pk if owner is not None else NOBODY
    return assign_each(dict.fromkeys(client_ids, (target, note)), by=by, reason=reason, batch=batch)


@transaction.atomic
def assign_each(
    targets: Mapping[int, tuple[int, str]],
    *,
    by: User | None,
    reason: DistributionReason,
    batch: int | None = None,
    held: Mapping[int, int | None] | None = None,
) -> int:
    """`targets` maps client id to (owner id or NOBODY, note). Clients already there are left alone.

    Set-wise: rows are locked in id order, whatever order the caller has, so that two managers never deadlock. They
    are then written in the caller's order. `held` tells the owners of clients that the caller has locked already.
    """
    present = _locked_owners(targets) if held is None else held
    moved = [pk for pk in targets if pk in present and (present[pk] or NOBODY) != targets[pk][0]]
    if not moved:
        return 0
    now = timezone.now()
    for start in range(0, len(moved), ROWS_A_STATEMENT):
        part = moved[start : start + ROWS_A_STATEMENT]
        owned = [pk for pk in part if present[pk] is not None]
        _write(part, targets, owned=owned, now=now, by=by, reason=reason, batch=batch)
    activity.record("clients_assigned", by=by, clients=len(moved), reason=str(reason), batch=batch)
    return len(moved)


def _locked_owners(client_ids: Collection[int]) -> dict[int, int | None]:
    everyone = Client.objects.unscoped(reason="ids were chosen among visible clients")
    locked = everyone.filter(pk__in=list(client_ids)).order_by("pk").select_for_update(of=("self",), no_key=True)
    return dict(locked.values_list("pk", "owner_id"))


def _write(
    moved: list[int],
    targets: Mapping[int, tuple[int, str]],
    *,
    owned: list[int],
    now: datetime,
    by: User | None,
    reason: DistributionReason,
    batch: int | None,
) -> None:
    values: dict[str, Any] = {
        "clients": moved,
        "owned": owned,
        "owners": [targets[pk][0] for pk in moved],
        "notes": [targets[pk][1] for pk in moved],
        "now": now,
        "by": by.pk if by is not None else None,
        "reason": str(reason),
        "batch": batch,
    }
    # Who waits in the queue has no spell to close.
    statements = (_CLOSE_SPELLS, _OPEN_SPELLS, _SET_OWNERS) if owned else (_OPEN_SPELLS, _SET_OWNERS)
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement, values)


@transaction.atomic
def undo_batch(batch: int, *, by: User | None, limit: int | None = None) -> int:
    """Puts back in the queue the clients of the batch that are still with the seller the batch chose, and that `by`
    still sees: all of them, or the next `limit`."""
    everything = Ownership.objects.unscoped(reason="the night")
    spells = Ownership.objects.visible_to(by) if by is not None else everything
    untouched = spells.filter(batch=batch, until__isnull=True, reason=DistributionReason.DISTRIBUTED)
    clients = list(untouched.order_by("pk").values_list("client", flat=True)[:limit])
    return assign(clients, None, by=by, reason=DistributionReason.UNDONE)
