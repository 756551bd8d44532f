"""What is promised, planned or due for one client, and which of it comes next: each client has exactly one action."""

import datetime
from typing import Any, Final, NamedTuple

from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.formats import date_format
from django.utils.http import urlencode
from django.utils.translation import gettext_lazy

from contacts import intervals
from contacts.models import ContactSettings, LogChannel, Task
from core.addresses import address
from core.phrases import gettext as _
from core.templatetags.formats import day

VERBS: Final = {
    LogChannel.CALL: gettext_lazy("Ligar"),
    LogChannel.WHATSAPP: gettext_lazy("Escrever no WhatsApp"),
    LogChannel.SMS: gettext_lazy("Enviar SMS"),
    LogChannel.EMAIL: gettext_lazy("Escrever um e-mail"),
    LogChannel.VISIT: gettext_lazy("Visitar"),
}


class Job(NamedTuple):
    """A task or callback of the client."""

    pk: int
    title: str
    kind: str
    channel: str
    due_on: datetime.date
    due_at: datetime.datetime | None
    note: str
    assignee: str
    is_promise: bool
    is_done: bool
    done_on: datetime.date | None

    def is_late(self, now: datetime.datetime) -> bool:
        has_passed = self.due_at is not None and self.due_at < now
        return not self.is_done and (has_passed or self.due_on < timezone.localdate(now))

    @property
    def when(self) -> str:
        hour = f", {timezone.localtime(self.due_at):%H:%M}" if self.due_at else ""
        return f"{day(self.due_on)}{hour}"


class Member(NamedTuple):
    """A plan the client is in, and the step before it."""

    pk: int
    plan: str
    is_active: bool
    step: str
    channel: str
    due_on: datetime.date | None
    attempts: int

    @property
    def means(self) -> str:
        return str(LogChannel(self.channel).label) if self.channel else ""


class Interval(NamedTuple):
    """How often the tier asks for a conversation, and when the next one is due."""

    days: int
    spoken_on: datetime.date | None
    due_on: datetime.date

    def days_left(self, on: datetime.date) -> int:
        return (self.due_on - on).days


class NextAction(NamedTuple):
    """`log_url` registers the contact that keeps it, `put_off_url` moves it to another day."""

    text: str
    what: str
    when: str
    detail: str
    due_on: datetime.date
    is_late: bool
    log_url: str
    put_off_url: str
    is_due: bool
    # Who is put off altogether leaves for Meu dia; a promise moves in place.
    is_promise: bool = False


def read_jobs(rows: list[dict[str, Any]]) -> list[Job]:
    return [
        Job(
            row["id"],
            row["title"],
            row["kind"],
            row["channel"],
            datetime.date.fromisoformat(row["due_on"]),
            parse_datetime(row["due_at"]) if row["due_at"] else None,
            row["note"],
            row["assignee"] or "",
            row["from_log"] is not None,
            row["done_at"] is not None,
            _local_date(row["done_at"]),
        )
        for row in rows
    ]


def read_members(rows: list[dict[str, Any]]) -> list[Member]:
    return [
        Member(
            row["id"],
            row["plan"],
            row["is_active"],
            row["step"] or "",
            row["channel"] or "",
            datetime.date.fromisoformat(row["due_on"]) if row["due_on"] else None,
            row["attempts"],
        )
        for row in rows
    ]


def _local_date(text: str | None) -> datetime.date | None:
    return timezone.localdate(datetime.datetime.fromisoformat(text)) if text else None


def interval_of(client: Any, settings: ContactSettings) -> Interval | None:
    """None for who has no tier, or a tier without an interval."""
    tier = client.cycle.tier if getattr(client, "cycle", None) else ""
    days = intervals.days_by_tier(settings)
    spoken_on = timezone.localdate(client.reached_at) if client.reached_at else None
    due_on = intervals.due_on(spoken_on or timezone.localdate(client.created_at), tier, days)
    return Interval(days[tier], spoken_on, due_on) if due_on else None


def next_action(client: Any, interval: Interval | None, *, now: datetime.datetime) -> NextAction | None:
    """What is due comes before what is not: promises, then plans, then the interval. Else whatever comes first."""
    if client.deceased_on:
        return None
    today = timezone.localdate(now)
    found = [*_promised(client, today, now), *_planned(client, today), *_regular(client, interval, today)]
    due = [action for action in found if action.is_due]
    return due[0] if due else min(found, key=lambda action: action.due_on, default=None)


def _promised(client: Any, today: datetime.date, now: datetime.datetime) -> list[NextAction]:
    return [_of_job(client, job, today, now) for job in client.jobs if not job.is_done]


def _of_job(client: Any, job: Job, today: datetime.date, now: datetime.datetime) -> NextAction:
    verb = VERBS.get(LogChannel(job.channel)) if job.channel and job.is_promise else None
    hour = f", {timezone.localtime(job.due_at):%H:%M}" if job.due_at else ""
    kind = Task.Kind(job.kind).label
    return NextAction(
        *_told(str(verb or job.title), job.due_on, today, hour),
        detail=job.note or str(kind),
        due_on=job.due_on,
        is_late=job.is_late(now),
        log_url=log_url(client, canal=job.channel, tarefa=job.pk),
        put_off_url=address("contacts:task_edit", job.pk),
        is_due=job.due_on <= today,
        is_promise=True,
    )


def _planned(client: Any, today: datetime.date) -> list[NextAction]:
    """Of plans in use, the step on its day, or on the day until which the client was put off."""
    found = []
    for member in client.members:
        if member.is_active and member.due_on:
            on = max(member.due_on, client.put_off_until or member.due_on)
            told = _told(member.step, on, today)
            detail = _("Plano %(plan)s") % {"plan": member.plan}
            url = log_url(client, canal=member.channel, plano=member.pk)
            found.append(NextAction(*told, detail, on, on < today, url, _put_off_url(client), on <= today))
    return sorted(found, key=lambda action: action.due_on)


def _regular(client: Any, interval: Interval | None, today: datetime.date) -> list[NextAction]:
    if interval is None:
        return []
    on = max(interval.due_on, client.put_off_until or interval.due_on)
    told = _told(_("Falar com o cliente"), on, today)
    detail = _("A faixa %(tier)s pede um contato a cada %(days)s dias") % {
        "tier": client.cycle.tier,
        "days": interval.days,
    }
    return [NextAction(*told, detail, on, on < today, log_url(client), _put_off_url(client), on <= today)]


def _put_off_url(client: Any) -> str:
    return address("portfolio:agenda_snooze", client.pk)


def log_url(client: Any, **said: str | int) -> str:
    """The dialog that asks how it went."""
    query = urlencode({name: value for name, value in said.items() if value})
    url = address("contacts:log_create", client.pk)
    return f"{url}?{query}" if query else url


def _told(what: str, on: datetime.date, today: datetime.date, hour: str = "") -> tuple[str, str, str]:
    """In one sentence, and in its two parts: Mandar a proposta: era para 8 mar"""
    when = f"{_when(on, today)}{hour}"
    return f"{what}: {when}" if on < today else f"{what} {when}", what, when


def _when(on: datetime.date, today: datetime.date) -> str:
    """hoje; amanhã; quarta-feira; em 5 dez; what is late says the day it was due."""
    ahead = (on - today).days
    if ahead < 0:
        return _("era para %(day)s") % {"day": day(on)}
    if ahead <= 1:
        return _("amanhã") if ahead else _("hoje")
    return date_format(on, "l").lower() if ahead < 6 else _("em %(day)s") % {"day": day(on)}
