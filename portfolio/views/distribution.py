"""The distribution screen: queue, preview with before and after, apply, undo."""

from contextlib import suppress

from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.answers import done, go_to, invalid, is_fragment
from jobs import queue
from jobs.models import Job
from people.access import UserRequest, allow
from people.models import User
from people.roles import Permission, Reach, Role
from people.visibility import visible_people
from portfolio import candidates, departures, tasks
from portfolio import distribution as distributing
from portfolio.balance import CRITERIA
from portfolio.forms_distribution import DepartureForm
from portfolio.models import DistributionBatch, DistributionMove, DistributionRule

MOVES_A_PAGE = 50
State = DistributionBatch.State


def batches_of(user: User) -> QuerySet[DistributionBatch]:
    """One's own batches; those who see everyone's clients also see the night's and their colleagues'."""
    if user.reach is Reach.EVERYONE:
        return DistributionBatch.objects.all()
    return DistributionBatch.objects.filter(created_by=user)


@allow(Permission.DISTRIBUTE)
def distribution(request: UserRequest) -> HttpResponse:
    latest = batches_of(request.user).exclude(state=State.DISCARDED).select_related("created_by")[:20]
    context = {
        "waiting": candidates.waiting(by=request.user).count(),
        "rules": DistributionRule.objects.filter(is_active=True).prefetch_related("teams", "sellers"),
        "batches": latest,
        "stuck": [batch.pk for batch in latest if batch.is_moving and _is_stuck(_job_of(batch))],
    }
    return render(request, "portfolio/distribution.html", context)


@allow(Permission.DISTRIBUTE, methods=("POST",))
def distribution_propose(request: UserRequest) -> HttpResponse:
    waiting = candidates.waiting(by=request.user)
    if waiting[: distributing.AT_ONCE + 1].count() > distributing.AT_ONCE:
        with transaction.atomic():
            batch = DistributionBatch.objects.create(created_by=request.user, state=State.COMPUTING)
            queue.enqueue(tasks.PROPOSE, {"batch": batch.pk}, by=request.user, dedupe_key=job_key(batch))
        return redirect("portfolio:distribution_detail", pk=batch.pk)
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
    if batch.is_moving:
        return render(request, "portfolio/distribution_progress.html", _progress(batch))
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


def job_key(batch: DistributionBatch) -> str:
    """The name of the job that works on the batch in its present state."""
    return f"distribution {batch.pk} {batch.state}"


def _job_of(batch: DistributionBatch) -> Job | None:
    return Job.objects.filter(dedupe_key=job_key(batch)).first()


def _is_stuck(job: Job | None) -> bool:
    """Whether the job has given up: the batch stays between two states until somebody starts it again."""
    return job is not None and job.state == Job.State.DEAD


def _progress(batch: DistributionBatch) -> dict[str, object]:
    job = _job_of(batch)
    return {"batch": batch, "job": job, "is_stuck": _is_stuck(job)}


@allow(Permission.DISTRIBUTE)
def distribution_progress(request: UserRequest, pk: int) -> HttpResponse:
    """Asked every two seconds while a job works on the batch; then it leads to the page of the result."""
    batch = get_object_or_404(batches_of(request.user), pk=pk)
    if batch.is_moving and is_fragment(request):
        return render(request, "portfolio/distribution_progress.html#progress", _progress(batch))
    return go_to(request, reverse("portfolio:distribution_detail", args=[pk]))


@allow(Permission.DISTRIBUTE, methods=("POST",))
def distribution_resume(request: UserRequest, pk: int) -> HttpResponse:
    """Starts the job again that gave up on this batch; it goes on where it stopped."""
    batch = get_object_or_404(batches_of(request.user), pk=pk)
    job = _job_of(batch)
    if batch.is_moving and job is not None and _is_stuck(job):
        # Whoever was faster has started it.
        with suppress(queue.StillRunningError):
            queue.run_again(job, by=request.user)
    return go_to(request, reverse("portfolio:distribution_detail", args=[pk]))


def _start_job(batch: DistributionBatch, kind: str, *, before: State, after: State, by: User) -> bool:
    """Whether the batch is so large that a job took it over; False leaves it to the caller."""
    if batch.placed <= distributing.AT_ONCE:
        return False
    with transaction.atomic():
        if distributing.begin(batch, before, after):
            queue.enqueue(kind, {"batch": batch.pk}, by=by, dedupe_key=job_key(batch))
    return True


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
    if _start_job(batch, tasks.APPLY, before=State.PREVIEW, after=State.APPLYING, by=request.user):
        return go_to(request, reverse("portfolio:distribution_detail", args=[pk]))
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
    if _start_job(batch, tasks.UNDO, before=State.APPLIED, after=State.UNDOING, by=request.user):
        return go_to(request, reverse("portfolio:distribution_detail", args=[pk]))
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
