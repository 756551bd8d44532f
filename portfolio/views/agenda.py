"""Meu dia: the page, its acts in one tap, and what puts a client off."""

import datetime
import json
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from django.contrib import messages
from django.core.exceptions import SuspiciousOperation
from django.db import transaction
from django.http import HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.models import Client
from contacts import logs, moments
from contacts.forms_log import QuickForm
from contacts.workdays import Workdays
from core.answers import done, invalid, is_fragment
from core.forms import RepeatedSubmitError, use_key
from core.templatetags.formats import day
from people.access import UserRequest, allow
from people.models import User
from people.roles import Permission
from people.visibility import covered_by, visible_people
from portfolio import agenda_days, agenda_page, agenda_rail, postponements
from portfolio.forms_agenda import ActForm, SnoozeForm
from portfolio.models import Postponement

TEMPLATE = "portfolio/my_day.html"
SNOOZE_TEMPLATE = "portfolio/agenda_snooze.html"


@allow(Permission.CONTACT)
def my_day(request: UserRequest) -> HttpResponse:
    """One's own day; with `?de=` that of a colleague whom one may see, to read only."""
    user = _whose(request)
    context = {**_context(request, user), "is_first": True}
    template = f"{TEMPLATE}#agenda" if is_fragment(request) else TEMPLATE
    return render(request, template, context)


@allow(Permission.CONTACT, methods=("POST",))
def agenda_refresh(request: UserRequest) -> HttpResponse:
    """After something was written elsewhere: computes the day anew and keeps it."""
    _keep(request)
    return _answer(request)


@allow(Permission.CONTACT, methods=("POST",))
def agenda_act(request: UserRequest, client_pk: int) -> HttpResponse:
    """Spoken to, or nobody answered: one tap."""
    client = _client(request, client_pk)
    act = ActForm(request.POST)
    if not act.is_valid():
        raise SuspiciousOperation("act")
    form = QuickForm({**act.reason, **act.outcome}, client=client)
    if not form.is_valid():
        # A promise or a plan that ended meanwhile: the contact was made all the same.
        form = QuickForm(act.outcome, client=client)
        form.is_valid()
    try:
        with transaction.atomic():
            _spend_key(request, client, act.cleaned_data["act"])
            log = logs.record(client, by=request.user, **form.values())
    except RepeatedSubmitError:
        return _answer(request, _("Este contato já tinha sido registrado. Nada foi repetido."))
    _keep(request)
    text = _("Contato com %(client)s registrado: %(outcome)s.") % {
        "client": client.display_name,
        "outcome": log.outcome.label,
    }
    return _answer(request, text, undo_url=reverse("contacts:log_undo", args=[log.pk]))


def _spend_key(request: UserRequest, client: Client, act: str) -> None:
    """Every rendering of the list carries a CSRF token of its own: with client and act it makes a tap count once,
    and no row needs a key. Raises RepeatedSubmitError."""
    if token := request.POST.get("csrfmiddlewaretoken"):
        use_key(sha256(f"{token}:{client.pk}:{act}".encode()).hexdigest()[:40], user=request.user)


@allow(Permission.CONTACT, methods=("GET", "POST"))
def agenda_snooze(request: UserRequest, client_pk: int) -> HttpResponse:
    client = _client(request, client_pk)
    form = SnoozeForm(request.POST or None)
    template = f"{SNOOZE_TEMPLATE}#dialog" if is_fragment(request) else SNOOZE_TEMPLATE
    days = moments.days_ahead(timezone.localdate(), client.uf, Workdays.load())
    context = {"form": form, "client": client, "days": days}
    if request.method != "POST":
        return render(request, template, context)
    if not form.is_valid():
        return invalid(request, template, context)
    until = form.cleaned_data["day"]
    made = postponements.put_off(client, until=until, by=request.user)
    _keep(request)
    text = _("%(client)s adiado para %(day)s.") % {"client": client.display_name, "day": day(until)}
    return _told(request, text, client, undo_url=reverse("portfolio:agenda_unsnooze", args=[made.pk]))


@allow(Permission.CONTACT, methods=("POST",))
def agenda_unsnooze(request: UserRequest, pk: int) -> HttpResponse:
    visible = Postponement.objects.visible_to(request.user).select_related("client")
    postponement = get_object_or_404(visible, pk=pk)
    postponements.undo(postponement, by=request.user)
    _keep(request)
    return _told(request, _("Adiamento desfeito."), postponement.client)


