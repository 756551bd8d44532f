"""A contact plan for a segment: who would enter, applying it, stopping it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Segment
from clients.views.dialogs import once, repeated_submit
from core.answers import done, invalid, is_fragment
from core.forms import RepeatedSubmitError
from jobs.models import Job
from jobs.queue import enqueue
from people.access import UserRequest, allow
from people.roles import Permission
from portfolio import enrolment, segments
from portfolio.forms_segments import SegmentPlanForm, plans_to_choose
from portfolio.models import SegmentPlan
from portfolio.tasks import SEGMENT_PLAN

TEMPLATE = "portfolio/segment_plan.html"


@allow(Permission.PLAN_CONTACTS, methods=("GET", "POST"))
def segment_plan(request: UserRequest, pk: int) -> HttpResponse:
    """The form, its preview while a plan is being chosen, and the job that puts the clients in."""
    segment = get_object_or_404(Segment.objects.visible_to(request.user), pk=pk)
    form = SegmentPlanForm(request.POST or None, initial={"plan": request.GET.get("plan")})
    context = {"segment": segment, "form": form, **_told(request, segment)}
    if request.method != "POST":
        return render(request, f"{TEMPLATE}#preview" if is_fragment(request) else TEMPLATE, context)
    if context["broken"] or not form.is_valid():
        return invalid(request, TEMPLATE, context)
    plan = form.cleaned_data["plan"]
    url = f"{reverse('portfolio:segment_plan', args=[pk])}?plan={plan.pk}"
    try:
        with once(form, by=request.user, url=url):
            wants = form.cleaned_data["keeps_filling"]
            link = enrolment.apply(segment, plan, by=request.user, keeps_filling=wants)
            enqueue(SEGMENT_PLAN, {"link": link.pk}, by=request.user)
    except RepeatedSubmitError as repeated:
        return repeated_submit(request, repeated, url=url)
    text = _("Os clientes de %(segment)s estão entrando no plano %(plan)s.") % {"segment": segment, "plan": plan}
    return done(request, text, url=url)


def _told(request: UserRequest, segment: Segment) -> dict[str, object]:
    """The preview of the plan in hand and what came of applying it; a broken filter is said instead."""
    links = SegmentPlan.objects.filter(segment=segment, by=request.user, keeps_filling=True).select_related("plan")
    asked = request.GET.get("plan", "")
    plans = plans_to_choose()
    plan = plans.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 10 else plans.first()
    told: dict[str, object] = {"links": links, "plan": plan, "broken": "", "preview": None}
    told["abandoned"] = enrolment.abandoned(segment, user=request.user)
    told["job"] = _job_of(SegmentPlan.objects.filter(segment=segment, plan=plan, by=request.user).first())
    try:
        if plan is not None:
            today = timezone.localdate()
            told["preview"] = enrolment.preview(segment, plan, user=request.user, on=today)
    except segments.BrokenSegmentError as error:
        told["broken"] = error.text
    return told


def _job_of(link: SegmentPlan | None) -> Job | None:
    if link is None:
        return None
    jobs = Job.objects.filter(kind=SEGMENT_PLAN, created_by=link.by_id, payload={"link": link.pk})
    return jobs.order_by("-created_at", "-pk").first()


@allow(Permission.PLAN_CONTACTS, methods=("POST",))
def segment_plan_stop(request: UserRequest, pk: int) -> HttpResponse:
    link = get_object_or_404(SegmentPlan.objects.filter(by=request.user).select_related("segment", "plan"), pk=pk)
    enrolment.stop_filling(link, by=request.user)
    text = _("Ninguém mais entra sozinho no plano %(plan)s. Quem já está continua.") % {"plan": link.plan}
    return done(request, text, url=reverse("portfolio:segment_plan", args=[link.segment_id]))
