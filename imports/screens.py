"""What the import pages show, computed here so that templates only lay it out."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from brazil.cells import clean_cell
from brazil.documents import mask_document, parse_document
from brazil.phones import format_phone
from core import paging
from core.templatetags.formats import intdot
from imports.batches import guesses_of
from imports.forms import MappingForm
from imports.headings import FIELDS
from imports.models import BatchKind, Effect, ImportBatch, ImportRow, Plan, State
from imports.texts import ACTION_LABELS, field_of, messages_of
from jobs.models import Job

SHOWN = {
    BatchKind.CLIENTS: ("nome", "documento", "telefone", "email"),
    BatchKind.PURCHASES: ("cliente", "numero", "data", "produto", "valor"),
    BatchKind.CONTRACTS: ("cliente", "numero", "inicio", "fim", "situacao"),
    BatchKind.CONTACTS: ("cliente", "data", "canal", "resultado", "vendedor"),
}
# A client is named by its document, its code or its name.
DOCUMENT_FIELDS = frozenset({"documento", "cliente"})
DOTS = {
    Plan.CREATE: "d-ativa", Plan.UPDATE: "d-prosp", Plan.REPEAT: "d-renova", Plan.REJECT: "d-danger",
    Plan.IGNORE: "d-inativa",
}  # fmt: skip
EFFECT_DOTS = {
    Effect.CREATED: "d-ativa", Effect.FILLED: "d-prosp", Effect.UPDATED: "d-prosp",
    Effect.UNCHANGED: "d-inativa", Effect.SKIPPED: "d-inativa", Effect.CHANGED_SINCE: "d-renova",
}  # fmt: skip
SUM_LABELS = {
    Plan.CREATE: gettext_lazy("Novos"), Plan.UPDATE: gettext_lazy("Atualizam cadastro"),
    Plan.REPEAT: gettext_lazy("Repetidos"),
    Plan.REJECT: gettext_lazy("Com erro"), Plan.IGNORE: gettext_lazy("Ignorados"),
}  # fmt: skip
IN_ORDER = paging.Order("linha", "position")
SAMPLES_SHOWN = 2


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    hint: str


@dataclass(frozen=True, slots=True)
class Column:
    """One line of the mapping page."""

    heading: str
    samples: str
    field: Any
    confidence: str


@dataclass(frozen=True, slots=True)
class Cell:
    text: str
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Line:
    line: int
    cells: tuple[Cell, ...]
    tone: str
    text: str
    chips: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Total:
    plan: str
    label: str | Promise
    dot: str
    count: int


def lines_text(total: int) -> str:
    return ngettext("%(total)s linha", "%(total)s linhas", total) % {"total": intdot(total)}


def steps_of(batch: ImportBatch | None) -> list[Step]:
    if batch is None:
        hints = ["XLSX ou CSV", _("reconhecidas pelo nome"), _("erros e repetidos"), _("com desfazer")]
    else:
        linked = len(batch.columns)
        columns = _("%(linked)s de %(total)s ligadas") % {
            "linked": linked,
            "total": len(batch.table["header"]),
        }
        hints = [lines_text(batch.records), columns, _("erros e repetidos"), _("com desfazer")]
    titles = [_("Arquivo"), _("Colunas"), _("Conferência"), _("Importação")]
    return [Step(title, hint) for title, hint in zip(titles, hints, strict=True)]


# --- Columns -----------------------------------------------------------------------------------------


def columns_of(batch: ImportBatch, form: MappingForm) -> list[Column]:
    guesses = guesses_of(batch)
    found = []
    for column, heading in enumerate(batch.table["header"]):
        field = form[f"column_{column}"]
        guess = guesses[column]
        confidence = guess.confidence if field.value() == guess.field else "chosen"
        shown_as = samples(batch, column, masked=field.value() in DOCUMENT_FIELDS)
        found.append(Column(heading or str(field.label), shown_as, field, confidence))
    return found


def samples(batch: ImportBatch, column: int, *, masked: bool) -> str:
    """Two values; those of a document are masked."""
    cells = (clean_cell(row[column]) for row in batch.sample if column < len(row))
    filled = list(dict.fromkeys(cell for cell in cells if cell))[:SAMPLES_SHOWN]
    return " · ".join(discreet(cell) if masked else cell[:60] for cell in filled) or _("vazia")


def discreet(text: str) -> str:
    parsed = parse_document(text) if any(char.isdigit() for char in text) else None
    return mask_document(parsed.normalized) if parsed and parsed.normalized and not parsed.error else text[:60]


# --- Conference --------------------------------------------------------------------------------------


def totals_of(batch: ImportBatch) -> list[Total]:
    plans = batch.totals.get("plans", {})
    return [Total(str(plan), SUM_LABELS[plan], DOTS[plan], plans.get(plan, 0)) for plan in Plan]


def chosen_plan(batch: ImportBatch, wanted: str) -> str:
    """What was asked for; else the rows with errors, when there are some."""
    plans = batch.totals.get("plans", {})
    if wanted in Plan.values:
        return wanted
    return str(
        next(
            (plan for plan in (Plan.REJECT, Plan.UPDATE, Plan.CREATE, Plan.REPEAT) if plans.get(plan)),
            Plan.CREATE,
        )
    )


def page_of_rows(batch: ImportBatch, plan: str, where: str) -> paging.Page:
    rows = ImportRow.objects.of(batch).filter(plan=plan)
    total = batch.totals.get("plans", {}).get(plan, 0)
    return paging.page_of(rows, everything=ImportRow.objects.of(batch), order=IN_ORDER, total=total, where=where)


def lines_of(batch: ImportBatch, ids: Sequence[int]) -> list[Line]:
    rows = ImportRow.objects.of(batch).filter(pk__in=ids).order_by("position")
    message = messages_of(batch.kind)
    return [line_of(batch, row, message) for row in rows]


def headings_of(batch: ImportBatch) -> list[Any]:
    return [FIELDS[batch.kind][name].label for name in SHOWN[BatchKind(batch.kind)]]  # type: ignore[index]


def line_of(batch: ImportBatch, row: ImportRow, message: Callable[[str], str]) -> Line:
    is_wrong = row.plan == Plan.REJECT
    wrong = field_of(row.reason, batch.kind) if is_wrong else ""
    repaired = {field_of(code, batch.kind) for code in (*row.actions, *row.warnings)} if not is_wrong else set()
    cells = []
    for name in SHOWN[BatchKind(batch.kind)]:
        text = shown(batch, row, name)
        mark = "bad" if name == wrong else "wr" if name in repaired else ""
        cells.append(Cell(text or (_("vazio") if mark else "–"), mark))
    chips = tuple(str(ACTION_LABELS.get(code, message(code))) for code in row.actions)
    return Line(row.line, tuple(cells), "err" if is_wrong else "wrn", explanation(row, message), chips)


def explanation(row: ImportRow, message: Callable[[str], str]) -> str:
    if row.effect == Effect.CHANGED_SINCE:
        return message("changed")
    parts = [message(row.reason)] if row.reason else []
    if row.note:
        parts = [row.note]
    elif row.duplicate_of:
        parts.append(_("Igual à linha %(line)s.") % {"line": row.duplicate_of})
    elif row.plan == Plan.REPEAT and row.record_id:
        parts.append(_("Já está no cadastro."))
    if row.possible_duplicate_of or row.lookalike_id:
        parts.append(_("Parece repetido; entra na fila de conferência."))
    return " ".join([*parts, *map(message, row.warnings)])


def shown(batch: ImportBatch, row: ImportRow, name: str) -> str:
    """The repaired value when there is one, else what stands in the file."""
    values = row.values
    match name:
        case "nome" if values.get("name"):
            return str(values["name"])
        case "documento" if values.get("document"):
            return mask_document(values["document"])
        case "telefone" if values.get("phones"):
            return format_phone(values["phones"][0][0])
        case "email" if values.get("emails"):
            return str(values["emails"][0])
    columns = [column for column, field in batch.columns.items() if field == name and column < len(row.raw)]
    text = next((cell for column in columns if (cell := clean_cell(row.raw[column]))), "")
    return discreet(text) if name in DOCUMENT_FIELDS else text[:80]


# --- Progress ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int
    job: Job | None

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.total) if self.total else 0

    @property
    def is_stuck(self) -> bool:
        return self.job is not None and self.job.state == Job.State.DEAD


def progress_of(batch: ImportBatch) -> Progress:
    done = batch.checked_until if batch.state == State.MAPPED else batch.written_until
    return Progress(done, batch.records, Job.objects.filter(pk=batch.job_id).first() if batch.job_id else None)


def effect_label(effect: Effect, total: int) -> str:
    match effect:
        case Effect.CREATED:
            return ngettext("Criado", "Criados", total)
        case Effect.FILLED:
            return ngettext("Completado", "Completados", total)
        case Effect.UPDATED:
            return ngettext("Atualizado", "Atualizados", total)
        case Effect.UNCHANGED:
            return ngettext("Já estava igual", "Já estavam iguais", total)
        case Effect.SKIPPED:
            return ngettext("Deixado como estava", "Deixados como estavam", total)
        case _:
            return ngettext("Alterado depois da conferência", "Alterados depois da conferência", total)


def effects_of(batch: ImportBatch) -> list[Total]:
    effects = batch.totals.get("effects", {})
    rejected = batch.totals.get("plans", {}).get(Plan.REJECT, 0)
    counts = [(effect, effects[effect]) for effect in EFFECT_DOTS if effects.get(effect)]
    found = [Total(str(effect), effect_label(effect, n), EFFECT_DOTS[effect], n) for effect, n in counts]
    if rejected:
        found.append(Total(str(Plan.REJECT), SUM_LABELS[Plan.REJECT], DOTS[Plan.REJECT], rejected))
    return found
