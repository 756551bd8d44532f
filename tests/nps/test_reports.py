"""What the answers say together: whose, of which days, and what may be told of a few."""

import datetime
from dataclasses import dataclass
from typing import Any

import pytest
from django.utils import timezone

from clients.models import Client
from nps import periods
from nps.funnels import Funnel, funnels
from nps.models import Answer, Invitation, NpsSettings, Opening, Survey
from nps.reports import Report, report_of
from nps.scores import Change, Tally
from nps.segments import Dimension, Segment, dimensions_for, in_segment, label_of, segments
from nps.series import Series, Window, answers_told
from people.models import Absence, User
from tests.factories import Cast, make_client, make_product
from tests.nps.surveying import make_answer, make_invitation, make_survey

TODAY = datetime.date(2026, 11, 20)
SETTINGS = NpsSettings()


def moment(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(12)))


@dataclass
class Desk:
    """Answers of one client of each seller, and reports of them."""

    cast: Cast
    survey: Survey
    clients: dict[int, Client]

    def answers(self, seller: User, /, *scores: int, on: datetime.date = TODAY, **fields: Any) -> list[Answer]:
        client = self.clients[seller.pk]
        return [make_answer(client, self.survey, score, answered_at=moment(on), **fields) for score in scores]

    @property
    def series(self) -> Series:
        return Series((self.survey,))

    def report(self, user: User, window: Window | None = None) -> Report:
        newest = periods.last_told(user, on=TODAY)
        return report_of(user, self.series, window or Window.rolling(newest), newest=newest, settings=SETTINGS)

    def total(self, user: User) -> Tally:
        return self.report(user).total.tally

    def rows(self, user: User, by: Dimension) -> dict[str, Segment]:
        found = segments(user, self.series, Window.rolling(TODAY), by, settings=SETTINGS)
        return {segment.label: segment for segment in found}


@pytest.fixture
def desk(cast: Cast) -> Desk:
    clients = {owner.pk: make_client(owner=owner, uf="PR") for owner in (cast.julia, cast.caio, cast.davi)}
    return Desk(cast, make_survey(cast.mauro), clients)


@pytest.mark.parametrize(
    ("window", "before"),
    [
        (Window.rolling(TODAY), ("2026-05-25", "2026-08-22")),
        (Window.of_month(TODAY), ("2026-10-01", "2026-10-31")),
        (Window(datetime.date(2026, 3, 1), datetime.date(2026, 3, 12)), ("2026-02-01", "2026-02-28")),
        (Window.of_year(TODAY), ("2024-12-01", "2025-11-30")),
        # Ninety days that begin with a month are still ninety days.
        (Window.rolling(datetime.date(2026, 10, 29)), ("2026-05-03", "2026-07-31")),
    ],
)
def test_window_is_compared_with_one_as_long_before_it(window: Window, before: tuple[str, str]) -> None:
    assert tuple(day.isoformat() for day in window.before) == before
    assert window.first in window
    assert window.before.last not in window


def test_rolling_window_has_ninety_days() -> None:
    assert Window.rolling(TODAY) == (datetime.date(2026, 8, 23), TODAY)
    assert Window.of_year(TODAY) == (datetime.date(2025, 12, 1), TODAY)


def test_score_counts_the_answers_of_the_days(desk: Desk) -> None:
    first = Window.rolling(TODAY).first
    desk.answers(desk.cast.julia, 10, 9, 8, 0)
    desk.answers(desk.cast.julia, 7, 6, on=first)
    desk.answers(desk.cast.julia, 10, 9, on=first - datetime.timedelta(days=1))

    report = desk.report(desk.cast.mauro)

    assert report.total.tally == Tally(2, 2, 2)
    assert report.before.tally == Tally(2, 0, 0)
    assert report.change == Change.UNKNOWN
    assert not report.is_empty


def test_nothing_is_nothing(desk: Desk) -> None:
    report = desk.report(desk.cast.mauro)

    assert report.is_empty
    assert report.total.is_hidden
    assert desk.rows(desk.cast.mauro, Dimension.OWNER) == {}


