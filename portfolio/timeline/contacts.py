"""Contacts, the mails they sent, what was promised, and plans, in the timeline."""

import datetime
from itertools import accumulate
from typing import Any, Final

from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from brazil.phones import format_phone
from contacts.correspondent import KINDS
from contacts.models import (
    ContactLog,
    Direction,
    LogChannel,
    OutcomeGroup,
    PlanMembership,
    Task,
)
from core.addresses import address
from core.statements import Later
from core.templatetags.formats import day, moment
from jobs.models import OutboxMessage
from portfolio.timeline.entry import (
    VISIBLE,
    Entry,
    Rank,
    Reader,
    Said,
    Source,
    View,
    joined,
    read_day,
    read_moment,
)

WRITTEN: Final = (LogChannel.WHATSAPP, LogChannel.SMS, LogChannel.EMAIL)
SHOWN_DIGITS: Final = 4
ICONS: Final = {
    LogChannel.CALL: "phone-check",
    LogChannel.WHATSAPP: "brand-whatsapp",
    LogChannel.SMS: "device-mobile",
    LogChannel.EMAIL: "mail",
    LogChannel.VISIT: "map-pin",
    LogChannel.MEETING: "users",
    LogChannel.IN_PERSON: "building",
}
# How a mail stands: chip ground of each state that is worth a word.
MAIL_TONES: Final = {
    OutboxMessage.State.QUEUED: "renova",
    OutboxMessage.State.SENDING: "renova",
    OutboxMessage.State.SENT: "ativa",
    OutboxMessage.State.FAILED: "danger",
    OutboxMessage.State.UNKNOWN: "danger",
    OutboxMessage.State.CANCELLED: "inativa",
}
# What nobody can take back any more.
LEFT: Final = (OutboxMessage.State.SENDING, OutboxMessage.State.SENT, OutboxMessage.State.UNKNOWN)


# --- Contacts ---------------------------------------------------------------------------------------------------


def _logs() -> QuerySet[Any]:
    """What was undone has not happened."""
    return ContactLog.objects.unscoped(reason=VISIBLE).filter(client=Later("client"), undone_at=None)


def _log_said() -> dict[str, Any]:
    corrections = ContactLog.objects.unscoped(reason=VISIBLE).filter(corrects=OuterRef("pk"), undone_at=None)
    mails = OutboxMessage.objects.filter(kind__in=KINDS.values(), subject_id=OuterRef("pk")).order_by("-pk")
    plain = ("channel", "direction", "group", "detail", "note", "used", "seconds", "is_highlight", "next_on", "next_at")
    return {
        **{name: name for name in (*plain, "created_at")},
        "by": "by_id",
        "author": "by__name",
        "person": "person__name",
        "outcome": "outcome__label",
        "corrects": "corrects_id",
        "first_at": "corrects__started_at",
        "first_outcome": "corrects__outcome__label",
        "first_author": "corrects__by__name",
        "is_corrected": Exists(corrections),
        "mail": Subquery(mails.values("state")[:1]),
        "receipt": Subquery(mails.values("receipt")[:1]),
    }


def _log(said: Said, at: datetime.datetime, reader: Reader) -> Entry:
    channel = LogChannel(said["channel"])
    mark, mark_tone = _mark(said)
    return Entry(
        at,
        Rank.CONTACT,
        said["pk"],
        _icon(channel, said["group"]),
        _title(said, str(channel.label)),
        strong=_outcome(said),
        meta=_meta(said),
        body=said["note"],
        tone=_tone(channel, said["group"]),
        timed=True,
        mark=mark,
        mark_tone=mark_tone,
        is_highlight=said["is_highlight"],
        **_acts(said, reader),
    )


def _title(said: Said, channel: str) -> str:
    title = _("%(channel)s do cliente") % {"channel": channel} if said["direction"] == Direction.IN else channel
    return _("Correção, %(what)s:") % {"what": title.lower()} if said["corrects"] else f"{title}:"


def _outcome(said: Said) -> str:
    return f"{said['outcome']}: {said['detail']}" if said["detail"] else str(said["outcome"])


def _meta(said: Said) -> str:
    return joined(
        said["author"],
        _("com %(person)s") % {"person": said["person"]} if said["person"] else "",
        masked(said["used"]),
        _length(said["seconds"]),
        _next(said),
        _corrected(said) if said["corrects"] else "",
    )


def _next(said: Said) -> str:
    if said["next_at"]:
        return _("próximo: %(when)s") % {"when": moment(read_moment(said["next_at"]))}
    on = read_day(said["next_on"])
    return _("próximo: %(when)s") % {"when": day(on)} if on else ""


def _corrected(said: Said) -> str:
    return _("no lugar de “%(outcome)s”, registrado por %(author)s em %(when)s") % {
        "outcome": said["first_outcome"],
        "author": said["first_author"],
        "when": moment(read_moment(said["first_at"])),
    }


def _length(seconds: int | None) -> str:
    if not seconds:
        return ""
    minutes = max(round(seconds / 60), 1)
    return ngettext("%(count)s minuto", "%(count)s minutos", minutes) % {"count": minutes}


