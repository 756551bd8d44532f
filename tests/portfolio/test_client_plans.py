"""How the database answers the list on a base that is not small: by index, whoever asks and whatever is filtered."""

import datetime
import json
import re
from collections.abc import Iterator

import pytest
from django.db import connection, transaction
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker

from clients import search
from clients.models import Sector
from people.models import User
from tests.factories import Cast, make_cast

pytestmark = pytest.mark.django_db
CLIENTS = 20_000
LIST = "portfolio:client_list"
SCANS = ("Seq Scan", "Parallel Seq Scan")
# The tables that are filled here: reading an empty one whole says nothing.
LARGE = ("clients_client", "clients_clientsearch")

# Every 40th is in renewal, every 40th lives in Acre, every 100th has no owner; names in no order of these.
CLIENT_ROWS = """
    INSERT INTO clients_client (
        code, person_type, name, name_key, social_name, trade_name, document, sector_id, source, city, uf, owner_id,
        team_id, portfolio_class, class_since, class_reason, declared_product, legal_basis, notes, created_at, version
    )
    SELECT 'C' || n, CASE WHEN n %% 3 = 0 THEN 'PJ' ELSE 'PF' END, 'Cliente ' || md5(n::text),
        'cliente ' || md5(n::text), '', '', CASE WHEN n %% 3 = 0 THEN '' ELSE lpad(n::text, 11, '0') END,
        %(sector)s, '', '', CASE WHEN n %% 40 = 3 THEN 'AC' ELSE 'SP' END, owner.id, owner.team_id,
        CASE n %% 40 WHEN 0 THEN 'renewal' WHEN 1 THEN 'inactive' WHEN 2 THEN 'prospect' ELSE 'active' END,
        %(today)s::date - n %% 400, 'SEM_COMPRA', '', 'contract', '', now(), 1
    FROM generate_series(1, %(clients)s) n
    LEFT JOIN people_user owner ON owner.id = (%(owners)s::bigint[])[n %% 100]
"""


@pytest.fixture(scope="module")
def cast(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Cast]:
    """The base is made once, and rolled back when the module is through."""
    with django_db_blocker.unblock(), transaction.atomic():
        cast = make_cast()
        sector = Sector.objects.create(name="Saúde", key="saude")
        owners = [cast.julia.pk, *[cast.caio.pk] * 49, *[cast.davi.pk] * 49]
        values = {"sector": sector.pk, "today": timezone.localdate(), "clients": CLIENTS, "owners": owners}
        with connection.cursor() as cursor:
            cursor.execute(CLIENT_ROWS, values)
            search.refresh(None)
            # What autovacuum does: until then the new words lie in a list beside the index.
            cursor.execute("SELECT gin_clean_pending_list('client_search_trigrams')")
            for table in ("clients_client", "clients_clientsearch", "people_user"):
                cursor.execute(f"ANALYZE {table}")
        yield cast
        transaction.set_rollback(True)


class Plans:
    """Explains every SELECT over clients as it runs. `bounded` are scans that stop at a limit: cheap while most
    rows pass, so without a filter only."""

    def __init__(self) -> None:
        self.scans: list[str] = []
        self.bounded: list[str] = []
        self.indexes: set[str] = set()

    def __call__(self, execute, sql, params, many, context):
        if re.match(r'SELECT .*"clients_client', sql, re.DOTALL):
            with connection.cursor() as cursor:
                # Straight to the driver: this wrapper must not see its own question.
                cursor.cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
                (found,) = cursor.cursor.fetchone()
            self._walk((json.loads(found) if isinstance(found, str) else found)[0]["Plan"])
        return execute(sql, params, many, context)

    def _walk(self, node: dict, above: str = "") -> None:
        if node["Node Type"] in SCANS and node["Relation Name"] in LARGE:
            (self.bounded if above == "Limit" else self.scans).append(node["Relation Name"])
        if "Index Name" in node:
            self.indexes.add(node["Index Name"])
        for inner in node.get("Plans", ()):
            self._walk(inner, node["Node Type"])


def plans_of(user: User, text: str = "", **query: object) -> Plans:
    browser, plans = Browser(), Plans()
    browser.force_login(user)
    if text:
        browser.post(reverse("portfolio:client_search"), {"q": text})
    with connection.execute_wrapper(plans):
        assert browser.get(reverse(LIST), query).status_code == 200
    return plans


@pytest.mark.parametrize("who", ["julia", "norma", "ada"])
@pytest.mark.parametrize(
    "query",
    [
        {},
        {"class": "active"},
        {"class": "renewal"},
        {"uf": "AC"},
        {"class": "active", "uf": "AC"},
        {"class": "renewal", "uf": "SP", "type": "PJ"},
        {"class": "active", "since_from": "today"},
    ],
    ids=lambda query: "&".join(query) or "none",
)
def test_list_never_reads_the_whole_table(cast: Cast, who: str, query: dict) -> None:
    days = {name: timezone.localdate().isoformat() for name, value in query.items() if value == "today"}
    plans = plans_of(getattr(cast, who), **(query | days))
    assert plans.scans == []
    assert not plans.bounded or not query.keys() - {"class"}


def test_tabs_under_a_filter_are_counted_in_one_index(cast: Cast) -> None:
    assert "client_filters" in plans_of(cast.ada, uf="AC").indexes


def test_recent_changes_of_class_are_found_by_their_day(cast: Cast) -> None:
    since = (timezone.localdate() - datetime.timedelta(days=1)).isoformat()
    assert "client_class_since" in plans_of(cast.ada, since_from=since).indexes


@pytest.mark.parametrize("text", ["c81e728d", "000300", "00000000301"], ids=["word", "six digits", "document"])
def test_search_uses_the_trigrams(cast: Cast, text: str) -> None:
    plans = plans_of(cast.ada, text=text)
    assert plans.scans + plans.bounded == []
    assert "client_search_trigrams" in plans.indexes


def test_search_of_a_seller_reads_only_their_clients(cast: Cast) -> None:
    plans = plans_of(cast.julia, text="beatriz")
    assert plans.scans + plans.bounded == []
