"""Distribution of clients without an owner: propose, apply, undo; nightly for those nobody ever owned."""

import datetime
from dataclasses import dataclass
from typing import Any

import numpy as np
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients import ownership
from clients.models import Client, DistributionReason
from people.models import User
from people.roles import Role
from portfolio import balance, candidates, territory
from portfolio.candidates import Orphan, Seller
from portfolio.models import DistributionBatch, DistributionMove


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
    day = day or timezone.localdate()
    orphans = candidates.orphans(by=by, day=day, only_new=only_new)
    sellers, skipped = candidates.sellers(by=by, day=day)
    if not orphans or not sellers:
        raise NothingToDistributeError
    plan = territory.plan(orphans, sellers)
    problem = _problem(orphans, sellers, plan.allowed)
    solution = balance.share_out(problem)
    batch = DistributionBatch.objects.create(
        created_by=by,
        skipped=skipped,
        sellers=_per_seller(sellers, problem, solution),
        fairness=_fairness(problem, solution),
        placed=int((solution.seller != balance.UNPLACED).sum()),
        unplaced=int((solution.seller == balance.UNPLACED).sum()),
    )
    DistributionMove.objects.bulk_create(_moves(batch, orphans, sellers, plan, solution), batch_size=2_000)
    return batch


def _problem(orphans: list[Orphan], sellers: list[Seller], allowed: Any) -> balance.Problem:
    weights = np.array([[orphan.value, orphan.minutes, 1.0] for orphan in orphans])
    weights[:, 0] = balance.winsorised(weights[:, 0])
    hours = np.array([seller.hours for seller in sellers])
    return balance.Problem(
        weights=weights,
        allowed=allowed,
        load=np.array([[seller.value, seller.minutes, float(seller.clients)] for seller in sellers]),
        share=hours / hours.sum(),
        room=np.array([np.inf if seller.room is None else float(seller.room) for seller in sellers]),
    )


def _moves(
    batch: DistributionBatch,
    orphans: list[Orphan],
    sellers: list[Seller],
    plan: territory.Plan,
    solution: balance.Solution,
) -> list[DistributionMove]:
    return [
        DistributionMove(
            batch=batch,
            client_id=orphan.pk,
            seller_id=sellers[chosen].pk if chosen != balance.UNPLACED else None,
            reason=_reason(plan, position, chosen, solution),
            client_version=orphan.version,
            value=orphan.value,
            minutes=orphan.minutes,
        )
        for position, (orphan, chosen) in enumerate(zip(orphans, solution.seller.tolist(), strict=True))
    ]


def _reason(plan: territory.Plan, position: int, chosen: int, solution: balance.Solution) -> str:
    """One sentence whose numbers are those of the moment of the choice."""
    if chosen == balance.UNPLACED:
        return plan.why_nobody(position)
    value, minutes, count = (round(100 * part) for part in solution.fair_part[position])
    parts = _("fica com %(value)s%% da parte justa em valor, %(time)s%% em tempo e %(count)s%% em clientes") % {
        "value": value,
        "time": minutes,
        "count": count,
    }
    choices = plan.choices(position)
    if choices == 1:
        return _("%(rule)s: é quem pode atender; %(parts)s.") % {
            "rule": plan.rule_name(position),
            "parts": parts,
        }
    return _("%(rule)s: menor carga entre %(choices)s vendedores; %(parts)s.") % {
        "rule": plan.rule_name(position),
        "choices": choices,
        "parts": parts,
    }


def _per_seller(sellers: list[Seller], problem: balance.Problem, solution: balance.Solution) -> list[dict[str, Any]]:
    """Before and after per seller; `parts_*` are loads over the fair share, per criterion, in percent."""
    received = np.bincount(solution.seller[solution.seller >= 0], minlength=len(sellers))
    placed_value = np.zeros(len(sellers))
    placed = solution.seller >= 0
    np.add.at(placed_value, solution.seller[placed], problem.weights[placed, 0])
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
    heavy = balance.giants(problem.weights, problem.load, len(problem.share)) & (solution.seller >= 0)
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
    batch = DistributionBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != DistributionBatch.State.PREVIEW:
        return Applied(placed=0, refused=0)
    moves = list(
        DistributionMove.objects.unscoped(reason="the batch of the caller").filter(batch=batch, seller__isnull=False)
    )
    fit = _still_fit(moves, by=by)
    takers = set(_takers().filter(pk__in={move.seller_id for move in moves}).values_list("pk", flat=True))
    targets: dict[int, tuple[int, str]] = {}
    for move in moves:
        move.refused = _refusal(move, fit, takers)
        if not move.refused and move.seller_id is not None:
            targets[move.client_id] = (move.seller_id, move.reason)
    placed = ownership.assign_each(targets, by=by, reason=DistributionReason.DISTRIBUTED, batch=batch.pk)
    refused = [move for move in moves if move.refused]
    DistributionMove.objects.unscoped(reason="the batch of the caller").bulk_update(
        refused, ["refused"], batch_size=1000
    )
    batch.state, batch.applied_at = DistributionBatch.State.APPLIED, timezone.now()
    batch.placed = placed
    batch.save(update_fields=["state", "applied_at", "placed"])
    return Applied(placed=placed, refused=len(refused))


def _still_fit(moves: list[DistributionMove], *, by: User | None) -> dict[int, tuple[int | None, int]]:
    """Owner and version now of the clients `by` may still see, locked in id order."""
    seen = Client.objects.visible_to(by) if by is not None else Client.objects.unscoped(reason="the night")
    rows = seen.filter(pk__in=[move.client_id for move in moves]).order_by("pk").select_for_update(of=("self",))
    return {pk: (owner_id, version) for pk, owner_id, version in rows.values_list("pk", "owner_id", "version")}


def _refusal(move: DistributionMove, fit: dict[int, tuple[int | None, int]], takers: set[int]) -> str:
    if move.client_id not in fit:
        return _("O cliente saiu da sua visão depois da prévia.")
    owner_id, version = fit[move.client_id]
    if owner_id is not None:
        return _("O cliente ganhou responsável depois da prévia.")
    if version != move.client_version:
        return _("O cliente foi alterado depois da prévia.")
    if move.seller_id not in takers:
        return _("O vendedor não pode mais receber clientes.")
    return ""


def _takers() -> Any:
    return User.objects.filter(role=Role.SELLER, is_active=True, hours_per_day__gt=0)


@transaction.atomic
def undo(batch: DistributionBatch, *, by: User | None) -> int:
    """Takes back what is still where the batch put it. Returns how many clients went back to the queue."""
    batch = DistributionBatch.objects.select_for_update().get(pk=batch.pk)
    if batch.state != DistributionBatch.State.APPLIED:
        return 0
    returned = ownership.undo_batch(batch.pk, by=by)
    batch.state, batch.undone_at = DistributionBatch.State.UNDONE, timezone.now()
    batch.save(update_fields=["state", "undone_at"])
    return returned


def discard(batch: DistributionBatch) -> None:
    """Drops a preview that will not be applied."""
    DistributionBatch.objects.filter(pk=batch.pk, state=DistributionBatch.State.PREVIEW).update(
        state=DistributionBatch.State.DISCARDED
    )


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
