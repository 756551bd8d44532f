"""The background half of an import; every function goes on where it was killed."""

from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from imports import checking, running, undoing
from imports.models import ImportBatch
from imports.work import InJob
from jobs.registry import handler
from jobs.running import Run

REASON = "the job acts for the importer, whose rights each step checks"


def batch_of(run: Run) -> ImportBatch | None:
    batches = ImportBatch.objects.unscoped(reason=REASON).select_related("created_by__team")
    return batches.filter(pk=run.payload["batch"]).first()


@handler("import_check", label=_("Conferir planilha"))
def check(run: Run) -> None:
    batch = batch_of(run)
    if batch is not None and batch.state == "mapped":
        checking.check(batch, InJob(run))


@handler("import_run", label=_("Importar planilha"))
def write(run: Run) -> None:
    batch = batch_of(run)
    if batch is not None and batch.state == "running":
        running.run(batch, InJob(run))


@handler("import_undo", label=_("Desfazer importação"))
def undo(run: Run) -> None:
    batch = batch_of(run)
    if batch is None:
        return
    by = run.job.created_by or batch.created_by
    try:
        with run.chunk():
            undoing.undo(batch, by=by)
    except undoing.UndoBlockedError as error:
        with run.chunk():
            remember_blocked(batch, error.blocked)


def remember_blocked(batch: ImportBatch, blocked: undoing.Blocked) -> None:
    ImportBatch.objects.unscoped(reason=REASON).filter(pk=batch.pk).update(error=blocked_text(blocked))


def blocked_text(blocked: undoing.Blocked) -> str:
    text = ngettext(
        "%(total)s registro já foi usado ou alterado; nada foi desfeito.",
        "%(total)s registros já foram usados ou alterados; nada foi desfeito.",
        blocked.total,
    ) % {"total": blocked.total}
    return f"{text} {', '.join(blocked.names)}".strip()[:300]
