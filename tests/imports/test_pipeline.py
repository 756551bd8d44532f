"""A messy file through the whole pipeline: outcomes, writes, and a second run that writes nothing."""

import csv
import json

import pytest

from clients.models import Client, ClientSearch, Phone
from imports.models import PossibleDuplicate, State
from imports.reports import report_dicts
from people.roles import Role
from tests.factories import make_user
from tests.imports.uploads import DATA, SAMPLE, checked, imported

pytestmark = pytest.mark.django_db


@pytest.fixture
def ada():
    return make_user("Ada Nunes", role=Role.ADMIN)


def everyone():
    return Client.objects.unscoped(reason="test")


def expected_rows() -> list[dict[str, str]]:
    with (DATA / "messy_clients_sample.expected.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def summary() -> dict[str, object]:
    return json.loads((DATA / "messy_clients_sample.summary.json").read_text(encoding="utf-8"))


def test_messy_sample_gives_the_expected_rows(ada):
    batch = imported(SAMPLE.read_bytes(), by=ada)

    assert list(report_dicts(batch)) == expected_rows()


def test_messy_sample_gives_the_expected_totals(ada):
    batch = imported(SAMPLE.read_bytes(), by=ada)

    wanted = summary()
    clients = everyone()
    assert batch.state == State.DONE
    assert batch.totals["outcomes"] == wanted["outcomes"]
    assert {code: batch.totals["reasons"][code] for code in wanted["rejected_reasons"]} == wanted["rejected_reasons"]
    assert {code: batch.totals["reasons"][code] for code in wanted["ignored_reasons"]} == wanted["ignored_reasons"]
    assert batch.totals["effects"]["created"] == clients.count() == wanted["clients_created"]
    assert clients.filter(person_type="PF").count() == wanted["clients_pf"]
    assert clients.filter(person_type="PJ").count() == wanted["clients_pj"]
    assert clients.filter(document="").count() == wanted["clients_without_document"]
    assert clients.filter(document__regex="[A-Z]").count() == wanted["pj_alphanumeric"]
    able = Phone.objects.unscoped(reason="test").exclude(kind="LANDLINE").values("client").distinct()
    assert able.count() == wanted["clients_whatsapp_able"]
    pairs = PossibleDuplicate.objects.unscoped(reason="test")
    assert pairs.count() == wanted["possible_duplicates_for_review"]


def test_messy_sample_has_one_primary_phone_and_a_search_text_per_client(ada):
    imported(SAMPLE.read_bytes(), by=ada)

    with_phone = everyone().filter(phones__isnull=False).distinct().count()
    primary = Phone.objects.unscoped(reason="test").filter(is_primary=True)
    assert primary.count() == with_phone
    assert ClientSearch.objects.count() == everyone().count()


def test_same_file_again_reports_its_first_outcomes_and_creates_nothing(ada):
    imported(SAMPLE.read_bytes(), by=ada)
    before = everyone().count()

    again = imported(SAMPLE.read_bytes(), by=ada)

    assert list(report_dicts(again)) == expected_rows()
    assert everyone().count() == before
    assert "created" not in again.totals["effects"]
    assert again.totals["plans"] == {"repeat": 177, "reject": 23, "ignore": 5}


def test_check_writes_no_client(ada):
    batch = checked(SAMPLE.read_bytes(), by=ada)

    assert batch.state == State.CHECKED
    assert batch.totals["plans"] == {"create": 167, "repeat": 10, "reject": 23, "ignore": 5}
    assert not everyone().exists()
