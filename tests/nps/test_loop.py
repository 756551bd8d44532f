"""What follows from an answer: a case, a request, attention; once, and taken back when the answer is mended."""

import datetime

import pytest
from django.utils import timezone

from clients.models import Client
from contacts import promises
from contacts.models import ContactPlan, LocalHoliday, PlanMembership
from nps import loop, stories
from nps.models import NpsSettings, Survey
from people.models import Notification, User
from people.roles import Role
from tests.factories import Cast, make_client, make_team, make_user
from tests.nps.following import TUESDAY, case_of, change, close, follow
from tests.nps.surveying import make_answer, make_survey

REQUEST = "Pedir indicação"
DAY = datetime.timedelta(days=1)


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana", owner=cast.julia, uf="SP")


@pytest.fixture
def survey(cast: Cast) -> Survey:
    return make_survey(cast.mauro)


def notes_of(client: Client) -> list[str]:
    return [note.text for note in case_of(client).notes.all()]


def inside(client: Client) -> list[PlanMembership]:
    return list(client.plan_memberships.filter(state=PlanMembership.State.RUNNING))


def told(person: User) -> list[str]:
    return list(Notification.objects.filter(recipient=person).values_list("text", flat=True))


# --- Detractors


def test_detractor_has_a_case_with_the_supervisor(cast: Cast, ana: Client, survey: Survey) -> None:
    follow(ana, survey, 3, on=TUESDAY)
    case = case_of(ana)
    assert (case.assignee, case.owner, case.due_on) == (cast.sonia, cast.julia, datetime.date(2026, 3, 12))
    assert (case.task.title, case.task.assignee, case.task.due_on, case.task.kind) == (
        "Falar com cliente que deu nota 3",
        cast.sonia,
        TUESDAY,
        "deadline",
    )
    assert case.task.created_by == cast.mauro
    assert told(cast.sonia) == ["Ana deu nota 3. Fale com o cliente até 12/03."]
    assert told(cast.julia) == ["Ana deu nota 3. Quem resolve: Sônia Reis, até 12/03."]
    notice = Notification.objects.get(recipient=cast.julia)
    assert (notice.kind, notice.url) == ("case", f"/pesquisas/casos/{case.pk}/")


def test_deadline_counts_working_days_of_the_client(cast: Cast, ana: Client, survey: Survey) -> None:
    """Answered on a Saturday: Monday is a holiday of the town, so Tuesday is the first day and Wednesday the second."""
    saturday = datetime.date(2026, 3, 14)
    LocalHoliday.objects.create(uf="SP", on=datetime.date(2026, 3, 16), name="Aniversário")
    follow(ana, survey, 0, on=saturday)
    case = case_of(ana)
    assert (case.task.due_on, case.due_on) == (datetime.date(2026, 3, 17), datetime.date(2026, 3, 18))
    other = make_client(owner=cast.julia, uf="SP")
    NpsSettings.objects.update_or_create(pk=1, defaults={"case_days": 1})
    follow(other, survey, 0, on=saturday)
    assert case_of(other).due_on == datetime.date(2026, 3, 17)


def test_following_twice_changes_nothing(cast: Cast, ana: Client, survey: Survey) -> None:
    for score in (2, 10, 7):
        client = make_client(owner=cast.julia)
        answer = follow(client, survey, score)
        before = (client.tasks.count(), client.nps_cases.count(), len(inside(client)), Notification.objects.count())
        loop.follow(answer)
        after = (client.tasks.count(), client.nps_cases.count(), len(inside(client)), Notification.objects.count())
        assert after == before


def test_second_low_answer_joins_the_running_case(cast: Cast, ana: Client, survey: Survey) -> None:
    follow(ana, survey, 3, on=TUESDAY)
    again = follow(ana, survey, 1, on=TUESDAY + DAY)
    loop.follow(again)
    assert notes_of(ana) == ["O cliente respondeu de novo: nota 1."]
    assert ana.tasks.count() == 1


def test_low_answer_after_the_end_opens_another_case(cast: Cast, ana: Client, survey: Survey) -> None:
    first = follow(ana, survey, 3, on=TUESDAY)
    close(case_of(ana), by=cast.sonia)
    loop.follow(first)
    assert ana.nps_cases.count() == 1
    follow(ana, survey, 4, on=TUESDAY + DAY)
    assert ana.nps_cases.filter(closed_at=None).get().answer.score == 4


def test_mended_low_answer_is_noted_and_the_case_stays(cast: Cast, ana: Client, survey: Survey) -> None:
    answer = follow(ana, survey, 3, on=TUESDAY)
    change(answer, 9)
    loop.follow(answer)
    assert notes_of(ana) == ["O cliente mudou a resposta."]
    assert case_of(ana).is_running
    assert told(cast.sonia)[0] == "Ana: O cliente mudou a resposta: nota 9."
    # Whose case runs is asked for nothing.
    assert not ana.tasks.filter(title=REQUEST).exists()
    change(answer, 8)
    assert inside(ana) == []


