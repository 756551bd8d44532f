"""Which single answers a person may read, and how a leader leaves one out."""

import datetime
from collections.abc import Callable

import pytest
from django.utils import timezone

from clients.models import Client
from nps import cases, comments, exclusions, loop, standing
from nps.comments import Narrowing
from nps.models import Answer, Group, NpsSettings, Survey
from nps.reports import report_of
from nps.scores import Tally
from nps.segments import Dimension
from nps.series import Series, Window
from people.models import Activity, User
from tests.factories import Cast, make_client
from tests.nps.surveying import make_answer, make_survey

TODAY = datetime.date(2026, 11, 20)
YEAR = Window.of_year(TODAY)
type Listed = Callable[..., list[str]]


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro)


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Lima", owner=cast.julia, uf="PR")


@pytest.fixture
def listed(survey: Survey) -> Listed:
    """The comments on the list of a person."""

    def listed_by(user: User, narrowing: Narrowing = comments.EVERYTHING, window: Window = YEAR) -> list[str]:
        found = comments.listed(user, Series((survey,)), window, narrowing)
        return sorted(found.values_list("comment", flat=True))

    return listed_by


def say(client: Client, survey: Survey, comment: str, score: int = 10, **fields: object) -> Answer:
    return make_answer(client, survey, score, comment=comment, **{"answered_on": TODAY, **fields})


def test_answers_are_read_by_who_sees_the_client_now(cast: Cast, ana: Client, survey: Survey, listed: Listed) -> None:
    say(ana, survey, "era da Júlia")
    ana.owner, ana.team = cast.davi, cast.norte
    ana.save()

    assert [listed(user) for user in (cast.julia, cast.sonia, cast.davi, cast.norma, cast.mauro)] == [
        [],
        [],
        *[["era da Júlia"]] * 3,
    ]


def test_list_keeps_to_its_surveys_and_days(cast: Cast, ana: Client, survey: Survey, listed: Listed) -> None:
    say(ana, survey, "hoje")
    say(ana, survey, "antes", answered_on=datetime.date(2026, 10, 31))
    say(ana, make_survey(cast.mauro), "outra pesquisa")

    assert listed(cast.sonia) == ["antes", "hoje"]
    assert listed(cast.sonia, window=Window.of_month(TODAY)) == ["hoje"]


@pytest.mark.parametrize(
    ("narrowing", "found"),
    [
        (Narrowing(group=Group.PROMOTER), ["Preço"]),
        (Narrowing(group=Group.PASSIVE), ["demora"]),
        (Narrowing(group=Group.DETRACTOR), ["Muita Demora"]),
        (Narrowing(words="demoras"), ["Muita Demora", "demora"]),
        (Narrowing(only_flagged=True), ["demora"]),
        (Narrowing(dimension=Dimension.UF, key="PR"), ["Muita Demora", "Preço", "demora"]),
        (Narrowing(dimension=Dimension.UF, key="SP"), []),
    ],
)
def test_list_is_narrowed(
    cast: Cast, ana: Client, survey: Survey, listed: Listed, narrowing: Narrowing, found: list[str]
) -> None:
    say(ana, survey, "Preço", 9)
    say(ana, survey, "demora", 7, flags=["same_device"])
    say(ana, survey, "Muita Demora", 6)

    assert listed(cast.sonia, narrowing) == found


@pytest.mark.parametrize(("answers", "seen"), [(4, 0), (5, 5)])
def test_anonymous_answers_are_read_among_five(
    cast: Cast, ana: Client, survey: Survey, listed: Listed, answers: int, seen: int
) -> None:
    survey.is_anonymous = True
    survey.save()
    for _number in range(answers):
        say(ana, survey, "segredo")

    assert len(listed(cast.sonia)) == len(listed(cast.julia)) == seen
    assert comments.readable(cast.sonia).count() == seen
    assert listed(cast.davi) == []
    # Told apart by a group, they would say whose client wrote them.
    assert listed(cast.sonia, Narrowing(dimension=Dimension.OWNER, key=str(cast.julia.pk))) == []


def test_anonymous_answers_of_other_teams_do_not_make_five(
    cast: Cast, ana: Client, survey: Survey, listed: Listed
) -> None:
    survey.is_anonymous = True
    survey.save()
    for number in range(5):
        say(ana if number else make_client(owner=cast.davi), survey, "segredo")

    assert listed(cast.sonia) == []
    assert len(listed(cast.mauro)) == 5


