"""Builders of sales and contracts as a client of a given size and kind would have them."""

import datetime
import random
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from brazil.holidays import is_working_day
from carteira.demo.products import OFFERS
from contracts.models import Contract, Purchase

ONE_DAY = datetime.timedelta(days=1)
CENT = Decimal("0.01")
Status = Contract.Status
# Sold in pieces: how many, and how often so many.
PACKS = {
    "Bobinas térmicas, caixa": ((1, 2, 3, 5), (50, 28, 15, 7)),
    "Maquininha de cartão": ((1, 2, 3), (75, 20, 5)),
}
# Amounts that vary with the client: by how much, and in steps of how many reais.
MADE_TO_MEASURE = {
    "Capital de giro": (0.3, "500"),
    "Crédito pessoal": (0.4, "100"),
    "Antecipação de recebíveis": (0.45, "0.01"),
    "Antecipação do FGTS": (0.35, "0.01"),
    "Seguro viagem": (0.35, "0.01"),
    "Seguro garantia": (0.35, "0.01"),
}


@dataclass(slots=True)
class Sale:
    day: datetime.date
    product: str
    amount: Decimal
    status: str = Purchase.Status.COMPLETED
    notes: str = ""


@dataclass(slots=True, eq=False)
class Deal:
    product: str
    institution: str
    status: str
    signed_on: datetime.date | None
    start_on: datetime.date | None
    end_on: datetime.date | None
    amount: Decimal
    renews: "Deal | None" = None
    cancelled_on: datetime.date | None = None
    cancel_reason: str = ""
    will_not_renew: bool = False
    term_months: int | None = None
    first_due_on: datetime.date | None = None
    notes: str = ""
    registered_on: datetime.date | None = None

    @property
    def known_on(self) -> datetime.date:
        """The day it was entered; a proposal has no signature."""
        day = self.signed_on or self.registered_on or self.start_on
        assert day is not None  # noqa: S101  (every builder sets one of them)
        return day


@dataclass(slots=True)
class History:
    sales: list[Sale] = field(default_factory=list)
    deals: list[Deal] = field(default_factory=list)

    def __add__(self, other: "History") -> "History":
        return History(self.sales + other.sales, self.deals + other.deals)

    @property
    def days(self) -> list[datetime.date]:
        return [sale.day for sale in self.sales] + [deal.known_on for deal in self.deals]

    @property
    def first_day(self) -> datetime.date | None:
        return min(self.days, default=None)

    @property
    def last_day(self) -> datetime.date | None:
        return max(self.days, default=None)


def add_months(day: datetime.date, months: int) -> datetime.date:
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return datetime.date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError


