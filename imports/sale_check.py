"""The outcome of each row of a purchase or contract file."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from typing import Any

from brazil.dates import parse_date
from brazil.money import parse_money
from brazil.names import folded
from contracts.models import Contract, Institution, Product, Purchase
from imports.base import REASON
from imports.entry_check import Entry, EntryJudge, RowError
from imports.models import ImportBatch

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


class SaleJudge(EntryJudge):
    """What purchase and contract files share: a product, a number of its own, a status and an amount."""

    def __init__(self, batch: ImportBatch, header: Sequence[str], *, today: date) -> None:
        super().__init__(batch, header, today=today)
        self.may_create = bool(batch.options.get("create_products"))
        self.products = dict(Product.objects.values_list("key", "pk"))
        self.product_codes = dict(Product.objects.exclude(code="").values_list("code", "pk"))

    def look_up(self, entries: Sequence[Entry]) -> None:
        super().look_up(entries)
        self.taken = self.numbers_in_base({entry.text("numero") for entry in entries} - {""})

    def numbers_in_base(self, numbers: Collection[str]) -> dict[str, int]:
        raise NotImplementedError

    def accept(self, entry: Entry) -> None:
        self.add_client(entry)
        self.add_product(entry)
        self.fill(entry)
        if len(number := entry.text("numero")) > NUMBER_LENGTH:
            entry.warnings.append("text_shortened")
        if number:
            entry.values["number"] = number[:NUMBER_LENGTH]

    def add_product(self, entry: Entry) -> None:
        name = entry.text("produto")[:NAME_LENGTH]
        if not name:
            return
        found = self.products.get(folded(name)[:NAME_LENGTH]) or self.product_codes.get(name)
        if found is None and not self.may_create:
            raise RowError("unknown_product")
        entry.values["product"] = found
        entry.values["product_name"] = name

    def status(self, entry: Entry, words: Mapping[str, str], default: str) -> str:
        text = folded(entry.text("situacao"))
        code = words.get(text, "") if text else default
        if not code:
            raise RowError("unknown_status")
        return code

    def day(self, entry: Entry, name: str) -> date | None:
        parsed = parse_date(entry.text(name))
        if parsed.error:
            raise RowError("invalid_date")
        entry.act(parsed.actions)
        return parsed.value

    def add_amount(self, entry: Entry) -> None:
        parsed = parse_money(entry.text("valor"))
        if parsed.error or (parsed.value is not None and parsed.value < 0):
            raise RowError("invalid_amount")
        if parsed.value is not None:
            entry.values["amount"] = str(parsed.value)


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

    def fill(self, entry: Entry) -> None:
        entry.values["status"] = self.status(entry, PURCHASE_STATUS, "completed")
        day = self.day(entry, "data")
        if day is None:
            raise RowError("invalid_date")
        entry.values["sold_on"] = day.isoformat()
        self.add_amount(entry)


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

    def fill(self, entry: Entry) -> None:
        values = entry.values
        values["status"] = self.status(entry, CONTRACT_STATUS, "in_force")
        names = ("inicio", "fim", "assinado_em", "cancelado_em")
        start, end, signed, cancelled = (self.day(entry, name) for name in names)
        self.check_dates(values["status"], start, cancelled)
        days = {"start_on": start, "end_on": end, "signed_on": signed, "cancelled_on": cancelled}
        values |= {name: day.isoformat() for name, day in days.items() if day}
        self.add_amount(entry)
        self.add_window(entry)
        if start and end and end < start:
            raise RowError("end_before_start")
        values["institution"] = entry.text("instituicao")[:NAME_LENGTH]
        values["renews_number"] = entry.text("renova_numero")[:NUMBER_LENGTH]
        values["will_not_renew"] = self.is_marked(entry, "nao_renova")

    def check_dates(self, status: str, start: date | None, cancelled: date | None) -> None:
        """What the base asks of a contract in force and of a cancelled one."""
        if status in ("signed", "in_force") and start is None:
            raise RowError("invalid_date")
        if status == "cancelled" and cancelled is None:
            raise RowError("invalid_date")

    def add_window(self, entry: Entry) -> None:
        text = entry.text("janela_dias").removesuffix(".0")
        if not text:
            return
        if not (text.isascii() and text.isdigit() and int(text[:9]) <= LONGEST_WINDOW):
            raise RowError("invalid_amount")
        entry.values["window_days"] = int(text[:9])

    def is_marked(self, entry: Entry, name: str) -> bool:
        """From the raw cell: an `x` or a `0` alone counts as no value elsewhere."""
        columns = [column for column, chosen in self.batch.columns.items() if chosen == name]
        cells = (entry.record.cells[column] for column in columns if column < len(entry.record.cells))
        return any(folded(cell) in YES for cell in cells)


def contract_key(institution: str, number: str) -> str:
    return f"{institution}\n{number}"
