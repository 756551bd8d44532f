"""The night of surveys: whom it asks, how many, when their letters leave, and that a date is asked about once."""

import datetime
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from clients.models import Client, OptOut
from contacts.models import LocalHoliday
from jobs.models import OutboxMessage
from nps import asking
from nps.eligibility import Terms
from nps.models import Survey
from tests.factories import Cast, make_client, make_contract
from tests.nps.asking import DAY, MOBILE, TUESDAY, caps, give_phone, invitations, mailed, make_log, moment, night
from tests.nps.surveying import make_invitation, make_survey

pytestmark = pytest.mark.django_db
NOTHING = {"surveys_asked": 0, "surveys_reminded": 0, "surveys_expired": 0}


@pytest.fixture(autouse=True)
def grown(cast: Cast) -> None:
    caps()


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro)


def clients(cast: Cast, number: int) -> list[Client]:
    return [mailed(f"Cliente {place}", cast.julia) for place in range(number)]


def asked(**which: Any) -> list[str]:
    return [invitation.client.name for invitation in invitations().filter(**which).select_related("client")]


def hours() -> list[str]:
    due = OutboxMessage.objects.order_by("due_at").values_list("due_at", flat=True)
    return [f"{timezone.localtime(at):%d/%m %H:%M:%S}" for at in due]


def test_night_asks_whoever_may_be_asked_and_writes_a_letter(cast: Cast, survey: Survey) -> None:
    ana, _dead = mailed("Ana", cast.julia), mailed("Bia", cast.julia, deceased_on=TUESDAY)
    make_client("Sem e-mail", owner=cast.julia, portfolio_class="active")
    assert night() == {**NOTHING, "surveys_asked": 1}
    (made,) = invitations()
    assert (made.client, made.channel, made.state, made.by) == (ana, "email", "waiting", None)
    assert (made.asked_on, made.address) == (TUESDAY, ana.emails.get().address)
    message = OutboxMessage.objects.get()
    assert (message.kind, message.recipient, message.subject_id) == ("survey_email", made.address, made.pk)


def test_same_date_again_changes_nothing(cast: Cast, survey: Survey) -> None:
    caps(per_day=4)
    other = make_survey(cast.mauro, classes=["renewal"])
    clients(cast, 6)
    assert night()["surveys_asked"] == 2
    assert night() == NOTHING
    assert asked(survey=other) == []
    assert night(TUESDAY + DAY)["surveys_asked"] == 2


def test_date_that_is_over_asks_nobody_but_ends_what_is_over(cast: Cast, survey: Survey) -> None:
    (ana,) = clients(cast, 1)
    make_invitation(ana, survey, asked_on=TUESDAY - 31 * DAY)
    late = moment(TUESDAY + DAY)
    assert asking.ask(TUESDAY, now=late) == {**NOTHING, "surveys_expired": 1}


@pytest.mark.parametrize("day", [datetime.date(2026, 3, 1), datetime.date(2026, 4, 3), TUESDAY + DAY])
def test_nobody_is_asked_on_a_day_without_work(cast: Cast, survey: Survey, day: datetime.date) -> None:
    clients(cast, 1)
    LocalHoliday.objects.create(on=TUESDAY + DAY, name="Aniversário da empresa")
    assert night(day) == NOTHING


def test_stopped_survey_is_left_alone(cast: Cast) -> None:
    make_survey(cast.mauro, is_active=False)
    clients(cast, 1)
    assert night() == NOTHING


# --- How many, and when --------------------------------------------------------------------------------


def test_letters_are_spread_over_the_working_hours(cast: Cast, survey: Survey) -> None:
    caps(per_hour=2)
    clients(cast, 25)
    assert night()["surveys_asked"] == 18
    assert [*hours()[:3], hours()[-1]] == ["03/03 09:00:00", "03/03 09:30:00", "03/03 10:00:00", "03/03 17:30:00"]


def test_night_that_comes_late_uses_what_is_left_of_the_day(cast: Cast, survey: Survey) -> None:
    caps(per_hour=2)
    clients(cast, 5)
    assert night(at=datetime.time(17, 10))["surveys_asked"] == 2
    assert hours() == ["03/03 17:10:00", "03/03 17:40:00"]
    other = make_survey(cast.mauro)
    assert night(at=datetime.time(18, 10)) == NOTHING
    assert asked(survey=other) == []


