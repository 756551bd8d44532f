"""Tagging many clients at once."""

from collections.abc import Collection

from django.db import transaction

from clients.handover import require_visible
from clients.models import Client, Tag
from clients.vocabulary import tags_named
from people import activity
from people.models import User


@transaction.atomic
def tag_clients(client_ids: Collection[int], name: str, *, by: User) -> tuple[Tag, int]:
    """Puts one tag on all the clients, or on none when one is hidden. Returns how many did not have it."""
    require_visible(client_ids, by=by)
    tag = tags_named([name])[0]
    through = Client.tags.through
    tagged = set(through.objects.filter(tag=tag, client__in=client_ids).values_list("client_id", flat=True))
    fresh = sorted(set(client_ids) - tagged)
    through.objects.bulk_create([through(client_id=pk, tag=tag) for pk in fresh], ignore_conflicts=True)
    activity.record("clients_tagged", tag, by=by, clients=len(fresh))
    return tag, len(fresh)