@pytest.mark.parametrize(
    ("before", "now", "change"),
    [
        ((10,) * 3, (10,) * 9, Change.UNKNOWN),
        ((10, 7, 0) * 2, (10, 10, 0) * 2, Change.SAME),
        ((0,) * 8, (10,) * 8, Change.UP),
        ((10,) * 8, (0,) * 8, Change.DOWN),
    ],
)
def test_change_is_told_only_when_it_holds(
    desk: Desk, before: tuple[int, ...], now: tuple[int, ...], change: Change
) -> None:
    desk.answers(desk.cast.julia, *before, on=TODAY - datetime.timedelta(days=90))
    desk.answers(desk.cast.julia, *now)

    assert desk.report(desk.cast.mauro).change == change


def test_left_out_answers_do_not_count_and_flagged_ones_do(desk: Desk) -> None:
    desk.answers(desk.cast.julia, 10, 0)
    desk.answers(desk.cast.julia, 10, flags=["same_device", "sudden_tens"])
    desk.answers(desk.cast.julia, 10, flags=["same_device"], left_out_by=desk.cast.sonia, left_out_why="Do vendedor")

    report = desk.report(desk.cast.mauro)

    assert report.total.tally == Tally(2, 0, 1)
    assert (report.flagged, report.left_out) == (1, 1)
    assert desk.rows(desk.cast.mauro, Dimension.OWNER)["Júlia Prado"].score.tally == Tally(2, 0, 1)


def test_answers_written_down_by_staff_stand_apart(desk: Desk) -> None:
    desk.answers(desk.cast.julia, 10, 10, channel="phone", by=desk.cast.bento)
    desk.answers(desk.cast.julia, 5, channel="phone")
    desk.answers(desk.cast.julia, 8)

    report = desk.report(desk.cast.mauro)

    assert (report.by_staff.tally, report.by_client.tally) == (Tally(2, 0, 0), Tally(0, 1, 1))
    assert {label: row.score.tally.total for label, row in desk.rows(desk.cast.mauro, Dimension.CHANNEL).items()} == {
        "Anotada pela equipe": 2,
        "E-mail": 1,
        "Por telefone": 1,
    }


def test_everyone_is_told_of_those_whom_they_see_and_sellers_once_the_month_is_over(desk: Desk) -> None:
    cast, october = desk.cast, datetime.date(2026, 10, 31)
    for owner in (cast.julia, cast.caio, cast.davi):
        desk.answers(owner, 10)
        desk.answers(owner, 0, on=october)

    assert desk.total(cast.julia) == Tally(0, 0, 1)
    assert desk.total(cast.sonia) == Tally(2, 0, 2)
    assert desk.total(cast.norma) == Tally(1, 0, 1)
    assert desk.total(cast.mauro) == desk.total(cast.ada) == Tally(3, 0, 3)
    # An auditor reads everybody's, and leads no survey.
    assert desk.total(cast.aurora) == Tally(0, 0, 3)


def test_whoever_covers_a_colleague_is_not_told_their_score(desk: Desk) -> None:
    cast, october = desk.cast, datetime.date(2026, 10, 31)
    today = timezone.localdate()
    Absence.objects.create(user=cast.caio, cover=cast.julia, starts_on=today, ends_on=today)
    desk.answers(cast.caio, 0, on=october)

    assert desk.total(cast.julia) == Tally()
    assert funnels(cast.julia, desk.series, Window.of_month(october)) == []


def test_answers_count_for_the_owner_of_the_day_of_asking(desk: Desk) -> None:
    cast = desk.cast
    desk.answers(cast.julia, 9, on=datetime.date(2026, 10, 2))
    Client.objects.unscoped(reason="test").update(owner=cast.davi, team=cast.norte)

    assert desk.total(cast.julia) == Tally(1, 0, 0)
    assert desk.total(cast.davi) == Tally()
    assert list(desk.rows(cast.mauro, Dimension.OWNER)) == ["Júlia Prado"]


