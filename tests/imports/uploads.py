"""Files and batches for the tests of this app."""

import io
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any

import openpyxl
from django.core.files.base import ContentFile

from imports import batches, checking
from imports.models import Existing, ImportBatch, ImportRow
from imports.work import AtOnce
from people.models import User

DATA = Path(__file__).parent.parent / "data"
SAMPLE = DATA / "messy_clients_sample.csv"
TODAY = date(2026, 11, 21)

CPF_ANA = "529.982.247-25"
CPF_BIA = "111.444.777-35"
CNPJ_ACME = "11.222.333/0001-81"


def csv_of(*rows: Sequence[str]) -> bytes:
    return "\r\n".join(";".join(row) for row in rows).encode("utf-8-sig")


def xlsx_of(*rows: Sequence[Any]) -> bytes:
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    for row in rows:
        sheet.append(list(row))
    return saved(book)


def saved(book: openpyxl.Workbook) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def receive(
    content: bytes, *, by: User, kind: str = "clients", name: str = "planilha.csv", source: str = ""
) -> ImportBatch:
    return batches.receive(ContentFile(content, name=name), kind=kind, by=by, source=source)


def checked(content: bytes, *, by: User, kind: str = "clients", today: date = TODAY, **options: Any) -> ImportBatch:
    batch = receive(content, by=by, kind=kind)
    options.setdefault("existing", Existing.SKIP)
    batch.options, batch.state = options, "mapped"
    batch.save()
    checking.check(batch, AtOnce(), today=today)
    return batch


def imported(content: bytes, *, by: User, kind: str = "clients", **options: Any) -> ImportBatch:
    batch = checked(content, by=by, kind=kind, **options)
    batches.start(batch, by=by, now=True)
    return batch


def rows_of(batch: ImportBatch) -> list[ImportRow]:
    return list(ImportRow.objects.of(batch).order_by("position"))


def told(batch: ImportBatch) -> list[tuple[int, str, str, str]]:
    return [(row.line, row.outcome, row.reason, row.effect) for row in rows_of(batch)]
