"""The night of surveys: what is over ends, who did not answer is reminded once, and new clients are asked.

All surveys share the caps of a day. Letters leave in working hours of a working day; a date that is over asks nobody,
and the same date again changes nothing.
"""

import datetime
import zlib
from collections.abc import Iterator
from itertools import batched
from typing import Final

from django.db.models import BigIntegerField, Case, Exists, F, Func, Max, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from clients.models import Channel, Client, OptOut, Purpose
from contacts.workdays import Workdays
from contracts.nightly import Chunks, PlainChunks
from nps import deliveries, eligibility, invitations, pace
from nps.eligibility import Candidate, Terms, Way
from nps.models import Invitation, NpsSettings, Survey, SurveyChannel

DAY: Final = datetime.timedelta(days=1)
# An address that failed is left alone for so long; a person may ask before.
REST: Final = 30 * DAY
# Candidates are read in so many rounds at most: twice as many as are wanted, and a few.
ROUNDS: Final = 5
SPARE: Final = 50
LONGEST_RAMP: Final = 30


def ask(day: datetime.date, run: Chunks | None = None, *, now: datetime.datetime | None = None) -> dict[str, int]:
    """A step of the night."""
    run = run or PlainChunks()
    expired = invitations.expire(day, run)
    free = slots(day, now or timezone.now())
    running = list(Survey.objects.filter(is_active=True).order_by("pk"))
    reminded = sum(_remind(survey, day, free, run) for survey in running)
    asked = 0
    # Events grow old, the portfolio waits; what a sample leaves, the others take.
    waiting = sorted(running, key=lambda survey: (survey.is_relational, survey.pick == Survey.Pick.EVERYBODY))
    for place, survey in enumerate(waiting):
        share = -(-len(free) // (len(waiting) - place))
        asked += _ask(survey, day, free, share, run)
    return {"surveys_asked": asked, "surveys_reminded": reminded, "surveys_expired": expired}


# --- How many, and when --------------------------------------------------------------------------------


def slots(day: datetime.date, now: datetime.datetime) -> list[datetime.datetime]:
    """The moments of the day at which one more letter may leave, in their order."""
    if day < timezone.localdate(now) or not Workdays.load().allows(day, ""):
        return []
    settings = NpsSettings.current()
    gap, (opens, closes) = pace.gap(settings), pace.hours_of(day)
    last = pace.letters().filter(due_at__range=(opens, closes)).aggregate(last=Max("due_at"))["last"]
    start = max(opens, now, last + gap if last else opens)
    room = max(0, -((start - closes) // gap))
    left = max(0, cap_of(day, settings) - _used(day))
    return [start + place * gap for place in range(min(room, left))]


def cap_of(day: datetime.date, settings: NpsSettings) -> int:
    """The most of a day: it begins low and doubles with each day on which mail was sent, so that mail servers get to
    know who writes. Without mail there are none to get to know."""
    if not Survey.objects.filter(is_active=True, channels__contains=[SurveyChannel.EMAIL]).exists():
        return settings.per_day
    mails = _of_night().filter(channel=SurveyChannel.EMAIL, asked_on__lt=day)
    days = len(mails.order_by("asked_on").values_list("asked_on", flat=True).distinct()[:LONGEST_RAMP])
    return min(settings.per_day, max(1, settings.first_day) << days)


def _used(day: datetime.date) -> int:
    """Letters of the day, of all surveys."""
    return _of_night().filter(Q(asked_on=day)).count() + invitations.everyone().filter(reminded_on=day).count()


def _of_night() -> QuerySet[Invitation]:
    """Nobody's, so the night's own."""
    return invitations.everyone().filter(by=None).order_by()


# --- Reminding -----------------------------------------------------------------------------------------


def _remind(survey: Survey, day: datetime.date, free: list[datetime.datetime], run: Chunks) -> int:
    """Once, and only who was asked and can still answer."""
    channels = eligibility.night_channels(survey)
    if not survey.reminder_days or not free:
        return 0
    due = invitations.everyone().filter(
        survey=survey,
        state=Invitation.State.ASKED,
        channel__in=channels,
        by=None,
        asked_on__lte=day - survey.reminder_days * DAY,
        expires_on__gte=day,
        reminded_on=None,
    )
    with run.chunk():
        found = list(due.select_related("survey", "client").order_by("asked_on", "pk")[: len(free)])
        for invitation in found:
            deliveries.remind(invitation, due_at=free.pop(0))
        invitations.everyone().filter(pk__among=[one.pk for one in found]).update(reminded_on=day)
    return len(found)


# --- Asking --------------------------------------------------------------------------------------------


def _ask(survey: Survey, day: datetime.date, free: list[datetime.datetime], share: int, run: Chunks) -> int:
    """Up to `share` letters. A survey that has asked on that day is through with it."""
    if not share or _of_night().filter(survey=survey, asked_on=day).exists():
        return 0
    if survey.pick == Survey.Pick.RANDOM:
        share = min(share, survey.sample_per_day)
    terms = Terms.of(survey, day)
    with run.chunk():
        invitations.take_turns()
        chosen = choose(terms, share)
        for candidate, way in chosen:
            invitation = invitations.invite_candidate(candidate, terms, way)
            deliveries.send(invitation, due_at=free.pop(0))
    return len(chosen)


def choose(terms: Terms, wanted: int) -> list[tuple[Candidate, Way]]:
    """The first `wanted` clients of the day's order whom every rule lets pass; their rows are locked."""
    channels = eligibility.night_channels(terms.survey)
    chosen: list[tuple[Candidate, Way]] = []
    taken: set[str] = set()
    for candidate in _candidates(terms, 2 * wanted + SPARE):
        way = eligibility.way_to(candidate, terms, channels)
        if way is None or eligibility.refusal(candidate, terms) or not taken.isdisjoint(candidate.facts.numbers):
            continue
        chosen.append((candidate, way))
        # Two clients of one address are one person who reads.
        taken.add(way.address)
        if len(chosen) == wanted:
            break
    return chosen


def _candidates(terms: Terms, size: int) -> Iterator[Candidate]:
    found = in_order(terms).values_list("pk", flat=True)[: ROUNDS * size]
    for ids in batched(found, size, strict=False):
        free = _everybody().select_for_update(skip_locked=True, no_key=True).order_by("pk").filter(pk__among=list(ids))
        clients = {client.pk: client for client in free}
        yield from eligibility.read([clients[pk] for pk in ids if pk in clients], terms)


def _everybody() -> QuerySet[Client]:
    return Client.objects.unscoped(reason="the night of surveys")


def in_order(terms: Terms) -> QuerySet[Client]:
    """Everybody takes turns by number, beginning after the last one asked; a sample is drawn anew each day, and the
    same for the same day."""
    survey = terms.survey
    tried = invitations.everyone().filter(client=OuterRef("pk"), survey=survey, state=Invitation.State.FAILED)
    lately = tried.filter(asked_on__gt=terms.on - REST)
    # The gate hears of every wish; those who want nothing at all must not fill the rounds.
    wishes = OptOut.objects.unscoped(reason="the night of surveys").filter(
        client=OuterRef("pk"), channel=Channel.ANY, purpose__in=(Purpose.ANY, Purpose.SURVEY)
    )
    meant = eligibility.among(_everybody(), terms).filter(eligibility.reachable(survey))
    meant = meant.exclude(Exists(lately)).exclude(Exists(wishes))
    if survey.pick == Survey.Pick.RANDOM:
        return meant.order_by(Draw(F("pk"), Value(seed_of(terms))), "pk")
    asked = _of_night().filter(survey=survey, asked_on__lt=terms.on)
    last = asked.order_by("-asked_on", "-pk").values_list("client", flat=True).first() or 0
    return meant.order_by(Case(When(pk__gt=last, then=0), default=1), "pk")


class Draw(Func):
    """A number for each client that the seed alone decides."""

    function = "hashint8extended"
    output_field = BigIntegerField()


def seed_of(terms: Terms) -> int:
    return zlib.crc32(f"{terms.survey.pk}:{terms.on:%Y-%m-%d}".encode())


# --- What comes next -----------------------------------------------------------------------------------


def next_day(today: datetime.date) -> datetime.date:
    """When the next night's letters leave."""
    return Workdays.load().on_or_after(today + DAY, "")
