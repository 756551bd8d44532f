"""How often a client is spoken to, by tier."""

import datetime

import pytest

from clients.models import Client
from contacts import intervals, logs
from contacts.models import ContactOutcome, ContactSettings
from contracts.models import ClientCycle
from tests.contacts.planning import MONDAY, day, moment
from tests.factories import Cast, make_client


@pytest.mark.parametrize(
    ("tier", "due"),
    [("A", day(4, 1)), ("B", day(5, 1)), ("C", day(5, 31)), ("D", None), ("", None)],
)
@pytest.mark.django_db
def test_due_on_by_tier(tier: str, due: datetime.date | None) -> None:
    assert intervals.due_on(MONDAY, tier) == due


@pytest.mark.django_db
def test_intervals_are_what_the_administrator_says() -> None:
    ContactSettings.objects.create(interval_a=15, interval_d=180)
    days = intervals.days_by_tier()
    assert days == {"A": 15, "B": 60, "C": 90, "D": 180}
    assert intervals.due_on(MONDAY, "A", days) == day(3, 17)


@pytest.mark.parametrize(
    ("tier", "code", "on", "expected"),
    [
        # Spoken to on 2 March.
        ("A", "interested", day(4, 1), (30, MONDAY, day(4, 1), 0)),
        ("A", "interested", day(4, 11), (30, MONDAY, day(4, 11) - datetime.timedelta(days=10), 10)),
        ("A", "interested", day(3, 31), (30, MONDAY, day(4, 1), -1)),
        ("D", "interested", day(4, 1), (None, MONDAY, None, None)),
        ("", "interested", day(4, 1), (None, MONDAY, None, None)),
        # A call nobody took is no contact: it counts from the day the client was made.
        ("B", "no_answer", day(3, 1), (60, day(1, 1), day(3, 2), -1)),
    ],
)
def test_clients_carry_their_interval(
    cast: Cast, tier: str, code: str, on: datetime.date, expected: tuple[object, ...]
) -> None:
    client = make_client(owner=cast.julia, created_at=moment(day(1, 1)))
    ClientCycle.objects.create(client=client, tier=tier)
    outcome = ContactOutcome.objects.get(code=code)
    logs.record(client, by=cast.julia, channel="call", outcome=outcome, started_at=moment(MONDAY, 23))
    found = intervals.with_intervals(Client.objects.visible_to(cast.julia), on).get()
    assert (found.interval_days, found.last_contact_on, found.interval_due_on, found.overdue_days) == expected
    assert intervals.due_on(found.last_contact_on, tier) == expected[2]


def test_client_without_statistics_has_no_interval(cast: Cast) -> None:
    make_client(owner=cast.julia)
    assert intervals.with_intervals(Client.objects.visible_to(cast.julia), MONDAY).get().overdue_days is None
