"""Processor time of one page beside that of 50 constant rows, taken in turns; its queries; its waiting times."""

import datetime
import re
import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

from django.db import connection
from django.template import Context, Engine, Template
from django.test import Client as TestClient
from django.test import RequestFactory

from carteira.bench.browsing import Answer
from carteira.bench.figures import BenchError, Figure, Options
from carteira.bench.serving import HOST, Server, database_cpu_ms
from core.markup import escaped
from core.paging import PAGE_SIZE
from people.models import User
from people.roles import Permission
from portfolio import contact_rule
from portfolio.listing import Shown, columns_of
from portfolio.rows import ClientRow

MOST_QUERIES, SLOWEST_MS = 15, 100
WARM_UP = 3
REQUESTS, QUICK_REQUESTS = 20, 3
QUICKER = ("core.templatetags.addresses", "core.templatetags.texts")
EACH = re.compile(r"{% each (\w+ in \w+)[^%]*%}")


@dataclass(slots=True)
class Sample:
    """Each round in ms of one request, and every waiting time."""

    cpu: list[float] = field(default_factory=list)
    database: list[float] = field(default_factory=list)
    limit: list[float] = field(default_factory=list)
    walls: list[float] = field(default_factory=list)

    def add(self, server: Server, ask: Callable[[], Answer], limit: Callable[[], object], *, requests: int) -> None:
        at_server, at_database = server.cpu_ms(), database_cpu_ms()
        limits = 0.0
        for _ in range(requests):
            # In turns, one by one: the speed of a shared host changes within a second.
            limits += own_cpu_ms(limit)
            self.walls.append(1000 * ask().seconds)
        self.limit.append(limits / requests)
        self.cpu.append((server.cpu_ms() - at_server) / requests)
        # A process that ended meanwhile takes its figure along: only those that are left count.
        grown = sum(spent - at_database.get(pid, 0) for pid, spent in database_cpu_ms().items())
        self.database.append(grown / requests)

    def figures(self, name: str, *, budget: float | None) -> Iterator[Figure]:
        yield Figure(name, statistics.mean(self.cpu), "ms", statistics.mean(self.limit), budget)
        yield Figure(f"{name}: database", statistics.median(self.database), "ms")
        for label, share in (("p50", 0.50), ("p95", 0.95), ("p99", 0.99)):
            yield Figure(f"{name}: {label}", percentile(self.walls, share), "ms")
        yield Figure(f"{name}: one after another", 1000 / statistics.mean(self.walls), "req/s")


def sample(server: Server, ask: Callable[[], Answer], limit: Callable[[], object], options: Options) -> Sample:
    for _ in range(WARM_UP):
        if (answer := ask()).status != 200:
            raise BenchError(f"Uma página medida respondeu {answer.status} {answer.location}.")
    taken = Sample()
    for _ in range(options.repeat):
        taken.add(server, ask, limit, requests=QUICK_REQUESTS if options.quick else REQUESTS)
    return taken


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(int(share * len(ordered)), len(ordered) - 1)]


def own_cpu_ms(action: Callable[[], object]) -> float:
    start = time.process_time()
    action()
    return 1000 * (time.process_time() - start)


# --- The limit ------------------------------------------------------------------------------------------


def constant_rows(user: User) -> Callable[[], object]:
    """Renders the rows of the list for this person from constants: no query, no shell around them."""
    template = written_row_by_row("portfolio/_client_rows.html")
    columns = columns_of(user, None)
    values = {
        "rows": [CONSTANT] * PAGE_SIZE,
        "columns": columns,
        "shown": Shown.of(columns),
        "can_sort": True,
        "order": "nome",
        "perms_of": {permission.value: user.may(permission) for permission in Permission},
    }
    request = RequestFactory().get("/carteira/")

    def render() -> object:
        context = Context(values)
        context.request = request  # type: ignore[attr-defined]  # for addresses; RequestContext would add its processors to the limit
        return template.render(context)

    return render


def written_row_by_row(name: str) -> Template:
    """The same template with Django's own loop, addresses and translations instead of ours, which are quicker."""
    ours = Engine.get_default()
    own = [library for library in ours.builtins if library not in (*Engine.default_builtins, *QUICKER)]
    plain = Engine(builtins=[*own, "django.templatetags.i18n"], libraries=ours.libraries)
    source = EACH.sub(r"{% for \1 %}", ours.get_template(name).source)
    return plain.from_string(source.replace("{% endeach %}", "{% endfor %}"))


PLAIN = ClientRow(
    pk=1,
    ref="1",
    name="Maria Aparecida de Souza",
    place="São Paulo, SP",
    tier="A",
    health="80",
    chip="Vence 12 dias",
    sentence="Contrato vence em 12 dias (12/12/2026).",
    last_on="5 dez",
    contacted_on="2 dez",
    contact_result="Ligação, atendeu",
    action="Ligar",
    late_action="",
    action_when="hoje, 09:30",
    rhythm=contact_rule.drawing([], on=datetime.date(2026, 1, 1), interval=0, is_due=True),
    since="5 dez 2025",
    value="R$ 4.280/mês",
    product="Seguro de vida",
    owner="Juliana Prado",
    url="/clientes/1/",
    sell_url="/clientes/1/compras/nova/",
    edit_url="/clientes/1/editar/",
    transfer_url="/clientes/1/transferir/",
    links_url="/contatos/1/numeros/",
    write_url="/contatos/1/mensagem/",
    log_url="/contatos/1/registrar/",
)
# Our rows reach the template escaped: the limit is given what they are given.
CONSTANT = ClientRow._make(value if isinstance(value, int) else escaped(value) for value in PLAIN)


# --- Queries --------------------------------------------------------------------------------------------


class QueryLog:
    """Milliseconds of every statement, as a wrapper around the connection."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    def __call__(self, execute: Any, sql: Any, params: Any, many: Any, context: Any) -> Any:
        start = time.perf_counter()
        try:
            return execute(sql, params, many, context)
        finally:
            self.taken.append(1000 * (time.perf_counter() - start))


def query_figures(name: str, path: str, user: User, options: Options, *, text: str = "") -> Iterator[Figure]:
    """How many statements a page asks, and the slowest one (the median of the slowest of each request)."""
    browser = TestClient(HTTP_HOST=HOST)
    browser.force_login(user)
    if text:
        browser.post("/carteira/busca/", {"q": text})
    browser.get(path)
    counts, slowest = [], []
    for _ in range(options.repeat):
        log = QueryLog()
        with connection.execute_wrapper(log):
            browser.get(path)
        counts.append(len(log.taken))
        slowest.append(max(log.taken))
    yield Figure(f"{name}: queries", max(counts), "", budget=MOST_QUERIES)
    yield Figure(f"{name}: slowest query", statistics.median(slowest), "ms", budget=SLOWEST_MS)
