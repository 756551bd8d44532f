"""The demo company: loaded once for the whole module, looked at from many sides."""

import datetime
import json
import random
import stat
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Count, F, Q, QuerySet
from django.utils import timezone
from pytest_django import DjangoDbBlocker
from pytest_django.fixtures import Settings

from brazil.documents import cnpj_root, parse_document, person_type_of
from brazil.emails import parse_email
from brazil.phones import parse_phone
from brazil.postal import cep_agrees_with_uf
from carteira.demo import loading, staff
from carteira.demo.numbers import Numbers
from carteira.demo.places import PLACES
from clients.models import (
    Address,
    Client,
    ClientQuerySet,
    ClientSearch,
    Consent,
    ContactPerson,
    DistributionReason,
    Email,
    OptOut,
    Ownership,
    Phone,
    PortfolioClass,
    Segment,
)
from contacts.models import BlockedNumber, BlockList, ContactLog, Task
from contracts.models import ClassChange, ClassReason, ClientCycle, Contract, Purchase, RiskBand
from people.models import Absence, Activity, Team, User
from people.roles import Role
from portfolio import segments
from tests.factories import make_client, make_user

TESTED = "the tests look at everything"


def run() -> str:
    out = StringIO()
    call_command("demo", stdout=out)
    return out.getvalue()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("demo")


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker, folder: Path) -> Iterator[str]:
    """What the command said. Rolled back when the module is through."""
    with django_db_blocker.unblock(), pytest.MonkeyPatch.context() as patch:
        patch.setattr("django.conf.settings.DATA_DIR", folder)
        patch.setattr("django.conf.settings.DEMO", True)
        with transaction.atomic():
            yield run()
            transaction.set_rollback(True)


def everybody() -> ClientQuerySet:
    return Client.objects.unscoped(reason=TESTED)


# --- Refusing --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_refuses_a_base_with_real_clients(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    make_client("Padaria de Verdade", owner=make_user("Rosa Lins"))
    with pytest.raises(CommandError, match="Esta base já tem clientes"):
        run()
    assert everybody().count() == 1
    assert User.objects.count() == 1
    assert list(tmp_path.iterdir()) == []


# --- What is loaded --------------------------------------------------------------------------------


def test_says_how_many_clients_per_class(loaded: str, folder: Path) -> None:
    found = loading.class_counts()
    assert f"Ativa {found['active']}, Renovação {found['renewal']}, Inativa {found['inactive']}" in loaded
    assert str(folder / "demo_logins.json") in loaded


def test_populates_every_class(loaded: str) -> None:
    found = loading.class_counts()
    assert sum(found.values()) == 1500
    assert 840 <= found[PortfolioClass.ACTIVE] <= 960
    assert 250 <= found[PortfolioClass.INACTIVE] <= 350
    assert 105 <= found[PortfolioClass.RENEWAL] <= 180
    assert 130 <= found[PortfolioClass.PROSPECT] <= 200


def test_gives_every_reason_and_risk(loaded: str) -> None:
    reasons = set(everybody().values_list("class_reason", flat=True))
    # NO_NEW_EVENT is passed through on the way, and seldom lasts.
    assert reasons >= set(ClassReason.values) - {ClassReason.NO_NEW_EVENT}
    bands = ClientCycle.objects.unscoped(reason=TESTED).values_list("risk_band", flat=True).distinct()
    assert {RiskBand.LOW, RiskBand.MEDIUM, RiskBand.HIGH} <= set(bands)


def test_mixes_people_and_companies(loaded: str) -> None:
    people = everybody().filter(person_type="PF").count()
    assert people == 825
    assert everybody().filter(person_type="PJ").count() == 675


