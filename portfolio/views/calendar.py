"""The calendar as a page, a client for a new task, and the calendar for other programs."""

import datetime
from typing import Any
from urllib.parse import urlencode

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from clients.views.dialogs import template_for
from core.answers import is_fragment
from people.access import UserRequest, allow, public
from people.roles import Permission
from portfolio import calendar, palette
from portfolio import calendar_feed as feeds
from portfolio.calendar import WEEK, Day
from portfolio.forms_calendar import MONTH, CalendarForm, ClientForTaskForm, FeedForm
from portfolio.models import CalendarFeed

TEMPLATE = "portfolio/calendar.html"
ADD = "portfolio/calendar_add.html"
FEED = "portfolio/calendar_feed.html"
SHOWN_A_DAY = {MONTH: 4}


@allow(Permission.VIEW_CLIENTS)
def calendar_view(request: UserRequest) -> HttpResponse:
    asked = CalendarForm(request.GET, viewer=request.user)
    weeks = calendar.month_of(asked.day) if asked.mode == MONTH else [calendar.week_of(asked.day)]
    dates = [day for week in weeks for day in week]
    days = {day.on: day for day in calendar.agenda(request.user, asked.person, dates)}
    context = {
        "asked": asked,
        "address": _address(asked),
        "title": _title(asked, dates),
        "weeks": [[_shown(days[day], asked) for day in week] for week in weeks],
        **_links(asked),
    }
    return render(request, f"{TEMPLATE}#calendar" if is_fragment(request) else TEMPLATE, context)


def _shown(day: Day, asked: CalendarForm) -> dict[str, Any]:
    """In a month a cell shows the first few; its number leads to the week."""
    limit = SHOWN_A_DAY.get(asked.mode, len(day.entries))
    return {
        "on": day.on,
        "holiday": day.holiday,
        "entries": day.entries[:limit],
        "more": len(day.entries) - limit if len(day.entries) > limit else 0,
        "is_today": day.on == timezone.localdate(),
        "is_outside": asked.mode == MONTH and day.on.month != asked.day.month,
        "week_url": _address(asked, modo="", dia=day.on.isoformat()),
    }


def _title(asked: CalendarForm, dates: list[datetime.date]) -> str:
    if asked.mode == MONTH:
        return date_format(asked.day, _("F \\d\\e Y")).capitalize()
    first, last = dates[0], dates[-1]
    begins = date_format(first, "j" if first.month == last.month else _("j \\d\\e F"))
    ends = date_format(last, _("j \\d\\e F \\d\\e Y"))
    return _("%(first)s a %(last)s") % {"first": begins.lower(), "last": ends.lower()}


def _links(asked: CalendarForm) -> dict[str, str]:
    if asked.mode == MONTH:
        before, after = calendar.next_month(asked.day, back=True), calendar.next_month(asked.day)
    else:
        before, after = asked.day - WEEK, asked.day + WEEK
    return {
        "before_url": _address(asked, dia=before.isoformat()),
        "after_url": _address(asked, dia=after.isoformat()),
        "today_url": _address(asked, dia=""),
        "week_url": _address(asked, modo=""),
        "month_url": _address(asked, modo=MONTH),
    }


def _address(asked: CalendarForm, **changes: str) -> str:
    person = str(asked.person.pk) if asked.person != asked.viewer else ""
    mode = MONTH if asked.mode == MONTH else ""
    values = {"modo": mode, "dia": asked.day.isoformat(), "vendedor": person} | changes
    query = urlencode({name: value for name, value in values.items() if value})
    url = reverse("portfolio:calendar_view")
    return f"{url}?{query}" if query else url


@allow(Permission.CONTACT, methods=("GET", "POST"))
def calendar_add(request: UserRequest) -> HttpResponse:
    """Whom the new task is about; what is typed is posted, like every search."""
    form = ClientForTaskForm(request.POST if request.method == "POST" else request.GET or None)
    sent: dict[str, Any] = form.cleaned_data if form.is_valid() else {"q": "", "dia": None}
    text: str = sent["q"] if request.method == "POST" else ""
    context = {
        "form": ClientForTaskForm(initial={"q": text, "dia": sent["dia"]}),
        "dia": sent["dia"],
        "text": text,
        "hits": palette.found(request.user, text),
    }
    template = f"{ADD}#hits" if is_fragment(request) and request.method == "POST" else template_for(request, ADD)
    return render(request, template, context)


@allow(Permission.VIEW_CLIENTS, methods=("GET", "POST"))
def calendar_feed(request: UserRequest) -> HttpResponse:
    """The secret is shown once, in the answer that made it."""
    feed = CalendarFeed.objects.filter(user=request.user).first()
    form = FeedForm(request.POST if request.method == "POST" else None, instance=feed)
    context: dict[str, Any] = {"feed": feed, "form": form}
    if request.method == "POST" and form.is_valid():
        secret = feeds.open_feed(request.user, shows_names=form.cleaned_data["shows_names"])
        url = request.build_absolute_uri(reverse("portfolio:calendar_ical", args=[secret]))
        context |= {"url": url, "subscribe_url": f"webcal{url.removeprefix('https').removeprefix('http')}"}
    return render(request, FEED, context)


@allow(Permission.VIEW_CLIENTS, methods=("POST",))
def calendar_feed_close(request: UserRequest) -> HttpResponse:
    feeds.close_feed(request.user)
    return redirect("portfolio:calendar_feed")


@public(reason="programs that show calendars cannot log in: the address itself is the secret, kept as a hash")
def calendar_ical(request: HttpRequest, secret: str) -> HttpResponse:
    feed = feeds.find(secret)
    if feed is None:
        raise Http404
    response = HttpResponse(feeds.written(feed, on=timezone.localdate()), content_type="text/calendar; charset=utf-8")
    response.headers["Cache-Control"] = "no-store, private"
    response.headers["Content-Disposition"] = 'inline; filename="carteira.ics"'
    return response
