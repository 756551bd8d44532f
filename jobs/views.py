"""The queue as people see it: what runs, how far it is, what failed, and starting it again."""

from typing import Any

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from core import paging
from core.answers import done, go_to, is_fragment
from jobs import outbox, queue
from jobs.filters import JobFilter, MessageFilter
from jobs.forms import NightForm
from jobs.models import NIGHTLY, Job, OutboxMessage
from jobs.tasks import SELFCHECK
from people.access import UserRequest, allow
from people.roles import Permission

NEWEST_FIRST = paging.Order("pedida", "created_at", descending=True)
# Of the messages that wait for a person, as many as one looks at before deciding some.
UNDECIDED_SHOWN = 50


@allow(Permission.VIEW_JOBS)
def job_list(request: UserRequest) -> HttpResponse:
    context = _page_of_jobs(request)
    if is_fragment(request):
        return render(request, "jobs/job_list.html#rows", context)
    return render(request, "jobs/job_list.html", context | {"night_form": NightForm()})


def _page_of_jobs(request: UserRequest) -> dict[str, Any]:
    listed = _listed(request, JobFilter, Job.objects.visible_to(request.user))
    moving = any(job.is_moving for job in listed["rows"])
    address = request.get_full_path() if request.method == "GET" else reverse("jobs:job_list")
    return {**listed, "is_moving": moving, "address": address}


def _listed(request: UserRequest, filters: type[JobFilter | MessageFilter], visible: QuerySet[Any]) -> dict[str, Any]:
    """A page of what the filters let through, the newest first."""
    found = filters(request.GET, queryset=visible)
    total = found.qs.order_by().values("pk")[: paging.COUNT_CAP + 1].count()
    where = request.GET.get("pagina", "")
    page = paging.page_of(found.qs, everything=visible, order=NEWEST_FIRST, total=total, where=where)
    return {
        "filter": found,
        "is_filtered": any(found.data.get(name) for name in found.filters),
        "rows": list(NEWEST_FIRST.sort(visible.filter(pk__in=page.ids)).select_related("created_by")),
        "page": page,
    }


@allow(Permission.VIEW_JOBS)
def job_detail(request: UserRequest, pk: int) -> HttpResponse:
    job = _visible_job(request, pk)
    template = "jobs/job_detail.html#live" if is_fragment(request) else "jobs/job_detail.html"
    return render(request, template, {"job": job, "steps": list(job.steps.select_related("job"))})


@allow(Permission.VIEW_JOBS)
def job_progress(request: UserRequest, pk: int) -> HttpResponse:
    """The bar alone, for pages that wait for a job; tells them with `job-finished` when it ended."""
    job = _visible_job(request, pk)
    response = render(request, "jobs/job_progress.html", {"job": job})
    if not job.is_unfinished:
        response.headers["HX-Trigger-After-Settle"] = "job-finished"
    return response


@allow(Permission.RUN_JOBS, methods=("POST",))
def job_retry(request: UserRequest, pk: int) -> HttpResponse:
    job = _visible_job(request, pk)
    if not job.may_retry:
        return _refuse(request, job)
    try:
        queue.run_again(job, by=request.user)
    except queue.StillRunningError:
        return _refuse(request, job)
    return done(request, _("Tarefa na fila de novo."), url=_address(job))


@allow(Permission.RUN_JOBS, methods=("POST",))
def night_run(request: UserRequest) -> HttpResponse:
    form = NightForm(request.POST)
    if not form.is_valid():
        context = _page_of_jobs(request) | {"night_form": form}
        return render(request, "jobs/job_list.html", context, status=422)
    day = form.cleaned_data["day"]
    try:
        job = queue.enqueue_again(NIGHTLY, local_date=day, by=request.user)
    except queue.StillRunningError:
        return _refuse(request, Job.objects.visible_to(request.user).get(kind=NIGHTLY, local_date=day))
    return done(request, _("Rotina da noite na fila."), url=_address(job))


@allow(Permission.RUN_JOBS, methods=("POST",))
def queue_check(request: UserRequest) -> HttpResponse:
    job = queue.enqueue(SELFCHECK, {"points": 5, "pause_ms": 500}, by=request.user)
    return done(request, _("Teste da fila iniciado."), url=_address(job))


# --- Messages that leave ---------------------------------------------------------------------------------


@allow(Permission.VIEW_JOBS)
def message_list(request: UserRequest) -> HttpResponse:
    """The uncertain ones first, apart; then all of them, the newest first."""
    visible = OutboxMessage.objects.visible_to(request.user)
    undecided = list(visible.undecided().order_by("-state", "-created_at")[:UNDECIDED_SHOWN])
    context = {**_listed(request, MessageFilter, visible), "undecided": undecided}
    template = "jobs/message_list.html#rows" if is_fragment(request) else "jobs/message_list.html"
    return render(request, template, context)


@allow(Permission.RUN_JOBS, methods=("POST",))
def message_mark_sent(request: UserRequest, pk: int) -> HttpResponse:
    changed = outbox.mark_sent(_visible_message(request, pk), by=request.user)
    return _decided(request, _("Mensagem marcada como enviada.") if changed else "")


@allow(Permission.RUN_JOBS, methods=("POST",))
def message_send_again(request: UserRequest, pk: int) -> HttpResponse:
    changed = outbox.send_again(_visible_message(request, pk), by=request.user)
    return _decided(request, _("Mensagem na fila de novo.") if changed else "")


def _decided(request: UserRequest, text: str) -> HttpResponse:
    if not text:
        messages.warning(request, _("A situação desta mensagem já era outra; nada foi mudado."))
        return go_to(request, reverse("jobs:message_list"))
    return done(request, text, url=reverse("jobs:message_list"))


def _visible_message(request: UserRequest, pk: int) -> OutboxMessage:
    return get_object_or_404(OutboxMessage.objects.visible_to(request.user), pk=pk)


def _visible_job(request: UserRequest, pk: int) -> Job:
    return get_object_or_404(Job.objects.visible_to(request.user).select_related("created_by"), pk=pk)


def _address(job: Job) -> str:
    return reverse("jobs:job_detail", args=[job.pk])


def _refuse(request: UserRequest, job: Job) -> HttpResponse:
    messages.warning(request, _("Esta tarefa está em andamento ou já terminou; nada foi repetido."))
    return go_to(request, _address(job))
