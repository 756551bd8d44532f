"""Handing clients to a colleague or back to the queue, one or many: all of them or none."""

from collections.abc import Collection

from django.db import transaction
from django.urls import reverse

from clients import arrivals
from clients.models import Client, DistributionReason
from clients.ownership import assign
from people.models import User

MOST_AT_ONCE = 1_000


class ClientsNotFoundError(Exception):
    """Some ids are not among the clients the person sees: nothing is done, only their number is told."""

    def __init__(self, count: int) -> None:
        super().__init__(str(count))
        self.count = count


@transaction.atomic
def transfer(client_ids: Collection[int], *, to: User, by: User, note: str = "") -> int:
    """Gives the clients to `to`, who is told. Returns how many changed hands."""
    ids = _locked(client_ids, by=by)
    moved = assign(ids, to, by=by, reason=DistributionReason.MANUAL, note=note)
    arrivals.tell({to.pk: moved}, by=by, url=reverse("portfolio:client_detail", args=ids) if len(ids) == 1 else "")
    return moved


@transaction.atomic
def release(client_ids: Collection[int], *, by: User, note: str = "") -> int:
    """Puts the clients back in the queue of those without a responsible person."""
    return assign(_locked(client_ids, by=by), None, by=by, reason=DistributionReason.RELEASED, note=note)


def require_visible(client_ids: Collection[int], *, by: User) -> None:
    _require(client_ids, Client.objects.visible_to(by).filter(pk__in=client_ids).count())


def _locked(client_ids: Collection[int], *, by: User) -> list[int]:
    """The rights are read again under the lock, in id order."""
    visible = Client.objects.visible_to(by).filter(pk__in=client_ids).order_by("pk")
    found = list(visible.select_for_update(of=("self",)).values_list("pk", flat=True))
    _require(client_ids, len(found))
    return found


def _require(client_ids: Collection[int], found: int) -> None:
    missing = len(set(client_ids)) - found
    if missing:
        raise ClientsNotFoundError(missing)
