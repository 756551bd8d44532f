"""What was written down about a client: owners, imports, consents, notes and files, and the day it came."""

import datetime
from typing import Any, Final

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef, QuerySet
from django.utils.translation import gettext as _

from clients.models import Channel, Client, Consent, DistributionReason, OptOut, Ownership, Purpose
from contacts.models import Attachment, ClientNote
from core.statements import Later
from imports.models import BatchKind, Effect, ImportRow, State
from portfolio.timeline.entry import VISIBLE, Entry, Rank, Reader, Said, Source, View, joined

# What a run did to a client that is worth telling.
EFFECTS: Final = (Effect.CREATED, Effect.FILLED, Effect.UPDATED)


def birth(client: Client) -> Entry:
    by = _("por %(name)s") % {"name": client.created_by} if client.created_by else ""
    meta = joined(by, _("origem: %(source)s") % {"source": client.source} if client.source else "")
    return Entry(client.created_at, Rank.BIRTH, client.pk, "user-plus", _("Entrou no Carteira"), meta=meta, timed=True)


def _ownerships() -> QuerySet[Any]:
    return Ownership.objects.unscoped(reason=VISIBLE).filter(client=Later("client"))


def _ownership(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    by = _("por %(name)s") % {"name": said["author"]} if said["author"] else ""
    meta = joined(DistributionReason(said["reason"]).label, by)
    title = _("Passou para a carteira de")
    return Entry(at, Rank.OWNERSHIP, said["pk"], "users", title, said["owner"], meta, said["note"], timed=True)


def _imports() -> QuerySet[Any]:
    """Rows of files whose work still stands."""
    rows = ImportRow.objects.unscoped(reason=VISIBLE).filter(record_id=Later("client"), effect__in=EFFECTS)
    return rows.filter(batch__kind=BatchKind.CLIENTS, batch__finished_at__isnull=False, batch__state=State.DONE)


def _import(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    title = _("Criado pela planilha") if said["effect"] == Effect.CREATED else _("Atualizado pela planilha")
    meta = joined(_("linha %(line)s") % {"line": said["line"]}, said["author"], said["source"])
    return Entry(at, Rank.IMPORT, said["pk"], "file-spreadsheet", title, said["file"], meta, timed=True)


def _consents() -> QuerySet[Any]:
    return Consent.objects.unscoped(reason=VISIBLE).filter(client=Later("client"))


def _consent(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    title = _("Autorizou") if said["granted"] else _("Negou")
    icon, tone = ("circle-check", "ok") if said["granted"] else ("circle-x", "bad")
    meta = joined(said["source"], said["author"])
    return Entry(at, Rank.CONSENT, said["pk"], icon, title, _wish(said), meta, tone=tone, timed=True)


def _opt_outs() -> QuerySet[Any]:
    return OptOut.objects.unscoped(reason=VISIBLE).filter(client=Later("client"))


def _opt_out(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    meta = joined(said["reason"], said["author"])
    return Entry(
        at, Rank.OPT_OUT, said["pk"], "ban", _("Pediu para não contatar:"), _wish(said), meta, tone="bad", timed=True
    )


def _wish(said: Said) -> str:
    channel, purpose = Channel(said["channel"]).label, Purpose(said["purpose"]).label
    return f"{channel}, {purpose.lower()}"


def _notes() -> QuerySet[Any]:
    return ClientNote.objects.unscoped(reason=VISIBLE).filter(client=Later("client"))


def _note_said() -> dict[str, Any]:
    mentions = ClientNote.mentions.through.objects.filter(clientnote=OuterRef("pk")).order_by("pk")
    return {
        "text": "text",
        "is_highlight": "is_highlight",
        "author": "by__name",
        "mentions": ArraySubquery(mentions.values("user__name")),
    }


def _note(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    told = _("avisou %(names)s") % {"names": ", ".join(said["mentions"])} if said["mentions"] else ""
    return Entry(
        at,
        Rank.NOTE,
        said["pk"],
        "notes",
        _("Anotação de"),
        said["author"],
        told,
        said["text"],
        timed=True,
        is_highlight=said["is_highlight"],
    )


def _files() -> QuerySet[Any]:
    return Attachment.objects.unscoped(reason=VISIBLE).filter(client=Later("client"), removed_at=None)


def _file(said: Said, at: datetime.datetime, _reader: Reader) -> Entry:
    return Entry(at, Rank.FILE, said["pk"], "download", _("Guardou"), said["name"], said["author"], timed=True)


SOURCES = (
    Source(
        Rank.OWNERSHIP,
        View.ALL,
        _ownerships,
        "since",
        {"owner": "owner__name", "author": "by__name", "reason": "reason", "note": "note"},
        _ownership,
    ),
    Source(
        Rank.IMPORT,
        View.ALL,
        _imports,
        "batch__finished_at",
        {
            "effect": "effect",
            "line": "line",
            "file": "batch__original_name",
            "source": "batch__source",
            "author": "batch__created_by__name",
        },
        _import,
    ),
    Source(
        Rank.CONSENT,
        View.ALL,
        _consents,
        "at",
        {
            **{name: name for name in ("channel", "purpose", "granted", "source")},
            "author": "by__name",
        },
        _consent,
    ),
    Source(
        Rank.OPT_OUT,
        View.ALL,
        _opt_outs,
        "at",
        {**{name: name for name in ("channel", "purpose", "reason")}, "author": "by__name"},
        _opt_out,
    ),
    Source(Rank.NOTE, View.NOTES, _notes, "at", _note_said(), _note),
    Source(Rank.FILE, View.NOTES, _files, "at", {"name": "name", "author": "by__name"}, _file),
)
