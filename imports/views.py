"""The path of a spreadsheet: file, columns, conference, import, undo."""

from typing import Any

from django.contrib import messages
from django.db import transaction
from django.http import FileResponse, Http404, HttpResponse, HttpResponseBase, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import paging
from core.answers import done, go_to, invalid, is_fragment
from core.templatetags.formats import intdot
from imports import batches, reports, screens, undoing
from imports.forms import MappingForm, RereadForm, UploadForm
from imports.models import BatchKind, ImportBatch, State
from imports.refusals import FileRefusedError
from imports.tasks import blocked_text
from jobs.queue import enqueue
from people.access import UserRequest, allow
from people.roles import Permission

NEWEST_FIRST = paging.Order("enviada", "created_at", descending=True)
UNDO_AT_ONCE = 5_000
CSV_TYPE = "text/csv; charset=utf-8"
XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def batch_in_sight(request: UserRequest, pk: int) -> ImportBatch:
    found = ImportBatch.objects.visible_to(request.user).select_related("created_by__team", "undone_by")
    return get_object_or_404(found, pk=pk)


def not_now(request: UserRequest, batch: ImportBatch) -> HttpResponse:
    messages.warning(request, _("Esta importação já está em outra etapa; nada foi mudado."))
    batch.refresh_from_db()
    return go_to(request, batch.get_absolute_url())


@allow(Permission.IMPORT_FILES)
def batch_list(request: UserRequest) -> HttpResponse:
    visible = ImportBatch.objects.visible_to(request.user)
    total = visible.order_by().values("pk")[: paging.COUNT_CAP + 1].count()
    where = request.GET.get("pagina", "")
    page = paging.page_of(visible, everything=visible, order=NEWEST_FIRST, total=total, where=where)
    found = NEWEST_FIRST.sort(visible.filter(pk__in=page.ids)).select_related("created_by")
    context = {"batches": list(found), "page": page, "kinds": BatchKind.choices}
    template = "imports/batch_list.html#rows" if is_fragment(request) else "imports/batch_list.html"
    return render(request, template, context)


@allow(Permission.IMPORT_FILES, methods=("GET", "POST"))
def batch_upload(request: UserRequest) -> HttpResponse:
    form = UploadForm(request.POST or None, request.FILES or None, initial={"kind": request.GET.get("tipo")})
    context = {"form": form, "steps": screens.steps_of(None), "kinds": BatchKind.choices}
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            batch = batches.receive(chosen["file"], kind=chosen["kind"], source=chosen["source"], by=request.user)
        except FileRefusedError as refusal:
            form.add_error("file", str(refusal))
        else:
            return go_to(request, batch.get_absolute_url())
    if request.method == "POST":
        return invalid(request, "imports/batch_upload.html", context)
    return render(request, "imports/batch_upload.html", context)


@allow(Permission.IMPORT_FILES)
def batch_model(request: UserRequest, kind: str) -> HttpResponseBase:
    if kind not in BatchKind.values:
        raise Http404
    lines = reports.csv_lines(reports.model_rows(kind))
    return StreamingHttpResponse(lines, content_type=CSV_TYPE, headers=attachment(f"modelo-{kind}.csv"))


