"""What the database leaves out of a day is what the rule of points would not have chosen either."""

import datetime
from random import Random

import pytest

from clients.models import Client, PortfolioClass
from contracts.models import ClientCycle
from portfolio import pace
from portfolio.agenda import Candidate, candidate_of
from portfolio.agenda_facts import Frame, facts_for, facts_of, frame_on, read
from portfolio.agenda_sieve import POOL
from tests.factories import Cast
from tests.portfolio.test_agenda_days import DAY, at, late_client, working_day

pytestmark = pytest.mark.django_db
INACTIVE = {"portfolio_class": PortfolioClass.INACTIVE, "class_reason": "FORA_DO_CICLO"}


def many_clients(cast: Cast, on: datetime.date, *, number: int) -> list[int]:
    chance = Random(7)
    ids = []
    for place in range(number):
        recency, value = chance.randrange(5, 400), chance.choice((0, 600, chance.randrange(5000)))
        client = late_client(cast.julia, recency=recency, value=value, **(INACTIVE if place % 3 == 0 else {}))
        tier, made = chance.choice("ABCD"), at(on - chance.randrange(200) * DAY)
        ClientCycle.objects.unscoped(reason="test").filter(client=client).update(tier=tier)
        Client.objects.unscoped(reason="test").filter(pk=client.pk).update(created_at=made)
        ids.append(client.pk)
    pace.measure(on)
    return ids


def everybody(cast: Cast, ids: list[int], frame: Frame) -> list[Candidate]:
    """With something due, nobody is left out."""
    rows = read([cast.julia.pk], ids, frame)
    assert set(rows) == set(ids)
    return [one for row in rows.values() if (one := candidate_of(facts_of(row, frame), frame.settings))]


def test_best_of_each_share_are_read_and_the_others_counted(cast: Cast) -> None:
    on = working_day()
    ids = many_clients(cast, on, number=3 * POOL)
    frame = frame_on(on)
    found = everybody(cast, ids, frame)
    known = facts_for([cast.julia], frame)[cast.julia.pk]
    expected: set[int] = set()
    for share in {one.share for one in found}:
        own = sorted((one for one in found if one.share == share), key=lambda one: (-one.points, one.client))
        expected |= {one.client for one in own[:POOL]}
    chosen = {facts.client for facts in known.facts if candidate_of(facts, frame.settings)}
    assert chosen == expected
    assert known.unread == len(found) - len(expected) > 0