def masked(used: str) -> str:
    """(47) •••••-0456; j•••@exemplo.com.br: enough to recognise, too little to copy."""
    if not used:
        return ""
    if "@" in used:
        return OutboxMessage(recipient=used).masked_recipient
    shown = format_phone(used)
    area, _space, number = shown.partition(" ") if shown.startswith("(") else ("", "", shown)
    kept = sum(letter.isdigit() for letter in number) - SHOWN_DIGITS
    seen = accumulate(letter.isdigit() for letter in number)
    hidden = "".join(
        "•" if letter.isdigit() and place <= kept else letter for letter, place in zip(number, seen, strict=True)
    )
    return f"{area} {hidden}".strip()


def _icon(channel: LogChannel, group: str) -> str:
    if group == OutcomeGroup.BLOCKED:
        return "ban"
    if channel == LogChannel.CALL and group != OutcomeGroup.REACHED:
        return "phone-x" if group == OutcomeGroup.NOT_REACHED else "phone-off"
    return ICONS[channel]


def _tone(channel: LogChannel, group: str) -> str:
    """Made, failed; a message that nobody answered yet is waited for."""
    if group == OutcomeGroup.REACHED:
        return "ok"
    return "wait" if group == OutcomeGroup.NOT_REACHED and channel in WRITTEN else "bad"


def _mark(said: Said) -> tuple[str, str]:
    if said["is_corrected"]:
        return _("Corrigido"), "inativa"
    if said["mail"]:
        state = OutboxMessage.State(said["mail"])
        label = OutboxMessage.Receipt(said["receipt"]).label if said["receipt"] else state.label
        return str(label), MAIL_TONES[state]
    return "", "line"


def _acts(said: Said, reader: Reader) -> dict[str, str]:
    """One's own inside the window; after it a correction may stand beside."""
    if not reader.may_contact:
        return {}
    if reader.may_mend(by=said["by"], written_at=datetime.datetime.fromisoformat(said["created_at"])):
        undo_url = "" if said["mail"] in LEFT else address("contacts:log_undo", said["pk"])
        return {"edit_url": address("contacts:log_edit", said["pk"]), "undo_url": undo_url}
    return {"correct_url": "" if said["is_corrected"] else address("contacts:log_correct", said["pk"])}


# --- Tasks and plans --------------------------------------------------------------------------------------------


def _tasks() -> QuerySet[Any]:
    """Those that a contact promised stand in its own entry."""
    return Task.objects.unscoped(reason=VISIBLE).filter(client=Later("client"), from_log=None)


def _done_tasks() -> QuerySet[Any]:
    """Those that a contact kept stand in its own entry."""
    done = Task.objects.unscoped(reason=VISIBLE).filter(client=Later("client"), done_at__isnull=False)
    return done.filter(done_log=None)


def _task(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    when = moment(read_moment(said["due_at"])) if said["due_at"] else day(read_day(said["due_on"]))
    mark = _("Cancelada") if said["is_cancelled"] else ""
    meta = joined(said["author"], _("para %(when)s") % {"when": when})
    kind = str(Task.Kind(said["kind"]).label)
    return Entry(
        at,
        Rank.TASK,
        said["pk"],
        "calendar-plus",
        f"{kind}:",
        said["title"],
        meta,
        said["note"],
        timed=True,
        mark=mark,
        mark_tone="inativa",
    )


def _task_done(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    return Entry(
        at, Rank.TASK_DONE, said["pk"], "checks", _("Fez:"), said["title"], said["author"] or "", tone="ok", timed=True
    )


def _memberships() -> QuerySet[Any]:
    return PlanMembership.objects.unscoped(reason=VISIBLE).filter(client=Later("client"))


def _left_memberships() -> QuerySet[Any]:
    return _memberships().filter(ended_at__isnull=False)


def _plan(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    by = said["author"] or _("Automático")
    return Entry(at, Rank.PLAN, said["pk"], "target-arrow", _("Entrou no plano"), said["plan"], by, timed=True)


def _plan_left(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    is_finished = said["state"] == PlanMembership.State.FINISHED
    title = _("Concluiu o plano") if is_finished else _("Saiu do plano")
    tone = "ok" if is_finished else ""
    return Entry(
        at, Rank.PLAN_LEFT, said["pk"], "target-arrow", title, said["plan"], said["reason"], tone=tone, timed=True
    )


SOURCES = (
    Source(Rank.CONTACT, View.CONTACTS, _logs, "started_at", _log_said(), _log),
    Source(
        Rank.TASK,
        View.CONTACTS,
        _tasks,
        "created_at",
        {
            **{name: name for name in ("kind", "title", "note", "due_on", "due_at", "is_cancelled")},
            "author": "created_by__name",
        },
        _task,
    ),
    Source(
        Rank.TASK_DONE, View.CONTACTS, _done_tasks, "done_at", {"title": "title", "author": "done_by__name"}, _task_done
    ),
    Source(
        Rank.PLAN,
        View.CONTACTS,
        _memberships,
        "started_at",
        {"plan": "plan__name", "author": "started_by__name"},
        _plan,
    ),
    Source(
        Rank.PLAN_LEFT,
        View.CONTACTS,
        _left_memberships,
        "ended_at",
        {"plan": "plan__name", "state": "state", "reason": "end_reason"},
        _plan_left,
    ),
)