@dataclass(slots=True)
class Customer:
    """Whose history is told: `size` scales amounts, `trade` is the sector."""

    rng: random.Random
    today: datetime.date
    is_company: bool
    trade: str
    size: float

    # --- Days and money ---------------------------------------------------------------------------

    def ago(self, days: float) -> datetime.date:
        """A working day about that long ago, never after today."""
        day = self.today - datetime.timedelta(days=round(max(days, 0)))
        while not is_working_day(day):
            day -= ONE_DAY
        return day

    def money(self, price: Decimal | float, *, spread: float = 0.12, step: str = "0.01") -> Decimal:
        factor = self.size * self.rng.uniform(1 - spread, 1 + spread)
        value = Decimal(float(price) * factor)
        return max(round(value / Decimal(step)) * Decimal(step), Decimal(step)).quantize(CENT)

    def premium(self, product: str) -> Decimal:
        """A monthly price as lists write it: so many reais and 90 cents, from a hundred on whole reais."""
        price = OFFERS[product].price or Decimal(100)
        if OFFERS[product].family == "Planos e serviços" and not product.startswith("Odonto E"):
            return price
        value = round(self.money(price))
        return Decimal(value) - Decimal("0.10") if value < 100 else Decimal(value)

    def cost(self, product: str) -> Decimal:
        price = OFFERS[product].price or Decimal(100)
        if product in PACKS:
            many, weights = PACKS[product]
            return price * self.rng.choices(many, weights)[0]
        spread, step = MADE_TO_MEASURE.get(product, (0.0, ""))
        return self.money(price, spread=spread, step=step) if step else price

    # --- Sales ------------------------------------------------------------------------------------

    def sale(self, days_ago: float, product: str, status: str = Purchase.Status.COMPLETED, notes: str = "") -> Sale:
        return Sale(self.ago(days_ago), product, self.cost(product), status, notes)

    def rhythm(self, products: tuple[str, ...], *, gap: float, first: float, last: float) -> History:
        """Sales from `first` to about `last` days ago, `gap` days apart, as unevenly as people buy."""
        sales: list[Sale] = []
        moment = first
        while moment > last:
            status = Purchase.Status.COMPLETED
            if sales and self.rng.random() < 0.012:
                status = self.rng.choice((Purchase.Status.CANCELLED, Purchase.Status.RETURNED))
            sales.append(self.sale(moment, self.rng.choice(products), status))
            moment -= max(gap * self.rng.gauss(1, 0.22), 1)
        sales.append(self.sale(last, self.rng.choice(products)))
        return History(sales)

    def stretching(self, products: tuple[str, ...], *, gap: float, growth: float, count: int, last: float) -> History:
        """Each gap longer than the one before: a client who is slipping away."""
        moment, sales = last, [self.sale(last, products[0])]
        for step in range(count):
            moment += gap / growth**step * self.rng.uniform(0.9, 1.1)
            sales.insert(0, self.sale(moment, self.rng.choice(products)))
        return History(sales)

    # --- Contracts --------------------------------------------------------------------------------

    def institution(self, product: str, before: Deal | None = None) -> str:
        partners = OFFERS[product].institutions
        if before and before.institution in partners and self.rng.random() < 0.8:
            return before.institution
        return self.rng.choice(partners)

    def terms(self, product: str, *, ends_in: int, terms: int, months: int = 12) -> list[Deal]:
        """A chain of renewed contracts whose last one ends `ends_in` days from today."""
        ends = [self.today + datetime.timedelta(days=ends_in)]
        while len(ends) <= terms:
            ends.append(add_months(ends[-1], -months))
        deals: list[Deal] = []
        amount = self.premium(product)
        for before, end in pairwise(reversed(ends)):
            previous = deals[-1] if deals else None
            start = before + ONE_DAY
            if previous:
                amount = (amount * Decimal(self.rng.uniform(1.03, 1.08))).quantize(CENT)
            signed = min(self.ago((self.today - start).days + self.rng.randint(1, 12)), start)
            deals.append(
                Deal(
                    product,
                    self.institution(product, previous),
                    Status.IN_FORCE,
                    signed,
                    start,
                    end,
                    amount,
                    previous,
                )
            )
        return deals

    def loan(self, product: str, *, days_ago: int, months: int, renews: Deal | None = None) -> Deal:
        """Consignado: a fixed instalment, the first due on the 7th one or two months later."""
        start = self.ago(days_ago)
        first_due = add_months(start.replace(day=7), 1 if start.day < 10 else 2)
        signed = self.ago((self.today - start).days + self.rng.randint(2, 9))
        return Deal(
            product,
            self.institution(product, renews),
            Status.IN_FORCE,
            signed,
            start,
            add_months(first_due, months - 1),
            self.money(365, spread=0.5),
            renews,
            term_months=months,
            first_due_on=first_due,
        )

    def open_ended(self, product: str, *, days_ago: int) -> Deal:
        start = self.ago(days_ago)
        signed = self.ago((self.today - start).days + self.rng.randint(0, 5))
        return Deal(product, self.institution(product), Status.IN_FORCE, signed, start, None, self.premium(product))

    def unsigned(self, product: str, status: str, *, days_ago: int, notes: str = "") -> Deal:
        """A proposal, a draft or a refusal."""
        entered = self.ago(days_ago)
        start = entered + datetime.timedelta(days=self.rng.randint(10, 25))
        end = add_months(start, 12) - ONE_DAY
        deal = Deal(product, self.institution(product), status, None, start, end, self.premium(product), notes=notes)
        deal.registered_on = entered
        return deal


def cancel(deal: Deal, on: datetime.date, reason: str) -> Deal:
    """Carried out when the day has come, else scheduled."""
    deal.cancelled_on, deal.cancel_reason = on, reason
    return deal
