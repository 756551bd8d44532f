"""The night of the surveys: cases go up, odd answers are marked, keys are dropped."""

import datetime

import pytest
from django.utils import timezone

from clients.models import Client
from nps.case_night import follow_up
from nps.models import Answer, Case, Flag, Survey
from tests.contacts.talking import log_of
from tests.factories import Cast, make_client
from tests.nps.following import TUESDAY, case_of, follow, noon
from tests.nps.surveying import make_answer, make_survey

DAY = datetime.timedelta(days=1)
NOTHING = {"cases_escalated": 0, "answers_flagged": 0, "edit_keys_dropped": 0}


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro)


def unhappy(cast: Cast, survey: Survey) -> Client:
    client = make_client(owner=cast.julia, uf="SP")
    follow(client, survey, 2, on=TUESDAY)
    return client


def test_late_cases_go_up_once(cast: Cast, survey: Survey) -> None:
    client = unhappy(cast, survey)
    due_on = case_of(client).due_on
    assert follow_up(due_on) == NOTHING
    assert follow_up(due_on + DAY) == NOTHING | {"cases_escalated": 1}
    assert follow_up(due_on + DAY) == NOTHING
    assert case_of(client).assignee == cast.mauro


def test_who_was_spoken_to_does_not_go_up(cast: Cast, survey: Survey) -> None:
    client = unhappy(cast, survey)
    log = log_of(client, cast.julia, started_at=noon(TUESDAY + DAY))
    assert follow_up(TUESDAY + 30 * DAY) == NOTHING
    case = case_of(client)
    assert (case.state, case.contacted_at) == ("contacted", log.started_at)


def test_case_of_who_left_finds_another(cast: Cast, survey: Survey) -> None:
    client = unhappy(cast, survey)
    cast.sonia.is_active = False
    cast.sonia.save()
    assert follow_up(TUESDAY) == NOTHING
    assert case_of(client).assignee == cast.mauro


def test_cases_of_the_dead_end(cast: Cast, survey: Survey) -> None:
    client = unhappy(cast, survey)
    Case.objects.unscoped(reason="test").update(state=Case.State.CONTACTED, contacted_at=noon(TUESDAY))
    Client.objects.visible_to(cast.ada).update(deceased_on=TUESDAY)
    assert follow_up(TUESDAY + 30 * DAY) == NOTHING
    assert case_of(client).state == "unresolved"


def test_contacts_that_were_noted_late_mark_the_answer(cast: Cast, survey: Survey) -> None:
    client = make_client(owner=cast.julia)
    answer = make_answer(client, survey, 9, answered_at=noon(TUESDAY), flags=[Flag.COMPANY_NETWORK])
    log_of(client, cast.julia, started_at=noon(TUESDAY))
    assert follow_up(TUESDAY + 4 * DAY) == NOTHING
    assert follow_up(TUESDAY + 3 * DAY) == NOTHING | {"answers_flagged": 1}
    assert follow_up(TUESDAY + 2 * DAY) == NOTHING
    answer.refresh_from_db()
    assert answer.flags == [Flag.COMPANY_NETWORK, Flag.NEAR_CONTACT]


def test_sudden_tens_are_marked(cast: Cast, survey: Survey) -> None:
    for _each in range(5):
        make_answer(make_client(owner=cast.julia), survey, 10, answered_at=noon(TUESDAY))
    assert follow_up(TUESDAY + DAY) == NOTHING | {"answers_flagged": 5}
    assert follow_up(TUESDAY + DAY) == NOTHING
    assert Answer.objects.unscoped(reason="test").filter(flags=[Flag.SUDDEN_TENS]).count() == 5


def test_keys_of_anonymous_answers_are_dropped_after_a_whole_day(cast: Cast) -> None:
    today = timezone.localdate()
    survey = make_survey(cast.mauro, is_anonymous=True)
    for back in (0, 1, 2):
        client = make_client(owner=cast.julia)
        make_answer(client, survey, 5, answered_on=today - back * DAY, edit_key=f"{back}")
    assert follow_up(today) == NOTHING | {"edit_keys_dropped": 1}
    kept = Answer.objects.unscoped(reason="test").exclude(edit_key="").values_list("edit_key", flat=True)
    assert set(kept) == {"0", "1"}
