"""Clients change hands while others do the same: no deadlock, one owner each, an unbroken history."""

import random
from collections.abc import Callable
from functools import partial

import pytest

from clients import handover
from clients.models import Client
from people.roles import Role
from portfolio import distribution
from portfolio.models import DistributionMove
from tests.concurrency.parallel import everyone, gaps, ownership_faults, patiently, together
from tests.factories import Cast, make_client, make_user
from tests.faults.installation import SCALE
from tests.faults.tally import Tally

MANAGERS = 4
MOVES = 2 * SCALE
CLIENTS = 400


@pytest.mark.fault("G8", "4 managers move 200 of 400 clients")
def test_parallel_transfers_in_any_order_never_deadlock(cast: Cast, tally: Tally) -> None:
    clients = [make_client(owner=cast.julia).pk for _ in range(CLIENTS)]
    sellers = [cast.julia, cast.caio, cast.davi]
    managers = [make_user(role=Role.ADMIN) for _ in range(MANAGERS)]

    def move(number: int) -> None:
        chance = random.Random(number)
        for _ in range(MOVES):
            some, heir = chance.sample(clients, CLIENTS // 2), chance.choice(sellers)
            patiently(partial(handover.transfer, some, to=heir, by=managers[number]))

    together(partial(move, number) for number in range(MANAGERS))

    tally.tried = MANAGERS * MOVES
    tally.count(lost=ownership_faults(), twice=gaps())
    assert everyone().filter(owner=None).count() == 0


@pytest.mark.fault("G8", "two distributions applied at once")
def test_distributions_at_once_place_each_client_once(cast: Cast, tally: Tally) -> None:
    for _ in range(SCALE):
        clients = [make_client(team=cast.brasil).pk for _ in range(20)]
        batches = [distribution.propose(by=by) for by in (cast.mauro, cast.ada)]
        acts: list[Callable[[], distribution.Applied]] = [
            partial(patiently, partial(distribution.apply, batch, by=batch.created_by)) for batch in batches * 2
        ]

        applied = together(acts)

        tally.tried += len(acts)
        assert sum(one.placed for one in applied) == len(clients)
        assert sum(one.refused for one in applied) == len(clients)
        refusals = DistributionMove.objects.unscoped(reason="test").filter(batch__in=batches).exclude(refused="")
        assert {move.refused for move in refusals} == {"O cliente ganhou responsável depois da prévia."}
        assert sorted(refusals.values_list("client", flat=True)) == clients
        tally.count(lost=ownership_faults(), twice=gaps())
        assert not Client.objects.unscoped(reason="test").filter(pk__in=clients, owner=None).exists()
