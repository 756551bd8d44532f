"""A client introduces friends: prospects of the same owner, credited; and tells how it went."""

import datetime

import pytest
from django.utils import timezone

from brazil.phones import PhoneNumber, parse_phone
from clients.models import Client
from nps import referrals, stories
from nps.models import Answer
from people import notifications
from tests.factories import Cast, make_client
from tests.nps.surveying import make_answer, make_survey


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Souza", owner=cast.julia)


@pytest.fixture
def praise(cast: Cast, ana: Client) -> Answer:
    return make_answer(ana, make_survey(cast.mauro), 10)


def number(last: int = 1) -> PhoneNumber:
    return parse_phone(f"(11) 98765-43{last:02}").numbers[0]


def told(cast: Cast) -> list[tuple[str, str]]:
    return list(notifications.notices_of(cast.julia).values_list("text", "url"))


def test_friend_becomes_a_prospect_of_the_present_owner(cast: Cast, ana: Client, praise: Answer) -> None:
    ana.owner = cast.caio
    ana.save()
    made = referrals.refer(praise, name="BIA LIMA", phone=number(), email="bia@exemplo.com.br")
    bia = made.prospect
    assert bia is not None
    assert (bia.display_name, bia.owner, bia.source, bia.portfolio_class) == (
        "Bia Lima",
        cast.caio,
        "Indicação",
        "prospect",
    )
    assert (bia.phones.get().e164, bia.emails.get().address) == ("+5511987654301", "bia@exemplo.com.br")
    assert (bia.referred_by.client, made.answer) == (ana, praise)
    assert [text for text, _url in notifications.notices_of(cast.caio).values_list("text", "url")] == [
        "Ana Souza indicou BIA LIMA."
    ]


def test_whoever_is_there_already_becomes_no_prospect(cast: Cast, ana: Client, praise: Answer) -> None:
    bia = make_client("Bia Lima", owner=cast.julia)
    bia.phones.create(e164=number().e164, kind="MOBILE")
    made = referrals.refer(praise, name="Bia Lima", phone=number())
    assert (made.prospect, made.client, made.phone) == (None, ana, number().e164)
    assert told(cast) == [
        ("Ana Souza indicou Bia Lima, com telefone ou e-mail que já está no cadastro.", ana.get_absolute_url())
    ]


@pytest.mark.parametrize("email", ["", "bia@exemplo.com.br"])
def test_whoever_wants_no_contact_is_not_registered_anew(cast: Cast, praise: Answer, email: str) -> None:
    """In another portfolio, under another name: a new record would be free of what the client asked for."""
    beatriz = make_client("Beatriz Ramos", owner=cast.davi)
    beatriz.opt_outs.create(channel="any", purpose="any", by=cast.davi)
    if email:
        beatriz.emails.create(address=email)
    else:
        beatriz.phones.create(e164=number().e164, kind="MOBILE")
    assert referrals.refer(praise, name="Bia Lima", phone=number(), email=email).prospect is None


@pytest.mark.parametrize("is_gone", [True, False])
def test_without_an_owner_the_friend_waits_in_the_queue(cast: Cast, ana: Client, praise: Answer, is_gone: bool) -> None:
    if is_gone:
        cast.julia.is_active = False
        cast.julia.save()
    else:
        ana.owner = None
        ana.save()
    bia = referrals.refer(praise, name="Bia Lima", phone=number()).prospect
    assert bia is not None
    assert (bia.owner, bia.team, bia.created_by) == (None, cast.mauro.team, cast.mauro)
    assert told(cast) == []


def test_five_friends_and_the_same_one_once(praise: Answer) -> None:
    made = [referrals.refer(praise, name=f"Amigo Número {last}", phone=number(last)) for last in range(5)]
    assert referrals.refer(praise, name="Amigo Outra Vez", phone=number(0)) == made[0]
    with pytest.raises(referrals.TooManyError):
        referrals.refer(praise, name="Mais Um", phone=number(9))


def test_only_known_promoters_refer_and_tell(cast: Cast, ana: Client, praise: Answer) -> None:
    nobody = make_answer(ana, make_survey(cast.mauro, is_anonymous=True), 10)
    neutral = make_answer(ana, praise.survey, 8)
    assert [referrals.may_refer(one) for one in (praise, neutral, nobody)] == [True, False, False]
    assert [stories.may_be_told(one) for one in (praise, neutral, nobody)] == [True, False, False]
    assert stories.offered(nobody) is None
    with pytest.raises(ValueError, match="Promotor"):
        referrals.refer(nobody, name="Bia Lima", phone=number())
    with pytest.raises(ValueError, match="Promotor"):
        stories.offer(nobody)
    ana.deceased_on = timezone.localdate()
    assert not stories.may_be_told(Answer(client=ana, score=10))


def test_story_is_a_task_of_the_owner_on_the_next_working_day_once(ana: Client, praise: Answer) -> None:
    assert stories.offered(praise) is None
    task = stories.offer(praise)
    assert stories.offer(praise) == task == stories.offered(praise) == ana.tasks.get()
    assert (task.assignee, task.created_by) == (None, praise.survey.created_by)
    assert task.due_on > timezone.localdate()
    assert task.due_on.weekday() < 5
    assert task.due_on - timezone.localdate() < datetime.timedelta(days=8)
