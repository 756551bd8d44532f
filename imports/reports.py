"""Files that come out of an import: the report of every row, the rejected lines, an empty model."""

import csv
import io
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from typing import IO, Any

import xlsxwriter
from django.db.models import Q
from django.utils.translation import gettext as _

from imports.models import BatchKind, Effect, ImportBatch, ImportRow, Plan
from imports.outcomes import REPORT_COLUMNS
from imports.texts import messages_of

BOM = "\ufeff"
# What a spreadsheet takes for the start of a formula, full-width forms included.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\0", "\uff1d", "\uff0b", "\uff0d", "\uff20")

MODELS: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    BatchKind.CLIENTS: (
        ("codigo", "nome", "documento", "telefone", "email", "nascimento", "cep", "cidade", "uf", "vendedor",
         "segmento", "origem"),
        ("C-001", "Maria Exemplo da Silva", "", "(11) 91234-5678", "maria@exemplo.com.br", "14/03/1980",
         "01310-100", "São Paulo", "SP", "", "Varejo", "Indicação"),
    ),
    BatchKind.PURCHASES: (
        ("cliente", "numero", "data", "produto", "valor", "situacao"),
        ("C-001", "P-1001", "21/11/2026", "Seguro residencial", "1.234,56", "concluída"),
    ),
    BatchKind.CONTRACTS: (
        ("cliente", "instituicao", "numero", "produto", "inicio", "fim", "situacao", "assinado_em",
         "renova_numero", "cancelado_em", "nao_renova", "janela_dias", "valor"),
        ("C-001", "Seguradora Exemplo", "A-9001", "Seguro residencial", "01/12/2026", "30/11/2027", "vigente",
         "21/11/2026", "", "", "", "60", "120,00"),
    ),
    BatchKind.CONTACTS: (
        ("cliente", "data", "canal", "resultado", "nota", "vendedor"),
        ("C-001", "21/11/2026 14:30", "WhatsApp", "Interessado", "Quer a proposta em dezembro", ""),
    ),
}  # fmt: skip


def guarded(text: str) -> str:
    return f"'{text}" if text.startswith(FORMULA_STARTS) else text


def csv_lines(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """As Brazilian Excel opens it: `;`, CRLF, UTF-8 with BOM, no live formula."""
    yield BOM
    for row in rows:
        line = io.StringIO()
        csv.writer(line, delimiter=";", lineterminator="\r\n").writerow([guarded(cell) for cell in row])
        yield line.getvalue()


def xlsx_file(rows: Iterable[Sequence[str]]) -> IO[bytes]:
    """Every cell is text: leading zeros stay, and nothing is a formula."""
    file = tempfile.TemporaryFile()  # noqa: SIM115 - the response closes it
    options = {"constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    book = xlsxwriter.Workbook(file, options)
    sheet = book.add_worksheet(_("Linhas"))
    for number, row in enumerate(rows):
        for column, cell in enumerate(row):
            sheet.write_string(number, column, cell)
    book.close()
    file.seek(0)
    return file


def model_rows(kind: str) -> list[Sequence[str]]:
    return list(MODELS[kind])


def rejected(batch: ImportBatch) -> Any:
    """Rows that somebody has to put right."""
    wrong = Q(plan=Plan.REJECT) | Q(effect=Effect.CHANGED_SINCE)
    return ImportRow.objects.of(batch).filter(wrong).order_by("position")


def rejected_rows(batch: ImportBatch) -> Iterator[Sequence[str]]:
    """In the layout of the file, with the reason as the last column."""
    header, message = batch.table["header"], messages_of(batch.kind)
    yield [*header, _("motivo")]
    for row in rejected(batch).iterator(chunk_size=2_000):
        cells = [*row.raw, *[""] * (len(header) - len(row.raw))]
        yield [*cells, message(row.reason if row.plan == Plan.REJECT else str(row.effect))]


def report_cells(row: ImportRow) -> list[str]:
    """The cells of REPORT_COLUMNS."""
    values = row.values
    phones = [phone[0] for phone in values.get("phones", ())[:2]]
    amount = values.get("declared_amount", values.get("amount", ""))
    return [
        str(row.line),
        row.outcome,
        row.reason,
        "|".join(row.actions),
        values.get("document", ""),
        values.get("person_type", ""),
        values.get("name", ""),
        *phones,
        *[""] * (2 - len(phones)),
        next(iter(values.get("emails", ())), ""),
        values.get("birth_date", ""),
        values.get("cep", ""),
        values.get("uf", ""),
        amount,
        str(row.duplicate_of or ""),
        str(row.possible_duplicate_of or ""),
    ]


def report_dicts(batch: ImportBatch) -> Iterator[dict[str, str]]:
    for row in ImportRow.objects.of(batch).order_by("position").iterator(chunk_size=2_000):
        yield dict(zip(REPORT_COLUMNS, report_cells(row), strict=True))
