"""Searching as people do: the words are posted, and the list that follows is asked for. Both requests count."""

from collections import Counter
from collections.abc import Iterator
from functools import partial

from carteira.bench.browsing import Answer, Browser
from carteira.bench.figures import BenchError, Figure, Options
from carteira.bench.pages import LIST, against
from carteira.bench.sampling import constant_rows, query_figures, sample
from carteira.bench.serving import Server
from carteira.bench.visiting import ROLES, Visitor, visitor
from clients.models import Client, Phone
from people.models import User

BUDGET = 4
# CPU ms per request of a search at 1,000,000 clients, measured beside ours (docs/performance.md).
PEERS = {"DjangoCRM": 12_913, "Creme CRM": 2_244}
SEEN = 2_000
SHORTEST_WORD = 4


def measure(options: Options) -> Iterator[Figure]:
    with Server() as server:
        for role in ROLES:
            with visitor(role, server) as person:
                yield from searches_of(person, server, options)


def searches_of(person: Visitor, server: Server, options: Options) -> Iterator[Figure]:
    limit = constant_rows(person.user)
    for kind, text in texts(person.user).items():
        name = f"search, {kind}, {person.role}"
        taken = sample(server, partial(searched, person.browser, text), limit, options)
        figures = list(taken.figures(name, budget=BUDGET))
        yield from figures
        yield from query_figures(name, LIST, person.user, options, text=text)
        if kind == "two words":
            yield from against(PEERS, figures[0])


def searched(browser: Browser, text: str) -> Answer:
    posted = browser.post("/carteira/busca/", q=text)
    found = browser.get(posted.location)
    return Answer(found.status, found.body, found.location, posted.seconds + found.seconds)


def texts(user: User) -> dict[str, str]:
    """What this person may look for, taken from the clients they see."""
    clients = Client.objects.visible_to(user).order_by("pk")
    seen = list(clients.values_list("pk", "name_key", "document")[:SEEN])
    if not seen:
        raise BenchError("A base não tem clientes: rode manage.py generate antes.")
    words = Counter(word for _pk, name, _document in seen for word in name.split() if len(word) >= SHORTEST_WORD)
    names = [name.split() for _pk, name, _document in seen if len(name.split()) > 1] or [[seen[0][1]]]
    phone = Phone.objects.visible_to(user).filter(client__in=[pk for pk, *_ in seen]).order_by("pk").first()
    wanted = {
        "two words": " ".join((names[0][0], names[0][-1])),
        "rare": min(words, key=lambda word: (words[word], -len(word), word), default=""),
        "frequent": max(words, key=lambda word: (words[word], word), default=""),
        "6 digits": phone.e164[-6:] if phone else "",
        "document": next((document for *_, document in seen if document), ""),
    }
    return {kind: text for kind, text in wanted.items() if text}
