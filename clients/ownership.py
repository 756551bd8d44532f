"""Handing clients over: the only code that writes `Client.owner` (with its history)."""

from collections.abc import Collection

from django.db import transaction
from django.utils import timezone

from clients.models import Client, DistributionReason, Ownership
from people import activity
from people.models import User


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
    """Gives the clients to `owner` (None puts them back in the queue), closing and opening spells of ownership.

    The caller has checked that `by` may see and assign them. Clients already with `owner` are left alone.
    Rows are locked in id order. Returns how many moved.
    """
    everyone = Client.objects.unscoped(reason="ids were chosen among visible clients")
    locked = list(
        everyone.filter(pk__in=client_ids).order_by("pk").select_for_update(of=("self",)).values_list("pk", "owner_id")
    )
    moved = [pk for pk, owner_id in locked if owner_id != (owner.pk if owner else None)]
    if not moved:
        return 0
    now = timezone.now()
    spells = Ownership.objects.unscoped(reason="same clients")
    spells.filter(client__in=moved, until__isnull=True).update(until=now)
    if owner is not None:
        Ownership.objects.bulk_create(
            Ownership(client_id=pk, owner=owner, since=now, reason=reason, note=note, by=by, batch=batch)
            for pk in moved
        )
    changes: dict[str, object] = {"owner": owner}
    if owner is not None:
        changes["team"] = owner.team
    everyone.filter(pk__in=moved).update(**changes)
    activity.record("clients_assigned", owner, by=by, clients=len(moved), reason=str(reason), batch=batch)
    return len(moved)
