"""Random histories of clients, and a second, plain answer to whether one may be contacted: DOMAIN 3 read anew.

Nothing here comes from contacts.gate: offsets by hand, holidays straight from the calendar, one `if` per rule.
"""

import datetime
from dataclasses import dataclass, field
from random import Random

import holidays as calendars

UTC = datetime.UTC
START = datetime.datetime(2026, 10, 26, tzinfo=UTC)
OFFSETS = {"AC": -5, "AM": -4, "MT": -4, "MS": -4, "RO": -4, "RR": -4}
UFS = ["", "AC", "AM", "BA", "ES", "MS", "PE", "RJ", "RR", "SP", "TO"]
CHANNELS = ["call", "whatsapp", "sms", "email", "visit", "meeting", "in_person"]
ASKED_AS = {"meeting": "visit", "in_person": "visit"}
WISHED = ["any", "call", "whatsapp", "sms", "email", "visit"]
PURPOSES = ["offer", "offer", "offer", "service", "survey", "any"]
WISHED_PURPOSES = ["any", "offer", "service", "survey"]
OUTCOMES = ["no_answer", "no_answer", "no_answer", "interested", "not_now", "never", "minor"]


@dataclass
class Said:
    """A log. `corrects` is the place of another one in the same history."""

    at: datetime.datetime
    purpose: str
    direction: str
    outcome: str
    undone: bool = False
    corrects: int | None = None


@dataclass
class Reach:
    """A phone or e-mail; `lists` by (name, since), `kept` by (channel, purpose)."""

    value: str
    kind: str
    status: str = "ok"
    is_whatsapp: bool | None = None
    lists: list[tuple[str, datetime.date]] = field(default_factory=list)
    kept: list[tuple[str, str]] = field(default_factory=list)


@dataclass
class History:
    uf: str
    deceased: bool
    opt_outs: list[tuple[str, str]]
    consents: list[tuple[str, str, bool]]
    reaches: list[Reach]
    logs: list[Said]


@dataclass
class Company:
    """Its rules: hours by (UF, days, opens, closes, since); holidays by (day, UF); which lists cover service."""

    per_day: int
    per_week: int
    hours_between: int
    rest_days: int
    hours: list[tuple[str, str, datetime.time | None, datetime.time | None, datetime.date]]
    holidays: list[tuple[datetime.date, str]]
    service_lists: list[str]


@dataclass
class Ask:
    channel: str
    purpose: str
    at: datetime.datetime
    number: str


# --- Chance


def some(random: Random, share: float) -> bool:
    return random.random() < share


def history(random: Random, serial: int, lists: list[str]) -> History:
    return History(
        uf=random.choice(UFS),
        deceased=some(random, 0.03),
        opt_outs=[(random.choice(WISHED), random.choice(WISHED_PURPOSES)) for _ in range(2) if some(random, 0.1)],
        consents=[
            (random.choice(WISHED), random.choice(WISHED_PURPOSES), some(random, 0.6))
            for _ in range(3)
            if some(random, 0.1)
        ],
        reaches=[reach(random, f"{serial:07d}{place}", lists) for place in range(random.randrange(4))],
        logs=said(random),
    )


def reach(random: Random, serial: str, lists: list[str]) -> Reach:
    kind = random.choice(["MOBILE", "MOBILE", "LANDLINE", "EMAIL"])
    value = f"c{serial}@exemplo.com.br" if kind == "EMAIL" else f"+5511{serial}" + ("9" if kind == "MOBILE" else "")
    bad = "invalid" if kind == "EMAIL" else "wrong_number"
    listed = [] if kind == "EMAIL" else [name for name in lists if some(random, 0.08)]
    return Reach(
        value,
        kind,
        random.choice(["ok"] * 8 + [bad, "opted_out"]),
        None if kind == "EMAIL" else random.choice([None, None, True, False]),
        [(name, day_of(random)) for name in listed],
        [(random.choice(WISHED), random.choice(WISHED_PURPOSES))] if some(random, 0.03) else [],
    )


def said(random: Random) -> list[Said]:
    logs = [
        Said(
            moment(random, days=random.choice([2, 8, 120])),
            random.choice(["offer", "offer", "service", "any", "survey"]),
            random.choice(["out", "out", "out", "in"]),
            random.choice(OUTCOMES),
            undone=some(random, 0.1),
        )
        for _ in range(random.choice([0, 0, 1, 2, 7]))
    ]
    for place, log in enumerate(logs):
        if place and some(random, 0.15):
            log.corrects = random.randrange(place)
    return logs


def moment(random: Random, *, days: int) -> datetime.datetime:
    """Somewhere in the days before START's end of a month: contacts gather where the asks are."""
    end = START + datetime.timedelta(days=14)
    return end - datetime.timedelta(minutes=random.randrange(days * 24 * 60))


def day_of(random: Random) -> datetime.date:
    return (START + datetime.timedelta(days=random.randrange(-200, 40))).date()


def company(random: Random, lists: list[str]) -> Company:
    hours = []
    for uf in ["", "RJ", "AC", "SP"]:
        for days in ["weekday", "saturday"]:
            for since in sorted({day_of(random) for _ in range(random.randrange(3))}):
                opens = datetime.time(random.randrange(7, 13), random.choice([0, 30]))
                closes = datetime.time(random.randrange(13, 23), random.choice([0, 30]))
                is_closed = some(random, 0.2)
                hours.append((uf, days, None if is_closed else opens, None if is_closed else closes, since))
    return Company(
        per_day=random.choice([1, 2, 3]),
        per_week=random.choice([2, 4, 6]),
        hours_between=random.choice([0, 1, 4]),
        rest_days=random.choice([30, 90]),
        hours=hours,
        holidays=sorted({(day_of(random), random.choice(["", *UFS])) for _ in range(12)}),
        service_lists=[name for name in lists if some(random, 0.4)],
    )


