"""Writes the drafts set-wise: clients, what hangs on them, their ownership, sales and contracts."""

import datetime
import random
from collections.abc import Iterable, Iterator
from itertools import count
from typing import Any

from django.utils import timezone

from brazil.names import folded
from carteira.demo import reach
from carteira.demo.clients import Draft, Drafter
from carteira.demo.deals import Deal
from carteira.demo.products import Catalogue
from carteira.demo.staff import Staff
from clients.models import Client, Ownership
from clients.vocabulary import sector_named, tags_named
from contracts.models import Contract, Purchase
from people.models import Team, User

BATCH = 2000
CODES_FROM, ORDERS_FROM = 1042, 20_311


class Writer:
    def __init__(self, drafter: Drafter, staff: Staff, catalogue: Catalogue) -> None:
        self.drafter = drafter
        self.rng: random.Random = drafter.rng
        self.staff = staff
        self.catalogue = catalogue

    def write(self, drafts: list[Draft]) -> list[Client]:
        clients = self._clients(drafts)
        pairs = list(zip(drafts, clients, strict=True))
        self._ownerships(pairs)
        reach.Writer(self.drafter, self.staff).write(pairs)
        self._tags(pairs)
        self._purchases(pairs)
        self._contracts(pairs)
        return clients

    # --- Clients --------------------------------------------------------------------------------------

    def _clients(self, drafts: list[Draft]) -> list[Client]:
        names = sorted({draft.trade for draft in drafts})
        sectors = {name: sector_named(name) for name in names}
        codes = count(CODES_FROM)
        clients = []
        for draft in drafts:
            owner = self.staff.people[draft.plan.name] if draft.plan else None
            clients.append(
                Client(
                    code=f"{next(codes):06}" if self.rng.random() < 0.8 else "",
                    person_type="PJ" if draft.is_company else "PF",
                    name=draft.name,
                    name_key=folded(draft.name),
                    trade_name=draft.trade_name,
                    social_name=draft.social_name,
                    document=draft.document,
                    birth_date=draft.born,
                    sector=sectors[draft.trade] if self.rng.random() < 0.97 else None,
                    source=draft.source,
                    city=draft.place.city,
                    uf=draft.place.uf,
                    owner=owner,
                    team=owner.team if owner else self._team_in_queue(draft),
                    class_since=timezone.localdate(draft.created_at),
                    notes=draft.notes or reach.note(self.rng, draft),
                    created_at=draft.created_at,
                    created_by=self._registrar(draft),
                )
            )
        return Client.objects.bulk_create(clients, batch_size=BATCH)

    def _team_in_queue(self, draft: Draft) -> Team | None:
        """A released client stays with the team it had; half of the newcomers have none yet."""
        if draft.spells:
            return self.staff.people[draft.spells[-1].seller].team
        return self.staff.teams["Brasil"] if self.rng.random() < 0.5 else None

    def _registrar(self, draft: Draft) -> User | None:
        if draft.spells and draft.spells[0].reason == "created":
            return self.staff.people[draft.spells[0].seller]
        return self.staff.admin if draft.spells else None

    def _ownerships(self, pairs: Iterable[tuple[Draft, Client]]) -> None:
        rows = []
        for draft, client in pairs:
            for spell in draft.spells:
                owner = self.staff.people[spell.seller]
                by = owner if spell.reason == "created" else self.staff.supervisor_of(owner)
                rows.append(
                    Ownership(
                        client=client, owner=owner, since=spell.since, until=spell.until, reason=spell.reason,
                        note=spell.note, by=by,
                    )
                )  # fmt: skip
        rows.sort(key=lambda row: row.since)
        Ownership.objects.bulk_create(rows, batch_size=BATCH)

    def _tags(self, pairs: Iterable[tuple[Draft, Client]]) -> None:
        chosen = [(client, draft.tags or reach.tags(self.rng, draft)) for draft, client in pairs]
        tags = {tag.key: tag for tag in tags_named({name for _, names in chosen for name in names})}
        through = Client.tags.through
        through.objects.bulk_create(
            through(client_id=client.pk, tag_id=tags[folded(name)].pk) for client, names in chosen for name in names
        )

    # --- Sales and contracts ----------------------------------------------------------------------------

    def _seller(self, draft: Draft, day: datetime.date) -> dict[str, Any]:
        seller = self.staff.people.get(draft.seller_on(day))
        return {"seller": seller, "team": seller.team if seller else None, "created_by": seller}

    def _purchases(self, pairs: Iterable[tuple[Draft, Client]]) -> None:
        """Numbered through the years in the order of sale."""
        sold = [(sale, draft, client) for draft, client in pairs for sale in draft.history.sales]
        sold.sort(key=lambda row: (row[0].day, row[2].pk))
        numbers = self._numbers(ORDERS_FROM, step=3)
        Purchase.objects.bulk_create(
            (
                Purchase(
                    client=client,
                    product=self.catalogue.products[sale.product],
                    number=str(next(numbers)),
                    sold_on=sale.day,
                    amount=sale.amount,
                    status=sale.status,
                    notes=sale.notes,
                    created_at=self._noon(sale.day),
                    **self._seller(draft, sale.day),
                )
                for sale, draft, client in sold
            ),
            batch_size=BATCH,
        )

    def _contracts(self, pairs: Iterable[tuple[Draft, Client]]) -> None:
        """Those that renew another one come after it, which has its id by then."""
        signed = [(deal, draft, client) for draft, client in pairs for deal in draft.history.deals]
        signed.sort(key=lambda row: (row[0].known_on, row[2].pk))
        numbers = self._numbers(418_200, step=37)
        written: dict[int, Contract] = {}
        for generation in range(max((_depth(deal) for deal, *_ in signed), default=-1) + 1):
            rows = [row for row in signed if _depth(row[0]) == generation]
            contracts = [self._contract(*row, before=written, number=next(numbers)) for row in rows]
            Contract.objects.bulk_create(contracts, batch_size=BATCH)
            written |= {id(row[0]): contract for row, contract in zip(rows, contracts, strict=True)}

    def _contract(
        self, deal: Deal, draft: Draft, client: Client, *, before: dict[int, Contract], number: int
    ) -> Contract:
        is_signed = deal.signed_on is not None
        return Contract(
            client=client,
            product=self.catalogue.products[deal.product],
            institution=self.catalogue.institutions[deal.institution],
            number=_contract_number(deal, number) if is_signed else "",
            status=deal.status,
            signed_on=deal.signed_on,
            start_on=deal.start_on,
            end_on=deal.end_on,
            renews=before[id(deal.renews)] if deal.renews else None,
            cancelled_on=deal.cancelled_on,
            cancel_reason=deal.cancel_reason,
            will_not_renew=deal.will_not_renew,
            amount=deal.amount,
            term_months=deal.term_months,
            first_due_on=deal.first_due_on,
            notes=deal.notes,
            created_at=self._noon(deal.known_on),
            **self._seller(draft, deal.known_on),
        )

    def _numbers(self, first: int, *, step: int) -> Iterator[int]:
        while True:
            first += self.rng.randint(1, step)
            yield first

    def _noon(self, day: datetime.date) -> datetime.datetime:
        at = datetime.time(self.rng.randint(9, 17), self.rng.randrange(60))
        moment = datetime.datetime.combine(day, at, tzinfo=self.drafter.now.tzinfo)
        return min(moment, self.drafter.now)


def _depth(deal: Deal) -> int:
    return 0 if deal.renews is None else _depth(deal.renews) + 1


def _contract_number(deal: Deal, number: int) -> str:
    """Banks, insurers and the company itself number in their own ways."""
    if deal.term_months:
        return str(510_000_000 + number)
    if deal.institution == "Horizonte":
        return f"HZ-{deal.known_on.year}-{number % 100_000:05}"
    return f"{number % 9 + 1:02}.{number % 89 + 11}.{number:07}"
