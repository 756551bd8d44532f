"""Surveys on the screen: the list, one survey with its words and numbers, its form, and what holds for all."""

import datetime
from email.utils import parseaddr
from typing import Any

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client, PortfolioClass
from clients.views.dialogs import FormPage, RefusedError, handle, once, template_for
from contacts import sms
from core.answers import done, go_to, invalid, is_fragment
from core.forms import RepeatedSubmitError
from core.paging import COUNT_CAP
from nps import asking, brand, eligibility, letters, surveys
from nps.eligibility import Terms
from nps.forms_survey import HELD_TEXT, SettingsForm, SurveyCreateForm, SurveyEditForm
from nps.models import Brand, Invitation, NpsSettings, Survey, SurveyChannel
from people.access import UserRequest, allow
from people.models import User
from people.roles import Permission

EVENTS = ("survey-changed",)
LATELY = datetime.timedelta(days=30)
State = Invitation.State
NOT_ASKED = (State.WAITING, State.FAILED)


def address(survey: Survey) -> str:
    return reverse("nps:survey_detail", args=[survey.pk])


@allow(Permission.RUN_SURVEYS)
def survey_list(request: UserRequest) -> HttpResponse:
    """Every survey, with what became of the last 30 days for the clients that the person sees."""
    lately = Invitation.objects.visible_to(request.user).filter(asked_on__gt=timezone.localdate() - LATELY)
    told = lately.order_by().values("survey").annotate(**_counts())
    counts = {row["survey"]: row for row in told}
    next_on = asking.next_day(timezone.localdate())
    rows = [(survey, counts.get(survey.pk), next_on_of(survey, next_on)) for survey in Survey.objects.all()]
    return render(request, "nps/survey_list.html", {"surveys": rows})


def _counts() -> dict[str, Count]:
    return {
        "asked": Count("pk", filter=~Q(state__in=NOT_ASKED)),
        "waiting": Count("pk", filter=Q(state=State.WAITING)),
        "answered": Count("pk", filter=Q(state=State.ANSWERED)),
    }


def next_on_of(survey: Survey, day: datetime.date) -> datetime.date | None:
    """When letters leave by themselves; never for one that stands still or is handed over alone."""
    return day if survey.is_active and eligibility.night_channels(survey) else None


@allow(Permission.RUN_SURVEYS, methods=("GET", "POST"))
def survey_create(request: UserRequest) -> HttpResponse:
    form = SurveyCreateForm(request.POST or None)
    page = FormPage(
        title=_("Nova pesquisa"),
        submit=_("Criar pesquisa"),
        back=reverse("nps:survey_list"),
        crumb=_("Pesquisas"),
        lede=_("Depois de criada, confira os textos e inicie."),
    )
    context = {"page": page, "form": form}
    if request.method != "POST":
        return render(request, template_for(request), context)
    if not form.is_valid():
        return invalid(request, template_for(request), context)
    try:
        with once(form, by=request.user, url=page.back):
            survey = surveys.create(form.values(), by=request.user)
    except RepeatedSubmitError:
        return go_to(request, page.back)
    return go_to(request, address(survey))


@allow(Permission.RUN_SURVEYS)
def survey_detail(request: UserRequest, pk: int) -> HttpResponse:
    """How it asks, what clients read, how far it is; htmx takes the part that changes."""
    survey = get_object_or_404(Survey, pk=pk)
    today = timezone.localdate()
    settings, next_on = NpsSettings.current(), asking.next_day(today)
    mine = Invitation.objects.visible_to(request.user).filter(survey=survey)
    context = {
        "survey": survey,
        "settings": settings,
        "channels": [SurveyChannel(channel).label for channel in survey.channels],
        "classes": [PortfolioClass(name).label for name in survey.classes],
        "counts": mine.order_by().aggregate(**_counts()),
        "eligible": _eligible(survey, request.user, today),
        "count_cap": COUNT_CAP,
        "by_hand": eligibility.hand_channels(survey),
        "next_on": next_on_of(survey, next_on),
        "next_cap": asking.cap_of(next_on, settings),
        "previews": _previews(survey),
        "brand": Brand.current("webp"),
    }
    template = "nps/survey_detail.html"
    return render(request, f"{template}#survey" if is_fragment(request) else template, context)


def _eligible(survey: Survey, user: User, today: datetime.date) -> int:
    """Whom the person sees and a started survey might ask today, counted up to the cap and one more."""
    terms = Terms.of(survey, today)
    return eligibility.among(Client.objects.visible_to(user), terms).order_by().values("pk")[: COUNT_CAP + 1].count()


def _previews(survey: Survey) -> dict[str, Any]:
    mail = letters.mail(survey, letters.NOBODY)
    text = letters.message(survey, letters.NOBODY, SurveyChannel.SMS)
    whatsapp = letters.message(survey, letters.NOBODY, SurveyChannel.WHATSAPP)
    return {
        "sender": parseaddr(mail.headers["From"])[1],
        "subject": mail.subject,
        "mail": letters.shown(mail.body),
        "whatsapp": letters.shown(whatsapp),
        "sms": letters.shown(text),
        "length": sms.measure(letters.as_long_as(text)),
    }


@allow(Permission.RUN_SURVEYS, methods=("GET", "POST"))
def survey_edit(request: UserRequest, pk: int) -> HttpResponse:
    survey = get_object_or_404(Survey, pk=pk)
    form = SurveyEditForm(request.POST or None, present=survey)
    page = FormPage(
        title=_("Editar pesquisa"), submit=_("Salvar pesquisa"), back=address(survey), crumb=survey.name, wide=True
    )

    def save() -> str:
        try:
            surveys.edit(survey, form.values(), version=form.cleaned_data["version"], by=request.user)
        except surveys.HeldError as held:
            raise RefusedError(held.field, HELD_TEXT) from held
        return _("Pesquisa %(name)s salva.") % {"name": survey.name}

    return handle(request, page, form, save, events=EVENTS, present=SurveyEditForm.initial_of)


@allow(Permission.RUN_SURVEYS, methods=("POST",))
def survey_toggle(request: UserRequest, pk: int) -> HttpResponse:
    survey = get_object_or_404(Survey, pk=pk)
    if surveys.toggle(survey, by=request.user):
        text = _("Pesquisa %(name)s iniciada.")
    else:
        text = _("Pesquisa %(name)s parada. O que esperava na fila não sai.")
    undo = reverse("nps:survey_toggle", args=[pk])
    return done(request, text % {"name": survey.name}, url=address(survey), undo_url=undo, events=EVENTS)


@allow(Permission.RUN_SURVEYS, methods=("GET", "POST"))
def settings_edit(request: UserRequest) -> HttpResponse:
    initial = SettingsForm.initial_of(NpsSettings.current())
    form = SettingsForm(request.POST or None, request.FILES or None, initial=initial)
    page = FormPage(
        title=_("Parâmetros das pesquisas"),
        submit=_("Salvar parâmetros"),
        back=reverse("nps:survey_list"),
        crumb=_("Pesquisas"),
    )

    def save() -> str:
        surveys.edit_settings(form.values(), version=form.cleaned_data["version"], by=request.user)
        if form.picture:
            brand.put(form.picture, by=request.user)
        elif form.cleaned_data["remove_logo"]:
            brand.remove(by=request.user)
        return _("Parâmetros salvos.")

    return handle(request, page, form, save, events=EVENTS, present=SettingsForm.initial_of)
