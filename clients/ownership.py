"""Handing clients over: the only code that writes `Client.owner`, always with its history."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from clients.models import Client, DistributionReason, Ownership
from people import activity
from people.models import User

NOBODY = 0
ROWS_A_STATEMENT = 10_000

_GIVEN = "SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::text[])"
_CLOSE_SPELLS = "UPDATE clients_ownership SET until = %s WHERE until IS NULL AND client_id = ANY(%s)"
_OPEN_SPELLS = """
    INSERT INTO clients_ownership (client_id, owner_id, since, reason, note, by_id, batch)
    SELECT move.client_id, move.owner_id, %s, %s, move.note, %s, %s
    FROM ({moves}) AS move(client_id, owner_id, note) WHERE move.owner_id <> 0
"""
# A released client keeps its team, so that the team's leaders find it in their queue.
_SET_OWNERS = """
    UPDATE clients_client AS client
    SET owner_id = nullif(move.owner_id, 0),
        team_id = CASE WHEN move.owner_id = 0 THEN client.team_id ELSE person.team_id END
    FROM ({moves}) AS move(client_id, owner_id, note)
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
) -> int:
    """`targets` maps client id to (owner id or NOBODY, note). Clients already there are left alone.

    Set-wise: rows are locked in id order, whatever order the caller has, so that two managers never deadlock.
    """
    present = _locked_owners(targets)
    moved = [pk for pk, owner in present.items() if (owner or NOBODY) != targets[pk][0]]
    if not moved:
        return 0
    now = timezone.now()
    for start in range(0, len(moved), ROWS_A_STATEMENT):
        part = moved[start : start + ROWS_A_STATEMENT]
        # Who waits in the queue has no spell to close.
        if owned := [pk for pk in part if present[pk] is not None]:
            _execute(_CLOSE_SPELLS, now, owned)
        given = (part, [targets[pk][0] for pk in part], [targets[pk][1] for pk in part])
        _write(_GIVEN, given, now=now, by=by, reason=reason, batch=batch)
    activity.record("clients_assigned", by=by, clients=len(moved), reason=str(reason), batch=batch)
    return len(moved)


@transaction.atomic
def place(chosen: QuerySet[Any, Any], *, by: User | None, batch: int) -> int:
    """Gives clients that wait in the queue to their sellers, all inside the database. Returns how many.

    `chosen` selects client, seller and note; the caller holds these clients locked and knows that nobody has them.
    """
    moves, params = chosen.query.sql_with_params()
    reason = DistributionReason.DISTRIBUTED
    placed = _write(moves, params, now=timezone.now(), by=by, reason=reason, batch=batch)
    if placed:
        activity.record("clients_assigned", by=by, clients=placed, reason=str(reason), batch=batch)
    return placed


def _locked_owners(client_ids: Collection[int]) -> dict[int, int | None]:
    everyone = Client.objects.unscoped(reason="ids were chosen among visible clients")
    locked = everyone.filter(pk__in=list(client_ids)).order_by("pk").select_for_update(of=("self",), no_key=True)
    return dict(locked.values_list("pk", "owner_id"))


def _write(
    moves: str,
    params: Sequence[Any],
    *,
    now: datetime,
    by: User | None,
    reason: DistributionReason,
    batch: int | None,
) -> int:
    """`moves` is a query of client, new owner and note. Returns how many clients it wrote."""
    spell = (now, str(reason), by.pk if by is not None else None, batch)
    _execute(_OPEN_SPELLS.format(moves=moves), *spell, *params)
    return _execute(_SET_OWNERS.format(moves=moves), *params)


def _execute(statement: str, *params: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute(statement, params)
        return int(cursor.rowcount)


@transaction.atomic
def undo_batch(batch: int, *, by: User | None, limit: int | None = None) -> int:
    """Puts back in the queue the clients of the batch that are still with the seller the batch chose, and that `by`
    still sees: all of them, or the next `limit`."""
    everything = Ownership.objects.unscoped(reason="the night")
    spells = Ownership.objects.visible_to(by) if by is not None else everything
    untouched = spells.filter(batch=batch, until__isnull=True, reason=DistributionReason.DISTRIBUTED)
    clients = list(untouched.order_by("pk").values_list("client", flat=True)[:limit])
    return assign(clients, None, by=by, reason=DistributionReason.UNDONE)