def test_classes_have_a_past(loaded: str) -> None:
    changes = ClassChange.objects.unscoped(reason=TESTED)
    assert changes.filter(from_class="inactive", to_class="active").count() >= 20
    assert changes.filter(from_class="active", to_class="inactive").count() >= 150
    assert changes.values("on").distinct().count() >= 40
    assert everybody().filter(class_since=timezone.localdate()).count() < 60
    assert not changes.filter(on__lt=F("client__created_at__date")).exists()
    assert not everybody().filter(class_since__lt=F("created_at__date")).exists()


def test_documents_are_valid_and_unlike(loaded: str) -> None:
    documents = list(everybody().exclude(document="").values_list("document", "person_type"))
    assert 1400 <= len(documents) < 1500
    assert all(parse_document(document).status == "valid" for document, _ in documents)
    assert all(person_type_of(document) == kind for document, kind in documents)
    assert len({document for document, _ in documents}) == len(documents)


def test_branches_share_the_root_of_the_head_office(loaded: str) -> None:
    companies = everybody().filter(person_type="PJ").exclude(document="")
    roots = [cnpj_root(document) for document in companies.values_list("document", flat=True)]
    assert len(roots) - len(set(roots)) == 5


def test_phones_are_valid_and_nobody_shares_one(loaded: str) -> None:
    phones = list(Phone.objects.unscoped(reason=TESTED).select_related("client"))
    parsed = [parse_phone(phone.e164) for phone in phones]
    assert [one.e164 for one in parsed] == [phone.e164 for phone in phones]
    assert all(one.status == "valid" and not one.actions for one in parsed)
    assert all(one.type == phone.kind for one, phone in zip(parsed, phones, strict=True))
    assert all(one.ddd_uf == phone.client.uf for one, phone in zip(parsed, phones, strict=True))
    assert len({phone.e164 for phone in phones}) == len(phones)


def test_emails_go_nowhere_and_nobody_shares_one(loaded: str) -> None:
    addresses = list(Email.objects.unscoped(reason=TESTED).values_list("address", flat=True))
    assert all(address.endswith(".example") and parse_email(address).status == "valid" for address in addresses)
    assert len(set(addresses)) == len(addresses) >= 1000


def test_addresses_lie_in_their_state(loaded: str) -> None:
    rows = Address.objects.unscoped(reason=TESTED).exclude(cep="").values_list("cep", "uf")
    assert rows.count() >= 1300
    assert all(cep_agrees_with_uf(cep, uf) for cep, uf in rows)


def test_some_things_are_missing_as_in_life(loaded: str) -> None:
    reached = everybody().annotate(phones_had=Count("phones", distinct=True), mails=Count("emails", distinct=True))
    assert everybody().filter(document="").count() >= 20
    assert reached.filter(phones_had=0).count() >= 20
    assert reached.filter(mails=0).count() >= 200
    assert not reached.filter(phones_had=0, mails=0).exists()


def test_names_are_not_repeated(loaded: str) -> None:
    assert everybody().values("name_key").distinct().count() == 1500
    assert everybody().exclude(social_name="").exists()
    assert ClientSearch.objects.count() == 1500


def test_people_to_speak_to_and_wishes(loaded: str) -> None:
    assert ContactPerson.objects.unscoped(reason=TESTED).count() >= 500
    assert Consent.objects.unscoped(reason=TESTED).filter(granted=False).exists()
    assert OptOut.objects.unscoped(reason=TESTED).count() >= 5


# --- Owners and sellers ------------------------------------------------------------------------------


def test_owners_agree_with_their_history(loaded: str) -> None:
    open_spells = Ownership.objects.unscoped(reason=TESTED).filter(until__isnull=True)
    owned = everybody().filter(owner__isnull=False)
    assert open_spells.count() == owned.count() == 1482
    assert not open_spells.exclude(owner=F("client__owner")).exists()
    assert not everybody().filter(owner__isnull=False).exclude(team=F("owner__team")).exists()
    closed = Ownership.objects.unscoped(reason=TESTED).filter(until__isnull=False)
    assert closed.count() >= 150
    assert set(open_spells.values_list("reason", flat=True)) == {
        DistributionReason.CREATED, DistributionReason.IMPORTED, DistributionReason.DISTRIBUTED,
        DistributionReason.MANUAL,
    }  # fmt: skip


