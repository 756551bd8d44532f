"""The outcome of each row of a purchase or contract file."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from brazil.dates import parse_date
from brazil.documents import parse_document
from brazil.money import parse_money
from brazil.names import folded
from contracts.models import Contract, Institution, Product, Purchase
from imports import copying
from imports.base import REASON, SameFile, known_clients
from imports.decoding import Record
from imports.models import ImportBatch, ImportRow, Plan
from imports.outcomes import FirstLines, ignored_because, mapped, trimmed
from imports.reading import Numbered, Part

PURCHASE_STATUS = {
    "concluida": "completed", "concluido": "completed", "cancelada": "cancelled", "cancelado": "cancelled",
    "devolvida": "returned", "devolvido": "returned",
}  # fmt: skip
CONTRACT_STATUS = {
    "rascunho": "draft", "proposta": "proposal", "recusado": "declined", "recusada": "declined",
    "assinado": "signed", "assinada": "signed", "vigente": "in_force", "cancelado": "cancelled",
    "cancelada": "cancelled",
}  # fmt: skip
YES = frozenset({"sim", "s", "1", "x", "true", "verdadeiro", "nao renova", "nao_renova"})
LONGEST_WINDOW = 32_767
NAME_LENGTH = 120
NUMBER_LENGTH = 40


class RowError(Exception):
    """The reason for which a row is rejected."""


@dataclass(slots=True)
class Sale:
    """One row on its way: cleaned cells by field, then the values to store."""

    position: int
    record: Record
    fields: Mapping[str, Sequence[str]]
    ignored: str = ""
    has_extra_cell: bool = False
    values: dict[str, Any] = field(default_factory=dict)
    actions: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)

    def text(self, name: str) -> str:
        return next(filter(None, self.fields.get(name, ())), "")


class SaleJudge:
    """What purchase and contract files share. Reasons are looked for in the order of the rules."""

    def __init__(self, batch: ImportBatch, header: Sequence[str], *, today: date) -> None:
        self.batch = batch
        self.user = batch.created_by
        self.header = trimmed(header)
        self.today = today
        self.may_create = bool(batch.options.get("create_products"))
        self.same_file = SameFile.of(batch)
        self.products = dict(Product.objects.values_list("key", "pk"))
        self.product_codes = dict(Product.objects.exclude(code="").values_list("code", "pk"))
        self.seen = FirstLines()

    def cleaning(self) -> None:
        """These rows are cleaned here."""

    def foresee(self, parts: Iterable[Part]) -> None:
        return

    def recall(self, part: Part) -> None:
        """A part judged before an interruption counts for the duplicates after it."""
        stored = ImportRow.objects.of(self.batch).filter(position__range=(part.first, part.last))
        for row in stored.order_by("position"):
            if row.outcome in ("valid", "repaired") and (key := self.key_of(row.values)):
                self.seen.add(key, row.line)

    def store(self, part: Part) -> None:
        """Inside the transaction of one chunk."""
        copying.insert(self.judge(part.others))

    def judge(self, records: Sequence[Numbered]) -> list[ImportRow]:
        sales = [self.read(position, record) for position, record in records]
        self.look_up(sales)
        before = self.same_file.created_at([sale.position for sale in sales])
        return [self.row(sale, before.get(sale.position)) for sale in sales]

    def read(self, position: int, record: Record) -> Sale:
        cells = trimmed(record.cells)
        sale = Sale(position, record, mapped(cells, self.batch.columns))
        sale.ignored = ignored_because(cells, self.header)
        sale.has_extra_cell = len(cells) > len(self.header)
        sale.actions = ["mojibake_fixed"] if record.mojibake else []
        return sale

    def look_up(self, sales: Sequence[Sale]) -> None:
        written = {sale.text("cliente") for sale in sales} - {""}
        parsed = {text: parse_document(text) for text in written}
        documents = {item.normalized for item in parsed.values() if not item.error and item.normalized}
        known = known_clients(self.user, documents=documents, codes=written)
        self.clients = {}
        for text, document in parsed.items():
            pk = known.by_code.get(text) or known.by_document.get(document.normalized)
            if pk is not None and known.by_id[pk].is_visible:
                self.clients[text] = pk
        numbers = {sale.text("numero") for sale in sales} - {""}
        self.taken = self.numbers_in_base(numbers)

    def numbers_in_base(self, numbers: Collection[str]) -> dict[str, int]:
        raise NotImplementedError

    def key_of(self, values: Mapping[str, Any]) -> str:
        raise NotImplementedError

    def fill(self, sale: Sale) -> None:
        """Read what only this kind of file has; raises RowError."""
        raise NotImplementedError

    def row(self, sale: Sale, earlier: int | None) -> ImportRow:
        row = ImportRow(
            batch=self.batch,
            position=sale.position,
            line=sale.record.line,
            raw=list(sale.record.cells),
            actions=sale.actions,
            warnings=sale.warnings,
        )
        if sale.ignored:
            row.outcome, row.reason, row.plan = "ignored", sale.ignored, Plan.IGNORE
            return row
        try:
            self.accept(sale)
        except RowError as error:
            row.outcome, row.reason, row.plan = "rejected", str(error), Plan.REJECT
            return row
        row.values = sale.values
        self.plan(row, sale, earlier)
        return row

    def accept(self, sale: Sale) -> None:
        if sale.has_extra_cell:
            raise RowError("column_count")
        client = self.clients.get(sale.text("cliente"))
        if client is None:
            raise RowError("unknown_client")
        sale.values["client"] = client
        self.add_product(sale)
        self.fill(sale)
        if len(number := sale.text("numero")) > NUMBER_LENGTH:
            sale.warnings.append("text_shortened")
        if number:
            sale.values["number"] = number[:NUMBER_LENGTH]

    def add_product(self, sale: Sale) -> None:
        name = sale.text("produto")[:NAME_LENGTH]
        if not name:
            return
        found = self.products.get(folded(name)[:NAME_LENGTH]) or self.product_codes.get(name)
        if found is None and not self.may_create:
            raise RowError("unknown_product")
        sale.values["product"] = found
        sale.values["product_name"] = name

    def plan(self, row: ImportRow, sale: Sale, earlier: int | None) -> None:
        key = self.key_of(sale.values)
        first = self.seen.get(key) if key else None
        taken = self.taken.get(key) if key else None
        if first is not None or (taken is not None and taken != earlier):
            row.outcome, row.reason, row.plan = "duplicate", "same_number", Plan.REPEAT
            row.duplicate_of, row.record_id = first, taken
            return
        if key:
            self.seen.add(key, row.line)
        row.outcome = "repaired" if row.actions else "valid"
        row.plan = Plan.CREATE if earlier is None else Plan.REPEAT
        row.record_id = earlier

    def status(self, sale: Sale, words: Mapping[str, str], default: str) -> str:
        text = folded(sale.text("situacao"))
        code = words.get(text, "") if text else default
        if not code:
            raise RowError("unknown_status")
        return code

    def day(self, sale: Sale, name: str) -> date | None:
        parsed = parse_date(sale.text(name))
        if parsed.error:
            raise RowError("invalid_date")
        sale.actions += [action for action in parsed.actions if action not in sale.actions]
        return parsed.value

    def add_amount(self, sale: Sale) -> None:
        parsed = parse_money(sale.text("valor"))
        if parsed.error or (parsed.value is not None and parsed.value < 0):
            raise RowError("invalid_amount")
        if parsed.value is not None:
            sale.values["amount"] = str(parsed.value)


class PurchaseJudge(SaleJudge):
    def numbers_in_base(self, numbers: Collection[str]) -> dict[str, int]:
        if not numbers:
            return {}
        everyone = Purchase.objects.unscoped(reason=REASON)
        found = dict(everyone.filter(number__in=numbers).values_list("number", "pk"))
        mine = self.same_file.created(list(found.values()))
        return {number: pk for number, pk in found.items() if pk not in mine}

    def key_of(self, values: Mapping[str, Any]) -> str:
        return str(values.get("number", ""))

    def fill(self, sale: Sale) -> None:
        sale.values["status"] = self.status(sale, PURCHASE_STATUS, "completed")
        day = self.day(sale, "data")
        if day is None:
            raise RowError("invalid_date")
        sale.values["sold_on"] = day.isoformat()
        self.add_amount(sale)


class ContractJudge(SaleJudge):
    def __init__(self, batch: ImportBatch, header: Sequence[str], *, today: date) -> None:
        super().__init__(batch, header, today=today)
        self.institutions = dict(Institution.objects.values_list("pk", "key"))

    def numbers_in_base(self, numbers: Collection[str]) -> dict[str, int]:
        if not numbers:
            return {}
        rows = Contract.objects.unscoped(reason=REASON).filter(number__in=numbers)
        found = {
            contract_key(self.institutions.get(institution or 0, ""), number): pk
            for institution, number, pk in rows.values_list("institution_id", "number", "pk")
        }
        mine = self.same_file.created(list(found.values()))
        return {key: pk for key, pk in found.items() if pk not in mine}

    def key_of(self, values: Mapping[str, Any]) -> str:
        number = values.get("number", "")
        return contract_key(folded(values.get("institution", ""))[:NAME_LENGTH], number) if number else ""

    def fill(self, sale: Sale) -> None:
        values = sale.values
        values["status"] = self.status(sale, CONTRACT_STATUS, "in_force")
        names = ("inicio", "fim", "assinado_em", "cancelado_em")
        start, end, signed, cancelled = (self.day(sale, name) for name in names)
        self.check_dates(values["status"], start, cancelled)
        days = {"start_on": start, "end_on": end, "signed_on": signed, "cancelled_on": cancelled}
        values |= {name: day.isoformat() for name, day in days.items() if day}
        self.add_amount(sale)
        self.add_window(sale)
        if start and end and end < start:
            raise RowError("end_before_start")
        values["institution"] = sale.text("instituicao")[:NAME_LENGTH]
        values["renews_number"] = sale.text("renova_numero")[:NUMBER_LENGTH]
        values["will_not_renew"] = self.is_marked(sale, "nao_renova")

    def check_dates(self, status: str, start: date | None, cancelled: date | None) -> None:
        """What the base asks of a contract in force and of a cancelled one."""
        if status in ("signed", "in_force") and start is None:
            raise RowError("invalid_date")
        if status == "cancelled" and cancelled is None:
            raise RowError("invalid_date")

    def add_window(self, sale: Sale) -> None:
        text = sale.text("janela_dias").removesuffix(".0")
        if not text:
            return
        if not (text.isascii() and text.isdigit() and int(text[:9]) <= LONGEST_WINDOW):
            raise RowError("invalid_amount")
        sale.values["window_days"] = int(text[:9])

    def is_marked(self, sale: Sale, name: str) -> bool:
        """From the raw cell: an `x` or a `0` alone counts as no value elsewhere."""
        columns = [column for column, chosen in self.batch.columns.items() if chosen == name]
        cells = (sale.record.cells[column] for column in columns if column < len(sale.record.cells))
        return any(folded(cell) in YES for cell in cells)


def contract_key(institution: str, number: str) -> str:
    return f"{institution}\n{number}"


def client_ids(rows: Sequence[ImportRow]) -> list[int]:
    return sorted({row.values["client"] for row in rows if "client" in row.values})
