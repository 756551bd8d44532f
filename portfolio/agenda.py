"""Who has a reason to be contacted today, and how many points it gives (SCIENCE 7). Pure: facts in, parts out.

A further kind of reason is a function in `PARTS` and its words in `portfolio.agenda_words`; nothing else changes.
"""

import datetime
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, NamedTuple

from clients.models import PortfolioClass, Purpose
from contacts.models import ContactSettings, LogChannel
from contracts.models import ClassReason
from portfolio.models import AgendaLine

Section, Share = AgendaLine.Section, AgendaLine.Share

# Points of each reason, and what a second one adds to the largest.
RENEWAL_FROM, RENEWAL_GROWS, RENEWAL_IN_GRACE = 40, 60, 100
RISK, INACTIVE = 80, 50
PLAN_OVERDUE, PLAN_TODAY = 60, 30
BIRTHDAY = 25
SECOND = 0.25
# A renewal this near is a deadline, as is one whose contract has ended.
DEADLINE_DAYS = 7
MIDDLE = 0.5
RELATIONSHIP: Final = frozenset({"plan", "interval", "unspoken", "birthday"})

MESSAGES: Final = frozenset({LogChannel.WHATSAPP, LogChannel.SMS, LogChannel.EMAIL})
VISITS: Final = frozenset({LogChannel.VISIT, LogChannel.MEETING, LogChannel.IN_PERSON})


class Part(NamedTuple):
    """One reason: what it gives, and the days it speaks of (to the end, without a purchase, overdue)."""

    code: str
    points: float
    days: int


@dataclass(slots=True)
class Due:
    """A contact that a plan, or the interval of the tier, asks for. `keeps_own_days` says that the steps of the plan
    have days of their own, `may_retry` that a try of this morning may be followed by another one now."""

    membership: int | None
    due_on: datetime.date
    interval: int
    title: str = ""
    plan: str = ""
    channel: str = ""
    minutes: int = 0
    purpose: str = ""
    keeps_own_days: bool = False
    may_retry: bool = False
    was_spoken: bool = True

    @property
    def code(self) -> str:
        if self.membership is not None:
            return "plan"
        return "interval" if self.was_spoken else "unspoken"


@dataclass(slots=True)
class Promise:
    """A task or a return that was promised for today, or for a day that has passed."""

    task: int
    title: str
    due_on: datetime.date
    at: datetime.datetime | None
    channel: str
    minutes: int
    is_callback: bool = False
    from_log: int | None = None
    made_at: datetime.datetime | None = None
    # Tried today without an answer: it comes after the others.
    was_tried: bool = False


@dataclass(slots=True)
class Facts:
    """What is known of one client on the day. Numbers of the cycle are empty for who never bought."""

    client: int
    on: datetime.date
    owner: int = 0
    portfolio_class: str = PortfolioClass.PROSPECT
    reason: str = ClassReason.NO_PURCHASE
    anchor_on: datetime.date | None = None
    opens_on: datetime.date | None = None
    product: str = ""
    recency: int | None = None
    cycle: float | None = None
    limit: float | None = None
    p_alive: float | None = None
    p_buys: float | None = None
    # Share of the clients of the company with a smaller monthly pace.
    pace: float = 0.0
    birth_date: datetime.date | None = None
    is_company: bool = False
    plan: Due | None = None
    promise: Promise | None = None
    rested_on: datetime.date | None = None
    tried_today: bool = False
    postponed_until: datetime.date | None = None
    postponed_at: datetime.datetime | None = None
    carried: int = 0
    channels: tuple[str, ...] = ()


# --- The parts ----------------------------------------------------------------------------------------------


def _rounded(points: float) -> float:
    """Before they are summed up, so that what is shown adds up."""
    return round(points, 2)


def _renewal(facts: Facts) -> Part | None:
    """Grows from the day the window opens to the day the contract ends; in grace it is the most there is."""
    if facts.portfolio_class != PortfolioClass.RENEWAL or facts.anchor_on is None:
        return None
    left = (facts.anchor_on - facts.on).days
    if left < 0:
        return Part("renewal", RENEWAL_IN_GRACE, left)
    window = (facts.anchor_on - facts.opens_on).days if facts.opens_on else left
    elapsed = 1 - left / max(window, left, 1)
    return Part("renewal", _rounded(RENEWAL_FROM + RENEWAL_GROWS * elapsed), left)


def _risk(facts: Facts) -> Part | None:
    """Only where the cycle alone decides the class: who holds a contract is no later than agreed."""
    if facts.reason != ClassReason.WITHIN_CYCLE or facts.p_buys is None:
        return None
    if facts.recency is None or facts.cycle is None or facts.recency <= facts.cycle:
        return None
    return Part("risk", _rounded(RISK * (1 - facts.p_buys)), facts.recency)


def _inactive(facts: Facts) -> Part | None:
    if facts.portfolio_class != PortfolioClass.INACTIVE or facts.p_alive is None:
        return None
    return Part("inactive", _rounded(INACTIVE * facts.p_alive), facts.recency or 0)


def _plan(facts: Facts) -> Part | None:
    """A step that is late never gives less than it gave on its day."""
    if facts.plan is None:
        return None
    overdue = (facts.on - facts.plan.due_on).days
    late = PLAN_OVERDUE * min(1.0, overdue / max(facts.plan.interval, 1))
    return Part(facts.plan.code, _rounded(max(PLAN_TODAY, late)), overdue)


def _birthday(facts: Facts) -> Part | None:
    if facts.birth_date is None or not is_birthday(facts.birth_date, facts.on):
        return None
    return Part("birthday", BIRTHDAY, facts.on.year - facts.birth_date.year)


