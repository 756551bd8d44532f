"""The measurements of pages, search and load run against the real server on a small base."""

import json
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from pytest_django.fixtures import Settings

from carteira.bench.sampling import percentile
from carteira.bench.serving import database_url
from carteira.generator.marks import GENERATED, Login, write_logins
from clients import search
from contracts import classification
from people import activity
from people.models import User
from tests.factories import PASSWORD, Cast, make_cast, make_client, make_product, make_purchase
from tests.portfolio.test_client_list import cpf, days_ago

QUICK = ("--quick", "--repeat=1", "--seconds=1", "--json")


@pytest.fixture
def company(transactional_db: None, settings: Settings, tmp_path: Path) -> Cast:
    settings.DATA_DIR = tmp_path
    cast = make_cast()
    clients = [
        make_client(f"Ana Prado {n}", owner=cast.julia, document=cpf(n), person_type="PF", uf="SP") for n in range(1, 9)
    ]
    make_product()
    for client in clients:
        make_purchase(client, days_ago(10))
    classification.refresh([client.pk for client in clients])
    search.refresh(None)
    return cast


@pytest.fixture
def generated(company: Cast, tmp_path: Path) -> Cast:
    """As manage.py generate leaves it: marked, and with the logins in a file."""
    activity.record(GENERATED, company.ada, by=company.ada)
    people = (company.julia, company.mauro, company.ada)
    for user in people:
        # The server does not know the quick hash of the tests.
        user.password = make_password(PASSWORD, hasher="argon2")
        user.save()
    write_logins(tmp_path, [Login(str(user.role), user.name, user.email, PASSWORD) for user in people])
    return company


def figures(topic: str) -> dict[str, dict]:
    out = StringIO()
    call_command("bench", topic, *QUICK, stdout=out)
    return {figure["name"]: figure for figure in json.loads(out.getvalue())["figures"]}


def test_pages_are_measured_for_each_role_through_the_login_page(generated: Cast) -> None:
    found = figures("pages")
    for role in ("seller", "manager", "admin"):
        for page, budget in (("list by class, first page", 2.5), ("list, filtered", 3), ("client page", 3)):
            figure = found[f"{page}, {role}"]
            assert figure["budget"] == budget
            assert figure["limit"] > 0
            assert found[f"{page}, {role}: queries"]["met"] is True
        assert f"list by class, deep page, {role}: p95" in found
    assert "bare view" in found


def test_search_is_measured_without_logins_too(company: Cast) -> None:
    found = figures("search")
    kinds = {name.split(", ")[1] for name in found if name.endswith("seller")}
    assert kinds == {"two words", "rare", "frequent", "document"}


def test_load_answers_without_errors(generated: Cast) -> None:
    found = figures("load")
    assert found["soak: errors"]["met"] is True
    assert found["burst: errors"]["met"] is True
    assert found["soak: p95"]["budget"] == 300
    assert found["burst: p95"]["budget"] == 1000


def test_load_refuses_a_base_of_real_clients(company: Cast) -> None:
    with pytest.raises(CommandError, match="só em uma base criada"):
        figures("load")


@pytest.mark.django_db
def test_an_empty_base_is_refused_in_words(settings: Settings, tmp_path: Path) -> None:
    settings.DATA_DIR = tmp_path
    with pytest.raises(CommandError, match="não tem ninguém com o papel seller"):
        figures("search")
    assert not User.objects.exists()


def test_address_of_the_database_keeps_host_password_and_name() -> None:
    over_network = {"USER": "ana", "PASSWORD": "a/b", "HOST": "banco", "PORT": "5433", "NAME": "carteira"}
    assert database_url(over_network) == "postgresql://ana:a%2Fb@banco:5433/carteira"
    by_socket = over_network | {"PASSWORD": "", "HOST": "/tmp/pg", "PORT": "5432"}
    assert database_url(by_socket) == "postgresql://ana@:5432/carteira?host=/tmp/pg"


def test_percentile_takes_the_value_at_the_share() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2.0
    assert percentile([1.0], 0.99) == 1.0
