"""The rows of a distribution: written in bulk with their reasons, handed over in parts."""

from collections.abc import Iterator
from itertools import pairwise

from django.db import connection
from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from clients import ownership
from clients.models import Client
from people.models import User
from people.roles import Role
from people.visibility import sight_of
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
    """Writes the moves in the order of the clients' names, in which they are shown."""
    chosen = [sellers[index].pk if index != balance.UNPLACED else "\\N" for index in solution.seller.tolist()]
    worth = queue.values.tolist(), queue.minutes.tolist()
    columns = zip(queue.pks, chosen, _reasons(plan, solution), queue.versions, *worth, strict=True)
    # One text instead of a hundred thousand rows: the driver would look at each value of each.
    lines = [
        f"{batch.pk}\t{client}\t{seller}\t{reason}\t{version}\t{value}\t{minutes}\t\n"
        for client, seller, reason, version, value, minutes in columns
    ]
    in_order = [lines[at] for at in sorted(range(len(queue)), key=queue.names.__getitem__)]
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(_COPY) as copy:
        copy.write("".join(in_order))


def _reasons(plan: Plan, solution: balance.Solution) -> Iterator[str]:
    """One sentence a client, ready for COPY, whose numbers are those of the moment of the choice.

    What a cell has in common is put into words once: a hundred thousand translations would take longer than the
    distribution.
    """
    placed = [_escaped(_placed_sentence(cell)) for cell in plan.cells]
    unplaced = [_escaped(cell.why_nobody()) for cell in plan.cells]
    percents = (100 * solution.fair_part).round().astype(int).tolist()
    chosen = zip(plan.cell.tolist(), solution.placed.tolist(), percents, strict=True)
    for cell, is_placed, (value, time, count) in chosen:
        yield placed[cell] % {"value": value, "time": time, "count": count} if is_placed else unplaced[cell]


def _escaped(text: str) -> str:
    """What COPY reads as the text again."""
    return text.replace("\\", "\\\\").replace("\t", "\\t").replace("\n", "\\n").replace("\r", "\\r")


def _placed_sentence(cell: Cell) -> str:
    """The sentence with places for `value`, `time` and `count`."""
    parts = _("fica com %(value)s%% da parte justa em valor, %(time)s%% em tempo e %(count)s%% em clientes")
    words = {"rule": cell.name.replace("%", "%%"), "choices": cell.choices, "parts": parts}
    if cell.choices == 1:
        return _("%(rule)s: é quem pode atender; %(parts)s.") % words
    return _("%(rule)s: menor carga entre %(choices)s vendedores; %(parts)s.") % words


def of(batch: DistributionBatch) -> QuerySet[DistributionMove]:
    """The moves that have a seller, in the order in which they are handed over: so their rows are locked, and lie
    close to each other."""
    moves = DistributionMove.objects.unscoped(reason=REASON)
    return moves.filter(batch=batch, seller__isnull=False).order_by("client")


def parts(batch: DistributionBatch, *, size: int) -> list[tuple[int, int]]:
    """The moves in parts of `size`, one behind the other: each begins after one client and ends with another."""
    clients = list(of(batch).values_list("client", flat=True))
    ends = [*clients[size - 1 : -1 : size], *clients[-1:]]
    return list(pairwise([0, *ends]))


def part_of(batch: DistributionBatch, after: int, last: int) -> QuerySet[DistributionMove]:
    return of(batch).filter(client__gt=after, client__lte=last)


def takers(batch: DistributionBatch) -> set[int]:
    """Those who may still receive, locked by id: nobody leaves while clients come in."""
    chosen = [seller["id"] for seller in batch.sellers if seller["received"]]
    able = User.objects.filter(pk__in=chosen, role=Role.SELLER, is_active=True, hours_per_day__gt=0)
    return set(able.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def hand_over(part: QuerySet[DistributionMove], *, batch: DistributionBatch, able: set[int], by: User | None) -> None:
    """Gives the clients of `part` to their sellers, or writes down why not; locks clients by id. `able` are the
    `takers`, whom the caller holds."""
    clients = Client.objects.unscoped(reason=REASON).filter(pk__in=part.order_by().values("client"))
    list(clients.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
    still_there = Exists(Client.objects.unscoped(reason=REASON).filter(pk=OuterRef("client")))
    part.exclude(still_there).update(refused=_("O cliente saiu da base depois da prévia."))
    refused: dict[str, list[int]] = {}
    judged = part.annotate(why=_why_not(able, by=by)).exclude(why="")
    for pk, why in judged.values_list("pk", "why"):
        refused.setdefault(why, []).append(pk)
    for why, pks in refused.items():
        part.filter(pk__in=pks).update(refused=why)
    ownership.place(part.filter(refused="").values_list("client", "seller", "reason"), by=by, batch=batch.pk)


def _why_not(able: set[int], *, by: User | None) -> Case:
    """Why a move cannot be done any more, or an empty text."""
    whys = [
        When(client__owner__isnull=False, then=Value(_("O cliente ganhou responsável depois da prévia."))),
        When(~Q(client__version=F("client_version")), then=Value(_("O cliente foi alterado depois da prévia."))),
        When(~Q(seller__in=able), then=Value(_("O vendedor não pode mais receber clientes."))),
    ]
    seen = sight_of(by).filter(owner="client__owner", team="client__team") if by is not None else Q()
    if seen:
        whys.insert(0, When(~seen, then=Value(_("O cliente saiu da sua visão depois da prévia."))))
    return Case(*whys, default=Value(""))
