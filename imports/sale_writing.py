"""Creating the purchases or contracts of a chunk; classes follow in the same transaction."""

from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from typing import Any

from brazil.names import folded
from contracts.classification import refresh as refresh_classes
from contracts.models import Contract, Institution, Product, ProductFamily, Purchase
from imports import copying
from imports.base import REASON
from imports.entry_writing import EntryWriter
from imports.models import Effect, ImportRow
from imports.sale_check import NAME_LENGTH, contract_key

FAMILY = "Geral"
LINK_CHUNK = 2_000


class SaleWriter(EntryWriter):
    def prepare(self, rows: Sequence[ImportRow]) -> None:
        names = (
            row.values["product_name"]
            for row in rows
            if row.values.get("product_name") and not row.values.get("product")
        )
        self.products = new_products(names) if self.batch.options.get("create_products") else {}

    def product(self, values: dict[str, Any]) -> int | None:
        return values.get("product") or self.products.get(name_key(values.get("product_name", "")))

    def source_key(self, row: ImportRow) -> str:
        return "" if row.values.get("number") else f"{self.batch.sha256}:{row.position}"

    def after(self, created: Sequence[ImportRow]) -> None:
        refresh_classes(sorted({row.values["client"] for row in created}))


class PurchaseWriter(SaleWriter):
    def key(self, row: ImportRow) -> str:
        return str(row.values.get("number") or self.source_key(row))

    def taken(self, rows: Sequence[ImportRow]) -> dict[str, int]:
        everyone = Purchase.objects.unscoped(reason=REASON)
        keys = [self.key(row) for row in rows]
        numbers = dict(everyone.filter(number__in=keys).values_list("number", "pk"))
        return numbers | dict(everyone.filter(source_key__in=keys).values_list("source_key", "pk"))

    def insert(self, rows: Sequence[ImportRow]) -> None:
        purchases = copying.insert([self.purchase(row) for row in rows])
        for row, purchase in zip(rows, purchases, strict=True):
            row.effect, row.record_id, row.written_version = Effect.CREATED, purchase.pk, purchase.version

    def purchase(self, row: ImportRow) -> Purchase:
        values = row.values
        return Purchase(
            client_id=values["client"],
            product_id=self.product(values),
            number=values.get("number", ""),
            source_key=self.source_key(row),
            sold_on=date.fromisoformat(values["sold_on"]),
            amount=amount_of(values),
            status=values["status"],
            created_by=self.user,
        )


class ContractWriter(SaleWriter):
    def prepare(self, rows: Sequence[ImportRow]) -> None:
        super().prepare(rows)
        self.institutions = institutions_named(row.values.get("institution", "") for row in rows)
        self.institution_keys = {pk: key for key, pk in self.institutions.items()}

    def key(self, row: ImportRow) -> str:
        number = row.values.get("number", "")
        return contract_key(name_key(row.values.get("institution", "")), number) if number else self.source_key(row)

    def taken(self, rows: Sequence[ImportRow]) -> dict[str, int]:
        everyone = Contract.objects.unscoped(reason=REASON)
        numbers = {row.values["number"] for row in rows if row.values.get("number")}
        columns = ("institution_id", "number", "pk")
        found = {
            contract_key(self.institution_keys.get(institution or 0, "" if institution is None else "?"), number): pk
            for institution, number, pk in everyone.filter(number__in=numbers).values_list(*columns)
        }
        sources = [key for row in rows if (key := self.source_key(row))]
        return found | dict(everyone.filter(source_key__in=sources).values_list("source_key", "pk"))

    def insert(self, rows: Sequence[ImportRow]) -> None:
        contracts = copying.insert([self.contract(row) for row in rows])
        for row, contract in zip(rows, contracts, strict=True):
            row.effect, row.record_id, row.written_version = Effect.CREATED, contract.pk, contract.version

    def contract(self, row: ImportRow) -> Contract:
        values = row.values
        days = {
            name: date.fromisoformat(values[name])
            for name in ("start_on", "end_on", "signed_on", "cancelled_on")
            if values.get(name)
        }
        return Contract(
            client_id=values["client"],
            product_id=self.product(values),
            institution_id=self.institutions.get(name_key(values.get("institution", ""))),
            number=values.get("number", ""),
            source_key=self.source_key(row),
            status=values["status"],
            will_not_renew=bool(values.get("will_not_renew")),
            window_days=values.get("window_days"),
            amount=amount_of(values),
            created_by=self.user,
            **days,
        )

    def after(self, created: Sequence[ImportRow]) -> None:
        link_renewals(created)
        super().after(created)

    def finish(self) -> None:
        """Contracts that renew one standing further down in the file."""
        rows = ImportRow.objects.of(self.batch).filter(effect=Effect.CREATED)
        waiting = rows.exclude(values__renews_number="").filter(values__has_key="renews_number")
        unlinked = Contract.objects.unscoped(reason="contracts this batch created").filter(renews__isnull=True)
        ids = [row.record_id for row in waiting if row.record_id]
        open_ids = set(unlinked.filter(pk__in=ids).values_list("pk", flat=True))
        left = [row for row in waiting if row.record_id in open_ids]
        refresh_classes(sorted(link_renewals(left)))


def link_renewals(rows: Sequence[ImportRow]) -> set[int]:
    """Points each new contract at the client's contract it renews: the same institution's, or the only one of
    that number. Returns the clients concerned."""
    wanted = {
        row.record_id: row.values["renews_number"] for row in rows if row.record_id and row.values.get("renews_number")
    }
    everyone = Contract.objects.unscoped(reason="contracts of the clients just written")
    renewals = list(everyone.filter(pk__in=wanted))
    clients = {contract.client_id for contract in renewals}
    olds: dict[tuple[int, str], list[Contract]] = {}
    for old in everyone.filter(client__in=clients, number__in=set(wanted.values())):
        olds.setdefault((old.client_id, old.number), []).append(old)
    linked = []
    for contract in renewals:
        candidates = [old for old in olds.get((contract.client_id, wanted[contract.pk]), ()) if old.pk != contract.pk]
        same = [old for old in candidates if old.institution_id == contract.institution_id]
        if best := (same or candidates if len(same or candidates) == 1 else []):
            contract.renews = best[0]
            linked.append(contract)
    everyone.bulk_update(linked, ["renews"], batch_size=500)
    return {contract.client_id for contract in linked}


def amount_of(values: dict[str, Any]) -> Decimal | None:
    return Decimal(values["amount"]) if "amount" in values else None


def name_key(name: str) -> str:
    return folded(name)[:NAME_LENGTH]


def new_products(names: Iterable[str]) -> dict[str, int]:
    """Unknown products go into the family "Geral"."""
    wanted = {name_key(name): name for name in names if name}
    if not wanted:
        return {}
    family, _created = ProductFamily.objects.get_or_create(key=folded(FAMILY), defaults={"name": FAMILY})
    Product.objects.bulk_create(
        [Product(key=key, name=name, family=family) for key, name in sorted(wanted.items())],
        ignore_conflicts=True,
    )
    return dict(Product.objects.filter(key__in=wanted).values_list("key", "pk"))


def institutions_named(names: Iterable[str]) -> dict[str, int]:
    wanted = {name_key(name): name for name in names if name}
    if not wanted:
        return {}
    Institution.objects.bulk_create(
        [Institution(key=key, name=name) for key, name in sorted(wanted.items())], ignore_conflicts=True
    )
    return dict(Institution.objects.filter(key__in=wanted).values_list("key", "pk"))