def ask(random: Random, one: History) -> Ask:
    # Most in office hours of Brasília, so that other rules than the hours decide as well.
    day = START + datetime.timedelta(days=random.randrange(28))
    at = day + datetime.timedelta(minutes=random.choice([random.randrange(1440), random.randrange(720, 1260)]))
    numbers = ["", "", *(known.value for known in one.reaches)]
    return Ask(random.choice(CHANNELS), random.choice(PURPOSES), at, random.choice(numbers))


# --- The plain answer


def is_blocked(one: History, firm: Company, asked: Ask) -> bool:
    if one.deceased or is_unwanted(one, asked):
        return True
    local = asked.at.replace(tzinfo=None) + datetime.timedelta(hours=OFFSETS.get(one.uf, -3))
    if are_numbers_blocked(one, firm, asked, local.date()):
        return True
    if asked.purpose not in ("offer", "any"):
        return False
    return is_refused(one, firm, asked.at) or is_closed(one, firm, local) or is_too_often(one, firm, asked.at, local)


def is_unwanted(one: History, asked: Ask) -> bool:
    newest = {(channel, purpose): granted for channel, purpose, granted in one.consents}
    revoked = [wish for wish, granted in newest.items() if not granted]
    return any(speaks_of(wish, asked) for wish in [*one.opt_outs, *revoked])


def speaks_of(wish: tuple[str, str], asked: Ask) -> bool:
    channel, purpose = wish
    if channel not in ("any", ASKED_AS.get(asked.channel, asked.channel)):
        return False
    return purpose == "any" or asked.purpose == "any" or purpose == asked.purpose


def are_numbers_blocked(one: History, firm: Company, asked: Ask, day: datetime.date) -> bool:
    if asked.number:
        known = next(known for known in one.reaches if known.value == asked.number)
        return is_number_blocked(known, firm, asked, day)
    kinds = {"email": ["EMAIL"], "call": ["MOBILE", "LANDLINE"]}
    kinds["whatsapp"] = kinds["sms"] = kinds["call"]
    usable = [known for known in one.reaches if known.kind in kinds.get(asked.channel, [])]
    return bool(usable) and all(is_number_blocked(known, firm, asked, day) for known in usable)


def is_number_blocked(known: Reach, firm: Company, asked: Ask, day: datetime.date) -> bool:
    if known.status != "ok" or (known.kind == "EMAIL") != (asked.channel == "email"):
        return True
    if asked.channel == "sms" and known.kind == "LANDLINE":
        return True
    if asked.channel == "whatsapp" and (
        known.is_whatsapp is False or (known.kind == "LANDLINE" and known.is_whatsapp is None)
    ):
        return True
    if any(speaks_of(wish, asked) for wish in known.kept):
        return True
    in_force = [name for name, since in known.lists if since <= day]
    if asked.purpose in ("offer", "any"):
        return bool(in_force)
    return asked.purpose == "service" and any(name in firm.service_lists for name in in_force)


def standing(one: History) -> list[Said]:
    gone = {log.corrects for log in one.logs if log.corrects is not None and not log.undone}
    return [log for place, log in enumerate(one.logs) if not log.undone and place not in gone]


def is_refused(one: History, firm: Company, at: datetime.datetime) -> bool:
    for log in standing(one):
        if log.outcome in ("never", "minor"):
            return True
        if log.outcome == "not_now" and at < log.at + datetime.timedelta(days=firm.rest_days):
            return True
    return False


def is_too_often(one: History, firm: Company, at: datetime.datetime, local: datetime.datetime) -> bool:
    made = [
        log.at for log in standing(one) if log.direction == "out" and log.purpose in ("offer", "any") and log.at <= at
    ]
    offset = datetime.timedelta(hours=OFFSETS.get(one.uf, -3))
    same_day = [moment for moment in made if (moment.replace(tzinfo=None) + offset).date() == local.date()]
    same_week = [moment for moment in made if at - moment < datetime.timedelta(days=7)]
    just_now = [moment for moment in made if at - moment < datetime.timedelta(hours=firm.hours_between)]
    return len(same_day) >= firm.per_day or len(same_week) >= firm.per_week or bool(just_now)


CALENDARS = {uf: calendars.country_holidays("BR", subdiv=uf or None, years=[2026, 2027]) for uf in UFS}


def is_closed(one: History, firm: Company, local: datetime.datetime) -> bool:
    day = local.date()
    if day in CALENDARS[one.uf] or day.isoweekday() == 7:
        return True
    if any(on == day and uf in ("", one.uf) for on, uf in firm.holidays):
        return True
    days = "saturday" if day.isoweekday() == 6 else "weekday"
    for uf in {"", one.uf}:
        rows = [row for row in firm.hours if row[0] == uf and row[1] == days and row[4] <= day]
        if not rows and uf:
            continue
        fallback = ("", days, datetime.time(9), datetime.time(18) if days == "weekday" else None, day)
        _uf, _days, opens, closes, _since = max(rows, key=lambda row: row[4]) if rows else fallback
        if closes is None or opens is None or local.time() < opens or local.time() >= closes:
            return True
    return False