def attachment(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


@allow(Permission.IMPORT_FILES, methods=("GET", "POST"))
def batch_mapping(request: UserRequest, pk: int) -> HttpResponse:
    batch = batch_in_sight(request, pk)
    if batch.state not in batches.CONFERABLE:
        return go_to(request, batch.get_absolute_url())
    form = MappingForm(request.POST or None, batch=batch, user=request.user)
    if request.method == "POST" and form.is_valid():
        chosen = form.cleaned_data
        try:
            batches.map_columns(
                batch, form.mapping, form.options, source=chosen["source"], remember=chosen["remember"],
                by=request.user,
            )  # fmt: skip
        except batches.NotNowError:
            return not_now(request, batch)
        return go_to(request, batch.get_absolute_url())
    context = mapping_context(request, batch, form)
    if request.method == "POST":
        return invalid(request, "imports/batch_mapping.html", context)
    return render(request, "imports/batch_mapping.html", context)


def mapping_context(request: UserRequest, batch: ImportBatch, form: MappingForm) -> dict[str, Any]:
    columns = screens.columns_of(batch, form)
    return {
        "batch": batch,
        "form": form,
        "reread": RereadForm(batch=batch),
        "columns": columns,
        "known": sum(column.confidence in ("sure", "check") for column in columns),
        "steps": screens.steps_of(batch),
        "earlier": batches.earlier_uploads(batch, by=request.user),
    }


@allow(Permission.IMPORT_FILES, methods=("POST",))
def batch_reread(request: UserRequest, pk: int) -> HttpResponse:
    """The same file with another encoding or sheet."""
    batch = batch_in_sight(request, pk)
    form = RereadForm(request.POST, batch=batch)
    if batch.state not in batches.CONFERABLE:
        return not_now(request, batch)
    if not form.is_valid():
        messages.error(request, _("Escolha uma das opções da lista."))
        return go_to(request, reverse("imports:batch_mapping", args=[pk]))
    try:
        batches.reread(batch, **form.cleaned_data)
    except FileRefusedError as refusal:
        messages.error(request, str(refusal))
    except batches.NotNowError:
        return not_now(request, batch)
    return go_to(request, reverse("imports:batch_mapping", args=[pk]))


@allow(Permission.IMPORT_FILES)
def batch_check(request: UserRequest, pk: int) -> HttpResponse:
    batch = batch_in_sight(request, pk)
    if batch.state == State.MAPPED:
        return render(request, "imports/batch_detail.html", detail_context(batch))
    if batch.state != State.CHECKED:
        return go_to(request, reverse("imports:batch_detail", args=[pk]))
    plan = screens.chosen_plan(batch, request.GET.get("mostrar", ""))
    page = screens.page_of_rows(batch, plan, request.GET.get("pagina", ""))
    context = {
        "batch": batch,
        "plan": plan,
        "page": page,
        "rows": screens.lines_of(batch, page.ids),
        "headings": screens.headings_of(batch),
        "totals": screens.totals_of(batch),
    }
    if is_fragment(request):
        return render(request, "imports/batch_check.html#rows", context)
    context |= {"steps": screens.steps_of(batch), "earlier": batches.earlier_uploads(batch, by=request.user)}
    return render(request, "imports/batch_check.html", context)


@allow(Permission.IMPORT_FILES, methods=("POST",))
def batch_run(request: UserRequest, pk: int) -> HttpResponse:
    batch = batch_in_sight(request, pk)
    try:
        batches.start(batch, by=request.user)
    except batches.NotNowError:
        return not_now(request, batch)
    except batches.AlreadyRunningError:
        messages.warning(request, _("Este mesmo arquivo está sendo importado agora. Espere ele terminar."))
    return go_to(request, batch.get_absolute_url())


@allow(Permission.IMPORT_FILES)
def batch_detail(request: UserRequest, pk: int) -> HttpResponse:
    batch = batch_in_sight(request, pk)
    if batch.state in {State.UPLOADED, State.CHECKED}:
        return go_to(request, batch.get_absolute_url())
    return render(request, "imports/batch_detail.html", detail_context(batch))


def detail_context(batch: ImportBatch) -> dict[str, Any]:
    return {
        "batch": batch,
        "steps": screens.steps_of(batch),
        "progress": screens.progress_of(batch),
        "effects": screens.effects_of(batch),
        "is_moving": batch.state in {State.MAPPED, State.RUNNING},
        "rejected": batch.totals.get("plans", {}).get("reject", 0),
        "taken_back": sum(batch.totals.get("effects", {}).get(name, 0) for name in ("created", "filled", "updated")),
    }


@allow(Permission.IMPORT_FILES)
def batch_progress(request: UserRequest, pk: int) -> HttpResponse:
    """Asked every two seconds while something moves; then it leads to the page of the result."""
    batch = batch_in_sight(request, pk)
    context = detail_context(batch)
    if context["is_moving"] and is_fragment(request):
        return render(request, "imports/batch_detail.html#progress", context)
    return go_to(request, batch.get_absolute_url())


@allow(Permission.IMPORT_FILES)
def batch_rejects(request: UserRequest, pk: int) -> HttpResponseBase:
    batch = batch_in_sight(request, pk)
    rows = reports.rejected_rows(batch)
    if request.GET.get("formato") == "xlsx":
        file = reports.xlsx_file(rows)
        return FileResponse(file, as_attachment=True, filename=f"corrigir-{pk}.xlsx", content_type=XLSX_TYPE)
    lines = reports.csv_lines(rows)
    return StreamingHttpResponse(lines, content_type=CSV_TYPE, headers=attachment(f"corrigir-{pk}.csv"))


@allow(Permission.IMPORT_FILES, methods=("POST",))
def batch_undo(request: UserRequest, pk: int) -> HttpResponse:
    batch = batch_in_sight(request, pk)
    if not batch.may_be_undone:
        return not_now(request, batch)
    if batch.records > UNDO_AT_ONCE:
        enqueue("import_undo", {"batch": batch.pk}, by=request.user)
        return done(request, _("Importação sendo desfeita."), url=batch.get_absolute_url())
    try:
        with transaction.atomic():
            total = undoing.undo(batch, by=request.user)
    except undoing.UndoBlockedError as error:
        messages.error(request, blocked_text(error.blocked))
        return go_to(request, batch.get_absolute_url())
    text = ngettext("Importação desfeita: %(total)s registro.", "Importação desfeita: %(total)s registros.", total)
    return done(request, text % {"total": intdot(total)}, url=batch.get_absolute_url())


@allow(Permission.IMPORT_FILES, methods=("POST",))
def batch_cancel(request: UserRequest, pk: int) -> HttpResponse:
    """Before anything was written the batch goes; while it is being written, the rest waits."""
    batch = batch_in_sight(request, pk)
    try:
        if batch.state == State.RUNNING:
            batches.interrupt(batch)
            return go_to(request, batch.get_absolute_url())
        batches.discard(batch, by=request.user)
    except batches.NotNowError:
        return not_now(request, batch)
    return done(request, _("Importação descartada. Nada foi gravado."), url=reverse("imports:batch_list"))
