"""The distribution screen: queue, preview with before and after, apply, undo."""

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from clients.models import Client
from core.answers import done, invalid, is_fragment
from people.access import UserRequest, allow
from people.models import User
from people.roles import Permission, Reach, Role
from people.visibility import visible_people
from portfolio import departures
from portfolio import distribution as distributing
from portfolio.balance import CRITERIA
from portfolio.forms_distribution import DepartureForm
from portfolio.models import DistributionBatch, DistributionMove, DistributionRule

MOVES_A_PAGE = 50


def batches_of(user: User) -> QuerySet[DistributionBatch]:
    """One's own batches; those who see everyone's clients also see the night's and their colleagues'."""
    if user.reach is Reach.EVERYONE:
        return DistributionBatch.objects.all()
    return DistributionBatch.objects.filter(created_by=user)


@allow(Permission.DISTRIBUTE)
def distribution(request: UserRequest) -> HttpResponse:
    queue = Client.objects.visible_to(request.user).ownerless()
    context = {
        "waiting": queue.count(),
        "rules": DistributionRule.objects.filter(is_active=True).prefetch_related("teams", "sellers"),
        "batches": batches_of(request.user)
        .exclude(state=DistributionBatch.State.DISCARDED)
        .select_related("created_by")[:20],
    }
    return render(request, "portfolio/distribution.html", context)


@allow(Permission.DISTRIBUTE, methods=("POST",))
def distribution_propose(request: UserRequest) -> HttpResponse:
    try:
        batch = distributing.propose(by=request.user)
    except distributing.NothingToDistributeError:
        text = _("Nada a distribuir: não há cliente na fila ou nenhum vendedor pode receber agora.")
        return done(request, text, url=reverse("portfolio:distribution"))
    return redirect("portfolio:distribution_detail", pk=batch.pk)


@allow(Permission.DISTRIBUTE)
def distribution_detail(request: UserRequest, pk: int) -> HttpResponse:
    """Before and after per seller, and the reason per client the user may see."""
    batch = get_object_or_404(batches_of(request.user).select_related("created_by"), pk=pk)
    moves = DistributionMove.objects.visible_to(request.user).filter(batch=batch)
    chosen = request.GET.get("seller", "")
    if chosen == "none":
        moves = moves.filter(seller__isnull=True)
    elif chosen.isascii() and chosen.isdecimal():
        moves = moves.filter(seller=int(chosen))
    elif chosen == "refused":
        moves = moves.filter(~Q(refused=""))
    page = Paginator(moves.select_related("client", "seller").order_by("pk"), MOVES_A_PAGE).get_page(
        request.GET.get("page")
    )
    _scale_bars(batch)
    context = {"batch": batch, "page": page, "chosen": chosen, "balance": _balance(batch)}
    template = "portfolio/distribution_detail.html"
    return render(request, f"{template}#moves" if is_fragment(request) else template, context)


def _balance(batch: DistributionBatch) -> list[tuple[str, float, float]]:
    """Criterion, largest load over the mean before and after; in our order, which the database does not keep."""
    before, after = (batch.fairness.get(moment, {}) for moment in ("before", "after"))
    return [(name, before[name]["max_over_mean"], after[name]["max_over_mean"]) for name in CRITERIA if name in after]


def _scale_bars(batch: DistributionBatch) -> None:
    """Draws loads against the longest one (at least a fair share), so that bars compare between sellers."""
    widest = max(
        [
            100,
            *(seller[f"parts_{moment}"]["count"] for seller in batch.sellers for moment in ("before", "after")),
        ]
    )
    for seller in batch.sellers:
        for moment in ("before", "after"):
            seller[f"bar_{moment}"] = 100 * seller[f"parts_{moment}"]["count"] / widest


@allow(Permission.DISTRIBUTE, methods=("POST",))
def distribution_apply(request: UserRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(batches_of(request.user), pk=pk)
    applied = distributing.apply(batch, by=request.user)
    text = ngettext(
        "%(placed)s cliente distribuído.", "%(placed)s clientes distribuídos.", applied.placed
    ) % {"placed": applied.placed}  # fmt: skip
    if applied.refused:
        text += " " + ngettext(
            "%(refused)s ficou de fora porque mudou depois da prévia.",
            "%(refused)s ficaram de fora porque mudaram depois da prévia.",
            applied.refused,
        ) % {"refused": applied.refused}
    undo_url = reverse("portfolio:distribution_undo", args=[batch.pk]) if applied.placed else ""
    return done(request, text, url=reverse("portfolio:distribution_detail", args=[batch.pk]), undo_url=undo_url)


@allow(Permission.DISTRIBUTE, methods=("POST",))
def distribution_undo(request: UserRequest, pk: int) -> HttpResponse:
    batch = get_object_or_404(batches_of(request.user), pk=pk)
    returned = distributing.undo(batch, by=request.user)
    text = ngettext(
        "Distribuição desfeita: %(count)s cliente voltou à fila.",
        "Distribuição desfeita: %(count)s clientes voltaram à fila.",
        returned,
    ) % {"count": returned}
    return done(request, text, url=reverse("portfolio:distribution_detail", args=[batch.pk]))


@allow(Permission.DISTRIBUTE, methods=("POST",))
def distribution_discard(request: UserRequest, pk: int) -> HttpResponse:
    distributing.discard(get_object_or_404(batches_of(request.user), pk=pk))
    return done(request, _("Prévia descartada."), url=reverse("portfolio:distribution"))


@allow(Permission.MANAGE_PEOPLE, methods=("GET", "POST"))
def seller_leave(request: UserRequest, pk: int) -> HttpResponse:
    """Confirms by typing nothing: a page that says what will happen, and one button."""
    sellers = User.objects.filter(visible_people(request.user), is_active=True).exclude(role=Role.ADMIN)
    person = get_object_or_404(sellers, pk=pk)
    form = DepartureForm(request.POST if request.method == "POST" else None)
    context = {"form": form, "person": person, "clients": person.clients.visible_to(request.user).count()}
    if request.method == "POST" and form.is_valid():
        released = departures.leave(person, by=request.user)
        text = _("%(name)s não entra mais. Clientes na fila: %(count)s.") % {
            "name": person.name,
            "count": released,
        }
        return done(request, text, url=reverse("portfolio:distribution"))
    return (invalid if form.is_bound else render)(request, "portfolio/seller_leave.html", context)
