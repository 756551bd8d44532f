"""The last contact of each client follows its logs."""

import datetime

import pytest
from django.utils import timezone

from contacts import pulse
from contacts.models import ContactLog, ContactOutcome, ContactPulse
from tests.factories import Cast, make_cast, make_client

pytestmark = pytest.mark.django_db
NOW = timezone.now()


@pytest.fixture
def cast() -> Cast:
    return make_cast()


def log(client, code: str, days_ago: int, **fields) -> ContactLog:
    outcome = ContactOutcome.objects.get(code=code)
    at = NOW - datetime.timedelta(days=days_ago)
    return ContactLog.objects.create(client=client, by=client.owner, outcome=outcome, started_at=at, **fields)


def pulses() -> dict[int, tuple]:
    rows = ContactPulse.objects.unscoped(reason="the test looks at everything")
    return {row.client_id: (row.last_log_id, row.last_at, row.reached_at) for row in rows}


@pytest.mark.parametrize("wanted", ["some", "all"])
def test_refresh_tells_the_newest_and_the_newest_reached(cast: Cast, wanted: str) -> None:
    ana, rui = make_client("Ana", owner=cast.julia), make_client("Rui", owner=cast.julia)
    spoke = log(ana, "interested", 9)
    newest = log(ana, "no_answer", 2)
    log(ana, "sold", 1, undone_at=NOW)
    only = log(rui, "busy", 5)

    pulse.refresh(None if wanted == "all" else [rui.pk, ana.pk, ana.pk])

    assert pulses() == {
        ana.pk: (newest.pk, newest.started_at, spoke.started_at),
        rui.pk: (only.pk, only.started_at, None),
    }


@pytest.mark.parametrize("wanted", ["some", "all"])
def test_refresh_takes_away_what_was_undone(cast: Cast, wanted: str) -> None:
    ana = make_client("Ana", owner=cast.julia)
    only = log(ana, "interested", 1)
    pulse.refresh([ana.pk])
    ContactLog.objects.unscoped(reason="test").filter(pk=only.pk).update(undone_at=NOW)

    pulse.refresh(None if wanted == "all" else [ana.pk])

    assert pulses() == {}


def test_refresh_leaves_others_alone(cast: Cast) -> None:
    ana, rui = make_client("Ana", owner=cast.julia), make_client("Rui", owner=cast.julia)
    log(ana, "interested", 1)
    only = log(rui, "interested", 1)

    pulse.refresh([rui.pk])

    assert pulses() == {rui.pk: (only.pk, only.started_at, only.started_at)}
