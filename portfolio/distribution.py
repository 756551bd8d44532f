"""Distribution of clients without an owner: propose, apply, undo; nightly for those nobody ever owned."""

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.db.models import Count
from django.utils import timezone

from clients import arrivals, ownership
from people.models import User
from portfolio import balance, candidates, handover, moves, territory
from portfolio.candidates import Queue, Seller
from portfolio.models import DistributionBatch

# Up to here a person waits for the page; above, a job works and the page shows how far it is.
AT_ONCE = 2_000
# Clients a transaction hands over or takes back: it holds their rows for about a second.
PART = 10_000

State = DistributionBatch.State


class NothingToDistributeError(Exception):
    """There is no client in the queue, or no seller who can take one."""


@dataclass(frozen=True)
class Applied:
    """`refused` counts the clients that changed since the preview; each move names why."""

    placed: int
    refused: int


@transaction.atomic
def propose(*, by: User | None, day: datetime.date | None = None, only_new: bool = False) -> DistributionBatch:
    """Computes and stores who would get which client; nothing changes hands yet.

    `by=None` is the command and the night, which takes `only_new`: clients nobody ever owned. Raises
    NothingToDistributeError.
    """
    batch = DistributionBatch.objects.create(created_by=by, state=State.COMPUTING)
    compute(batch, day=day, only_new=only_new)
    return batch


def compute(batch: DistributionBatch, *, day: datetime.date | None = None, only_new: bool = False) -> None:
    """Fills a batch that waits for its preview. Raises NothingToDistributeError."""
    day, by = day or timezone.localdate(), batch.created_by
    rules = territory.rules_in_force()
    clients = candidates.waiting(by=by, only_new=only_new)
    queue = candidates.queue(clients, day=day, criteria={rule.criterion for rule in rules})
    sellers, skipped = candidates.sellers(by=by, day=day) if queue.pks else ([], [])
    if not sellers:
        raise NothingToDistributeError
    plan = territory.plan(queue, sellers, rules)
    problem = _problem(queue, sellers, plan)
    solution = balance.share_out(problem)
    moves.store(batch, queue, sellers, plan, solution)
    batch.state = State.PREVIEW
    batch.sellers, batch.skipped = _per_seller(sellers, problem, solution), skipped
    batch.fairness = _fairness(problem, solution)
    batch.placed = int(solution.placed.sum())
    batch.unplaced = len(queue) - batch.placed
    batch.save()


def _problem(queue: Queue, sellers: list[Seller], plan: territory.Plan) -> balance.Problem:
    hours = np.array([seller.hours for seller in sellers])
    return balance.Problem(
        weights=np.column_stack([balance.winsorised(queue.values), queue.minutes, np.ones(len(queue))]),
        cell=plan.cell,
        allowed=plan.allowed,
        load=np.array([[seller.value, seller.minutes, float(seller.clients)] for seller in sellers]),
        share=hours / hours.sum(),
        room=np.array([np.inf if seller.room is None else float(seller.room) for seller in sellers]),
    )


def _per_seller(sellers: list[Seller], problem: balance.Problem, solution: balance.Solution) -> list[dict[str, Any]]:
    """Before and after per seller; `parts_*` are loads over the fair share, per criterion, in percent."""
    chosen = solution.seller[solution.placed]
    received = np.bincount(chosen, minlength=len(sellers))
    placed_value = np.bincount(chosen, weights=problem.weights[solution.placed, 0], minlength=len(sellers))
    return [
        {
            "id": seller.pk,
            "name": seller.name,
            "hours": seller.hours,
            "clients_before": seller.clients,
            "clients_after": seller.clients + int(received[index]),
            "received": int(received[index]),
            "value_before": round(seller.value, 2),
            "value_after": round(seller.value + float(placed_value[index]), 2),
            "parts_before": _percents(solution.before[index], problem.share[index]),
            "parts_after": _percents(solution.after[index], problem.share[index]),
        }
        for index, seller in enumerate(sellers)
    ]


def _percents(load: Any, share: float) -> dict[str, int]:
    return {name: round(100 * float(part) / share) for name, part in zip(balance.CRITERIA, load, strict=True)}


