"""What leaders of the demo set up: segments that all may open, and a list of numbers that want no offers."""

import datetime
from urllib.parse import urlencode

from django.http import QueryDict

from clients.models import Phone
from contacts.models import BlockedNumber, BlockList
from people.models import User
from portfolio import segments

SEGMENTS = {
    "Renovações em 30 dias": {"class": "renewal", "due": "30"},
    "Inativas de maior valor": {"class": "inactive", "tier": "A"},
    "Contato em atraso": {"contact": "overdue"},
}
# One mobile in so many stands on the list, as some of every base does.
EVERY = 40


def write_filters(by: User, now: datetime.datetime) -> None:
    for name, query in SEGMENTS.items():
        segments.save(name=name, query=segments.query_of(QueryDict(urlencode(query))), by=by, is_shared=True)
    since = now.date() - datetime.timedelta(days=60)
    block_list = BlockList.objects.create(name="Não me Perturbe", source="Arquivo de demonstração", since=since)
    mobiles = Phone.objects.unscoped(reason="of the demo company").filter(kind=Phone.Kind.MOBILE).order_by("pk")
    numbers = list(mobiles.values_list("e164", flat=True)[::EVERY])
    BlockedNumber.objects.bulk_create(BlockedNumber(block_list=block_list, e164=e164, since=since) for e164 in numbers)
    block_list.numbers, block_list.loaded_by, block_list.loaded_at = len(numbers), by, now
    block_list.save()