def test_a_report_is_of_its_own_surveys(desk: Desk) -> None:
    other = make_survey(desk.cast.mauro, kind=Survey.Kind.SALE)
    make_answer(desk.clients[desk.cast.julia.pk], other, 0, answered_at=moment(TODAY))
    desk.answers(desk.cast.julia, 10)

    assert desk.total(desk.cast.mauro) == Tally(1, 0, 0)


def test_groups_have_their_names_and_the_largest_comes_first(desk: Desk) -> None:
    cast, product = desk.cast, make_product("Consórcio")
    desk.answers(cast.caio, 10, 9, product=product, portfolio_class="renewal")
    desk.answers(cast.davi, 7, owner=None, team=None, uf="", portfolio_class="active")

    def totals(by: Dimension) -> list[tuple[str, str, int]]:
        return [(row.key, row.label, row.score.tally.total) for row in desk.rows(cast.mauro, by).values()]

    assert totals(Dimension.OWNER) == [(str(cast.caio.pk), "Caio Torres", 2), ("", "Sem responsável", 1)]
    assert totals(Dimension.TEAM) == [(str(cast.sul.pk), "Sul", 2), ("", "Sem equipe", 1)]
    assert totals(Dimension.PRODUCT) == [(str(product.pk), "Consórcio", 2), ("", "Sem produto", 1)]
    assert totals(Dimension.UF) == [("PR", "PR", 2), ("", "Sem UF", 1)]
    assert totals(Dimension.CLASS) == [("renewal", "Renovação", 2), ("active", "Ativa", 1)]


def test_a_group_is_set_against_all_the_others(desk: Desk) -> None:
    cast = desk.cast
    desk.answers(cast.julia, *[10] * 9)
    desk.answers(cast.caio, *[0] * 8)
    desk.answers(cast.davi, *[10, 0, 7] * 2)

    found = desk.rows(cast.mauro, Dimension.OWNER)

    assert [(label, row.against) for label, row in found.items()] == [
        ("Júlia Prado", Change.UP),
        ("Caio Torres", Change.DOWN),
        ("Davi Lobo", Change.SAME),
    ]


def test_small_groups_are_hidden_and_not_compared(desk: Desk) -> None:
    desk.answers(desk.cast.julia, *[10] * 9)
    desk.answers(desk.cast.caio, *[0] * 4)

    found = desk.rows(desk.cast.mauro, Dimension.OWNER)

    assert found["Caio Torres"].score.is_hidden
    assert found["Caio Torres"].against == found["Júlia Prado"].against == Change.UNKNOWN


@pytest.mark.parametrize(
    ("small", "hidden"), [(4, {"Caio Torres", "Davi Lobo"}), (5, set()), (0, set())], ids=["few", "enough", "none"]
)
def test_a_few_anonymous_answers_cannot_be_worked_out_from_the_others(desk: Desk, small: int, hidden: set[str]) -> None:
    cast = desk.cast
    desk.survey.is_anonymous = True
    desk.survey.save()
    desk.answers(cast.julia, *[10] * 9)
    desk.answers(cast.davi, *[0] * 6)
    desk.answers(cast.caio, *[0] * small)

    found = desk.rows(cast.mauro, Dimension.OWNER)

    assert {label for label, row in found.items() if row.score.is_hidden} == hidden


def test_months_are_the_last_twelve_with_ninety_days_up_to_each(desk: Desk) -> None:
    desk.answers(desk.cast.julia, *[0] * 5, on=datetime.date(2025, 9, 10))
    desk.answers(desk.cast.julia, *[10] * 5, on=datetime.date(2026, 9, 1))
    desk.answers(desk.cast.julia, *[10] * 5)

    report = desk.report(desk.cast.mauro)
    months = report.months

    assert [f"{month.window.first:%Y-%m}" for month in months][::11] == ["2025-12", "2026-11"]
    assert months[-1].window.last == TODAY
    assert [month.score.tally.total for month in months] == [0] * 9 + [5, 0, 5]
    assert [month.rolling.tally.total for month in months if month.rolling] == [*[0] * 9, 5, 5, 10]
    assert report.year == Change.UP


