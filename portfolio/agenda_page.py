"""Meu dia as the page says it: plain texts, ready to be placed, from a handful of queries."""

import datetime
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.utils import timezone
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy

from brazil.phones import format_phone, tel_link
from clients.models import Client, Phone
from contacts.models import ContactLog, LogChannel, OutcomeGroup
from core.markup import escaped
from core.phrases import gettext as _
from core.phrases import kept_per_language
from core.statements import Later, Statement
from core.templatetags import design
from core.templatetags.formats import money
from people.models import User
from portfolio import agenda_days, contact_rule
from portfolio import agenda_words as words
from portfolio.agenda import MESSAGES, Section
from portfolio.agenda_facts import SOON, frame_on
from portfolio.models import AgendaDay, AgendaLine
from portfolio.rows import Urls

WHY: Final = "lines of one person's day"
HEADINGS: Final = {
    Section.DEADLINE: gettext_lazy("Com prazo"),
    Section.PLAN: gettext_lazy("Plano de contato"),
    Section.SPARE: gettext_lazy("Se sobrar tempo"),
}
MOST_DONE: Final = 60
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
    why_out: str = ""
    is_message: bool = False


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
    left: list[Row]
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
    rows = _rows(lines, Scene(user, viewer, now, on))
    done = done_by(user, viewer=viewer, on=today)
    # Working ahead, whoever was contacted today is done for the day ahead as well.
    over = done if on > today else {}
    shown = [line for line in lines if line.client_id in rows and line.client_id not in over]
    opened = [line for line in shown if line.state == AgendaLine.State.OPEN]
    first = next_of(opened, now)
    rest = [line for line in opened if line is not first]
    groups = [
        (heading, found)
        for section, heading in HEADINGS.items()
        if (found := [rows[line.client_id] for line in rest if line.section == section])
    ]
    left = [line for line in shown if line.state == AgendaLine.State.LEFT_OUT]
    return Page(
        user=user,
        day=day,
        is_stored=day.pk is not None,
        next=rows[first.client_id] if first else None,
        rule=rule_of(first, on) if first else None,
        groups=groups,
        left=[rows[line.client_id] for line in left],
        done=list(done.values()),
        open_count=len(opened),
        deadlines=sum(line.section == Section.DEADLINE for line in opened),
    )


def _day(user: User, on: datetime.date, now: datetime.datetime) -> tuple[AgendaDay, list[AgendaLine]]:
    """The stored day, or one computed for this answer alone: reading writes nothing."""
    day = agenda_days.current(user, on, now=now) if on == timezone.localdate(now) else None
    if day is not None:
        lines = AgendaLine.objects.unscoped(reason=WHY).filter(day=day).exclude(state=AgendaLine.State.DONE)
        return day, list(lines.order_by("position", "pk"))
    frame = frame_on(on) if on > timezone.localdate(now) else frame_on(on, now=now)
    planned = agenda_days.plan(user, frame)
    fresh = AgendaDay(
        user=user, on=on, minutes=planned.minutes, open_minutes=planned.open_minutes, left_out=planned.left_out
    )
    return fresh, planned.lines


def next_of(lines: Sequence[AgendaLine], now: datetime.datetime) -> AgendaLine | None:
    """Whose hour has come, else the first without an hour, else the earliest; last who was tried in vain today."""
    waiting = [line for line in lines if not words.was_tried(line.parts)]
    timed = sorted((line for line in waiting if line.at), key=lambda line: (line.at, line.client_id))
    due = [line for line in timed if line.at and line.at <= now + SOON]
    return next(iter([*due, *(line for line in waiting if not line.at), *timed, *lines]), None)


# --- Rows -------------------------------------------------------------------------------------------------------


def _said() -> Any:
    clients = Client.objects.unscoped(reason="found among the visible").filter(pk__among=Later("ids"))
    return clients.values(
        "pk", "name", "social_name", "city", "uf", "owner", "owner__name", "cycle__tier", "cycle__value_12m"
    )


def _phones() -> Any:
    phones = Phone.objects.unscoped(reason="of visible clients").filter(status=Phone.Status.OK)
    return phones.filter(pk__among=Later("ids")).values("pk", "e164")


SAID, PHONES = Statement(_said), Statement(_phones)


class Scene(NamedTuple):
    """Whose day, who looks at it, when, and which day it is."""

    user: User
    viewer: User
    now: datetime.datetime
    on: datetime.date


def _rows(lines: Sequence[AgendaLine], scene: Scene) -> dict[int, Row]:
    """By client; those whom the viewer may no longer see are not among them."""
    ids = [line.client_id for line in lines]
    if not ids:
        return {}
    visible = set(Client.objects.visible_to(scene.viewer).filter(pk__among=ids).values_list("pk", flat=True))
    clients = {row["pk"]: row for row in SAID.ask(ids=ids) if row["pk"] in visible}
    numbers = [line.phone_id for line in lines if line.phone_id]
    phones = {row["pk"]: row["e164"] for row in PHONES.ask(ids=numbers)} if numbers else {}
    urls = Urls()
    return {
        line.client_id: _row(line, clients[line.client_id], phones=phones, urls=urls, scene=scene)
        for line in lines
        if line.client_id in clients
    }


