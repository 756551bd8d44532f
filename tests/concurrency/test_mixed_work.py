"""A busy office: 16 threads edit, sell, tag, hand over, release, distribute and classify the same clients (G8)."""

import datetime
import random
from collections.abc import Callable
from decimal import Decimal
from functools import partial

import pytest
from django.utils import timezone

from clients import handover, registration
from clients.models import Client
from clients.registration import Profile
from clients.versions import StaleRecordError
from contracts import nightly, purchases
from contracts.models import Purchase
from contracts.purchases import Sale
from people.models import User
from people.roles import Role
from portfolio import distribution
from tests.concurrency.parallel import everyone, ownership_faults, patiently, together
from tests.factories import Cast, make_client, make_user
from tests.faults.installation import SCALE
from tests.faults.tally import Tally

THREADS = 16
OPERATIONS = max(300, 500 * SCALE if SCALE > 1 else 0)
CLIENTS = 80
TRIES = 200


class Worker:
    """One person in a hurry; remembers what was saved."""

    def __init__(self, number: int, user: User, sellers: list[User], clients: list[int]) -> None:
        self.chance = random.Random(number)
        self.name = number
        self.user = user
        self.sellers = sellers
        self.clients = clients
        self.marks: list[tuple[int, str]] = []
        self.sales: list[Purchase] = []
        self.done = 0

    def work(self, operations: int) -> None:
        acts: list[Callable[[], None]] = [
            self.edit,
            self.sell,
            self.cancel_a_sale,
            self.tag,
            self.transfer,
            self.release,
        ]
        weights = [40, 20, 5, 10, 20, 5]
        for number in range(operations):
            rare = self.chance.random()
            if rare < 0.01:
                patiently(self.distribute)
            elif rare < 0.015:
                day = timezone.localdate() + datetime.timedelta(days=number % 3)
                patiently(partial(nightly.classify_everybody, day))
            else:
                patiently(self.chance.choices(acts, weights)[0])
            self.done += 1

    def client(self) -> Client:
        found: Client = everyone().get(pk=self.chance.choice(self.clients))
        return found

    def edit(self) -> None:
        pk, mark = self.chance.choice(self.clients), f"[{self.name}.{self.done}]"
        for _ in range(TRIES):
            present = everyone().get(pk=pk)
            profile = Profile(name=present.name, notes=f"{present.notes}{mark}", tags=("VIP",))
            try:
                registration.update(present, profile, version=present.version, by=self.user)
            except StaleRecordError:
                continue
            self.marks.append((pk, mark))
            return
        raise AssertionError("never accepted")

    def sell(self) -> None:
        sale = Sale(sold_on=timezone.localdate(), amount=Decimal(self.chance.randint(1, 900)))
        self.sales.append(purchases.record(self.client(), sale, by=self.user))

    def cancel_a_sale(self) -> None:
        if self.sales:
            purchases.cancel(self.sales[-1], by=self.user)
            self.sales.pop()

    def tag(self) -> None:
        names = tuple(self.chance.sample(["VIP", "Novo", "Frio"], 2))
        registration.set_tags(self.client(), names, by=self.user)

    def some(self, most: int) -> list[int]:
        return self.chance.sample(self.clients, self.chance.randint(1, most))

    def transfer(self) -> None:
        handover.transfer(self.some(30), to=self.chance.choice(self.sellers), by=self.user)

    def release(self) -> None:
        handover.release(self.some(4), by=self.user)

    def distribute(self) -> None:
        try:
            distribution.apply(distribution.propose(by=self.user), by=self.user)
        except distribution.NothingToDistributeError:
            return


@pytest.mark.fault("G8", "mixed operations of 16 threads")
def test_mixed_work_loses_no_edit_and_no_owner(cast: Cast, tally: Tally) -> None:
    sellers = [cast.julia, cast.caio, cast.davi]
    clients = [make_client(owner=sellers[number % 3], person_type="PF").pk for number in range(CLIENTS)]
    users = [make_user(f"Pessoa {number}", role=Role.ADMIN) for number in range(THREADS)]
    office = [Worker(number, user, sellers, clients) for number, user in enumerate(users)]

    together(partial(worker.work, OPERATIONS // THREADS) for worker in office)

    tally.tried = sum(worker.done for worker in office)
    notes = dict(everyone().values_list("pk", "notes"))
    marks = [pair for worker in office for pair in worker.marks]
    tally.count(lost=[mark for pk, mark in marks if notes[pk].count(mark) != 1], twice=ownership_faults())
    versions = dict(everyone().values_list("pk", "version"))
    assert sum(versions.values()) == CLIENTS + len(marks)
    assert everyone().count() == CLIENTS
