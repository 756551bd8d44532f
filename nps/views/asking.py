"""What staff does by hand: a link handed over to a client whom the night cannot reach, an answer heard on the phone."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client
from clients.views.dialogs import FormPage, RefusedError, handle
from core import paging
from core.answers import is_fragment
from nps import answers, eligibility, invitations
from nps.eligibility import Candidate, Terms
from nps.events import BY_HAND
from nps.forms_asking import HandOverForm, PhoneAnswerForm, others_clients, running_by_hand
from nps.invitations import NotAskedError
from nps.models import Survey, SurveyChannel
from people.access import UserRequest, allow
from people.models import User
from people.roles import Permission

BY_NAME = paging.Order("nome", "name_key")
LIST, LINK = "nps/asking_by_hand.html", "nps/asking_link.html"


@allow(Permission.SURVEY)
def by_hand(request: UserRequest) -> HttpResponse:
    """Clients whom a survey may ask and the night cannot reach; `?pesquisa=` names the survey."""
    running = running_by_hand()
    wanted = request.GET.get("pesquisa", "")
    survey = next((one for one in running if str(one.pk) == wanted), running[0] if running else None)
    context: dict[str, Any] = {"surveys": running, "survey": survey}
    if survey is not None:
        context |= _waiting(survey, request.user, where=request.GET.get("pagina", ""))
    return render(request, f"{LIST}#rows" if is_fragment(request) else LIST, context)


def _waiting(survey: Survey, user: User, *, where: str) -> dict[str, Any]:
    terms = Terms.of(survey, timezone.localdate(), reach=BY_HAND)
    mine = others_clients(user)
    found = eligibility.among(mine, terms).exclude(eligibility.reachable(survey))
    total = found.order_by().values("pk")[: paging.COUNT_CAP + 1].count()
    page = paging.page_of(found, everything=mine, order=BY_NAME, total=total, where=where)
    clients = BY_NAME.sort(mine.filter(pk__in=page.ids)).select_related("owner")
    return {"page": page, "rows": [_row(one, terms) for one in eligibility.read(clients, terms)]}


def _row(candidate: Candidate, terms: Terms) -> dict[str, Any]:
    """The channels that are open, or the reason why none is."""
    channels = eligibility.hand_channels(terms.survey)
    refused = {channel: eligibility.refused_by(candidate, terms, channel) for channel in channels}
    why = eligibility.refusal(candidate, terms) or next(iter(refused.values()))
    ways = [(channel, SurveyChannel(channel).label) for channel, said in refused.items() if not said]
    is_open = bool(ways) and not eligibility.refusal(candidate, terms)
    return {"client": candidate.client, "ways": ways if is_open else [], "why": why}


@allow(Permission.SURVEY, methods=("POST",))
def hand_over(request: UserRequest) -> HttpResponse:
    """Shows the link this once: the base does not hold it, and nothing asks for it again."""
    form = HandOverForm(request.POST, user=request.user)
    client = get_object_or_404(others_clients(request.user), pk=_number(request.POST.get("client", "")))
    context: dict[str, Any] = {"client": client}
    status = 200
    try:
        if not form.is_valid():
            raise NotAskedError(_("A pesquisa parou ou mudou. Volte para a lista e tente de novo."))
        channel = form.cleaned_data["channel"]
        context["handed"] = invitations.hand_over(form.cleaned_data["survey"], client, channel=channel, by=request.user)
    except NotAskedError as refused:
        context["why"], status = refused.why, 422
    response = render(request, f"{LINK}#dialog" if is_fragment(request) else LINK, context, status=status)
    response.headers["HX-Trigger"] = "survey-asked"
    return response


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0


@allow(Permission.SURVEY, methods=("GET", "POST"))
def phone_answer(request: UserRequest, client_pk: int) -> HttpResponse:
    """What the client says now; the rules of asking hold for it too."""
    client: Client = get_object_or_404(others_clients(request.user), pk=client_pk)
    form = PhoneAnswerForm(request.POST or None)
    page = FormPage(
        title=_("Anotar resposta por telefone"),
        submit=_("Salvar resposta"),
        back=client.get_absolute_url(),
        crumb=client.display_name,
        lede=_("Leia a pergunta como está e anote a nota que o cliente disser. Fica marcada como anotada por você."),
    )

    def save() -> str:
        said = form.cleaned_data
        try:
            invitation = invitations.by_phone(said["survey"], client, by=request.user)
        except NotAskedError as refused:
            raise RefusedError("survey", refused.why) from refused
        answers.record(invitation, score=said["score"], comment=said["comment"], by=request.user)
        return _("Resposta de %(client)s salva.") % {"client": client.display_name}

    return handle(request, page, form, save)
