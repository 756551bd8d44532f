"""Letters that come late keep to the hours and the number an hour of all of them."""

import datetime

import pytest
from django.utils import timezone

from clients.models import Client
from jobs import outbox
from jobs.models import OutboxMessage
from nps import deliveries, pace
from nps.models import Survey
from tests.factories import Cast
from tests.nps.asking import DAY, TUESDAY, caps, mailed, moment
from tests.nps.surveying import make_invitation, make_survey

pytestmark = pytest.mark.django_db
NOON, NIGHT, MORNING = datetime.time(12), datetime.time(22), datetime.time(9)
FRIDAY = TUESDAY + 3 * DAY
MINUTE = datetime.timedelta(minutes=1)


@pytest.fixture
def ana(cast: Cast) -> Client:
    return mailed("Ana Souza", cast.julia)


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro)


def letter(client: Client, survey: Survey, due_at: datetime.datetime, **fields: object) -> OutboxMessage:
    invitation = make_invitation(client, survey, state="waiting", address=client.emails.get().address)
    message = deliveries.send(invitation, due_at=due_at)
    if fields.get("state") == "sending":
        fields["claimed_at"] = due_at
    OutboxMessage.objects.filter(pk=message.pk).update(**fields)
    message.refresh_from_db()
    return message


def test_letter_in_time_leaves(ana: Client, survey: Survey) -> None:
    now = moment(TUESDAY, NIGHT)
    assert pace.later(letter(ana, survey, now - pace.HOUR), now) is None


@pytest.mark.parametrize(("late", "attempts"), [(0, 2), (9, 1)])
def test_late_letter_waits_for_working_hours(ana: Client, survey: Survey, late: int, attempts: int) -> None:
    caps(per_hour=60)
    now = moment(FRIDAY, NIGHT)
    message = letter(ana, survey, now - late * pace.HOUR, state="sending", attempts=attempts)
    assert pace.later(message, now) == moment(FRIDAY + 3 * DAY, MORNING)
    assert pace.later(message, moment(FRIDAY, NOON)) is None


def test_letters_that_come_all_at_once_queue_up(ana: Client, survey: Survey) -> None:
    caps(per_hour=2)
    now = moment(TUESDAY, NOON)
    for minutes in (5, 50):
        letter(ana, survey, now, state="sent", claimed_at=now - minutes * MINUTE)
    assert pace.later(letter(ana, survey, now, state="sending"), now) == now + 30 * MINUTE
    letter(ana, survey, moment(TUESDAY, datetime.time(17, 45)))
    assert pace.later(letter(ana, survey, now, state="sending"), now) == moment(TUESDAY + DAY, MORNING)


def test_letter_that_waits_is_still_queued(ana: Client, survey: Survey) -> None:
    caps(per_hour=1)
    letter(ana, survey, timezone.now(), state="sent", claimed_at=timezone.now())
    message = letter(ana, survey, timezone.now())
    outbox.relay()
    message.refresh_from_db()
    assert (message.state, message.error) == ("queued", "Espera a sua vez no horário das pesquisas.")
    assert message.due_at > timezone.now()