def test_the_queue_holds_newcomers_and_released_clients(loaded: str) -> None:
    assert everybody().ownerless().count() == 18
    assert everybody().never_owned().count() == 10


def test_the_company_has_its_roles_teams_and_absences(loaded: str) -> None:
    roles = dict(User.objects.filter(is_active=True).values_list("role").annotate(people=Count("pk")))
    assert roles == {
        Role.ADMIN: 1, Role.AUDITOR: 1, Role.BACKOFFICE: 1,
        Role.MANAGER: 2, Role.SUPERVISOR: 3, Role.SELLER: 10,
    }  # fmt: skip
    assert Team.objects.filter(parent__parent__name="Brasil").count() == 4
    today = timezone.localdate()
    absent = Absence.objects.get(starts_on__lte=today, ends_on__gte=today)
    assert absent.cover is not None
    assert User.objects.filter(role=Role.SELLER, hours_per_day=4).exists()
    limited = User.objects.get(client_limit__isnull=False)
    assert everybody().filter(owner=limited).count() <= (limited.client_limit or 0)
    left = User.objects.get(is_active=False)
    assert not everybody().filter(owner=left).exists()
    assert not _sold_by(left).filter(sold_on__gt=left.left_on).exists()


def _sold_by(user: User) -> QuerySet[Purchase]:
    return Purchase.objects.unscoped(reason=TESTED).filter(seller=user)


def test_sellers_of_the_sample_file_are_there(loaded: str) -> None:
    names = {"Aline Prado", "Bruna Reis", "Caio Torres", "Davi Lobo"}
    assert User.objects.filter(role=Role.SELLER, name__in=names).count() == 4


# --- Purchases and contracts ---------------------------------------------------------------------------


def test_nothing_was_sold_in_the_future_or_before_the_client_came(loaded: str) -> None:
    today = timezone.localdate()
    purchases = Purchase.objects.unscoped(reason=TESTED)
    assert not purchases.filter(sold_on__gt=today).exists()
    assert not purchases.filter(sold_on__lt=F("client__created_at__date")).exists()
    contracts = Contract.objects.unscoped(reason=TESTED)
    assert not contracts.filter(signed_on__gt=today).exists()
    assert not contracts.filter(signed_on__lt=F("client__created_at__date")).exists()
    assert not contracts.filter(signed_on__gt=F("start_on")).exists()


def test_contracts_of_every_kind(loaded: str) -> None:
    today = timezone.localdate()
    contracts = Contract.objects.unscoped(reason=TESTED)
    assert set(contracts.values_list("status", flat=True)) == set(Contract.Status.values)
    soon = today + datetime.timedelta(days=60)
    for kind in (
        Q(end_on__gte=today, end_on__lte=soon),
        Q(end_on__lt=today, end_on__gte=today - datetime.timedelta(days=30)),
        Q(end_on__isnull=True),
        Q(renews__isnull=False),
        Q(will_not_renew=True),
        Q(cancelled_on__gt=today),
        Q(start_on__gt=today, status=Contract.Status.SIGNED),
    ):
        assert contracts.filter(kind).count() >= 5, kind


def test_purchases_of_every_status(loaded: str) -> None:
    purchases = Purchase.objects.unscoped(reason=TESTED)
    assert set(purchases.values_list("status", flat=True)) == set(Purchase.Status.values)
    assert 6000 <= purchases.count() <= 9500


# --- Logins, and the second run ------------------------------------------------------------------------


