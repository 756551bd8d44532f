"""The day of each person as it would be: what fits of what there is, and in which order (SCIENCE 7)."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from people.models import User
from portfolio import agenda_gate
from portfolio import agenda_words as words
from portfolio.agenda import Candidate, Promise, Section, Share, candidate_of, is_put_off, is_resting
from portfolio.agenda_facts import Frame, Known, facts_for
from portfolio.agenda_fill import Presence, Room, by_density, fill, in_order, missing, reserve_of
from portfolio.agenda_sieve import POOL
from portfolio.models import AgendaLine

State = AgendaLine.State
# Left-outs that are kept, the others are only counted.
LEFT_OUT_KEPT: Final = 20
SECTIONS: Final = {Section.DEADLINE: 0, Section.PLAN: 1, Section.SPARE: 2}


@dataclass
class Planned:
    """A day as computed; `lines` are not stored yet."""

    minutes: int = 0
    left_out: int = 0
    lines: list[AgendaLine] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    @property
    def open_minutes(self) -> int:
        return sum(line.minutes for line in self.lines if line.state == State.OPEN)


type Plans = dict[int, Planned]


@dataclass(frozen=True)
class Made:
    """A contact of the day, as far as it takes time."""

    log: int
    client: int
    minutes: int


type MadeBy = Mapping[int, Sequence[Made]]


def drafted(users: Sequence[User], frame: Frame, *, made: MadeBy, spent: Mapping[int, Counter[str]]) -> Plans:
    """What fits into the rest of everybody's day. `spent` are the minutes of the lines already done, by share."""
    facts = facts_for(users, frame)
    drafts = {
        user.pk: _draft(user, facts[user.pk], made.get(user.pk, ()), spent.get(user.pk, Counter()), frame)
        for user in users
        if user.pk in facts
    }
    asked = [one for draft in drafts.values() for one in (*draft.promised, *draft.pool)]
    known = agenda_gate.judge(asked, frame)
    for draft in drafts.values():
        draft.choose()
    agenda_gate.name_phones([one for draft in drafts.values() for one in draft.kept], known, frame)
    return {user.pk: _planned(drafts[user.pk]) if user.pk in drafts else Planned() for user in users}


@dataclass
class Draft:
    """The day of one person before anything is written down. Of `ranked` the pool is taken to the gate."""

    minutes: int
    room: Room
    promised: list[Candidate]
    ranked: list[Candidate]
    out: list[Candidate]
    pool: list[Candidate]
    unread: int
    taken: list[Candidate] = field(default_factory=list)
    chosen: list[Candidate] = field(default_factory=list)

    @property
    def kept(self) -> list[Candidate]:
        return [*self.taken, *self.chosen]

    @property
    def found(self) -> int:
        return len(self.promised) + len(self.ranked) + len(self.out) + self.unread

    def choose(self) -> None:
        """Among those whom the gate lets through."""
        free = [(one.facts.promise, one) for one in self.promised if one.facts.promise and not one.why_out]
        self.taken = in_order([one for _, one in sorted(free, key=_by_hour)], self.room)
        self.chosen = fill([one for one in self.pool if not one.why_out], self.room.without(self.taken))


def _draft(user: User, known: Known, made: Sequence[Made], spent: Counter[str], frame: Frame) -> Draft:
    minutes = presence_of(user, frame).minutes(frame.settings.day_minutes)
    found = [one for facts in known.facts if (one := candidate_of(facts, frame.settings))]
    promised, ranked, out = _sorted_out(found, frame)
    # Whom this person contacted today stands among what is done, not among what did not fit.
    spoken = {one.client for one in made}
    out = [one for one in out if one.client not in spoken]
    room = _room(minutes, made, spent, frame)
    return Draft(minutes, room, promised, ranked, out, pool=_pool(ranked), unread=known.unread)


