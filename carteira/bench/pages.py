"""The pages people open all day: processor time per request, queries, waiting times, for three roles."""

from collections.abc import Iterator
from functools import partial
from urllib.parse import urlencode

from django.db.models import Count
from django.utils import timezone

from carteira.bench.figures import Figure, Options
from carteira.bench.sampling import constant_rows, query_figures, sample
from carteira.bench.serving import Server
from carteira.bench.visiting import ROLES, Visitor, visitor
from clients.models import Client, ClientQuerySet, PortfolioClass
from contacts.workdays import Workdays
from core.paging import NUMBERED_ROWS, PAGE_SIZE, Edge
from portfolio import agenda_days
from portfolio.queries import BY_NAME

LIST = "/carteira/"
FIRST, DEEP, FILTERED, CLIENT = "list by class, first page", "list by class, deep page", "list, filtered", "client page"
DAY = "meu dia"
BUDGETS = {FIRST: 2.5, DEEP: 2.5, FILTERED: 3, CLIENT: 3, DAY: 3}
# CPU ms per request of the list at 1,000,000 clients, measured beside ours (docs/performance.md).
PEERS = {"DjangoCRM": 2_387, "Creme CRM": 3_940}
PEERS_CLIENTS, PEERS_TIMES = 900_000, 20


def measure(options: Options) -> Iterator[Figure]:
    with Server() as server:
        yield from bare_view(server, options)
        for role in ROLES:
            with visitor(role, server) as person:
                yield from pages_of(person, server, options)


def bare_view(server: Server, options: Options) -> Iterator[Figure]:
    """An address that asks the database nothing and renders nothing: what a request costs at the least."""
    with visitor(ROLES[0], server) as person:
        taken = sample(server, lambda: person.browser.get("/saude/"), lambda: None, options)
        yield Figure("bare view", sum(taken.cpu) / len(taken.cpu), "ms")


def pages_of(person: Visitor, server: Server, options: Options) -> Iterator[Figure]:
    limit = constant_rows(person.user)
    for page, path in (addresses(person) | day_of(person)).items():
        name = f"{page}, {person.role}"
        taken = sample(server, partial(person.browser.get, path), limit, options)
        figures = list(taken.figures(name, budget=BUDGETS[page]))
        yield from figures
        yield from query_figures(name, path, person.user, options)
        if page == FIRST:
            yield from against(PEERS, figures[0])


def against(peers: dict[str, int], ours: Figure) -> Iterator[Figure]:
    """How many times less than the peers, whose figures are of a large base."""
    if Client.objects.unscoped(reason="whether the base is as large as the one of the peers").count() >= PEERS_CLIENTS:
        for peer, theirs in peers.items():
            yield Figure(
                f"{ours.name}: {peer} ({theirs} ms) over ours", theirs / ours.value, "×", None, PEERS_TIMES, True
            )


def addresses(person: Visitor) -> dict[str, str]:
    clients = Client.objects.visible_to(person.user)
    fullest = largest(clients, "portfolio_class") or PortfolioClass.ACTIVE
    of_class = clients.filter(portfolio_class=fullest)
    narrowed = {"class": fullest, "uf": largest(of_class, "uf"), "type": largest(of_class, "person_type")}
    return {
        FIRST: list_at({"class": fullest}),
        DEEP: list_at({"class": fullest, "pagina": deep_place(of_class)}),
        FILTERED: list_at(narrowed),
        CLIENT: f"/clientes/{busy_client(of_class)}/",
    }


def day_of(person: Visitor) -> dict[str, str]:
    """Meu dia of who has clients, as the night leaves it: today's, or on a day off the next one's."""
    if not Client.objects.visible_to(person.user).filter(owner=person.user).exists():
        return {}
    today = timezone.localdate()
    day = Workdays.load().on_or_after(today, person.user.team.uf if person.user.team else "")
    agenda_days.recompute(person.user, day)
    return {DAY: "/meu-dia/" if day == today else f"/meu-dia/?dia={day.isoformat()}"}


def list_at(query: dict[str, str]) -> str:
    return f"{LIST}?{urlencode({name: value for name, value in query.items() if value})}"


def largest(clients: ClientQuerySet, name: str) -> str:
    counted = clients.exclude(**{name: ""}).order_by().values_list(name).annotate(clients=Count("pk"))
    return str(max(counted, key=lambda row: row[1], default=("", 0))[0])


def deep_place(clients: ClientQuerySet) -> str:
    """The place in the address of a page near the end of the list by name."""
    total = clients.count()
    if total <= NUMBERED_ROWS:
        return str(max(1, -(-total // PAGE_SIZE)))
    return Edge(BY_NAME.reversed().sort(clients).values_list("pk", flat=True)[PAGE_SIZE]).token(BY_NAME)


def busy_client(clients: ClientQuerySet) -> int:
    """Of the first by name the one with the most purchases, for a full timeline."""
    first = clients.order_by("name_key", "pk").values_list("pk", flat=True)[:500]
    counted = clients.filter(pk__in=list(first)).annotate(bought=Count("purchases"))
    return int(counted.order_by("-bought", "pk").values_list("pk", flat=True)[0])