def test_day_has_a_cap_over_all_surveys(cast: Cast, survey: Survey) -> None:
    caps(per_day=5)
    other = make_survey(cast.mauro, classes=["renewal"])
    clients(cast, 6)
    for place in range(6):
        mailed(f"Outro {place}", cast.julia, portfolio_class="renewal")
    assert night()["surveys_asked"] == 5
    assert (len(asked(survey=survey)), len(asked(survey=other))) == (3, 2)
    caps(per_day=0)
    assert night(TUESDAY + DAY) == NOTHING


def test_cap_begins_low_and_doubles_with_each_day_of_sending(cast: Cast, survey: Survey) -> None:
    caps(first_day=2, per_day=7)
    clients(cast, 20)
    days = [TUESDAY + n * DAY for n in (0, 1, 3, 6)]
    assert [night(day)["surveys_asked"] for day in days] == [2, 4, 7, 7]


def test_cap_of_other_channels_does_not_begin_low(cast: Cast, settings: Any) -> None:
    settings.CONTACT_ADAPTERS = {"sms": "x"}
    make_survey(cast.mauro, channels=["sms"])
    caps(first_day=1, per_day=3)
    for number, client in enumerate(clients(cast, 5)):
        give_phone(client, f"+551198765432{number}")
    assert night()["surveys_asked"] == 3


def test_what_a_sample_leaves_the_others_take(cast: Cast, survey: Survey) -> None:
    caps(per_day=6)
    sample = make_survey(cast.mauro, pick="random", sample_per_day=1)
    clients(cast, 8)
    assert night()["surveys_asked"] == 6
    assert (len(asked(survey=sample)), len(asked(survey=survey))) == (1, 5)


def test_transactional_surveys_come_first(cast: Cast, survey: Survey) -> None:
    caps(per_day=1)
    sale = make_survey(cast.mauro, kind="sale", delay_days=7)
    _ana, bia = clients(cast, 2)
    sold = make_contract(bia, TUESDAY - 7 * DAY, None)
    night()
    assert asked(survey=sale, contract=sold) == [bia.name]
    assert asked(survey=survey) == []


def test_service_is_asked_about_the_day_after(cast: Cast) -> None:
    service = make_survey(cast.mauro, kind="service", delay_days=1)
    (ana,) = clients(cast, 1)
    log = make_log(ana, cast.julia, TUESDAY - DAY)
    night()
    assert asked(survey=service, log=log) == [ana.name]


# --- Whom ----------------------------------------------------------------------------------------------


def test_everybody_takes_turns(cast: Cast) -> None:
    caps(per_day=2, throttle_days=3)
    make_survey(cast.mauro, interval_days=3)
    names = [client.name for client in clients(cast, 5)]
    rounds = []
    for n in range(3):
        night(TUESDAY + n * DAY)
        rounds.append(asked(asked_on=TUESDAY + n * DAY))
    assert rounds == [names[:2], names[2:4], names[4:]]
    night(TUESDAY + 3 * DAY)
    assert asked(asked_on=TUESDAY + 3 * DAY) == names[:2]


def test_turns_begin_after_the_last_one_and_wrap_round(cast: Cast, survey: Survey) -> None:
    caps(per_day=3)
    ana, bia, caio, duda = clients(cast, 4)
    make_invitation(bia, survey, asked_on=TUESDAY - DAY)
    night()
    assert asked(asked_on=TUESDAY) == [caio.name, duda.name, ana.name]


def test_sample_is_drawn_anew_each_day_and_the_same_for_a_day(cast: Cast) -> None:
    survey = make_survey(cast.mauro, pick="random", sample_per_day=3)
    clients(cast, 30)
    first, again, other = (
        [client.pk for client in asking.in_order(Terms.of(survey, day))] for day in (TUESDAY, TUESDAY, TUESDAY + DAY)
    )
    assert first == again
    assert sorted(first) == sorted(other)
    assert first != other
    assert night()["surveys_asked"] == 3
    assert [one.client_id for one in invitations()] == first[:3]


def test_failed_address_rests_for_a_while(cast: Cast, survey: Survey) -> None:
    (ana,) = clients(cast, 1)
    make_invitation(ana, survey, asked_on=TUESDAY - 20 * DAY, state="failed")
    assert night() == NOTHING
    assert night(TUESDAY + 10 * DAY)["surveys_asked"] == 1