def test_contacts_were_made_and_promised(loaded: str) -> None:
    logs = ContactLog.objects.unscoped(reason=TESTED)
    assert logs.count() > 1000
    assert set(logs.values_list("channel", flat=True)) == {"call", "whatsapp", "email"}
    assert not logs.exclude(group=F("outcome__group")).exists()
    sellers = User.objects.filter(role=Role.SELLER, is_active=True)
    promised = Task.objects.unscoped(reason=TESTED).filter(due_on=timezone.localdate())
    with_clients = sellers.filter(pk__in=everybody().values("owner"))
    assert set(promised.values_list("client__owner", flat=True)) == set(with_clients.values_list("pk", flat=True))


def test_segments_are_shared_and_hold_clients(loaded: str) -> None:
    admin = User.objects.get(role=Role.ADMIN)
    shared = Segment.objects.visible_to(admin).filter(is_shared=True)
    assert shared.count() == 3
    assert all(segments.clients_of(segment, user=admin).exists() for segment in shared)


def test_some_numbers_want_no_offers(loaded: str) -> None:
    kept = BlockList.objects.get()
    blocked = set(BlockedNumber.objects.filter(block_list=kept).values_list("e164", flat=True))
    assert 0 < len(blocked) == kept.numbers
    assert blocked <= set(Phone.objects.unscoped(reason="test").values_list("e164", flat=True))


def test_somebody_has_birthday_today(loaded: str) -> None:
    today = timezone.localdate()
    born = everybody().filter(birth_date__month=today.month, birth_date__day=today.day)
    assert born.filter(name="Lúcia Helena Barros").exists()


def test_logins_are_private_and_work(loaded: str, folder: Path) -> None:
    path = folder / "demo_logins.json"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    logins = json.loads(path.read_text())
    assert len(logins) == 18
    assert logins[0]["role"] == "Administrador"
    assert all(set(row) == {"role", "name", "email", "password"} for row in logins)
    juliana = next(row for row in logins if row["name"] == "Juliana Prado")
    assert juliana["email"] == "juliana.prado@horizonte.example"
    assert User.objects.get(email=juliana["email"]).check_password(juliana["password"])


def test_second_run_changes_nothing(loaded: str, folder: Path) -> None:
    before = (
        Activity.objects.count(),
        User.objects.count(),
        Purchase.objects.unscoped(reason=TESTED).count(),
    )
    written = (folder / "demo_logins.json").stat().st_mtime_ns
    assert "já está carregada" in run()
    after = (Activity.objects.count(), User.objects.count(), Purchase.objects.unscoped(reason=TESTED).count())
    assert after == before
    assert (folder / "demo_logins.json").stat().st_mtime_ns == written


def test_second_run_tells_lost_logins_again(loaded: str, folder: Path) -> None:
    before = (folder / "demo_logins.json").read_text()
    (folder / "demo_logins.json").unlink()
    run()
    assert (folder / "demo_logins.json").read_text() == before


def test_outside_the_demo_the_password_is_drawn(loaded: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    told: list[str] = []
    monkeypatch.setattr("django.conf.settings.DEMO", False)
    monkeypatch.setattr(loading, "is_loaded", lambda: False)
    monkeypatch.setattr(loading, "_refuse_real_clients", lambda: None)
    monkeypatch.setattr(loading, "_write", told.append)
    assert loading.load(tmp_path)
    assert told != [loading.DEMO_PASSWORD]
    assert {row["password"] for row in json.loads((tmp_path / loading.LOGINS).read_text())} == set(told)


# --- The parts -------------------------------------------------------------------------------------------


def test_letters_in_the_cnpj_only_since_they_exist() -> None:
    numbers = Numbers(random.Random(1))
    assert numbers.cnpj(datetime.date(2026, 6, 30)).isdigit()
    assert any(not numbers.cnpj(datetime.date(2026, 9, 1)).isdigit() for _ in range(5))


def test_every_seller_sells_somewhere_known() -> None:
    cities = [city for plan in staff.SELLERS for city in plan.cities.split(", ")]
    assert sorted(cities) == sorted(PLACES)