def test_months_of_anonymous_answers_show_no_windows_that_overlap(desk: Desk) -> None:
    desk.survey.is_anonymous = True
    desk.survey.save()
    desk.answers(desk.cast.julia, *[0] * 5)

    assert {month.rolling for month in desk.report(desk.cast.mauro).months} == {None}


def test_an_anonymous_survey_makes_its_whole_kind_anonymous(desk: Desk) -> None:
    secret = make_survey(desk.cast.mauro, is_anonymous=True)

    assert Series((desk.survey, secret)).is_anonymous
    assert not desk.series.is_anonymous


def test_sellers_are_one_owner_and_one_team(cast: Cast) -> None:
    assert set(Dimension) - set(dimensions_for(cast.julia)) == {Dimension.OWNER, Dimension.TEAM}
    assert dimensions_for(cast.sonia) == list(Dimension)


@pytest.mark.parametrize("by", list(Dimension))
def test_a_row_finds_its_answers_again(desk: Desk, by: Dimension) -> None:
    cast, product = desk.cast, make_product("Consórcio")
    desk.answers(cast.julia, 10, 9, product=product, by=cast.bento)
    desk.answers(cast.davi, 0, owner=None, team=None, uf="", portfolio_class="inactive", channel="sms")
    told = answers_told(cast.mauro, desk.series)

    for label, row in desk.rows(cast.mauro, by).items():
        within = told.filter(in_segment(by, row.key))
        assert within.count() == row.score.tally.total
        assert label_of(within, by, row.key) == label


@pytest.mark.parametrize("key", ["x", "²", "99999999999999999999", "-1"])
def test_an_unknown_row_has_no_answers(desk: Desk, key: str) -> None:
    desk.answers(desk.cast.julia, 10)
    told = answers_told(desk.cast.mauro, desk.series)

    for by in Dimension:
        within = told.filter(in_segment(by, key))
        assert not within.exists()
        assert label_of(within, by, key) == ""


def test_funnel_goes_from_asking_to_answering_per_channel(desk: Desk) -> None:
    cast, survey = desk.cast, desk.survey
    client, state = desk.clients[cast.julia.pk], Invitation.State

    def asked(**fields: Any) -> Invitation:
        return make_invitation(client, survey, **{"asked_on": TODAY, **fields})

    asked(state=state.WAITING)
    asked(state=state.FAILED)
    asked(delivered_at=moment(TODAY))
    opened = asked()
    Opening.objects.bulk_create([Opening(invitation=opened), Opening(invitation=opened)])
    desk.answers(cast.julia, 10)
    asked(channel="sms", asked_on=TODAY - datetime.timedelta(days=90))
    asked(channel="link")

    found = funnels(cast.mauro, desk.series, Window.rolling(TODAY))

    assert [(str(one.label), one.asked, one.delivered, one.opened, one.answered, one.rate) for one in found] == [
        ("E-mail", 4, 3, 1, 1, 25),
        ("Link à mão", 1, 0, 0, 0, 0),
        ("Todos", 5, 3, 1, 1, 20),
    ]
    assert [one.expected for one in found] == [(5, 20), None, None]
    assert funnels(cast.davi, desk.series, Window.rolling(TODAY)) == []
    assert Funnel("", 0, 0, 0, 0).rate == 0


def test_one_channel_needs_no_sum(desk: Desk) -> None:
    desk.answers(desk.cast.julia, 10)

    assert len(funnels(desk.cast.sonia, desk.series, Window.rolling(TODAY))) == 1


def test_each_report_is_one_query(desk: Desk, django_assert_num_queries: Any) -> None:
    cast = desk.cast
    desk.answers(cast.julia, 10, 0, 7)
    window = Window.rolling(TODAY)
    with django_assert_num_queries(1):
        desk.report(cast.ada)
    for by in Dimension:
        with django_assert_num_queries(1):
            segments(cast.ada, desk.series, window, by, settings=SETTINGS)
    with django_assert_num_queries(1):
        funnels(cast.ada, desk.series, window)