@pytest.mark.parametrize(
    ("channel", "purpose", "number"), [("any", "survey", 0), ("email", "any", 0), ("call", "any", 1)]
)
def test_who_wants_no_surveys_is_passed_over(
    cast: Cast, survey: Survey, channel: str, purpose: str, number: int
) -> None:
    ana, bia = clients(cast, 2)
    OptOut.objects.create(client=ana, channel=channel, purpose=purpose, by=cast.julia)
    assert night()["surveys_asked"] == number + 1
    assert (bia.name in asked(), ana.name in asked()) == (True, bool(number))


def test_clients_of_one_address_are_asked_as_one(cast: Cast, survey: Survey) -> None:
    for name in ("Ana", "Bia"):
        mailed(name, cast.julia, "casa@cliente.example")
    night()
    assert asked() == ["Ana"]


def test_night_tries_channels_in_their_order_and_needs_a_provider(cast: Cast, settings: Any) -> None:
    make_survey(cast.mauro, channels=["whatsapp", "email", "link"])
    ana, rui = mailed("Ana", cast.julia), make_client("Rui", owner=cast.julia, portfolio_class="active")
    give_phone(ana)
    give_phone(rui, "+5511911112222")
    night()
    assert list(invitations().values_list("client", "channel")) == [(ana.pk, "email")]
    invitations().delete()
    settings.CONTACT_ADAPTERS = {"whatsapp": "x"}
    night()
    assert list(invitations().values_list("client", "channel", "address")) == [
        (ana.pk, "whatsapp", MOBILE),
        (rui.pk, "whatsapp", "+5511911112222"),
    ]


def test_choosing_takes_the_same_queries_for_many(cast: Cast, survey: Survey) -> None:
    terms = Terms.of(survey, TUESDAY)

    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            asking.choose(terms, 10)
        return len(queries)

    clients(cast, 1)
    one = counted()
    clients(cast, 4)
    assert counted() == one


# --- Reminding -----------------------------------------------------------------------------------------


def reminded() -> list[str]:
    return list(OutboxMessage.objects.filter(dedupe_key__endswith=":reminder").values_list("recipient", flat=True))


def test_who_did_not_answer_is_reminded_once(cast: Cast, survey: Survey) -> None:
    (ana,) = clients(cast, 1)
    made = make_invitation(ana, survey, asked_on=TUESDAY - 4 * DAY, address="ana@cliente.example")
    assert night(TUESDAY - DAY) == NOTHING
    assert night() == {**NOTHING, "surveys_reminded": 1}
    assert night() == night(TUESDAY + DAY) == NOTHING
    made.refresh_from_db()
    assert (made.reminded_on, reminded()) == (TUESDAY, ["ana@cliente.example"])


@pytest.mark.parametrize(
    "fields",
    [
        {"state": "answered"},
        {"state": "waiting"},
        {"state": "expired"},
        {"channel": "link"},
        {"reminded_on": TUESDAY - DAY},
        {"asked_on": TUESDAY - 31 * DAY},
    ],
)
def test_nobody_else_is_reminded(cast: Cast, survey: Survey, fields: dict[str, Any]) -> None:
    (ana,) = clients(cast, 1)
    make_invitation(ana, survey, **{"asked_on": TUESDAY - 10 * DAY, "address": "ana@cliente.example", **fields})
    night()
    assert reminded() == []


def test_link_that_somebody_handed_over_is_not_reminded_of(cast: Cast, survey: Survey) -> None:
    (ana,) = clients(cast, 1)
    make_invitation(ana, survey, asked_on=TUESDAY - 10 * DAY, address="ana@cliente.example", by=cast.sonia)
    assert night() == NOTHING


def test_survey_without_reminder_reminds_nobody(cast: Cast) -> None:
    (ana,) = clients(cast, 1)
    make_invitation(ana, make_survey(cast.mauro, reminder_days=0), asked_on=TUESDAY - 10 * DAY)
    assert night() == NOTHING


def test_reminders_count_in_the_cap_and_go_first(cast: Cast, survey: Survey) -> None:
    caps(per_day=2)
    ana, _bia, _caio = clients(cast, 3)
    make_invitation(ana, survey, asked_on=TUESDAY - 4 * DAY, address="ana@cliente.example")
    assert night() == {**NOTHING, "surveys_reminded": 1, "surveys_asked": 1}
    assert night() == NOTHING


def test_next_letters_leave_on_a_working_day(db: None) -> None:
    assert asking.next_day(TUESDAY) == TUESDAY + DAY
    assert asking.next_day(TUESDAY + 3 * DAY) == TUESDAY + 6 * DAY
