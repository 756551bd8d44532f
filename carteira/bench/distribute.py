"""A large distribution as it is made every day: computed, handed over and written into the history, then taken back.

Everything happens in one transaction that is rolled back: the base stays as it was, even when the measurement is
killed. The keys that a commit would check are checked within the measured time.
"""

from collections.abc import Iterator
from statistics import median

from django.db import connection, transaction
from django.db.models.functions import Mod

from carteira.bench.figures import BenchError, Figure, Options, median_seconds, seconds_of, stopwatch
from carteira.bench.scanning import scan
from carteira.generator.marks import is_generated
from clients import ownership
from clients.models import Client, DistributionReason
from people.models import User
from people.roles import Role
from portfolio import candidates, distribution
from portfolio.models import DistributionBatch

CLIENTS, QUICK_CLIENTS = 100_000, 100
BUDGET = 30


def measure(options: Options) -> Iterator[Figure]:
    if not is_generated():
        raise BenchError("Esta medida redistribui clientes: só em uma base criada por manage.py generate.")
    wanted = QUICK_CLIENTS if options.quick else CLIENTS
    limit = median_seconds(lambda: scan(Client.objects.all(), "version"), repeat=options.repeat)
    rounds = [one_round(wanted) for _ in range(1 if options.quick else min(options.repeat, 3))]
    sellers = User.objects.filter(role=Role.SELLER, is_active=True).count()
    proposed, applied = (median(part) for part in zip(*[seconds for seconds, _batch in rounds], strict=True))
    batch = rounds[-1][1]
    name = f"{batch.placed} clients over {sellers} sellers"
    yield Figure(f"{name}, applied with history", proposed + applied, "s", limit, BUDGET)
    yield Figure(f"{name}, preview alone", proposed, "s", limit)
    yield Figure(f"{name}, handing over alone", applied, "s", limit)
    for criterion, found in batch.fairness["after"].items():
        yield Figure(f"largest load over the mean, {criterion}", found["max_over_mean"], "×")


def one_round(wanted: int) -> tuple[tuple[float, float], DistributionBatch]:
    """Seconds for preview and handing over, and the batch, of which nothing stays."""
    with transaction.atomic():
        free(wanted)
        made: list[DistributionBatch] = []
        proposed = seconds_of(lambda: made.append(distribution.propose(by=None)))
        with stopwatch() as taken:
            distribution.apply(made[0], by=None)
            check_keys()
        transaction.set_rollback(True)
    return (proposed, taken[0]), made[0]


def free(wanted: int) -> None:
    """Fills the queue up to `wanted` with clients of all sellers."""
    missing = wanted - candidates.waiting(by=None).count()
    owned = Client.objects.unscoped(reason="freed of a generated company, rolled back").filter(owner__isnull=False)
    step = max(1, owned.count() // max(missing, 1))
    chosen = owned.alias(rest=Mod("pk", step)).filter(rest=0) if step > 1 else owned
    ids = list(chosen.order_by("pk").values_list("pk", flat=True)[: max(missing, 0)])
    ownership.assign(ids, None, by=None, reason=DistributionReason.RELEASED)
    check_keys()


def check_keys() -> None:
    """What a commit would do: the foreign keys of everything written so far."""
    connection.check_constraints()
