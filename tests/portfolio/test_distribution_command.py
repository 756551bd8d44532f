"""manage.py distribute: looks first, then hands over; what it prints is what a program reads."""

import csv
import json
from io import StringIO

import pytest
from django.core.management import call_command
from django.utils import timezone

from portfolio import departures, distribution
from portfolio.models import DistributionBatch
from tests.factories import Cast, make_client
from tests.portfolio.test_distribution import owner_of, queue

pytestmark = pytest.mark.django_db


def test_command_previews_then_distributes(cast: Cast) -> None:
    clients = queue(3)

    dry = StringIO()
    call_command("distribute", "--dry-run", "--json", stdout=dry)
    assert [owner_of(client) for client in clients] == [None] * 3
    assert json.loads(dry.getvalue())["moved"] == 3
    assert DistributionBatch.objects.count() == 0

    out = StringIO()
    call_command("distribute", "--json", stdout=out)
    report = json.loads(out.getvalue())
    assert (report["moved"], report["unplaced"], len(report["rows"])) == (3, 0, 3)
    assert all(owner_of(client) is not None for client in clients)

    again, beside = StringIO(), StringIO()
    call_command("distribute", stdout=again, stderr=beside)
    assert (again.getvalue(), beside.getvalue().splitlines()[0]) == ("", "moved: 0")


def test_command_takes_the_clients_of_who_left_too_and_prints_csv(cast: Cast) -> None:
    client = make_client("da Júlia", owner=cast.julia)
    departures.leave(cast.julia, by=cast.ada)

    assert distribution.place_new_orphans(timezone.localdate()) == {"placed": 0, "unplaced": 0}
    out = StringIO()
    call_command("distribute", stdout=out, stderr=StringIO())

    rows = list(csv.DictReader(out.getvalue().splitlines()))
    assert sum(int(row["received"]) for row in rows) == 1
    assert {"name", "clients_before", "clients_after"} <= set(rows[0])
    assert owner_of(client) is not None
