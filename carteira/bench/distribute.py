"""A large distribution as it is made every day: computed, handed over and written into the history by the jobs.

The clients are freed first and get their sellers back afterwards, also when the measurement fails. One that is
killed leaves them distributed: the base is a generated one.
"""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from statistics import median
from typing import Any
from uuid import uuid4

from django.db import connection, transaction
from django.db.models import QuerySet
from django.db.models.functions import Mod

from carteira.bench.figures import BenchError, Figure, Options, median_seconds, seconds_of
from carteira.bench.scanning import scan
from carteira.generator.marks import is_generated
from clients import ownership
from clients.models import Client, DistributionReason, Ownership
from core.upkeep import tidy_tables
from jobs import queue, running, workers
from jobs.models import Job
from people.models import Activity, User
from people.roles import Role
from portfolio import candidates, distribution, moves, tasks
from portfolio.models import DistributionBatch

CLIENTS, QUICK_CLIENTS = 100_000, 100
BUDGET = 30
# What is written without any rule, in one process, is the limit of this schema: its rows, indexes and keys.
RAW_BUDGET = 2
JOBS = "bench distribute "
REASON = "clients of a generated company, given back after the measurement"

State = DistributionBatch.State

# Whoever has an owner has one open spell: the newest.
_REOPEN_SPELLS = """
    UPDATE clients_ownership spell SET until = NULL
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) was (id, owner_id, team_id)
    WHERE spell.id = (SELECT max(newest.id) FROM clients_ownership newest WHERE newest.client_id = was.id)
"""
_GIVE_BACK = """
    UPDATE clients_client client SET owner_id = was.owner_id, team_id = was.team_id
    FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[]) was (id, owner_id, team_id)
    WHERE client.id = was.id
"""


def measure(options: Options) -> Iterator[Figure]:
    if not is_generated():
        raise BenchError("Esta medida redistribui clientes: só em uma base criada por manage.py generate.")
    limit = median_seconds(lambda: scan(Client.objects.all(), "version"), repeat=options.repeat)
    sellers = User.objects.filter(role=Role.SELLER, is_active=True).count()
    with orphans(QUICK_CLIENTS if options.quick else CLIENTS):
        rounds = [one_round() for _ in range(1 if options.quick else min(options.repeat, 3))]
    proposed, raw, applied = (median(part) for part in zip(*[seconds for seconds, _batch in rounds], strict=True))
    batch = rounds[-1][1]
    name = f"{batch.placed} clients over {sellers} sellers"
    yield Figure(f"{name}, applied with history", proposed + applied, "s", limit, BUDGET)
    yield Figure(f"{name}, preview alone", proposed, "s", limit)
    yield Figure(f"{name}, handing over alone", applied, "s", limit)
    yield Figure(f"{name}, beside the same rows written raw", proposed + applied, "s", raw, RAW_BUDGET)
    for criterion, told in batch.fairness["after"].items():
        yield Figure(f"largest load over the mean, {criterion}", told["max_over_mean"], "×")


def one_round() -> tuple[tuple[float, float, float], DistributionBatch]:
    """Seconds for the preview, for its rows written raw and for handing over, and the batch, undone."""
    batch = DistributionBatch.objects.create(state=State.COMPUTING)
    proposed = seconds_of(lambda: run_job(tasks.PROPOSE, batch))
    batch.refresh_from_db()
    raw = seconds_of(lambda: write_raw(batch))
    tidy_tables()
    distribution.begin(batch, State.PREVIEW, State.APPLYING)
    applied = seconds_of(lambda: run_job(tasks.APPLY, batch))
    batch.refresh_from_db()
    distribution.undo(batch, by=None)
    tidy_tables()
    return (proposed, raw, applied), batch


def run_job(kind: str, batch: DistributionBatch) -> None:
    """What a worker does with a job, here and now."""
    job = queue.enqueue(kind, {"batch": batch.pk}, dedupe_key=f"{JOBS}{uuid4()}")
    if run := running.claim(only=job.pk):
        workers.execute(run)
    if Job.objects.get(pk=job.pk).state != Job.State.DONE:
        raise BenchError(f"A tarefa {kind} não terminou.")


def write_raw(batch: DistributionBatch) -> None:
    """The spells and the owners of the whole batch with their keys, and nothing else; then rolled back."""
    chosen = moves.of(batch).values_list("client", "seller", "reason")
    with workers.job_limits(), transaction.atomic():
        ownership.place(chosen, by=None, batch=batch.pk)
        connection.check_constraints()
        transaction.set_rollback(True)


@contextmanager
def orphans(wanted: int) -> Iterator[None]:
    """Fills the queue up to `wanted` with clients of all sellers, and takes what was written for it away afterwards:
    what others do meanwhile stays."""
    missing = max(wanted - candidates.waiting(by=None).count(), 0)
    owned = Client.objects.unscoped(reason=REASON).filter(owner__isnull=False)
    step = max(1, owned.count() // max(missing, 1))
    chosen = owned.alias(rest=Mod("pk", step)).filter(rest=0).order_by("pk")[:missing]
    freed = list(chosen.values_list("pk", "owner", "team"))
    newest = {table: table.order_by("pk").values_list("pk", flat=True).last() or 0 for table in _written(freed)}
    try:
        ownership.assign([pk for pk, *_was in freed], None, by=None, reason=DistributionReason.RELEASED)
        tidy_tables()
        yield
    finally:
        with workers.job_limits(), transaction.atomic():
            for table, last in newest.items():
                table.filter(pk__gt=last).delete()
            give_back(freed)


def _written(freed: Sequence[tuple[int, int, int | None]]) -> list[QuerySet[Any]]:
    """Where the measurement writes; nobody but the machine (`by` is empty) distributes these clients meanwhile."""
    return [
        Ownership.objects.unscoped(reason=REASON).filter(client__among=[pk for pk, *_was in freed], by=None),
        DistributionBatch.objects.filter(created_by=None),
        Job.objects.filter(dedupe_key__startswith=JOBS),
        Activity.objects.filter(verb="clients_assigned", by=None),
    ]


def give_back(freed: Sequence[tuple[int, int, int | None]]) -> None:
    with connection.cursor() as cursor:
        for statement in (_REOPEN_SPELLS, _GIVE_BACK):
            cursor.execute(statement, [list(column) for column in zip(*freed, strict=True)] or [[], [], []])
