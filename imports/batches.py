"""The life of a batch: received, mapped, checked, started, interrupted, discarded."""

import hashlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files import File
from django.db import IntegrityError, transaction
from django.db.models import Sum
from django.utils.translation import gettext_lazy as _

from imports import checking, running
from imports.headings import Guess, UnknownColumnError, chosen_columns, guess, mapping_of
from imports.models import ImportBatch, ImportRow, SavedMapping, State
from imports.reading import Reading, inspect
from imports.refusals import MESSAGES, FileRefusedError
from imports.work import AtOnce
from jobs.models import Job
from jobs.queue import enqueue
from people import activity
from people.models import User

MIB = 1024 * 1024
QUOTA = 2_048 * MIB
INLINE_ROWS = 2_000
SAMPLE_ROWS = 20
CONFERABLE = (State.UPLOADED, State.CHECKED, State.FAILED)
DISCARDABLE = (State.UPLOADED, State.MAPPED, State.CHECKED, State.FAILED)
STARTABLE = (State.CHECKED, State.INTERRUPTED)
MESSAGES["quota"] = _("Seus arquivos guardados passam de %(limit)s MB. Descarte importações que não usa mais.")


class NotNowError(Exception):
    """The batch is in a state where this can't be done."""


class AlreadyRunningError(Exception):
    """The same file is being imported right now."""


def receive(upload: File[bytes], *, kind: str, by: User, source: str = "", name: str = "") -> ImportBatch:
    """Keeps the file and reads its head. Raises FileRefusedError, and then nothing is kept."""
    check_size(upload, by)
    batch = ImportBatch(
        kind=kind, created_by=by, source=source[:80], original_name=original_name(name or upload.name or ""),
        size=upload.size, sha256=sha256_of(upload),
    )  # fmt: skip
    batch.file.save("", upload, save=False)
    try:
        look_at(batch)
        with transaction.atomic():
            batch.save()
            activity.record("import_uploaded", batch, by=by, kind=kind, size=batch.size)
    except BaseException:
        batch.file.delete(save=False)
        raise
    return batch