def _fairness(problem: balance.Problem, solution: balance.Solution) -> dict[str, dict[str, dict[str, float]]]:
    """Max over mean and Jain's index before and after; clients heavier than a fair share are left out."""
    weights, _load = balance.normalised(problem.weights, problem.load)
    heavy = balance.giants(problem.weights, problem.load, len(problem.share)) & solution.placed
    after = solution.after.copy()
    np.subtract.at(after, solution.seller[heavy], weights[heavy])
    return {
        moment: {
            name: {"max_over_mean": round(found.max_over_mean, 4), "jain": round(found.jain, 4)}
            for index, name in enumerate(balance.CRITERIA)
            for found in [balance.fairness(load[:, index], problem.share)]
        }
        for moment, load in (("before", solution.before), ("after", after))
    }


@transaction.atomic
def apply(batch: DistributionBatch, *, by: User | None) -> Applied:
    """Hands the clients over. Those edited or taken since the preview, or no longer visible to `by`, are refused and
    named; a batch is applied once."""
    if not begin(batch, State.PREVIEW, State.APPLYING):
        return Applied(placed=0, refused=0)
    able = moves.takers(batch)
    for after, last in moves.parts(batch, size=PART):
        moves.hand_over(moves.part_of(batch, after, last), batch=batch, able=able, by=by)
    _close_applied(batch)
    return Applied(placed=batch.placed, refused=moves.of(batch).exclude(refused="").count())


def begin(batch: DistributionBatch, before: State, after: State) -> bool:
    """Takes the batch from one state to the next; False when somebody else did."""
    begun = DistributionBatch.objects.filter(pk=batch.pk, state=before).update(state=after)
    batch.refresh_from_db()
    return bool(begun)


def apply_next(batch: DistributionBatch, *, by: User | None) -> int:
    """Hands over the next parts of a large batch; closes it after the last. Returns how many moves are done.

    The caller's transaction keeps the sellers from leaving and, in a job, everybody else from the batch.
    """
    if not handover.hand_over_next(batch, able=moves.takers(batch), by=by):
        _close_applied(batch)
    return handover.done(batch)


def _close_applied(batch: DistributionBatch) -> None:
    batch.state, batch.applied_at = State.APPLIED, timezone.now()
    handed = moves.of(batch).filter(refused="").order_by().values_list("seller")
    received: dict[int, int] = dict(handed.annotate(Count("pk")))
    batch.placed = sum(received.values())
    batch.save(update_fields=["state", "applied_at", "placed"])
    arrivals.tell(received, by=batch.created_by)


@transaction.atomic
def undo(batch: DistributionBatch, *, by: User | None) -> int:
    """Takes back what is still where the batch put it. Returns how many clients went back to the queue."""
    if not begin(batch, State.APPLIED, State.UNDOING):
        return 0
    returned = ownership.undo_batch(batch.pk, by=by)
    _close_undone(batch)
    return returned


def undo_part(batch: DistributionBatch, *, by: User | None) -> int:
    """Takes back the next clients. Returns how many; 0 when none is left."""
    returned = ownership.undo_batch(batch.pk, by=by, limit=PART)
    if not returned:
        _close_undone(batch)
    return returned


def _close_undone(batch: DistributionBatch) -> None:
    batch.state, batch.undone_at = State.UNDONE, timezone.now()
    batch.save(update_fields=["state", "undone_at"])


def discard(batch: DistributionBatch) -> None:
    """Drops a preview that will not be applied."""
    begin(batch, State.PREVIEW, State.DISCARDED)


def place_new_orphans(day: datetime.date, run: Any = None) -> dict[str, int]:
    """The night's step: places clients nobody ever owned; a second run places only newcomers.

    One transaction, the job's own when there is one, so that a killed night leaves no half batch.
    """
    with run.chunk() if run is not None else transaction.atomic():
        return _place(day)


def _place(day: datetime.date) -> dict[str, int]:
    # A night made up for later hands over now: whoever is away now takes nothing.
    day = max(day, timezone.localdate())
    try:
        batch = propose(by=None, day=day, only_new=True)
    except NothingToDistributeError:
        return {"placed": 0, "unplaced": 0}
    if not batch.placed:
        # Nothing can be placed until a rule or a seller changes: leave no trace each night.
        unplaced = batch.unplaced
        batch.delete()
        return {"placed": 0, "unplaced": unplaced}
    applied = apply(batch, by=None)
    return {"placed": applied.placed, "unplaced": batch.unplaced}
