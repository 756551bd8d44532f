"""Imported lists of numbers that want no offers: kept, loaded, asked. A load replaces its list whole, or not at all."""

import datetime
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.files import File
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from contacts.gate_facts import LISTS, rows
from contacts.models import BlockList, ContactSettings
from contacts.models.rules import BlockListLoad
from jobs.models import Job
from jobs.queue import enqueue
from people import activity
from people.models import User

LOAD_JOB: Final = "block_list_load"
REMOVE_JOB: Final = "block_list_remove"
MIB: Final = 1024 * 1024
# Of its loads a list keeps the newest: who must show what was loaded when finds it in the history.
KEPT_LOADS: Final = 12


class FileRefusedError(ValueError):
    """The file is not taken; its text says why."""


@transaction.atomic
def save(block_list: BlockList, *, by: User, values: dict[str, Any]) -> BlockList:
    """Adds or changes a list; its numbers stay."""
    before = {name: str(getattr(block_list, name)) for name in values} if block_list.pk else {}
    for name, value in values.items():
        setattr(block_list, name, value)
    verb = "block_list_changed" if block_list.pk else "block_list_added"
    block_list.save()
    ContactSettings.note_new_rules()
    changes = {name: [before.get(name, ""), str(value)] for name, value in values.items()}
    activity.record(verb, block_list, by=by, **{k: v for k, v in changes.items() if v[0] != v[1]})
    return block_list


def ask_removal(block_list: BlockList, *, by: User) -> Job:
    """In the background: a million numbers take longer than a page may. Until it is done they stay blocked."""
    return enqueue(REMOVE_JOB, {"list": block_list.pk}, by=by)


@transaction.atomic
def remove(block_list: BlockList, *, by: User | None) -> None:
    """The list goes with its numbers, and they may be offered to again. A load that runs ends first."""
    BlockList.objects.select_for_update().get(pk=block_list.pk)
    activity.record("block_list_removed", block_list, by=by, name=block_list.name, numbers=block_list.numbers)
    forget(list(block_list.loads.all()))
    block_list.delete()
    ContactSettings.note_new_rules()


@transaction.atomic
def receive(upload: File[bytes], block_list: BlockList, *, by: User) -> BlockListLoad:
    """Keeps the file and asks for its loading. Raises FileRefusedError, and then nothing is kept."""
    BlockList.objects.select_for_update().get(pk=block_list.pk)
    if not upload.size:
        raise FileRefusedError(_("O arquivo está vazio. Escolha outro."))
    if upload.size > settings.SPREADSHEET_MAX_BYTES:
        limit = settings.SPREADSHEET_MAX_BYTES // MIB
        raise FileRefusedError(_("O arquivo passa de {limit} MB. Divida em partes menores.").format(limit=limit))
    _end_what_died(block_list)
    load = BlockListLoad(
        block_list=block_list, original_name=_name_of(upload), size=upload.size, created_by=by, lines=0
    )
    load.file.save("", upload, save=False)
    load.save()
    load.job_id = enqueue(LOAD_JOB, {"load": load.pk}, by=by).pk
    load.save(update_fields=["job_id"])
    activity.record("block_list_sent", block_list, by=by, load=load.pk, size=load.size)
    return load


def _name_of(upload: File[bytes]) -> str:
    """Only for people to recognise their file: never a path, never too long."""
    name = Path((upload.name or "").replace("\\", "/")).name
    return "".join(char for char in name if char.isprintable())[-200:] or "lista"


def _end_what_died(block_list: BlockList) -> None:
    """One load at a time; one whose job has ended without it never ends by itself."""
    for load in block_list.loads.filter(state=BlockListLoad.State.WAITING):
        job = Job.objects.filter(pk=load.job_id or 0).first()
        if job is not None and job.is_unfinished:
            raise FileRefusedError(_("Esta lista está sendo carregada agora. Espere terminar."))
        refuse(load, _("O carregamento parou por erro; a lista ficou como estava."))


def refuse(load: BlockListLoad, reason: str) -> None:
    load.state, load.error, load.finished_at = BlockListLoad.State.REFUSED, reason, timezone.now()
    load.save()


def forget_older(block_list: BlockList) -> None:
    """What was loaded long ago: the activity log still tells of it."""
    forget(list(block_list.loads.all()[KEPT_LOADS:]))


def forget(loads: list[BlockListLoad]) -> None:
    """Their files leave the disk once nothing points at them."""
    BlockListLoad.objects.filter(pk__in=[load.pk for load in loads]).delete()
    files = [(file.storage, file.name) for load in loads for file in (load.file, load.problems) if file]

    def delete() -> None:
        for storage, name in files:
            storage.delete(name or "")

    transaction.on_commit(delete)


def lists_with(e164: str) -> list[tuple[str, str, datetime.date, bool]]:
    """Name, source, since and whether service too, of each list that holds the number."""
    return [(name, source, since, service) for _number, name, source, since, service in rows(LISTS, values=[e164])]
