"""Notes about a client that are no contact; @Nome calls a colleague who may see the client, who then hears of it."""

import re
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from brazil.names import folded
from clients import versions
from clients.models import Client
from contacts.models import ClientNote
from people import activity
from people.models import Absence, Notification, TeamReach, User
from people.notifications import notify
from people.roles import REACH, Reach, Role

MOST_SUGGESTED = 8
_CALL = re.compile(r"(?<![\w.])@")


@transaction.atomic
def create(client: Client, *, by: User, text: str, is_highlight: bool = False) -> ClientNote:
    """Writes the note and tells those it calls."""
    versions.lock(client.pk)
    note = ClientNote.objects.create(client=client, by=by, text=text, is_highlight=is_highlight)
    called = mentioned(text, colleagues_of(client)) if "@" in text else []
    note.mentions.set(called)
    said = _("%(author)s citou você numa anotação sobre %(client)s.")
    words = said % {"author": by.name, "client": client.display_name}
    notify(called, Notification.Kind.MENTION, words, url=client.get_absolute_url(), by=by)
    activity.record("note_created", client, by=by, note=note.pk, mentions=[person.pk for person in called])
    return note


def colleagues_of(client: Client) -> QuerySet[User]:
    """Everybody who may see the client: `ClientQuerySet.visible_to` asked from the other side."""
    today = timezone.localdate()
    everyone = Q(role__in=[role for role in Role if REACH[role] is Reach.EVERYONE])
    leads = Q(role__in=[role for role in Role if REACH[role] is Reach.SUBTREE])
    # Clients of an owner are led by who leads the owner's team; those without one by who leads the client's.
    team_id = client.owner.team_id if client.owner else client.team_id
    seen = everyone | (leads & Q(team__in=TeamReach.objects.filter(below=team_id).values("above")))
    if client.owner_id:
        covers = Absence.objects.filter(user=client.owner_id, starts_on__lte=today, ends_on__gte=today)
        seen |= Q(pk=client.owner_id) | Q(pk__in=covers.filter(ended_early_at=None).values("cover"))
    elif team_id is None:
        seen |= Q(role=Role.MANAGER, team__parent=None, team__isnull=False)
    return User.objects.filter(seen, is_active=True).order_by("name_key")


def suggested(client: Client, text: str) -> list[User]:
    """Colleagues whose name, or a word of it, begins so."""
    key = folded(text)
    begins = Q(name_key__startswith=key) | Q(name_key__contains=f" {key}")
    return list(colleagues_of(client).filter(begins)[:MOST_SUGGESTED])


def mentioned(text: str, colleagues: Iterable[User]) -> list[User]:
    """Who is called: by the whole name, or by the first name where only one colleague bears it."""
    people = list(colleagues)
    called: dict[int, User] = {}
    for match in _CALL.finditer(text):
        said = folded(text[match.end() : match.end() + 150])
        person = _whole_name(said, people) or _first_name(said, people)
        if person is not None:
            called[person.pk] = person
    return list(called.values())


def _whole_name(said: str, people: list[User]) -> User | None:
    """The longest name wins: “Ana Lima” is not “Ana”."""
    fitting = [person for person in people if re.match(rf"{re.escape(person.name_key)}\b", said)]
    return max(fitting, key=lambda person: len(person.name_key), default=None)


def _first_name(said: str, people: list[User]) -> User | None:
    word = re.match(r"\w*", said)
    namesakes = [person for person in people if word and person.name_key.split(" ")[0] == word.group()]
    return namesakes[0] if len(namesakes) == 1 else None
