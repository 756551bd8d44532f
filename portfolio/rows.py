"""One line of the list, ready to print: the template only places what is computed here, once per page."""

import datetime
from collections import defaultdict
from collections.abc import Collection
from decimal import Decimal
from typing import Any, NamedTuple

from django.utils import timezone
from django.utils.safestring import SafeString

from clients.models import Client
from contracts import classification, reasons
from contracts.models import Contract
from contracts.validity import in_force_on
from core.addresses import address
from core.markup import escaped
from core.phrases import gettext as _
from core.phrases import kept_per_language
from core.statements import Later, Statement
from core.templatetags import design
from core.templatetags.formats import day, money
from portfolio import numbers
from portfolio.row_contacts import Contacts, contacts_of

YEAR = datetime.timedelta(days=365)


class ClientRow(NamedTuple):
    """Texts are escaped when the row is made: the template writes some of them six times."""

    pk: int
    # The id as the page writes it: numbers go through the rules of the language.
    ref: str
    name: str
    place: str
    tier: str
    health: str
    chip: str
    sentence: str
    last_on: str
    contacted_on: str
    contact_result: str
    action: str
    late_action: str
    action_when: str
    rhythm: str
    since: str
    value: str
    product: str
    owner: str
    url: str
    sell_url: str
    edit_url: str
    transfer_url: str
    links_url: str
    write_url: str
    log_url: str


class Value(NamedTuple):
    """What a client brings: per month while contracts run, else what was bought in a year."""

    amount: str
    product: str


# What a row says, as plain values: 50 clients with their owners, cycles and contracts would be 200 model instances.
COLUMNS = (
    "pk",
    "name",
    "social_name",
    "city",
    "uf",
    "class_since",
    "class_reason",
    "owner__name",
    "cycle__gaps",
    "cycle__tier",
    "cycle__last_on",
    "cycle__anchor_on",
    "cycle__value_12m",
    "cycle__contract__cancelled_on",
    "pulse__last_at",
    "recency_days",
    "cycle_days",
    "limit_days",
    "mean_days",
    "health",
)


# Colour, label and a number of days: the same few on every page.
_chip = kept_per_language(design.chip)


def rows_for(ids: list[int], *, on: datetime.date, shown: Collection[str] = ()) -> list[ClientRow]:
    """The rows of one page, in the order of `ids`, which a scoped query has just found: the same few queries
    however many they are, and one more for some of the columns that are `shown`."""
    found = SAID.ask(ids=ids, **numbers.given(on))
    clients = {client["pk"]: client for client in found}
    values = monthly_values(ids, on=on)
    contacts = contacts_of(ids, shown=shown, now=timezone.now())
    return [_row(clients[pk], contacts[pk], value=values.get(pk), on=on) for pk in ids if pk in clients]


def _row(client: dict[str, Any], contacts: Contacts, *, value: Value | None, on: datetime.date) -> ClientRow:
    pk, facts = client["pk"], _facts(client, on=on)
    value = value or _bought(client["cycle__value_12m"])
    return ClientRow(
        pk=pk,
        ref=SafeString(pk),
        name=escaped(client["social_name"] or client["name"]),
        place=escaped(", ".join(filter(None, (client["city"], client["uf"])))),
        tier=design.tier(client["cycle__tier"]),
        health=design.health(client["health"]),
        chip=_chip(*reasons.chip_of(facts)),
        sentence=escaped(reasons.sentence_of(facts)),
        last_on=escaped(day(client["cycle__last_on"], on)),
        contacted_on=escaped(day(client["pulse__last_at"], on)),
        contact_result=contacts.result,
        action=contacts.action,
        late_action=contacts.late,
        action_when=contacts.when,
        rhythm=contacts.rhythm,
        since=escaped(day(client["class_since"], on)),
        value=escaped(value.amount),
        product=escaped(value.product),
        owner=escaped(client["owner__name"] or _("Sem responsável")),
        url=address("portfolio:client_detail", pk),
        sell_url=address("contracts:purchase_create", pk),
        edit_url=address("clients:client_edit", pk),
        transfer_url=address("clients:client_transfer", pk),
        links_url=address("contacts:contact_links", pk),
        write_url=address("contacts:message_compose", pk),
        log_url=address("contacts:log_create", pk),
    )


def _facts(client: dict[str, Any], *, on: datetime.date) -> reasons.Facts:
    """What chip and sentence speak of; chances are left to the client's page."""
    cancelled, gaps = client["cycle__contract__cancelled_on"], client["cycle__gaps"]
    return reasons.Facts(
        on=on,
        reason=client["class_reason"],
        gaps=-1 if gaps is None else gaps,
        recency_days=client["recency_days"],
        cycle_days=client["cycle_days"],
        limit_days=client["limit_days"],
        mean_days=client["mean_days"],
        anchor_on=client["cycle__anchor_on"],
        contract=Contract(cancelled_on=cancelled) if cancelled else None,
    )


def chip_of(client: Any, *, on: datetime.date) -> str:
    return _chip(*reasons.chip(client, on=on))


def _said() -> Any:
    given = {name: Later(name) for name in classification.GIVEN}
    clients = Client.objects.unscoped(reason="found among the visible").filter(pk__among=Later("ids"))
    numbered = classification.numbered(clients, given)
    return numbered.values(*COLUMNS)


SAID = Statement(_said)


def _monthly() -> Any:
    """Contracts in force, the largest of each client first."""
    contracts = Contract.objects.unscoped(reason="of visible clients").filter(
        in_force_on(Later("on")), client__among=Later("ids")
    )
    return contracts.order_by("client", "-amount", "pk").values("client", "amount", "product__name")


MONTHLY = Statement(_monthly)


def monthly_values(ids: list[int], *, on: datetime.date) -> dict[int, Value]:
    """Of each of these visible clients with contracts in force: their sum per month and the largest product."""
    totals: dict[int, Decimal] = defaultdict(Decimal)
    products: dict[int, str] = {}
    for contract in MONTHLY.ask(ids=ids, on=on):
        pk = contract["client"]
        totals[pk] += contract["amount"] or 0
        products[pk] = products.get(pk) or contract["product__name"] or ""
    per_month = _("%(amount)s/mês")
    return {pk: Value(per_month % {"amount": money(total)}, products[pk]) for pk, total in totals.items() if total}


def _bought(amount: Decimal | None) -> Value:
    """Without a contract in force, the value of 12 months is what was bought."""
    return Value(money(amount), _("em 12 meses")) if amount else Value("", "")
