"""Segments: the filters of the list under a name. Their clients are those that the viewer sees (ARCHITECTURE)."""

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.http import HttpRequest, QueryDict
from django.utils.translation import gettext as _

from clients.models import Client, ClientQuerySet, Segment
from clients.versions import StaleRecordError
from core.constraints import once
from core.paging import COUNT_CAP
from core.statements import Later, Records
from core.templatetags.formats import intdot
from people import activity
from people.models import User
from people.roles import Permission
from portfolio import listing, queries
from portfolio.filters import ClientFilter

# A segment is what the list is narrowed by: not its order, not its page.
_NARROWS = ("class", *ClientFilter.base_filters)
MOST_PINNED = 6
NAME = "segment_name_once_per_person"


class NameTakenError(Exception):
    """The person has a segment of this name already."""


class BrokenSegmentError(Exception):
    """A filter of the segment means nothing any more, or not to this person: without it the segment would grow."""

    def __init__(self, label: str) -> None:
        super().__init__(label)
        self.text = _(
            "O filtro “%(label)s” deste segmento não vale mais. Abra o segmento e grave os filtros de novo."
        ) % {"label": label}


def query_of(query: QueryDict) -> str:
    """The part of an address of the list that makes a segment, always in the same order."""
    values = {name: query.get(name, "") for name in _NARROWS}
    return urlencode({name: value for name, value in values.items() if value})


@transaction.atomic
def save(*, name: str, query: str, by: User, is_shared: bool = False, is_pinned: bool = True) -> Segment:
    segment = Segment(name=name, query=query, owner=by, is_shared=is_shared, is_pinned=is_pinned)
    with once(NAME, NameTakenError):
        segment.save()
    activity.record("segment_saved", segment, by=by, shared=is_shared)
    return segment


@transaction.atomic
def change(segment: Segment, changes: dict[str, Any], *, by: User, version: int) -> None:
    """Raises StaleRecordError when somebody saved since."""
    same = Segment.objects.filter(pk=segment.pk, version=version)
    with once(NAME, NameTakenError):
        found = same.update(**changes, version=version + 1)
    if not found:
        raise StaleRecordError(Segment.objects.get(pk=segment.pk))
    activity.record("segment_changed", segment, by=by, fields=sorted(changes))


@transaction.atomic
def remove(segment: Segment, *, by: User) -> None:
    activity.record("segment_removed", segment, by=by)
    segment.delete()


def may_share(user: User) -> bool:
    return user.may(Permission.PLAN_CONTACTS)


def may_change(segment: Segment, user: User) -> bool:
    """Its author; a shared one also those who may share."""
    return segment.owner_id == user.pk or (segment.is_shared and may_share(user))


def clients_of(segment: Segment, *, user: User) -> ClientQuerySet:
    """The clients of the segment that `user` sees. Raises BrokenSegmentError rather than drop a filter."""
    query = QueryDict(segment.query)
    request = HttpRequest()
    request.user = user
    filters = ClientFilter(query, Client.objects.visible_to(user), request=request)
    if barred := [name for name in query if name in ClientFilter.LEADERS_ONLY and name not in filters.filters]:
        raise BrokenSegmentError(str(ClientFilter.base_filters[barred[0]].label))
    for name in filters.form.errors:
        raise BrokenSegmentError(str(filters.form.fields[name].label))
    return queries.in_tab(query=query, filters=filters, text="")


@dataclass(frozen=True)
class Entry:
    """A segment as a link with its count; `broken` says why it has none."""

    segment: Segment
    url: str
    count: str
    broken: str
    is_current: bool
    may_change: bool


def entries_for(user: User, *, current: str = "") -> list[Entry]:
    segments = Segment.objects.visible_to(user).select_related("owner").order_by("-is_pinned", "name", "pk")
    return [_entry(segment, user, current) for segment in segments]


def _entry(segment: Segment, user: User, current: str) -> Entry:
    try:
        found = clients_of(segment, user=user).order_by()[: COUNT_CAP + 1].count()
        count, broken = f"{intdot(COUNT_CAP)}+" if found > COUNT_CAP else intdot(found), ""
    except BrokenSegmentError as error:
        count, broken = "", error.text
    url = listing.list_url(segment.query)
    return Entry(segment, url, count, broken, segment.query == current, may_change(segment, user))


def _pinned() -> Any:
    pinned = Segment.objects.visible_to(Later("user")).filter(is_pinned=True)
    return pinned.only("name", "query").order_by("name", "pk")[:MOST_PINNED]


PINNED = Records[Segment](_pinned)


def pinned_for(user: User, *, current: str) -> list[dict[str, Any]]:
    """What the list shows above its rows: names only, counts come when asked for."""
    return [
        {"name": segment.name, "url": listing.list_url(segment.query), "current": segment.query == current}
        for segment in PINNED.ask(user=user.pk)
    ]
