"""The generated company: a few hundred clients, made once for the whole module, looked at from many sides."""

import datetime
import json
import stat
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import Count, F
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from brazil.documents import person_type_of
from brazil.emails import parse_email
from brazil.names import folded
from brazil.phones import parse_phone
from brazil.postal import cep_agrees_with_uf
from carteira.generator import marks
from clients import search
from clients.models import (
    Address,
    Client,
    ClientQuerySet,
    ClientSearch,
    Email,
    Ownership,
    Phone,
    PortfolioClass,
    Sector,
)
from contacts.models import ContactLog, ContactPulse, Task
from contracts.models import ClientCycle, Contract, Purchase
from people.models import Team, User
from people.roles import Role
from tests.factories import make_client, make_user

TESTED = "the tests look at everything"
CLIENTS, SELLERS = 900, 12
INDEXES = "SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public'"


def run(*, clients: int = CLIENTS, sellers: int | None = SELLERS, seed: int = 7) -> str:
    out = StringIO()
    call_command("generate", clients=clients, sellers=sellers, seed=seed, stdout=out)
    return out.getvalue()


def rows_of(statement: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(statement)
        return cursor.fetchall()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("generated")


@pytest.fixture(scope="module")
def generated(django_db_setup: None, django_db_blocker: DjangoDbBlocker, folder: Path) -> Iterator[str]:
    """What the command said. Rolled back when the module is through."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.DATA_DIR", folder)
        with transaction.atomic():
            yield run()
            transaction.set_rollback(True)


def everybody() -> ClientQuerySet:
    return Client.objects.unscoped(reason=TESTED)


# --- Refusing --------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"clients": 0}, "--clients vai de 1 a"),
        ({"clients": 10**9}, "--clients vai de 1 a"),
        ({"sellers": 0}, "--sellers vai de 1 a"),
        ({"seed": -1}, "--seed vai de 0 a"),
    ],
)
def test_refuses_impossible_figures(options: dict[str, int], text: str) -> None:
    with pytest.raises(CommandError, match=text):
        run(**options)


@pytest.mark.django_db
def test_refuses_a_base_with_clients(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    make_client("Padaria de Verdade", owner=make_user("Rosa Lins"))
    with pytest.raises(CommandError, match="já tem clientes"):
        run()
    assert (everybody().count(), User.objects.count(), Team.objects.count()) == (1, 1, 0)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.django_db
def test_without_a_generated_company_there_is_no_login(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    assert not marks.is_generated()
    with pytest.raises(marks.NoLoginError):
        marks.login_of(Role.SELLER)


def test_refuses_a_second_time(generated: str) -> None:
    assert marks.is_generated()
    with pytest.raises(CommandError, match="já tem uma empresa gerada"):
        run()
    assert everybody().count() == CLIENTS


# --- The database stays whole ------------------------------------------------------------------------


FOREIGN_KEYS = """
SELECT conrelid::regclass::text, own.attname, confrelid::regclass::text, other.attname
FROM pg_constraint
JOIN pg_attribute own ON own.attrelid = conrelid AND own.attnum = conkey[1]
JOIN pg_attribute other ON other.attrelid = confrelid AND other.attnum = confkey[1]
WHERE contype = 'f' AND connamespace = 'public'::regnamespace
"""


LOST = 'SELECT count(*) FROM {0} WHERE "{1}" IS NOT NULL AND "{1}" NOT IN (SELECT "{3}" FROM {2})'


def test_every_foreign_key_leads_somewhere(generated: str) -> None:
    keys = rows_of(FOREIGN_KEYS)
    assert len(keys) > 40
    for key in keys:
        assert rows_of(LOST.format(*key)) == [(0,)], key


def test_checks_of_foreign_keys_are_back(generated: str) -> None:
    assert rows_of("SHOW session_replication_role") == [("origin",)]


def test_indexes_are_made_again(settings: Settings, tmp_path: Path, db: None) -> None:
    settings.DATA_DIR = tmp_path
    before = sorted(rows_of(INDEXES))
    run(clients=30, sellers=None)
    assert sorted(rows_of(INDEXES)) == before
    assert everybody().count() == 30


def test_the_next_client_has_the_next_number(generated: str) -> None:
    with transaction.atomic():
        owner = User.objects.filter(role=Role.SELLER).first()
        client = make_client("Depois de Todos", owner=owner)
        assert client.pk == CLIENTS + 1
        transaction.set_rollback(True)


def test_a_role_without_rights_over_the_server_gets_the_same(settings: Settings, tmp_path: Path, db: None) -> None:
    settings.DATA_DIR = tmp_path
    role = f"plain_{connection.settings_dict['NAME']}"
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE ROLE "{role}"; GRANT postgres TO "{role}"; SET LOCAL ROLE "{role}"')
    run(clients=60)
    plain = contents()
    rows_of("SELECT set_config('role', 'none', true)")
    assert len(plain["clients_client"]) == 60


# --- Who they are ------------------------------------------------------------------------------------


def test_documents_are_valid_and_unlike(generated: str) -> None:
    documents = list(everybody().exclude(document="").values_list("document", "person_type"))
    assert CLIENTS * 0.95 < len(documents) < CLIENTS
    assert all(person_type_of(document) == kind for document, kind in documents)
    assert len({document for document, _ in documents}) == len(documents)
    companies = sum(kind == "PJ" for _, kind in documents)
    assert 0.25 < companies / len(documents) < 0.4


def test_phones_are_valid(generated: str) -> None:
    phones = list(Phone.objects.unscoped(reason=TESTED).select_related("client"))
    parsed = [parse_phone(phone.e164) for phone in phones]
    assert [one.e164 for one in parsed] == [phone.e164 for phone in phones]
    assert all(one.status == "valid" and not one.actions for one in parsed)
    assert all(one.type == phone.kind for one, phone in zip(parsed, phones, strict=True))
    assert all(one.ddd_uf == phone.client.uf for one, phone in zip(parsed, phones, strict=True))
    mobiles = sum(phone.kind == Phone.Kind.MOBILE for phone in phones)
    assert 0.7 < mobiles / len(phones) < 0.95
    assert 1.1 < len(phones) / CLIENTS < 1.6


def test_emails_go_nowhere(generated: str) -> None:
    addresses = list(Email.objects.unscoped(reason=TESTED).values_list("address", flat=True))
    assert all(address.endswith(".example") and parse_email(address).status == "valid" for address in addresses)
    assert CLIENTS * 0.6 < len(set(addresses)) == len(addresses)


def test_addresses_lie_in_their_state(generated: str) -> None:
    rows = Address.objects.unscoped(reason=TESTED).values_list("cep", "uf")
    assert rows.count() > CLIENTS * 0.8
    assert all(cep_agrees_with_uf(cep, uf) for cep, uf in rows)


def test_names_fold_to_their_keys_and_differ_in_frequency(generated: str) -> None:
    names = list(everybody().values_list("name", "name_key"))
    assert [folded(name) for name, _ in names] == [key for _, key in names]
    words: dict[str, int] = {}
    for _, key in names:
        for word in key.split():
            words[word] = words.get(word, 0) + 1
    assert words["silva"] > CLIENTS * 0.05
    assert sum(count == 1 for count in words.values()) > 50
    assert len({key for _, key in names}) > CLIENTS * 0.9


def test_search_finds_a_client_by_name_and_by_document(generated: str) -> None:
    client = everybody().exclude(document="").order_by("pk")[300]
    assert ClientSearch.objects.count() == CLIENTS
    assert client in search.matching(everybody(), client.name)
    assert search.matching(everybody(), client.document).get() == client


# --- Whose they are ------------------------------------------------------------------------------------


def test_owners_agree_with_their_history(generated: str) -> None:
    spells = Ownership.objects.unscoped(reason=TESTED)
    open_spells = spells.filter(until__isnull=True)
    assert open_spells.count() == everybody().filter(owner__isnull=False).count()
    assert not open_spells.exclude(owner=F("client__owner")).exists()
    assert not everybody().filter(owner__isnull=False).exclude(team=F("owner__team")).exists()
    assert spells.filter(until__isnull=False).count() > 20
    assert not spells.filter(since__gt=timezone.now()).exists()


def test_some_wait_for_an_owner(generated: str) -> None:
    ownerless = everybody().ownerless()
    assert ownerless.count() == CLIENTS // 100
    assert ownerless.filter(team__isnull=True).exists()
    never = everybody().never_owned()
    assert never.filter(team__isnull=False).exists()
    assert ownerless.exclude(pk__in=never).exists()


def test_portfolios_are_of_unlike_size(generated: str) -> None:
    sizes = sorted(User.objects.filter(role=Role.SELLER).annotate(size=Count("clients")).values_list("size", flat=True))
    assert len(sizes) == SELLERS
    assert sizes[-1] > 2 * sizes[len(sizes) // 2] > 3 * sizes[0]


def test_the_tree_of_teams_has_leaders(generated: str) -> None:
    regions = Team.objects.filter(parent__parent__isnull=True, parent__isnull=False)
    assert regions.count() == 5
    assert Team.objects.filter(parent__in=regions).count() == 5
    assert not regions.exclude(members__role=Role.MANAGER).exists()
    assert not Team.objects.filter(parent__in=regions).exclude(members__role=Role.SUPERVISOR).exists()


def test_a_big_company_has_forty_teams(settings: Settings, tmp_path: Path, db: None) -> None:
    settings.DATA_DIR = tmp_path
    run(clients=50, sellers=500)
    sizes = Team.objects.filter(members__role=Role.SELLER).annotate(sellers=Count("members"))
    assert sizes.count() == 40
    assert {12, 13} <= {
        team.sellers - 1 for team in Team.objects.filter(pk__in=sizes).annotate(sellers=Count("members"))
    }
    assert len(set(Team.objects.values_list("name", flat=True))) == 46


# --- What they buy -------------------------------------------------------------------------------------


def test_every_class_is_there(generated: str) -> None:
    found = dict(everybody().values_list("portfolio_class").annotate(clients=Count("pk")))
    assert 0.40 < found[PortfolioClass.ACTIVE] / CLIENTS < 0.62
    assert 0.20 < found[PortfolioClass.INACTIVE] / CLIENTS < 0.35
    assert 0.04 < found[PortfolioClass.RENEWAL] / CLIENTS < 0.15
    assert 0.05 < found[PortfolioClass.PROSPECT] / CLIENTS < 0.20
    assert everybody().values("class_reason").distinct().count() >= 8


def test_classifying_again_writes_nothing(generated: str) -> None:
    out = StringIO()
    call_command("classify", json=True, stdout=out)
    assert json.loads(out.getvalue())["written"] == 0


def test_nothing_was_sold_in_the_future_or_before_the_client_came(generated: str) -> None:
    today = timezone.localdate()
    purchases = Purchase.objects.unscoped(reason=TESTED)
    assert 3 < purchases.count() / CLIENTS < 8
    assert not purchases.filter(sold_on__gt=today).exists()
    assert not purchases.filter(sold_on__lt=F("client__created_at__date")).exists()
    contracts = Contract.objects.unscoped(reason=TESTED)
    assert not contracts.filter(signed_on__gt=today).exists()
    assert not contracts.filter(signed_on__lt=F("client__created_at__date")).exists()
    assert not contracts.filter(signed_on__gt=F("start_on")).exists()


def test_purchases_are_numbered_in_the_order_of_sale(generated: str) -> None:
    days = list(Purchase.objects.unscoped(reason=TESTED).order_by("pk").values_list("sold_on", flat=True))
    assert days == sorted(days)


def test_gaps_between_purchases_vary_with_the_sector(generated: str) -> None:
    cycles = ClientCycle.objects.unscoped(reason=TESTED)
    once, often = cycles.filter(gaps=0).count(), cycles.filter(gaps__gte=8).count()
    assert 0.2 < once / CLIENTS < 0.5
    assert 0.08 < often / CLIENTS < 0.35
    assert Sector.objects.filter(client__isnull=False).distinct().count() == 12


def test_contracts_renew_those_of_the_same_client(generated: str) -> None:
    contracts = Contract.objects.unscoped(reason=TESTED)
    holders = contracts.values("client").distinct().count()
    assert 0.13 < holders / CLIENTS < 0.27
    renewing = contracts.filter(renews__isnull=False)
    assert renewing.exists()
    assert not renewing.exclude(client=F("renews__client")).exists()
    assert not renewing.exclude(start_on=F("renews__end_on") + datetime.timedelta(days=1)).exists()


# --- The same again ------------------------------------------------------------------------------------


def contents() -> dict[str, list[tuple]]:
    """What was drawn, without the ids of people and products that the base gave."""
    tables = {
        "clients_client": "id, name, document, city, sector_id IS NULL, portfolio_class, class_since, created_at",
        "clients_phone": "id, client_id, e164",
        "contracts_purchase": "id, client_id, sold_on, amount, status",
        "contracts_contract": "id, client_id, status, start_on, end_on, amount",
    }
    query = "SELECT {} FROM {} ORDER BY id"
    return {table: rows_of(query.format(columns, table)) for table, columns in tables.items()}


def test_the_same_seed_gives_the_same_company(settings: Settings, tmp_path: Path, db: None) -> None:
    settings.DATA_DIR = tmp_path
    seen = []
    for seed in (7, 7, 8):
        with transaction.atomic():
            run(clients=80, sellers=None, seed=seed)
            seen.append(contents())
            transaction.set_rollback(True)
    first, second, other = seen
    assert first == second
    assert all(first[table] != other[table] for table in first)


def test_contacts_lie_in_the_past_and_agree_with_their_outcome(generated: str) -> None:
    logs = ContactLog.objects.unscoped(reason=TESTED)
    assert 2.5 * CLIENTS < logs.count() < 3.5 * CLIENTS
    assert not logs.filter(started_at__gte=timezone.now()).exists()
    assert not logs.exclude(group=F("outcome__group")).exists()
    assert logs.values("client").distinct().count() == ContactPulse.objects.unscoped(reason=TESTED).count()
    assert not logs.filter(phone__isnull=False).exclude(phone__client=F("client")).exists()


def test_promised_contacts_are_of_clients_with_an_owner(generated: str) -> None:
    promised = Task.objects.unscoped(reason=TESTED).filter(kind=Task.Kind.CALLBACK)
    assert promised.count() == len([n for n in range(1, CLIENTS + 1) if n % 60 == 7 and n % 100 != 37])
    assert not promised.filter(client__owner=None).exists()


# --- Logins --------------------------------------------------------------------------------------------


def test_logins_are_private_and_open_the_door(generated: str, folder: Path) -> None:
    path = folder / marks.LOGINS
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    for role in (Role.SELLER, Role.MANAGER, Role.ADMIN):
        email, password = marks.login_of(role)
        user = User.objects.get(email=email)
        assert user.role == role
        browser = Browser()
        answer = browser.post(reverse("account_login"), {"login": email, "password": password})
        assert answer.status_code == 302
        assert browser.session["_auth_user_id"] == str(user.pk)
    assert email in generated


def test_the_seller_to_measure_with_is_a_usual_one(generated: str) -> None:
    seller = User.objects.get(email=marks.login_of(Role.SELLER)[0])
    mean = everybody().filter(owner__isnull=False).count() / SELLERS
    assert 0.6 * mean < everybody().filter(owner=seller).count() < 1.4 * mean
