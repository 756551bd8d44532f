"""A seller leaves: one path that closes the login and puts the whole portfolio in the queue."""

from django.db import transaction

from clients import ownership
from clients.models import Client, DistributionReason
from people import directory
from people.models import User


@transaction.atomic
def leave(seller: User, *, by: User) -> int:
    """Blocks the login at once and releases every client of `seller`. Returns how many wait for a new owner.

    Contracts and purchases keep the seller of their day: history does not move with people.
    """
    directory.close_login(seller, by=by)
    owned = Client.objects.unscoped(reason="whole portfolio of a person who left").filter(owner=seller)
    clients = list(owned.order_by("pk").values_list("pk", flat=True))
    return ownership.assign(clients, None, by=by, reason=DistributionReason.LEFT)