def _row(line: AgendaLine, client: dict[str, Any], *, phones: dict[int, str], urls: Urls, scene: Scene) -> Row:
    pk = line.client_id
    closed = _closed(line, scene.now)
    call = "" if closed else phones.get(line.phone_id or 0, "")
    is_mail = line.channel == LogChannel.EMAIL or (line.whatsapp_id is None and line.phone_id is None)
    log_url = urls.of("contacts:log_create", pk)
    said = {"finalidade": line.purpose, "tarefa": line.task_id, "plano": line.membership_id}
    writing = {
        "canal": LogChannel.EMAIL if is_mail else LogChannel.WHATSAPP,
        "telefone": None if is_mail else line.whatsapp_id,
        "ocasiao": words.occasion_of(line.parts),
    }
    return Row(
        ref=SafeString(pk),
        name=escaped(client["social_name"] or client["name"]),
        place=escaped(_place(client)),
        tier=design.tier(client["cycle__tier"]),
        chips=SafeString("".join(_chip(*chip) for chip in words.chips_of(line.parts))),
        tip=escaped(words.sum_of(line.parts, points=float(line.points), factor=float(line.factor))),
        words=escaped(line.words),
        at=_hour(line.at, scene.on),
        cover=escaped(client["owner__name"].split(" ", 1)[0]) if client["owner"] not in (scene.user.pk, None) else "",
        closed=escaped(closed),
        url=urls.of("portfolio:client_detail", pk),
        act_url=urls.of("portfolio:agenda_act", pk),
        log_url=_with(log_url, canal=line.channel, **said),
        snooze_url=urls.of("portfolio:agenda_snooze", pk),
        links_url=_with(urls.of("contacts:contact_links", pk), finalidade=line.purpose),
        quick_url=urls.of("contacts:log_quick", pk),
        tel=tel_link(call) if call else "",
        tel_log=_with(log_url, canal=LogChannel.CALL, telefone=line.phone_id, **said, volta=1) if call else "",
        number=format_phone(call) if call else "",
        write_url=_with(urls.of("contacts:message_compose", pk), **writing, **said),
        is_mail=is_mail,
        reasons=escaped(" ".join(part["text"] for part in line.parts[:2] if part["points"])),
        channel=line.channel,
        purpose=line.purpose,
        task=str(line.task_id or ""),
        membership=str(line.membership_id or ""),
        why_out=escaped(line.why_out),
        is_message=line.channel in MESSAGES,
    )


def _with(url: str, **said: object) -> SafeString:
    query = urlencode({name: value for name, value in said.items() if value})
    return escaped(f"{url}?{query}")


def _place(client: dict[str, Any]) -> str:
    """Curitiba, PR · R$ 2.180/mês: the pace that the points count."""
    where = ", ".join(filter(None, (client["city"], client["uf"])))
    value = client["cycle__value_12m"]
    worth = _("%(amount)s/mês") % {"amount": money(value / 12)} if value else ""
    return " · ".join(filter(None, (where, worth)))


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
    logs = ContactLog.objects.unscoped(reason="of a visible client").filter(client=line.client_id, undone_at=None)
    since = timezone.make_aware(datetime.datetime.combine(on, datetime.time())) - 2 * contact_rule.SPAN
    made = logs.filter(started_at__gte=since).order_by("-started_at").values_list("started_at", flat=True)
    every = next((part["every"] for part in line.parts if "every" in part), 0)
    days = [timezone.localdate(started) for started in made[:MOST_LOGS]]
    return contact_rule.rule(days, on=on, interval=every, is_due=True)


def done_by(user: User, *, viewer: User, on: datetime.date) -> dict[int, Done]:
    """The clients contacted today, the newest first, each once with its last contact."""
    logs = agenda_days.logs_of(user, on).filter(client__in=Client.objects.visible_to(viewer))
    rows = logs.values_list(
        "pk", "client", "started_at", "note", "outcome__label", "group", "client__name", "client__social_name",
        "client__city", "client__uf", "client__cycle__tier",
    )[:MOST_DONE]  # fmt: skip
    urls = Urls()
    found: dict[int, Done] = {}
    for pk, client, started, note, outcome, group, name, social, city, uf, tier in rows:
        if client in found:
            continue
        icon = "phone-check" if group == OutcomeGroup.REACHED else "phone-x"
        found[client] = Done(
            name=escaped(social or name),
            url=urls.of("portfolio:client_detail", client),
            tier=design.tier(tier),
            place=escaped(", ".join(filter(None, (city, uf)))),
            chip=design.chip("ativa", icon, outcome, f"{timezone.localtime(started):%H:%M}"),
            note=escaped(note[:120]),
            log_url=urls.of("contacts:log_edit", pk),
        )
    return found
