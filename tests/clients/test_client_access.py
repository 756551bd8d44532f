"""Who reaches the screens of a client: the outsider finds nothing, the auditor changes nothing."""

import re
from collections.abc import Callable

import pytest
from django.db import connection
from django.test import Client as Browser
from django.urls import reverse
from psycopg import sql

from clients.models import Address, Client, ContactPerson, Email, Phone
from people.models import User
from tests.factories import Cast, make_client

Desk = Callable[[User], Browser]
ABSENT = 987_654

FORMS = [
    "client_edit",
    "client_tags",
    "consent_add",
    "opt_out_add",
    "phone_add",
    "email_add",
    "address_add",
    "person_add",
]
PARTS = ["phone", "email", "address", "person"]


@pytest.fixture
def ana(cast: Cast) -> Client:
    client = make_client("Ana Secreta", owner=cast.julia, document="52998224725", person_type="PF")
    Phone.objects.create(client=client, e164="+5511987654321", kind="MOBILE", is_primary=True)
    Email.objects.create(client=client, address="ana@secreta.com.br", is_primary=True)
    Address.objects.create(client=client, city="Joinville", uf="SC", is_primary=True)
    ContactPerson.objects.create(client=client, name="Bia Secreta")
    return client


def urls(client: Client, *, absent: bool = False) -> list[tuple[str, str]]:
    """(method, address) of every screen about the client, or about one that is not there."""
    pk = ABSENT if absent else client.pk
    parts = {
        "phone": client.phones.get().pk,
        "email": client.emails.get().pk,
        "address": client.addresses.get().pk,
        "person": client.people.get().pk,
    }
    found = [(method, reverse(f"clients:{name}", args=[pk])) for name in FORMS for method in ("get", "post")]
    found += [("post", reverse("clients:client_document", args=[pk]))]
    found += [("post", reverse("clients:belonging_restore", args=[pk, "x"]))]
    for noun, part in parts.items():
        part_pk = ABSENT if absent else part
        found += [(method, reverse(f"clients:{noun}_edit", args=[part_pk])) for method in ("get", "post")]
        found += [("post", reverse(f"clients:{noun}_remove", args=[part_pk]))]
    for noun in PARTS[:3]:
        found += [("post", reverse(f"clients:{noun}_make_primary", args=[ABSENT if absent else parts[noun]]))]
    return found


def bare(page: bytes) -> bytes:
    """Without the token against forgery, new for each answer."""
    return re.sub(rb'(content|value)="[A-Za-z0-9]{64}"', b"", page)


def test_the_outsider_gets_the_answer_of_an_absent_client(ana: Client, cast: Cast, at_desk: Desk) -> None:
    browser = at_desk(cast.davi)
    for (method, hidden), (_, absent) in zip(urls(ana), urls(ana, absent=True), strict=True):
        answers = [getattr(browser, method)(url) for url in (hidden, absent)]
        assert [answer.status_code for answer in answers] == [404, 404], hidden
        assert bare(answers[0].content) == bare(answers[1].content), hidden
        assert b"Secreta" not in answers[0].content


def test_a_leader_of_another_branch_transfers_nothing(ana: Client, cast: Cast, at_desk: Desk) -> None:
    browser = at_desk(cast.norma)
    for name in ("client_transfer", "client_release"):
        for pk in (ana.pk, ABSENT):
            assert browser.post(reverse(f"clients:{name}", args=[pk])).status_code == 404
    assert browser.post(reverse("clients:client_bulk_transfer"), {"ids": [ana.pk]}).status_code == 404


def test_the_auditor_is_forbidden_to_change(ana: Client, cast: Cast, at_desk: Desk) -> None:
    browser = at_desk(cast.aurora)
    for method, url in urls(ana):
        assert getattr(browser, method)(url).status_code == 403, url
    assert browser.get("/clientes/novo/").status_code == 403
    assert browser.post("/clientes/novo/repetidos/").status_code == 403


@pytest.mark.parametrize("who", ["julia", "bento", "aurora"])
def test_only_leaders_hand_over(ana: Client, cast: Cast, at_desk: Desk, who: str) -> None:
    browser = at_desk(getattr(cast, who))
    for name in ("client_transfer", "client_release"):
        assert browser.post(reverse(f"clients:{name}", args=[ana.pk])).status_code == 403
    assert browser.post(reverse("clients:client_bulk_transfer"), {"ids": [ana.pk]}).status_code == 403


def test_nobody_logged_in_is_sent_to_the_login(ana: Client) -> None:
    for method, url in urls(ana):
        answer = getattr(Browser(), method)(url)
        assert answer.status_code == 302, url
        assert answer.headers["Location"].startswith("/conta/"), url


def test_reading_writes_nothing(ana: Client, cast: Cast, at_desk: Desk) -> None:
    browser = at_desk(cast.sonia)
    reads = [url for method, url in urls(ana) if method == "get"]
    reads += ["/clientes/novo/", reverse("clients:consent_list", args=[ana.pk])]
    reads += [reverse("clients:client_transfer", args=[ana.pk])]
    before = contents()
    for url in reads:
        assert browser.get(url).status_code == 200, url
        assert browser.get(url, headers={"HX-Request": "true"}).status_code == 200, url
    assert contents() == before


def contents() -> list[tuple[object, ...]]:
    """Rows and checksum of every table of clients, and of the activity log and the form keys."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r' AND (relname LIKE 'clients_%%' OR relname IN"
            " ('people_activity', 'core_formkey')) ORDER BY relname"
        )
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            whole = sql.SQL("SELECT {}, count(*), md5(string_agg(t::text, '|' ORDER BY t::text)) FROM {} t")
            cursor.execute(whole.format(sql.Literal(table), sql.Identifier(table)))
            found.append(cursor.fetchone())
    return found