def _told(request: UserRequest, text: str, client: Client, *, undo_url: str = "") -> HttpResponse:
    """On Meu dia the fresh list; on another page a notice, and its panels reload themselves."""
    if is_fragment(request) and not _is_my_day(request.htmx.current_url):
        url, events = client.get_absolute_url(), ("close-dialog", "client-changed")
        return done(request, text, url=url, undo_url=undo_url, events=events)
    response = _answer(request, text, undo_url=undo_url, closes=True)
    if is_fragment(request):
        response.headers["HX-Retarget"], response.headers["HX-Reswap"] = "#agenda", "outerHTML"
    return response


def _is_my_day(url: str | None) -> bool:
    return url is None or urlsplit(url).path == reverse("portfolio:my_day")


# --- What they share --------------------------------------------------------------------------------------------


def _whose(request: UserRequest) -> User:
    pk = request.GET.get("de", "")
    if not pk or pk == str(request.user.pk):
        return request.user
    seen = User.objects.filter(visible_people(request.user), is_active=True).select_related("team")
    return get_object_or_404(seen, pk=int(pk) if pk.isdecimal() and len(pk) < 10 else 0)


def _client(request: UserRequest, pk: int) -> Client:
    return get_object_or_404(Client.objects.visible_to(request.user), pk=pk)


def _keep(request: UserRequest) -> None:
    """Computes and stores the day that the page shows: today's, or the one ahead."""
    today = timezone.localdate()
    agenda_days.refresh(request.user, _ahead(request, request.user, today) or today)


def _ahead(request: UserRequest, user: User, today: datetime.date) -> datetime.date | None:
    """`?dia=` looks at the next working day, of the page itself or of the one a fragment belongs to."""
    query = QueryDict(urlsplit(request.htmx.current_url or "").query) if request.htmx else request.GET
    asked = query.get("dia")
    ahead = _next_day(user, today) if asked else None
    return ahead if ahead and asked == ahead.isoformat() else None


def _next_day(user: User, today: datetime.date) -> datetime.date:
    return Workdays.load().after(today, user.team.uf if user.team else "")


def _context(request: UserRequest, user: User) -> dict[str, Any]:
    now = timezone.now()
    today = timezone.localdate(now)
    ahead = _ahead(request, user, today)
    on = ahead or today
    page = agenda_page.page_of(user, viewer=request.user, now=now, on=on)
    absence = agenda_days.absence_of(user, on) if not page.day.minutes else None
    is_empty = not page.total and not page.left
    # Only a day without an open contact speaks of the next one.
    next_day = None if page.next else _next_day(user, today)
    covered = covered_by(user, on=on)
    offers_ahead = next_day and not ahead and user == request.user
    return {
        "page": page,
        "person": user,
        "is_own": user == request.user,
        "greeting": _greeting(timezone.localtime(now).hour),
        "today": on,
        "is_ahead": ahead is not None,
        "ahead_url": f"{reverse('portfolio:my_day')}?dia={next_day}" if offers_ahead else "",
        "next_day": next_day,
        "absence": absence,
        "is_new": is_empty and absence is None and not _has_clients(user),
        "renewals": agenda_rail.renewals_of(user, covered, viewer=request.user, on=on),
        "birthdays": agenda_rail.birthdays_of([user.pk, *covered], on=on),
    }


def _greeting(hour: int) -> str:
    if hour < 12:
        return _("Bom dia")
    return _("Boa tarde") if hour < 18 else _("Boa noite")


def _has_clients(user: User) -> bool:
    return Client.objects.visible_to(user).filter(owner=user).exists()


def _answer(request: UserRequest, text: str = "", *, undo_url: str = "", closes: bool = False) -> HttpResponse:
    """The fresh list with a notice; without htmx the page, which shows the notice."""
    if not is_fragment(request):
        if text:
            messages.success(request, text, extra_tags=undo_url)
        return HttpResponseRedirect(reverse("portfolio:my_day"), status=303)
    response = render(request, f"{TEMPLATE}#agenda", _context(request, request.user))
    triggers: dict[str, Any] = {"aviso": {"text": text, "undo_url": undo_url}} if text else {}
    if closes:
        triggers["close-dialog"] = True
    if triggers:
        response.headers["HX-Trigger"] = json.dumps(triggers)
    return response
