"""A working hour of many sellers: requests arrive when they arrive, whether or not the ones before are answered.

A sale is a form asked for and a form posted, and writes purchase, class and history: only in a generated base.
"""

import random
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from queue import LifoQueue

from django.utils import timezone

from carteira.bench.browsing import Answer, Browser, hidden_fields
from carteira.bench.figures import BenchError, Figure, Options
from carteira.bench.sampling import percentile
from carteira.bench.serving import Server
from carteira.bench.visiting import session_cookies
from carteira.generator.marks import is_generated
from clients.models import Client
from contracts.models import Product
from people.models import User
from people.roles import Role

SOAK, BURST, BURST_SECONDS = 35, 80, 60
# Of 100 requests 30 write. Every posted form was asked for first: of 70 reads 30 are forms.
WRITES = 0.30
SALES_OF_ACTIONS = WRITES / (1 - WRITES)
SELLERS, CLIENTS_OF_EACH = 30, 100
BUDGETS = {"soak": (300, 800), "burst": (1_000, None)}
MOST_GROWTH = 5
# Who waits longer gives up; without an end a server that is too slow would be measured for ever.
PATIENCE = 10


def measure(options: Options) -> Iterator[Figure]:
    if not is_generated():
        raise BenchError("Esta medida registra vendas: só em uma base criada por manage.py generate.")
    with Server() as server, ExitStack() as stack:
        crew = Crew(server.port, few=options.quick)
        stack.callback(crew.close)
        drive(crew, rate=SOAK, seconds=min(options.seconds, 10), seed=0)  # warms caches and connections
        before = server.memory_bytes()
        yield from told("soak", drive(crew, rate=SOAK, seconds=options.seconds, seed=1))
        growth = 100 * (server.memory_bytes() - before) / before
        yield Figure("soak: memory growth of the server", growth, "%", budget=MOST_GROWTH)
        yield from told("burst", drive(crew, rate=BURST, seconds=min(options.seconds, BURST_SECONDS), seed=2))


@dataclass(slots=True)
class Log:
    """Milliseconds from the moment a request was due until its answer; what went wrong."""

    reads: list[float] = field(default_factory=list)
    writes: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)
    seconds: float = 0


def told(name: str, log: Log) -> Iterator[Figure]:
    everything = log.reads + log.writes
    p95, p99 = BUDGETS[name]
    yield Figure(f"{name}: p95", percentile(everything, 0.95), "ms", budget=p95)
    yield Figure(f"{name}: p99", percentile(everything, 0.99), "ms", budget=p99)
    yield Figure(f"{name}: p95 of reads", percentile(log.reads, 0.95), "ms")
    yield Figure(f"{name}: p95 of writes", percentile(log.writes or [0], 0.95), "ms")
    yield Figure(f"{name}: errors{'' if not log.errors else f' ({log.errors[0]})'}", len(log.errors), "", budget=0)
    yield Figure(f"{name}: requests", len(everything) / log.seconds, "req/s")
    yield Figure(f"{name}: share that writes", 100 * len(log.writes) / len(everything), "%")


# --- Who works ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Worker:
    browser: Browser
    clients: list[int]


class Crew:
    """Sellers with their sessions. One connection serves one request at a time: each waits its turn in a stack."""

    def __init__(self, port: int, *, few: bool) -> None:
        self.products = list(Product.objects.filter(is_active=True).values_list("pk", flat=True))
        sellers = User.objects.filter(role=Role.SELLER, is_active=True).order_by("pk")
        self.workers = [work for seller in sellers[: 3 if few else SELLERS] if (work := worker(seller, port))]
        if not self.workers or not self.products:
            raise BenchError(
                "A base não tem vendedores com clientes, ou nenhum produto: rode manage.py generate antes."
            )
        # More connections than sellers: people keep several tabs open.
        self.free: LifoQueue[Worker] = LifoQueue()
        for _ in range(2 if few else 4):
            for one in self.workers:
                self.free.put(Worker(one.browser.twin(), one.clients))

    def close(self) -> None:
        while not self.free.empty():
            self.free.get().browser.close()


def worker(seller: User, port: int) -> Worker | None:
    clients = Client.objects.visible_to(seller).order_by("pk").values_list("pk", flat=True)[:CLIENTS_OF_EACH]
    browser = Browser(port)
    browser.cookies |= session_cookies(seller)
    return Worker(browser, list(clients)) if clients else None


# --- What they do ---------------------------------------------------------------------------------------


def drive(crew: Crew, *, rate: float, seconds: float, seed: int) -> Log:
    """Sends actions at random moments, `rate` requests a second on average."""
    drawn, log = random.Random(seed), Log()  # noqa: S311 - the same load every time
    moments, moment = [], 0.0
    while (moment := moment + drawn.expovariate(rate / (1 + SALES_OF_ACTIONS))) < seconds:
        moments.append((moment, drawn.random()))
    begun = time.perf_counter()
    with ThreadPoolExecutor(max_workers=crew.free.qsize()) as pool:
        sent: list[Future[None]] = []
        for due, luck in moments:
            time.sleep(max(0.0, begun + due - time.perf_counter()))
            sent.append(pool.submit(act, crew, log, begun + due, luck))
        for done in sent:
            done.result()
    log.seconds = time.perf_counter() - begun
    if not log.reads:
        raise BenchError("Nenhum pedido foi respondido; aumente --seconds.")
    return log


def act(crew: Crew, log: Log, due: float, luck: float) -> None:
    at_work = crew.free.get()
    try:
        if (waited := time.perf_counter() - due) > PATIENCE:
            log.errors.append("gave up")
            log.reads.append(1000 * waited)
            return
        client = at_work.clients[int(luck * 1e6) % len(at_work.clients)]
        if luck < SALES_OF_ACTIONS:
            sell(at_work.browser, client, crew.products[client % len(crew.products)], log, due)
        else:
            path = read_path(client, luck)
            note(log, log.reads, at_work.browser.get(path), due, expected=200)
    except OSError as error:
        log.errors.append(type(error).__name__)
    finally:
        crew.free.put(at_work)


def read_path(client: int, luck: float) -> str:
    """Half of what is only read is a client's page, the rest lists."""
    lists = ("/carteira/", "/carteira/?class=active", "/carteira/?class=renewal", "/carteira/?class=inactive")
    place = int(luck * 1e5) % 8
    return lists[place] if place < len(lists) else f"/clientes/{client}/"


def sell(browser: Browser, client: int, product: int, log: Log, due: float) -> None:
    path = f"/clientes/{client}/compras/nova/"
    form = browser.get(path)
    note(log, log.reads, form, due, expected=200)
    asked = time.perf_counter()
    today = timezone.localdate().isoformat()
    fields = hidden_fields(form.body) | {"product": product, "sold_on": today, "amount": "100,00"}
    note(log, log.writes, browser.post(path, **fields), asked, expected=303)


def note(log: Log, taken: list[float], answer: Answer, due: float, *, expected: int) -> None:
    taken.append(1000 * (time.perf_counter() - due))
    if answer.status != expected:
        log.errors.append(str(answer.status))