def _planned(draft: Draft) -> Planned:
    kept = {one.client for one in draft.kept}
    left = draft.room.without(draft.kept)
    rest = [one for one in (*draft.promised, *draft.pool, *draft.out) if one.client not in kept]
    for one in rest:
        one.why_out = one.why_out or (words.too_long(missing(one, left)) if draft.minutes else words.no_hours())
    return Planned(
        minutes=draft.minutes,
        left_out=draft.found - len(kept),
        lines=[*_open_lines(draft.taken, draft.chosen), *_left_lines(rest)],
        counts={"candidates": draft.found, "promised": len(draft.promised), "open": len(kept)},
    )


def _sorted_out(found: Sequence[Candidate], frame: Frame) -> tuple[list[Candidate], list[Candidate], list[Candidate]]:
    promised: list[Candidate] = []
    ranked: list[Candidate] = []
    out: list[Candidate] = []
    for one in found:
        if is_put_off(one.facts) and one.facts.postponed_until:
            one.why_out = words.put_off(one.facts.postponed_until)
            out.append(one)
        elif is_resting(one.facts, frame.settings):
            one.why_out = words.resting(one.facts)
            out.append(one)
        else:
            (promised if one.is_promised else ranked).append(one)
    return promised, ranked, out


def _pool(ranked: Sequence[Candidate]) -> list[Candidate]:
    kept: dict[int, Candidate] = {}
    for share in Share.values:
        own = [one for one in ranked if one.share == share]
        for one in (*sorted(own, key=by_density)[:POOL], *sorted(own, key=_by_points)[:POOL]):
            kept[one.client] = one
    return [kept[client] for client in sorted(kept)]


def _by_points(one: Candidate) -> tuple[float, int]:
    return (-one.points, one.client)


def _by_hour(promised: tuple[Promise, Candidate]) -> tuple[Any, ...]:
    """By the agreed hour; what was tried in vain today comes after, then what has a day only, the oldest first."""
    promise, one = promised
    at = promise.at.timestamp() if promise.at else float("inf")
    return (promise.was_tried, at, promise.due_on, one.client)


def _room(minutes: int, made: Sequence[Made], spent: Counter[str], frame: Frame) -> Room:
    rules = frame.settings
    percents = {Share.REACTIVATION: rules.reactivation_share, Share.RELATIONSHIP: rules.relationship_share}
    return Room(
        minutes=max(minutes - sum(one.minutes for one in made), 0),
        contacts=max(rules.day_contacts - len(made), 0),
        reserves={share: reserve_of(minutes, percent, spent[share]) for share, percent in percents.items()},
    )


def presence_of(user: User, frame: Frame) -> Presence:
    team = user.team
    return Presence(
        hours=user.hours_per_day,
        is_working_day=frame.workdays.allows(frame.on, team.uf if team else ""),
    )


# --- Lines ----------------------------------------------------------------------------------------------------------


def _open_lines(taken: Sequence[Candidate], chosen: Sequence[Candidate]) -> list[AgendaLine]:
    """Promises by their hour, then points per minute; the sections are headings in that order."""
    ordered = [*taken, *sorted(chosen, key=lambda one: (SECTIONS[Section(one.section)], *by_density(one)))]
    return [_line(one, place, State.OPEN) for place, one in enumerate(ordered, 1)]


def _left_lines(rest: Sequence[Candidate]) -> list[AgendaLine]:
    worth = sorted(rest, key=lambda one: (not one.is_promised, *_by_points(one)))[:LEFT_OUT_KEPT]
    return [_line(one, place, State.LEFT_OUT) for place, one in enumerate(worth, 1)]


def _line(one: Candidate, position: int, state: str) -> AgendaLine:
    promise, plan = one.facts.promise, one.facts.plan
    return AgendaLine(
        client_id=one.client,
        section=one.section,
        share=one.share,
        position=position,
        state=state,
        at=promise.at if promise else None,
        channel=one.channel,
        minutes=one.minutes,
        points=one.points,
        factor=one.factor,
        parts=words.stored_parts(one),
        words=words.words_for(one),
        carried=one.facts.carried,
        why_out=one.why_out,
        purpose=one.purpose,
        phone_id=one.phone,
        whatsapp_id=one.whatsapp,
        opens_at=one.opens_at,
        closes_at=one.closes_at,
        task_id=promise.task if promise else None,
        membership_id=plan.membership if plan else None,
    )
