"""Meu dia as the page says it: plain texts, ready to be placed, from a handful of queries."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from brazil.holidays import ONE_DAY
from brazil.phones import format_phone, tel_link
from clients.models import Client, Phone
from contacts.models import ContactLog, LogChannel, OutcomeGroup
from core.addresses import address
from core.days import midnight
from core.markup import escaped
from core.phrases import gettext as _
from core.phrases import kept_per_language
from core.statements import Later, Records, Statement
from core.templatetags import design
from core.templatetags.formats import money
from people.models import User
from people.visibility import sight_of
from portfolio import agenda_days, contact_rule
from portfolio import agenda_words as words
from portfolio.agenda import MESSAGES, Section
from portfolio.agenda_facts import SOON, frame_on
from portfolio.models import AgendaDay, AgendaLine

WHY: Final = "lines of one person's day"
HEADINGS: Final = {
    Section.DEADLINE: gettext_lazy("Com prazo"),
    Section.PLAN: gettext_lazy("Plano de contato"),
    Section.SPARE: gettext_lazy("Se sobrar tempo"),
}
# More than anybody makes in a day: they are all counted, and none is offered again ahead.
MOST_DONE: Final = 500
MOST_LOGS: Final = 200
_chip = kept_per_language(design.chip)


class Row(NamedTuple):
    """One client of the day. Texts are escaped when the row is made; an address is empty where there is none."""

    ref: str
    name: str
    place: str
    tier: str
    chips: str
    tip: str
    words: str
    at: str
    cover: str
    closed: str
    url: str
    act_url: str
    log_url: str
    snooze_url: str
    links_url: str
    quick_url: str
    tel: str = ""
    tel_log: str = ""
    number: str = ""
    write_url: str = ""
    is_mail: bool = False
    reasons: str = ""
    channel: str = LogChannel.CALL
    purpose: str = ""
    task: str = ""
    membership: str = ""
    is_message: bool = False


class Left(NamedTuple):
    """A client for whom there is no room today, and why."""

    name: str
    url: str
    tier: str
    place: str
    chips: str
    tip: str
    why_out: str


class Done(NamedTuple):
    """A contact made today: `log_url` opens it again."""

    name: str
    url: str
    tier: str
    place: str
    chip: str
    note: str
    log_url: str


@dataclass(frozen=True)
class Page:
    """What the template shows; `rule` and `next` speak of the contact on top."""

    user: User
    day: AgendaDay
    is_stored: bool
    next: Row | None
    rule: contact_rule.Rule | None
    groups: list[tuple[Any, list[Row]]]
    left: list[Left]
    done: list[Done]
    open_count: int
    deadlines: int

    @property
    def total(self) -> int:
        return self.open_count + len(self.done)

    @property
    def share(self) -> float:
        return 100 * len(self.done) / self.total if self.total else 0

    @property
    def planned(self) -> int:
        """Minutes of what is open; together with what was done they fit into the day."""
        return self.day.open_minutes

    @property
    def time_share(self) -> float:
        return 100 * self.planned / self.day.minutes if self.day.minutes else 0

    @property
    def time_label(self) -> str:
        return _("%(open)s de %(minutes)s minutos do dia ainda planejados") % {
            "open": self.planned,
            "minutes": self.day.minutes,
        }

    @property
    def left_more(self) -> int:
        """Left-outs that are only counted."""
        return max(self.day.left_out - len(self.left), 0)


def page_of(user: User, *, viewer: User, now: datetime.datetime, on: datetime.date | None = None) -> Page:
    """The day of `now`; with `on` a day ahead, as it would be if everything stayed as it is."""
    today = timezone.localdate(now)
    on = on or today
    day, lines = _day(user, on, now)
    logged = LOGGED.ask(by=user.pk, begins=midnight(today), ends=midnight(today + ONE_DAY))
    clients = _seen([line.client_id for line in lines] + [log["client"] for log in logged], viewer)
    done = _done(logged, clients)
    # Working ahead, whoever was contacted today is done for the day ahead as well, but for what was promised.
    over = done if on > today else {}
    shown = [line for line in lines if line.client_id in clients and (line.task_id or line.client_id not in over)]
    opened = [line for line in shown if line.state == AgendaLine.State.OPEN]
    scene = Scene(user, now, on, clients, _phones_of(opened))
    first = next_of(opened, now)
    rest = [line for line in opened if line is not first]
    groups = [
        (heading, found)
        for section, heading in HEADINGS.items()
        if (found := [_row(line, scene) for line in rest if line.section == section])
    ]
    return Page(
        user=user,
        day=day,
        is_stored=day.pk is not None,
        next=_row(first, scene) if first else None,
        rule=rule_of(first, on) if first else None,
        groups=groups,
        left=[_left(line, scene) for line in shown if line.state == AgendaLine.State.LEFT_OUT],
        done=list(done.values()),
        open_count=len(opened),
        deadlines=sum(line.section == Section.DEADLINE for line in opened),
    )


def _day(user: User, on: datetime.date, now: datetime.datetime) -> tuple[AgendaDay, list[AgendaLine]]:
    """The stored day, or one computed for this answer alone: reading writes nothing."""
    day = agenda_days.current(user, on, now=now)
    if day is not None:
        return day, LINES.ask(day=day.pk)
    frame = frame_on(on) if on > timezone.localdate(now) else frame_on(on, now=now)
    planned = agenda_days.plan(user, frame)
    fresh = AgendaDay(
        user=user, on=on, minutes=planned.minutes, open_minutes=planned.open_minutes, left_out=planned.left_out
    )
    return fresh, planned.lines


def _lines() -> Any:
    lines = AgendaLine.objects.unscoped(reason=WHY).filter(day=Later("day")).exclude(state=AgendaLine.State.DONE)
    return lines.order_by("position", "pk")


LINES = Records[AgendaLine](_lines)


def next_of(lines: Sequence[AgendaLine], now: datetime.datetime) -> AgendaLine | None:
    """Whose hour has come, else the first without an hour, else the earliest; last who was tried in vain today."""
    waiting = [line for line in lines if not words.was_tried(line.parts)]
    timed = sorted((line for line in waiting if line.at), key=lambda line: (line.at, line.client_id))
    due = [line for line in timed if line.at and line.at <= now + SOON]
    return next(iter([*due, *(line for line in waiting if not line.at), *timed, *lines]), None)


# --- Rows -------------------------------------------------------------------------------------------------------


def _said() -> Any:
    clients = Client.objects.unscoped(reason="each is held against the viewer's sight").filter(pk__among=Later("ids"))
    return clients.values(
        "pk", "name", "social_name", "city", "uf", "owner", "team", "owner__name", "cycle__tier", "cycle__value_12m"
    )


def _phones() -> Any:
    phones = Phone.objects.unscoped(reason="of visible clients").filter(status=Phone.Status.OK)
    return phones.filter(pk__among=Later("ids")).values("pk", "e164")


SAID, PHONES = Statement(_said), Statement(_phones)


def _seen(ids: Sequence[int], viewer: User) -> dict[int, dict[str, Any]]:
    """By id; those whom the viewer may no longer see are not among them."""
    if not ids:
        return {}
    sight = sight_of(viewer)
    return {row["pk"]: row for row in SAID.ask(ids=ids) if sight.holds(row["owner"], row["team"])}


def _phones_of(lines: Sequence[AgendaLine]) -> dict[int, str]:
    ids = [line.phone_id for line in lines if line.phone_id]
    return {row["pk"]: row["e164"] for row in PHONES.ask(ids=ids)} if ids else {}


class Scene(NamedTuple):
    """Whose day, when, which day it is, and what its lines speak of."""

    user: User
    now: datetime.datetime
    on: datetime.date
    clients: dict[int, dict[str, Any]]
    phones: dict[int, str]


def _row(line: AgendaLine, scene: Scene) -> Row:
    pk, client = line.client_id, scene.clients[line.client_id]
    closed = _closed(line, scene.now)
    call = "" if closed else scene.phones.get(line.phone_id or 0, "")
    is_mail = line.channel == LogChannel.EMAIL or (line.whatsapp_id is None and line.phone_id is None)
    log_url = address("contacts:log_create", pk)
    said = {"finalidade": line.purpose, "tarefa": line.task_id, "plano": line.membership_id}
    writing = {
        "canal": LogChannel.EMAIL if is_mail else LogChannel.WHATSAPP,
        "telefone": None if is_mail else line.whatsapp_id,
        "ocasiao": words.occasion_of(line.parts),
    }
    return Row(
        ref=escaped(pk),
        name=escaped(client["social_name"] or client["name"]),
        place=escaped(_place(client)),
        tier=design.tier(client["cycle__tier"]),
        chips=_chips(line),
        tip=_tip(line),
        words=escaped(line.words),
        at=_hour(line.at, scene.on),
        cover=escaped(client["owner__name"].split(" ", 1)[0]) if client["owner"] not in (scene.user.pk, None) else "",
        closed=escaped(closed),
        url=address("portfolio:client_detail", pk),
        act_url=address("portfolio:agenda_act", pk),
        log_url=_with(log_url, canal=line.channel, **said),
        snooze_url=address("portfolio:agenda_snooze", pk),
        links_url=_with(address("contacts:contact_links", pk), finalidade=line.purpose),
        quick_url=address("contacts:log_quick", pk),
        tel=escaped(tel_link(call)) if call else "",
        tel_log=_with(log_url, canal=LogChannel.CALL, telefone=line.phone_id, **said, volta=1) if call else "",
        number=escaped(format_phone(call)) if call else "",
        write_url=_with(address("contacts:message_compose", pk), **writing, **said),
        is_mail=is_mail,
        reasons=escaped(" ".join(part["text"] for part in line.parts[:2] if part["points"])),
        channel=escaped(line.channel),
        purpose=escaped(line.purpose),
        task=escaped(line.task_id or ""),
        membership=escaped(line.membership_id or ""),
        is_message=line.channel in MESSAGES,
    )


def _left(line: AgendaLine, scene: Scene) -> Left:
    client = scene.clients[line.client_id]
    return Left(
        name=escaped(client["social_name"] or client["name"]),
        url=address("portfolio:client_detail", line.client_id),
        tier=design.tier(client["cycle__tier"]),
        place=escaped(_place(client)),
        chips=_chips(line),
        tip=_tip(line),
        why_out=escaped(line.why_out),
    )


def _chips(line: AgendaLine) -> SafeString:
    return SafeString("".join(_chip(*chip) for chip in words.chips_of(line.parts)))


def _tip(line: AgendaLine) -> SafeString:
    return escaped(words.sum_of(line.parts, points=float(line.points), factor=float(line.factor)))


def _with(url: str, **said: object) -> SafeString:
    """Only codes and ids are asked for: there is nothing to quote."""
    return SafeString(f"{url}?{'&amp;'.join(f'{name}={value}' for name, value in said.items() if value)}")


def _place(client: dict[str, Any]) -> str:
    """Curitiba, PR · R$ 2.180/mês: the pace that the points count."""
    value = client["cycle__value_12m"]
    worth = _("%(amount)s/mês") % {"amount": money(value / 12)} if value else ""
    return " · ".join(filter(None, (_where(client), worth)))


def _where(client: dict[str, Any]) -> str:
    return ", ".join(filter(None, (client["city"], client["uf"])))


def _hour(at: datetime.datetime | None, on: datetime.date) -> str:
    """09:30; on an earlier day, 21/11 09:30"""
    if at is None:
        return ""
    local = timezone.localtime(at)
    return f"{local:%H:%M}" if local.date() == on else f"{local:%d/%m %H:%M}"


def _closed(line: AgendaLine, now: datetime.datetime) -> str:
    """Offers have hours; outside them there is no number to tap."""
    if line.opens_at is None or line.closes_at is None or line.opens_at <= now < line.closes_at:
        return ""
    hours = (f"{timezone.localtime(hour):%H:%M}" for hour in (line.opens_at, line.closes_at))
    return _("Ofertas a este cliente: das %(opens)s às %(closes)s") % dict(zip(("opens", "closes"), hours, strict=True))


# --- The rule of the next one, and what is done -----------------------------------------------------------------


def rule_of(line: AgendaLine, on: datetime.date) -> contact_rule.Rule:
    """The interval is that of the reason, else none is drawn."""
    made = STARTED.ask(client=line.client_id, since=contact_rule.since(on))
    every = next((part["every"] for part in line.parts if "every" in part), 0)
    days = [timezone.localdate(log["started_at"]) for log in made]
    return contact_rule.rule(days, on=on, interval=every, is_due=True)


def _started() -> Any:
    logs = ContactLog.objects.unscoped(reason="of a visible client").filter(
        client=Later("client"), undone_at=None, started_at__gte=Later("since")
    )
    return logs.order_by("-started_at").values("started_at")[:MOST_LOGS]


def _logged() -> Any:
    logs = agenda_days.logs_between(Later("by"), Later("begins"), Later("ends"))
    return logs.values("pk", "client", "started_at", "note", "channel", "outcome__label", "group")[:MOST_DONE]


STARTED, LOGGED = Statement(_started), Statement(_logged)


def _done(logged: Sequence[dict[str, Any]], clients: dict[int, dict[str, Any]]) -> dict[int, Done]:
    """The clients contacted today, the newest first, each once with its last contact."""
    found: dict[int, Done] = {}
    for log in logged:
        pk = log["client"]
        if pk not in found and pk in clients:
            found[pk] = _made(log, clients[pk])
    return found


def _made(log: dict[str, Any], client: dict[str, Any]) -> Done:
    icon = "phone-check" if log["group"] == OutcomeGroup.REACHED else "phone-x"
    if log["channel"] in MESSAGES:
        icon = "send"
    return Done(
        name=escaped(client["social_name"] or client["name"]),
        url=address("portfolio:client_detail", client["pk"]),
        tier=design.tier(client["cycle__tier"]),
        place=escaped(_where(client)),
        chip=design.chip("ativa", icon, log["outcome__label"], f"{timezone.localtime(log['started_at']):%H:%M}"),
        note=escaped(log["note"][:120]),
        log_url=address("contacts:log_edit", log["pk"]),
    )