def check_size(upload: File[bytes], by: User) -> None:
    limit = settings.SPREADSHEET_MAX_BYTES
    if not upload.size:
        raise FileRefusedError("empty_file")
    if upload.size > limit:
        raise FileRefusedError("file_too_large", limit=limit // MIB)
    mine = ImportBatch.objects.visible_to(by).filter(created_by=by).aggregate(total=Sum("size"))["total"] or 0
    if mine + upload.size > QUOTA:
        raise FileRefusedError("quota", limit=QUOTA // MIB)


def original_name(name: str) -> str:
    """Only for people to recognise their file: never a path, never too long."""
    plain = "".join(char for char in Path(name.replace("\\", "/")).name if char.isprintable())
    return plain[-200:] or "planilha"


def sha256_of(upload: File[bytes]) -> str:
    digest = hashlib.sha256()
    for chunk in upload.chunks():
        digest.update(chunk)
    upload.seek(0)
    return digest.hexdigest()


def look_at(batch: ImportBatch, **choices: str) -> None:
    """Reads header, sample and count, and proposes a mapping."""
    with inspect(Path(batch.file.path), batch.kind, **choices) as reading:  # type: ignore[arg-type]
        batch.table, batch.records = reading.table, reading.total
        batch.sample = sample_of(reading)
    batch.mapping = {str(column): field for column, field in proposed(batch).items()}


def sample_of(reading: Reading) -> list[list[str]]:
    rows = (list(record.cells) for record in reading.records())
    return [row for row in rows if any(row)][:SAMPLE_ROWS]


def reread(batch: ImportBatch, *, encoding: str = "", sheet: str = "") -> None:
    """With another encoding or sheet than the one found; raises FileRefusedError."""
    look_at(batch, encoding=encoding, sheet=sheet)
    changed = ImportBatch.objects.of_state(batch, CONFERABLE).update(
        table=batch.table, records=batch.records, sample=batch.sample, mapping=batch.mapping,
        state=State.UPLOADED, round=batch.round + 1,
    )  # fmt: skip
    if not changed:
        raise NotNowError


# --- Mapping -----------------------------------------------------------------------------------------


def guesses_of(batch: ImportBatch) -> dict[int, Guess]:
    return guess(batch.kind, batch.table["header"], batch.sample)  # type: ignore[arg-type]


def proposed(batch: ImportBatch) -> dict[int, str]:
    """The mapping saved for this source, or one whose headings all stand in the file; else the guess."""
    saved = saved_mapping(batch)
    if saved is not None:
        return mapping_of(guesses_of(batch)) | saved
    return mapping_of(guesses_of(batch))


def saved_mapping(batch: ImportBatch) -> dict[int, str] | None:
    header = batch.table["header"]
    known = SavedMapping.objects.filter(kind=batch.kind)
    for saved in sorted(known, key=lambda saved: (saved.source != batch.source, -saved.saved_at.timestamp())):
        mapping = {heading: field for heading, field in saved.mapping.items() if field}
        try:
            found = chosen_columns(batch.kind, header, mapping)  # type: ignore[arg-type]
        except UnknownColumnError:
            continue
        left_out = {column: "" for column, heading in enumerate(header) if saved.mapping.get(heading) == ""}
        return found | left_out
    return None


def map_columns(
    batch: ImportBatch,
    mapping: Mapping[int, str],
    options: Mapping[str, Any],
    *,
    source: str,
    remember: bool,
    by: User,
) -> None:
    """Takes the choice of the person and starts the conference: at once when small, else as a job."""
    named = {batch.table["header"][column]: field for column, field in mapping.items()}
    with transaction.atomic():
        changed = ImportBatch.objects.of_state(batch, CONFERABLE).update(
            mapping={str(column): field for column, field in mapping.items()}, options=dict(options),
            source=source,
            state=State.MAPPED, round=batch.round + 1, checked_until=0, totals={}, error="", job_id=None,
        )  # fmt: skip
        if not changed:
            raise NotNowError
        batch.refresh_from_db()
        ImportRow.objects.of(batch).delete()
        if remember and source:
            SavedMapping.remember(batch.kind, source, named, by=by)
        if batch.records > INLINE_ROWS:
            follow(batch, enqueue("import_check", {"batch": batch.pk}, by=by))
    if batch.records <= INLINE_ROWS:
        checking.check(batch, AtOnce())


def follow(batch: ImportBatch, job: Job) -> None:
    ImportBatch.objects.unscoped(reason="the batch in hand").filter(pk=batch.pk).update(job_id=job.pk)
    batch.job_id = job.pk


# --- Run ---------------------------------------------------------------------------------------------


def start(batch: ImportBatch, *, by: User, now: bool = False) -> None:
    """Runs as a job, or at once for a command. Also goes on with an interrupted one."""
    try:
        with transaction.atomic():
            states = (*STARTABLE, State.RUNNING) if is_stuck(batch) else STARTABLE
            found = ImportBatch.objects.of_state(batch, states)
            if not found.update(state=State.RUNNING, stop_requested=False, error=""):
                raise NotNowError
            activity.record("import_started", batch, by=by, kind=batch.kind)
            if not now:
                follow(batch, enqueue("import_run", {"batch": batch.pk}, by=by))
    except IntegrityError as error:
        raise AlreadyRunningError from error
    batch.refresh_from_db()
    if now:
        running.run(batch, AtOnce())


def is_stuck(batch: ImportBatch) -> bool:
    """The job gave up: it may be started again."""
    job = Job.objects.filter(pk=batch.job_id or 0).first()
    return batch.state in (State.RUNNING, State.MAPPED) and job is not None and job.state in Job.ENDED


def interrupt(batch: ImportBatch) -> None:
    """What is written stays and the rest waits; heard between two chunks."""
    stuck = is_stuck(batch)
    found = ImportBatch.objects.of_state(batch, (State.RUNNING,))
    changed = found.update(state=State.INTERRUPTED) if stuck else found.update(stop_requested=True)
    if not changed:
        raise NotNowError
    batch.refresh_from_db()


def discard(batch: ImportBatch, *, by: User) -> None:
    """Before anything was written: file, rows and batch go."""
    with transaction.atomic():
        found = ImportBatch.objects.of_state(batch, DISCARDABLE).select_for_update(of=("self",))
        if not found.exists():
            raise NotNowError
        activity.record("import_discarded", None, by=by, batch=batch.pk, kind=batch.kind)
        ImportRow.objects.of(batch).delete()
        found.delete()
        name, storage = str(batch.file.name), batch.file.storage
        transaction.on_commit(lambda: storage.delete(name))


def earlier_uploads(batch: ImportBatch, *, by: User) -> Sequence[ImportBatch]:
    """Imports of this very file that the person may see, newest first."""
    same = ImportBatch.objects.visible_to(by).kept().filter(sha256=batch.sha256, kind=batch.kind)
    return list(same.exclude(pk=batch.pk).select_related("created_by")[:3])