def test_themes_read_the_newest_comments(cast: Cast, ana: Client, survey: Survey) -> None:
    say(ana, survey, "", 8)
    older = say(ana, survey, "fila", 6, answered_on=TODAY - datetime.timedelta(days=1))
    newer = say(ana, survey, "prazo", 10)

    found = comments.comments_of(comments.readable(cast.sonia))

    assert found == [(newer.pk, "prazo", 10), (older.pk, "fila", 6)]


def test_an_answer_left_out_counts_no_more_until_it_is_back(
    cast: Cast, ana: Client, survey: Survey, listed: Listed
) -> None:
    answer = say(ana, survey, "eu mesmo", 10)

    def counted() -> Tally:
        return report_of(cast.sonia, Series((survey,)), YEAR, newest=TODAY, settings=NpsSettings()).total.tally

    exclusions.leave_out(answer, why="Respondida pelo vendedor", by=cast.sonia)
    assert counted() == Tally()
    assert listed(cast.sonia, Narrowing(only_left_out=True)) == ["eu mesmo"]
    exclusions.put_back(answer, by=cast.sonia)
    exclusions.put_back(answer, by=cast.sonia)
    assert counted() == Tally(1, 0, 0)
    assert listed(cast.sonia, Narrowing(only_left_out=True)) == []

    assert list(Activity.objects.order_by("pk").values_list("verb", "by", "changes")) == [
        ("answer_left_out", cast.sonia.pk, {"why": "Respondida pelo vendedor"}),
        ("answer_put_back", cast.sonia.pk, {"why": ""}),
    ]


def test_a_score_that_fell_while_it_was_left_out_has_its_case_once_it_is_back(
    cast: Cast, ana: Client, survey: Survey
) -> None:
    answer = say(ana, survey, "pensando bem", 9, answered_at=timezone.now() - datetime.timedelta(days=30))
    exclusions.leave_out(answer, why="Repetida", by=cast.sonia)
    answer.score = 2
    answer.save()
    exclusions.put_back(answer, by=cast.sonia)
    exclusions.leave_out(answer, why="Repetida", by=cast.sonia)
    exclusions.put_back(answer, by=cast.sonia)

    case = ana.nps_cases.get()
    assert (case.answer, case.assignee) == (answer, cast.sonia)
    assert case.due_on > timezone.localdate()


def test_what_was_said_while_a_case_ran_opens_no_other_one(cast: Cast, ana: Client, survey: Survey) -> None:
    now = timezone.now()
    first = say(ana, survey, "frete", 2, answered_at=now - datetime.timedelta(days=20))
    settled = cases.open_for(first)
    ana.nps_cases.update(closed_at=now - datetime.timedelta(days=10), state="resolved")
    later = say(ana, survey, "frete ainda", 3, answered_at=now - datetime.timedelta(days=15))
    for answer in (first, later):
        exclusions.leave_out(answer, why="Repetida", by=cast.sonia)
        exclusions.put_back(answer, by=cast.sonia)
    assert ana.nps_cases.get() == settled


def test_what_changed_meanwhile_counts_and_what_it_had_caused_is_taken_back(
    cast: Cast, ana: Client, survey: Survey
) -> None:
    answer = say(ana, survey, "ótimo", 10)
    loop.follow(answer)
    exclusions.leave_out(answer, why="Repetida", by=cast.sonia)
    ana.nps_answers.update(score=1, edited_at=timezone.now())
    exclusions.put_back(answer, by=cast.sonia)
    assert ana.nps_cases.get().answer == answer
    assert list(ana.tasks.filter(is_cancelled=True).values_list("title", flat=True)) == ["Pedir indicação"]


def test_by_an_answer_left_out_nobody_is_a_detractor(cast: Cast, ana: Client, survey: Survey) -> None:
    answer = say(ana, survey, "engano", 0)

    exclusions.leave_out(answer, why="Nota trocada", by=cast.sonia)
    assert standing.takes_offers(ana, on=TODAY)
    exclusions.put_back(answer, by=cast.sonia)
    assert not standing.takes_offers(ana, on=TODAY)


def test_nobody_decides_about_their_own_answers(cast: Cast, ana: Client, survey: Survey) -> None:
    say(ana, survey, "da equipe")
    say(make_client(owner=cast.sonia), survey, "da própria Sônia")
    say(ana, survey, "de ninguém", owner=None)
    secret = make_survey(cast.mauro, is_anonymous=True)
    for _number in range(5):
        say(ana, secret, "segredo")

    def decided_by(user: User) -> list[str]:
        return sorted(exclusions.decidable(user).values_list("comment", flat=True))

    assert decided_by(cast.sonia) == ["da equipe", "de ninguém"]
    assert decided_by(cast.mauro) == ["da equipe", "da própria Sônia", "de ninguém"]
    assert decided_by(cast.norma) == []
