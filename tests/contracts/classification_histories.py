"""Random histories for the reference, and the same as rows."""

import datetime
import random
from zoneinfo import ZoneInfo

from clients.models import Client, Sector
from contracts.models import Contract, Product, Purchase
from tests.contracts.classification_reference import Agreed, Bought, History
from tests.factories import make_client, make_family, make_product

ZONE = ZoneInfo("America/Sao_Paulo")
STATUSES = ["in_force", "in_force", "in_force", "signed", "cancelled", "draft", "proposal", "declined"]
RULES = [("days", None), ("days", None), ("days", 90), ("days", 15), ("consignado", None), ("never", None)]


def random_history(chance: random.Random, around: datetime.date, *, sector: int | None = None) -> History:
    """Purchases and contracts from two years before to three months after a day."""
    history = History(sector=sector)
    rhythm = chance.choice([3, 10, 30, 30, 60, 120, 200])
    day = around - datetime.timedelta(days=chance.randint(0, 720))
    for _ in range(chance.choice([0, 0, 1, 1, 2, 5, 12])):
        if day > around + datetime.timedelta(days=90):
            break
        history.bought.append(
            Bought(day, completed=chance.random() < 0.85, fixed=chance.choice([None] * 8 + [45, 200]))
        )
        day += datetime.timedelta(days=chance.choice([0, chance.randint(1, 2 * rhythm)]))
    for _ in range(chance.choice([0, 0, 0, 1, 1, 2, 3])):
        history.agreed.append(random_deal(chance, around, history))
    return history


def random_deal(chance: random.Random, around: datetime.date, history: History) -> Agreed:
    start = around + datetime.timedelta(days=chance.randint(-500, 60))
    end = start + datetime.timedelta(days=chance.choice([0, 5, 29, 89, 179, 364, 364, 729]))
    status = chance.choice(STATUSES)
    rule, window = chance.choice(RULES)
    deal = Agreed(
        start,
        chance.choice([end, end, end, None]),
        status=status,
        signed=chance.choice([None, start - datetime.timedelta(days=chance.randint(-5, 40))]),
        will_not_renew=chance.random() < 0.15,
        window=chance.choice([None, None, None, 10, 120]),
        family_rule=rule,
        family_window=window,
        fixed=chance.choice([None] * 6 + [100]),
        months=chance.choice([None, None, 6, 18, 48]),
        first_due=chance.choice([None, start + datetime.timedelta(days=chance.randint(10, 60))]),
        amount=chance.choice([None, 50]),
    )
    if status == "cancelled" or chance.random() < 0.15:
        deal.cancelled = start + datetime.timedelta(days=chance.randint(-20, 400))
    if history.agreed and chance.random() < 0.5:
        deal.renews = chance.choice(history.agreed)
    return deal


def store(histories: list[History]) -> dict[int, History]:
    """Rows of each history by the id of its client; nothing is classified."""
    sectors = {
        number: Sector.objects.get_or_create(name=f"Setor {number}", key=f"SETOR {number}")[0]
        for number in sorted({history.sector for history in histories if history.sector is not None})
    }
    products: dict[object, Product] = {}
    stored = {}
    for history in histories:
        client = make_client(sector=None if history.sector is None else sectors[history.sector])
        for sale in history.bought:
            store_sale(client, sale, products)
        rows: list[tuple[Agreed, Contract]] = []
        for deal in history.agreed:
            predecessor = next((row for other, row in rows if other is deal.renews), None)
            rows.append((deal, store_deal(client, deal, products, predecessor)))
        stored[client.pk] = history
    return stored


def store_sale(client: Client, sale: Bought, products: dict[object, Product]) -> Purchase:
    return Purchase.objects.create(
        client=client,
        sold_on=sale.on,
        amount=sale.amount,
        status="completed" if sale.completed else "returned",
        product=product_of(("days", None, sale.fixed), products),
    )


def store_deal(client: Client, deal: Agreed, products: dict[object, Product], predecessor: Contract | None) -> Contract:
    return Contract.objects.create(
        client=client,
        product=product_of((deal.family_rule, deal.family_window, deal.fixed), products),
        status=deal.status,
        signed_on=deal.signed,
        start_on=deal.start,
        end_on=deal.end,
        cancelled_on=deal.cancelled,
        will_not_renew=deal.will_not_renew,
        window_days=deal.window,
        term_months=deal.months,
        first_due_on=deal.first_due,
        renews=predecessor,
        amount=deal.amount,
        created_at=datetime.datetime.combine(deal.created, datetime.time(12), ZONE),
    )


def product_of(key: tuple[str, int | None, int | None], products: dict[object, Product]) -> Product:
    if key not in products:
        rule, window, fixed = key
        family = make_family(window_rule=rule, window_days=window, inactive_after_days=fixed)
        products[key] = make_product(family=family)
    return products[key]
