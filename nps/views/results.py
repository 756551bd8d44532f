"""What the answers say together, and the list of them."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.views.dialogs import FormPage, handle
from core import paging
from core.answers import done, is_fragment
from nps import comments, exclusions, periods
from nps.forms_results import LeaveOutForm, ListForm, ReportForm, kept_words
from nps.funnels import funnels
from nps.models import NpsSettings
from nps.plots import plot_of
from nps.reports import report_of
from nps.scores import Change
from nps.segments import label_of, segments
from nps.themes import themes_of
from people.access import UserRequest, allow
from people.roles import Permission, Reach

EVENTS = ("answers-changed",)
BY_DAY = paging.Order("dia", "answered_on", descending=True)


@allow(Permission.VIEW_CLIENTS)
def results(request: UserRequest) -> HttpResponse:
    """The score of a survey or of a kind, with how sure it is and what it is made of."""
    today = timezone.localdate()
    newest = periods.last_told(request.user, on=today)
    form = ReportForm(request.GET, user=request.user, newest=newest, today=today)
    context: dict[str, Any] = {"form": form, "is_closed": newest < today, "newest": newest}
    if form.surveys:
        context |= _reported(request, form)
    return render(request, "nps/results.html", context)


def _reported(request: UserRequest, form: ReportForm) -> dict[str, Any]:
    user, series, period, settings = request.user, form.series, form.period, NpsSettings.current()
    window, dimension = period.window, form.dimension
    report = report_of(user, series, window, newest=form.newest, settings=settings)
    read = comments.comments_of(comments.listed(user, series, window))
    rows = segments(user, series, window, dimension, settings=settings)
    return {
        "report": report,
        "period": period,
        "series": series,
        "plot": plot_of(report.months),
        "dimension": dimension,
        "segments": rows,
        "below": [segment.label for segment in rows if segment.against == Change.DOWN],
        "funnels": funnels(user, series, window),
        "themes": themes_of(read),
        "leads": user.reach is not Reach.OWN,
        "kept": kept_words(request.GET),
    }


@allow(Permission.VIEW_CLIENTS)
def answer_list(request: UserRequest) -> HttpResponse:
    """Single answers, the newest first; htmx takes the rows."""
    user, today = request.user, timezone.localdate()
    newest = periods.last_told(user, on=today)
    form = ListForm(request.GET, user=user, newest=newest, today=today)
    narrowing = form.narrowing
    found = comments.listed(user, form.series, form.period.window, narrowing)
    total = found.order_by().values("pk")[: paging.COUNT_CAP + 1].count()
    everything = comments.readable(user)
    page = paging.page_of(found, everything=everything, order=BY_DAY, total=total, where=request.GET.get("pagina", ""))
    rows = BY_DAY.sort(everything.filter(pk__in=page.ids))
    context = {
        "form": form,
        "page": page,
        "answers": rows.select_related("client", "owner", "by", "left_out_by"),
        "period": form.period,
        "narrowed": narrowing != comments.EVERYTHING,
        "segment": narrowing.dimension and label_of(found, narrowing.dimension, narrowing.key),
        "leads": user.reach is not Reach.OWN,
        "kept": kept_words(request.GET),
        "is_closed": newest < today,
        "newest": newest,
    }
    template = "nps/answer_list.html"
    return render(request, f"{template}#rows" if is_fragment(request) else template, context)


@allow(Permission.SURVEY, methods=("GET", "POST"))
def answer_leave_out(request: UserRequest, pk: int) -> HttpResponse:
    answer = get_object_or_404(exclusions.decidable(request.user), pk=pk)
    form = LeaveOutForm(request.POST or None)
    page = FormPage(
        title=_("Não contar esta resposta"),
        submit=_("Não contar"),
        back=reverse("nps:answer_list"),
        crumb=_("Respostas"),
        lede=_("Ela sai da nota e continua na lista, com o seu nome e o motivo."),
    )

    def save() -> str:
        exclusions.leave_out(answer, why=form.values()["why"], by=request.user)
        return _("Resposta fora da nota.")

    undo_url = reverse("nps:answer_put_back", args=[pk])
    return handle(request, page, form, save, events=EVENTS, undo_url=undo_url)


@allow(Permission.SURVEY, methods=("POST",))
def answer_put_back(request: UserRequest, pk: int) -> HttpResponse:
    exclusions.put_back(get_object_or_404(exclusions.decidable(request.user), pk=pk), by=request.user)
    return done(request, _("Resposta de volta à nota."), url=reverse("nps:answer_list"), events=EVENTS)
