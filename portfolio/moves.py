"""The rows of a distribution: written in bulk with their reasons, handed over in parts."""

from collections.abc import Iterable, Iterator, Sequence

from django.db import connection
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from clients import ownership
from clients.models import Client, DistributionReason
from people.models import User
from people.roles import Role
from portfolio import balance
from portfolio.candidates import Queue, Seller
from portfolio.models import DistributionBatch, DistributionMove
from portfolio.territory import Cell, Plan

_COPY = """
COPY portfolio_distributionmove (batch_id, client_id, seller_id, reason, client_version, value, minutes, refused)
FROM STDIN
"""
REASON = "the moves of the caller's batch"


def store(
    batch: DistributionBatch, queue: Queue, sellers: list[Seller], plan: Plan, solution: balance.Solution
) -> None:
    """Writes the moves in the order of the clients' names: so they are shown, and so their clients lie close to each
    other in the indexes when they are handed over."""
    reasons = list(_reasons(plan, solution))
    chosen = [sellers[index].pk if index != balance.UNPLACED else None for index in solution.seller.tolist()]
    values, minutes = queue.values.tolist(), queue.minutes.tolist()
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(_COPY) as copy:
        for at in sorted(range(len(queue)), key=queue.names.__getitem__):
            copy.write_row(
                (batch.pk, queue.pks[at], chosen[at], reasons[at], queue.versions[at], values[at], minutes[at], "")
            )


def _reasons(plan: Plan, solution: balance.Solution) -> Iterator[str]:
    """One sentence a client whose numbers are those of the moment of the choice.

    What a cell has in common is put into words once: a hundred thousand translations would take longer than the
    distribution.
    """
    placed = [_placed_sentence(cell) for cell in plan.cells]
    unplaced = [cell.why_nobody() for cell in plan.cells]
    percents = (100 * solution.fair_part).round().astype(int).tolist()
    for cell, is_placed, parts in zip(plan.cell.tolist(), solution.placed.tolist(), percents, strict=True):
        yield placed[cell] % dict(zip(balance.CRITERIA, parts, strict=True)) if is_placed else unplaced[cell]


def _placed_sentence(cell: Cell) -> str:
    """The sentence with places for `value`, `time` and `count`."""
    parts = _("fica com %(value)s%% da parte justa em valor, %(time)s%% em tempo e %(count)s%% em clientes")
    words = {"rule": cell.name.replace("%", "%%"), "choices": cell.choices, "parts": parts}
    if cell.choices == 1:
        return _("%(rule)s: é quem pode atender; %(parts)s.") % words
    return _("%(rule)s: menor carga entre %(choices)s vendedores; %(parts)s.") % words


def of(batch: DistributionBatch) -> QuerySet[DistributionMove]:
    """The moves that have a seller, in the order in which they are handed over."""
    moves = DistributionMove.objects.unscoped(reason=REASON)
    return moves.filter(batch=batch, seller__isnull=False).order_by("pk")


def hold(batch: DistributionBatch) -> None:
    """Locks sellers and clients of the whole batch, each by id: for a transaction that hands over several parts."""
    _takers(of(batch).order_by().values_list("seller", flat=True).distinct())
    clients = Client.objects.unscoped(reason=REASON).filter(pk__in=of(batch).order_by().values("client"))
    list(clients.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def hand_over(part: Sequence[DistributionMove], *, batch: DistributionBatch, by: User | None) -> None:
    """Gives the clients of `part` to their sellers, or writes down why not. Locks sellers, then clients, by id."""
    takers = _takers({move.seller_id for move in part})
    held = _held({move.client_id for move in part}, by=by)
    targets: dict[int, tuple[int, str]] = {}
    refused: dict[str, list[int]] = {}
    for move in part:
        why = _refusal(move, held, takers)
        if why:
            refused.setdefault(why, []).append(move.pk)
        elif move.seller_id is not None:
            targets[move.client_id] = (move.seller_id, move.reason)
    ownership.assign_each(
        targets,
        by=by,
        reason=DistributionReason.DISTRIBUTED,
        batch=batch.pk,
        held={client: owner for client, (owner, _version) in held.items()},
    )
    for why, pks in refused.items():
        of(batch).filter(pk__in=pks).update(refused=why)


def _takers(sellers: Iterable[int | None]) -> set[int]:
    """Those who may still receive, locked: nobody leaves while clients come in."""
    chosen = [seller for seller in sellers if seller is not None]
    able = User.objects.filter(pk__in=chosen, role=Role.SELLER, is_active=True, hours_per_day__gt=0)
    return set(able.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def _held(clients: set[int], *, by: User | None) -> dict[int, tuple[int | None, int]]:
    """Owner and version now of the clients `by` may still see, locked in the order of their ids."""
    seen = Client.objects.visible_to(by) if by is not None else Client.objects.unscoped(reason="the night")
    rows = seen.filter(pk__in=clients).order_by("pk").select_for_update(of=("self",), no_key=True)
    return {pk: (owner_id, version) for pk, owner_id, version in rows.values_list("pk", "owner_id", "version")}


def _refusal(move: DistributionMove, held: dict[int, tuple[int | None, int]], takers: set[int]) -> str:
    if move.client_id not in held:
        return _("O cliente saiu da sua visão depois da prévia.")
    owner_id, version = held[move.client_id]
    if owner_id is not None:
        return _("O cliente ganhou responsável depois da prévia.")
    if version != move.client_version:
        return _("O cliente foi alterado depois da prévia.")
    if move.seller_id not in takers:
        return _("O vendedor não pode mais receber clientes.")
    return ""