@pytest.mark.parametrize(
    ("owner", "team", "expected"),
    [
        ("julia", None, "sonia"),
        ("davi", None, "norma"),
        ("sonia", None, "mauro"),
        ("mauro", None, "ada"),
        (None, "sul", "sonia"),
        (None, "norte", "norma"),
        (None, None, "mauro"),
    ],
)
def test_case_goes_to_whoever_leads_nearest(
    cast: Cast, survey: Survey, owner: str | None, team: str | None, expected: str
) -> None:
    fields = {"team": getattr(cast, team)} if team else {}
    client = make_client(owner=getattr(cast, owner) if owner else None, **fields)
    follow(client, survey, 5)
    assert case_of(client).assignee == getattr(cast, expected)


def test_supervisor_goes_before_manager_and_nearer_before_farther(cast: Cast, survey: Survey) -> None:
    cell = make_team("Célula", parent=cast.sul)
    seller = make_user("Lia", team=cell)
    client = make_client(owner=seller)
    make_user("Gil", role=Role.MANAGER, team=cast.sul)
    follow(client, survey, 5)
    assert case_of(client).assignee == cast.sonia


def test_case_without_anybody_to_settle_it_waits_in_the_list(cast: Cast, ana: Client, survey: Survey) -> None:
    leading = (cast.sonia, cast.mauro, cast.ada)
    User.objects.filter(pk__in=[person.pk for person in leading]).update(is_active=False)
    follow(ana, survey, 5)
    case = case_of(ana)
    assert (case.assignee, case.task) == (None, None)
    assert told(cast.julia)[0].startswith("Ana deu nota 5. Quem resolve: –")


# --- Promoters


def test_promoter_is_asked_for_a_referral(cast: Cast, ana: Client, survey: Survey) -> None:
    follow(ana, survey, 9, on=TUESDAY)
    task = ana.tasks.get()
    assert (task.title, task.due_on, task.assignee) == (REQUEST, datetime.date(2026, 3, 12), None)
    assert task.note == "Respondeu à pesquisa. Agradeça, peça uma indicação e convide para contar um caso de sucesso."
    follow(ana, survey, 10, on=TUESDAY + DAY)
    assert ana.tasks.count() == 1


def test_promoter_is_asked_again_after_a_while(cast: Cast, ana: Client, survey: Survey) -> None:
    follow(ana, survey, 9)
    ana.tasks.update(created_at=timezone.now() - 91 * DAY)
    follow(ana, survey, 9)
    assert ana.tasks.filter(title=REQUEST).count() == 2


def test_mended_promoter_is_not_asked(cast: Cast, ana: Client, survey: Survey) -> None:
    answer = follow(ana, survey, 10)
    story = stories.offer(answer)
    change(answer, 4)
    story.refresh_from_db()
    assert ana.tasks.get(title=REQUEST).is_cancelled
    assert (story.is_cancelled, stories.offered(answer)) == (True, None)
    assert case_of(ana).is_running
    done = follow(make_client(owner=cast.julia), survey, 10)
    task = done.client.tasks.get()
    promises.finish(task, by=cast.julia)
    change(done, 8)
    task.refresh_from_db()
    assert not task.is_cancelled


def test_answer_taken_by_phone_acts_in_the_name_of_who_took_it(cast: Cast, ana: Client, survey: Survey) -> None:
    follow(ana, survey, 9, by=cast.bento)
    assert ana.tasks.get().created_by == cast.bento


# --- Neutral ones


def test_neutral_client_gets_attention(cast: Cast, ana: Client, survey: Survey) -> None:
    answer = follow(ana, survey, 7)
    assert [member.plan.name for member in inside(ana)] == [loop.ATTENTION]
    change(answer, 8)
    assert len(inside(ana)) == 1
    change(answer, 9)
    assert inside(ana) == []


def test_neutral_client_is_left_alone_where_the_plan_says_so(cast: Cast, survey: Survey) -> None:
    plan = ContactPlan.objects.get(name=loop.ATTENTION)
    ContactPlan.objects.filter(pk=plan.pk).update(is_active=False)
    one, other = (make_client(owner=cast.julia) for _count in range(2))
    follow(one, survey, 7)
    ContactPlan.objects.filter(pk=plan.pk).update(name="Outro nome", is_active=True)
    follow(other, survey, 7)
    assert inside(one) == inside(other) == []


# --- Nobody


def test_nothing_follows_from_who_is_unknown_dead_or_left_out(cast: Cast, ana: Client, survey: Survey) -> None:
    anonymous = make_answer(ana, make_survey(cast.mauro, is_anonymous=True), 0)
    loop.follow(anonymous)
    follow(ana, survey, 0, left_out_by=cast.mauro)
    ana.refresh_from_db()
    assert (ana.nps_cases.count(), ana.offers_paused_until) == (0, None)
    dead = make_client(owner=cast.julia, deceased_on=TUESDAY)
    follow(dead, survey, 10)
    follow(dead, survey, 0)
    assert (dead.tasks.count(), dead.nps_cases.count(), Notification.objects.count()) == (0, 0, 0)
