"""The filtered list as a file: documents stay masked, no cell can be read as a formula (RELIABILITY T13)."""

import csv
import io
from collections.abc import Iterable, Iterator

import xlsxwriter
from django.utils.translation import gettext as _

from brazil.documents import mask_document
from brazil.phones import format_phone
from clients.models import Client, ClientQuerySet, Phone
from people import activity
from people.models import User

ROW_CAP = 10_000
TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
_CHUNK = 1_000
# The full-width forms are folded to the plain ones by some spreadsheets.
_FORMULA_STARTS = tuple("=+-@\t\r\0\n＝＋－＠")
Row = list[str]


def export(found: ClientQuerySet, *, kind: str, by: User) -> bytes:
    """The file, with a line in the activity log saying how many clients left."""
    rows = list(_rows(found, user=by))
    content = _as_xlsx(rows) if kind == "xlsx" else _as_csv(rows)
    activity.record("clients_exported", by=by, clients=len(rows), format=kind)
    return content


def harmless(text: str) -> str:
    """A leading quote keeps a spreadsheet from taking the text for a formula."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _headings() -> Row:
    return [
        _("Código"),
        _("Nome"),
        _("Tipo"),
        _("Documento"),
        _("Cidade"),
        _("UF"),
        _("Telefone"),
        _("Carteira"),
        _("Na carteira desde"),
        _("Última compra"),
        _("Responsável"),
    ]


def _rows(found: ClientQuerySet, *, user: User) -> Iterator[Row]:
    clients = found.select_related("owner", "cycle").order_by("name_key", "pk")[:ROW_CAP]
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
            # Without "+", which spreadsheets take for a sum.
            format_phone(numbers.get(client.pk, "")).removeprefix("+"),
            client.get_portfolio_class_display(),
            f"{client.class_since:%d/%m/%Y}",
            f"{last_on:%d/%m/%Y}" if last_on else "",
            client.owner.name if client.owner else "",
        ]
        yield [harmless(cell) for cell in cells]


def _as_csv(rows: Iterable[Row]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=";")
    writer.writerow(_headings())
    writer.writerows(rows)
    # With the mark, Excel reads the accents right.
    return text.getvalue().encode("utf-8-sig")


def _as_xlsx(rows: Iterable[Row]) -> bytes:
    content = io.BytesIO()
    options = {
        "in_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(content, options) as book:
        sheet = book.add_worksheet(_("Clientes"))
        sheet.write_row(0, 0, _headings(), book.add_format({"bold": True}))
        for number, row in enumerate(rows, start=1):
            for column, cell in enumerate(row):
                sheet.write_string(number, column, cell)
    return content.getvalue()