PARTS: Final[Sequence[Callable[[Facts], Part | None]]] = (_renewal, _risk, _inactive, _plan, _birthday)


def is_birthday(born: datetime.date, on: datetime.date) -> bool:
    """Who was born on 29 February is greeted on the 28th in common years."""
    return (born.month, born.day) in birthdays_on(on)


@lru_cache(8)
def birthdays_on(on: datetime.date) -> tuple[tuple[int, int], ...]:
    """Months and days of birth that are greeted on this day."""
    leaps = (on + datetime.timedelta(days=1)).day == 29
    return ((2, 28), (2, 29)) if (on.month, on.day) == (2, 28) and not leaps else ((on.month, on.day),)


def parts_of(facts: Facts) -> list[Part]:
    """Every reason that gives points, the largest first."""
    found = [part for make in PARTS if (part := make(facts)) and part.points > 0]
    return sorted(found, key=_by_points) if len(found) > 1 else found


def _by_points(part: Part) -> float:
    return -part.points


# --- Points ---------------------------------------------------------------------------------------------------


def factor_of(facts: Facts, parts: Sequence[Part], rules: ContactSettings) -> float:
    """What the sum is multiplied with: the value of the client, and the days it stood there undone.

    A birthday is worth the same for all: alone it takes the middle, and it pulls nobody below.
    """
    pace = facts.pace
    if any(part.code == "birthday" for part in parts):
        pace = MIDDLE if len(parts) == 1 else max(pace, MIDDLE)
    more = min(rules.carry_percent * facts.carried, rules.carry_cap)
    return round((0.5 + pace) * (100 + more) / 100, 4)


def points_of(parts: Sequence[Part], factor: float) -> float:
    most = max((part.points for part in parts), default=0.0)
    rest = sum(part.points for part in parts) - most
    return round(factor * (most + SECOND * rest), 2)


# --- One candidate ----------------------------------------------------------------------------------------------


@dataclass(slots=True)
class Candidate:
    """A client with a reason, and what contacting it takes. `why_out` says why it is kept off the list."""

    facts: Facts
    parts: list[Part]
    factor: float
    points: float
    section: str
    share: str
    channel: str
    minutes: int
    why_out: str = ""
    purpose: str = Purpose.SERVICE
    # Phones that may be used today, and from when to when.
    phone: int | None = None
    whatsapp: int | None = None
    opens_at: datetime.datetime | None = None
    closes_at: datetime.datetime | None = None

    @property
    def client(self) -> int:
        return self.facts.client

    @property
    def is_promised(self) -> bool:
        return self.facts.promise is not None


def candidate_of(facts: Facts, rules: ContactSettings) -> Candidate | None:
    """None without any reason."""
    parts = parts_of(facts)
    if not parts and facts.promise is None:
        return None
    factor = factor_of(facts, parts, rules)
    channel = channel_of(facts, parts)
    return Candidate(
        facts=facts,
        parts=parts,
        factor=factor,
        points=points_of(parts, factor),
        section=section_of(facts, parts),
        share=share_of(facts, parts),
        channel=channel,
        minutes=minutes_of(facts, channel, rules),
    )


def is_greeting(parts: Sequence[Part]) -> bool:
    """Nothing but a birthday: no offer is meant."""
    return [part.code for part in parts] == ["birthday"]


def section_of(facts: Facts, parts: Sequence[Part]) -> str:
    if facts.promise is not None:
        return Section.DEADLINE
    if any(part.code == "renewal" and part.days <= DEADLINE_DAYS for part in parts):
        return Section.DEADLINE
    return Section.SPARE if [part.code for part in parts] == ["inactive"] else Section.PLAN


def share_of(facts: Facts, parts: Sequence[Part]) -> str:
    """Which reserve a line draws on: the class goes before the plan it may be in."""
    if facts.promise is not None:
        return Share.DEADLINE
    if any(part.code == "inactive" for part in parts):
        return Share.REACTIVATION
    return Share.RELATIONSHIP if parts[0].code in RELATIONSHIP else Share.REST


def channel_of(facts: Facts, parts: Sequence[Part]) -> str:
    """What was agreed or planned if the client can be reached so, else the first way. A mere greeting is written."""
    asked = (facts.promise and facts.promise.channel) or (facts.plan and facts.plan.channel)
    ways = facts.channels
    if asked and (asked in ways or asked in VISITS or not ways):
        return asked
    if LogChannel.WHATSAPP in ways and not asked and is_greeting(parts):
        return LogChannel.WHATSAPP
    return ways[0] if ways else LogChannel.CALL


def minutes_of(facts: Facts, channel: str, rules: ContactSettings) -> int:
    if facts.promise is not None:
        return facts.promise.minutes
    if facts.plan is not None and facts.plan.minutes:
        return facts.plan.minutes
    return minutes_on(channel, rules)


def minutes_on(channel: str, rules: ContactSettings) -> int:
    if channel in MESSAGES:
        return rules.message_minutes
    return rules.visit_minutes if channel in VISITS else rules.call_minutes


def is_resting(facts: Facts, rules: ContactSettings) -> bool:
    """Contacted within the quiet days, or tried today. Steps of a cadence keep their own days; a promise stands."""
    if facts.promise is not None:
        return False
    if facts.tried_today:
        return not (facts.plan and facts.plan.may_retry)
    if facts.rested_on is None or (facts.plan and facts.plan.keeps_own_days):
        return False
    return (facts.on - facts.rested_on).days <= rules.quiet_days


def is_put_off(facts: Facts) -> bool:
    """Until its day, unless something was promised since."""
    if facts.postponed_until is None or facts.on >= facts.postponed_until:
        return False
    promised_at = facts.promise.made_at if facts.promise else None
    return promised_at is None or facts.postponed_at is None or promised_at < facts.postponed_at
