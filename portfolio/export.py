"""The filtered list as a file: documents stay masked, no cell can be read as a formula (RELIABILITY T13).

A CSV is formatted and written by the database (`portfolio.csv_columns`), as fast as it can send rows; `plain_rows`
says the same in Python, for the few rows of an Excel file and for the test that compares both.
"""

import re
import tempfile
from collections.abc import Iterator, Sequence
from itertools import islice
from typing import IO

import xlsxwriter
from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from brazil.documents import mask_document
from brazil.phones import format_phone
from clients.models import Client, ClientQuerySet, Phone
from core.templatetags.formats import intdot
from people import activity
from people.models import Activity, User
from portfolio import csv_columns

# Excel opens at most 1,048,576 rows, and takes a minute a hundred thousand to be written.
CAPS = {"csv": 1_000_000, "xlsx": 10_000}
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
# In the order of csv_columns.COLUMNS and of the cells of `plain_rows`.
HEADINGS = (
    gettext_lazy("Código"),
    gettext_lazy("Nome"),
    gettext_lazy("Tipo"),
    gettext_lazy("Documento"),
    gettext_lazy("Cidade"),
    gettext_lazy("UF"),
    gettext_lazy("Telefone"),
    gettext_lazy("Carteira"),
    gettext_lazy("Na carteira desde"),
    gettext_lazy("Última compra"),
    gettext_lazy("Responsável"),
)
_CHUNK = 1_000
# The full-width forms are folded to the plain ones by some spreadsheets.
FORMULA_STARTS = "=+-@\t\r\0\n＝＋－＠"
# With the mark, Excel reads the accents right.
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
Row = list[str]


@transaction.atomic
def export(found: ClientQuerySet, *, kind: str, by: User, filters: Sequence[str]) -> tuple[IO[bytes], Activity]:
    """The file, and the line in the activity log that tells how many clients left and by which filters.

    The file has no name on the disk and is gone when it is closed. It is whole before the first byte leaves: a slow
    reader holds neither the database nor a half file.
    """
    file = tempfile.TemporaryFile(dir=settings.DATA_DIR)  # noqa: SIM115 (the response closes it)
    count = (_write_xlsx if kind == "xlsx" else _write_csv)(found, file, user=by)
    file.seek(0)
    return file, activity.record("clients_exported", by=by, clients=count, format=kind, filters=list(filters))


def harmless(text: str) -> str:
    """A leading quote keeps a spreadsheet from taking the text for a formula."""
    return f"'{text}" if text.startswith(tuple(FORMULA_STARTS)) else text


def plain_rows(found: ClientQuerySet, *, user: User) -> Iterator[Row]:
    """The cells of each client, by name."""
    clients = found.select_related("owner", "cycle").order_by("name_key", "pk")
    chunk: list[Client] = []
    for client in clients.iterator(chunk_size=_CHUNK):
        chunk.append(client)
        if len(chunk) == _CHUNK:
            yield from _chunk_rows(chunk, user=user)
            chunk = []
    yield from _chunk_rows(chunk, user=user)


def _chunk_rows(clients: list[Client], *, user: User) -> Iterator[Row]:
    phones = Phone.objects.visible_to(user).filter(client__in=clients, is_primary=True)
    numbers = dict(phones.order_by().values_list("client", "e164"))
    for client in clients:
        last_on = client.cycle.last_on if hasattr(client, "cycle") else None
        cells = [
            client.code,
            client.display_name,
            client.get_person_type_display(),
            mask_document(client.document),
            client.city,
            client.uf,
            _shown_phone(numbers.get(client.pk, "")),
            client.get_portfolio_class_display(),
            f"{client.class_since:%d/%m/%Y}",
            f"{last_on:%d/%m/%Y}" if last_on else "",
            client.owner.name if client.owner else "",
        ]
        yield [harmless(cell) for cell in cells]


def _cut_note(kind: str) -> str:
    return _("Lista cortada: só os primeiros %(cap)s clientes. Use os filtros para baixar o resto.") % {
        "cap": intdot(CAPS[kind])
    }


def _write_csv(found: ClientQuerySet, file: IO[bytes], *, user: User) -> int:
    cap = CAPS["csv"]
    file.write(_BYTE_ORDER_MARK + ";".join(str(heading) for heading in HEADINGS).encode() + b"\r\n")
    count = 0
    lines = _csv_lines(csv_columns.by_name(found)[: cap + 1])
    while chunk := list(islice(lines, min(_CHUNK, cap - count))):
        file.write(_with_foreign_phones(b"\r\n".join(chunk) + b"\r\n"))
        count += len(chunk)
    if next(lines, None) is not None:
        file.write(_cut_note("csv").encode() + b"\r\n")
    return count


def _csv_lines(cells: ClientQuerySet) -> Iterator[bytes]:
    """One line a client without its end, as the database writes it."""
    try:
        sql, params = cells.query.sql_with_params()
    except EmptyResultSet:
        return
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('statement_timeout', %s, true)", [str(settings.JOB_STATEMENT_TIMEOUT_MS)])
        with cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv, DELIMITER ';')", params) as copy:
            for line in copy:
                yield line[:-1]


_FOREIGN = re.compile(f"{csv_columns.FOREIGN}([+][0-9]+){csv_columns.FOREIGN}".encode())


def _with_foreign_phones(lines: bytes) -> bytes:
    """Numbers from abroad have a form of their own in each country, which the database does not know."""
    if csv_columns.FOREIGN.encode() not in lines:
        return lines
    return _FOREIGN.sub(lambda found: _shown_phone(found[1].decode()).encode(), lines)


def _shown_phone(e164: str) -> str:
    """Without "+", which spreadsheets take for a sum."""
    return format_phone(e164).removeprefix("+")


def _write_xlsx(found: ClientQuerySet, file: IO[bytes], *, user: User) -> int:
    cap, count = CAPS["xlsx"], 0
    options = {
        "constant_memory": True,
        "tmpdir": str(settings.DATA_DIR),
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    rows = plain_rows(found, user=user)
    with xlsxwriter.Workbook(file, options) as book:
        sheet = book.add_worksheet(_("Clientes"))
        sheet.write_row(0, 0, [str(heading) for heading in HEADINGS], book.add_format({"bold": True}))
        for count, row in enumerate(islice(rows, cap), start=1):
            for column, cell in enumerate(row):
                sheet.write_string(count, column, cell)
        if next(rows, None) is not None:
            sheet.write_string(count + 1, 0, _cut_note("xlsx"))
    return count
