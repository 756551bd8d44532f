"""What a client answers, mends and can no longer mend; what follows is told in test_loop."""

import datetime
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import connection
from django.utils import timezone

from clients.models import Client
from nps import answers, refusals
from nps.gaming import Origin
from nps.models import Answer, Flag, Invitation
from tests.factories import Cast, make_client
from tests.nps.surveying import make_answer, make_invitation, make_survey, token_for

HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def ana(cast: Cast) -> Client:
    return make_client("Ana Souza", owner=cast.julia, uf="SP")


@pytest.fixture
def asked(cast: Cast, ana: Client) -> Invitation:
    return make_invitation(ana, make_survey(cast.mauro))


@pytest.fixture
def unnamed(cast: Cast, ana: Client) -> Invitation:
    return make_invitation(ana, make_survey(cast.mauro, is_anonymous=True))


def all_answers() -> list[Answer]:
    return list(Answer.objects.unscoped(reason="test").order_by("pk"))


def age(answer: Answer, by: datetime.timedelta) -> None:
    """As if it had been given that much earlier."""
    if answer.answered_at:
        answer.answered_at -= by
    answer.answered_on -= datetime.timedelta(days=by.days)
    answer.save()


def test_answer_is_attributed_as_on_the_day_of_asking(cast: Cast, ana: Client, asked: Invitation) -> None:
    ana.owner = cast.caio
    ana.save()
    given = answers.record(asked, score=9, comment="Rápido", may_call=True, origin=Origin("net", "dev"))
    assert (given.client, given.invitation, given.owner, given.team) == (ana, asked, cast.julia, cast.sul)
    assert (given.uf, given.channel, given.survey) == ("SP", "email", asked.survey)
    assert (given.network, given.device, given.may_call, given.edit_key) == ("net", "dev", True, "")
    asked.refresh_from_db()
    assert asked.is_answered


def test_second_answer_mends_the_first_for_a_day(asked: Invitation) -> None:
    first = answers.record(asked, score=9, comment="Bom")
    age(first, 23 * HOUR)
    answers.record(asked, score=3, comment="Pensei melhor", may_call=True)
    [kept] = all_answers()
    assert (kept.score, kept.comment, kept.may_call, kept.answered_at) == (3, "Pensei melhor", True, first.answered_at)
    assert kept.edited_at is not None
    age(kept, HOUR)
    with pytest.raises(answers.ClosedError) as closed:
        answers.record(asked, score=10)
    assert closed.value.why == answers.ANSWERED


def test_expired_invitation_takes_no_answer_but_its_edit(cast: Cast, ana: Client, asked: Invitation) -> None:
    late = make_invitation(ana, asked.survey, asked_on=timezone.localdate() - datetime.timedelta(days=31))
    over = make_invitation(ana, asked.survey, state=Invitation.State.EXPIRED)
    for invitation in (late, over):
        with pytest.raises(answers.ClosedError) as closed:
            answers.record(invitation, score=9)
        assert closed.value.why == answers.EXPIRED
    given = make_answer(ana, asked.survey, 9, invitation=late)
    assert answers.record(late, score=8).pk == given.pk


def test_anonymous_answer_names_nobody_and_no_hour(unnamed: Invitation, monkeypatch: pytest.MonkeyPatch) -> None:
    token = token_for(unnamed)
    answers.record(unnamed, score=2, may_call=True, token=token, origin=Origin("net", "dev", is_company=True))
    [given] = all_answers()
    assert (given.client, given.invitation, given.answered_at, given.may_call) == (None, None, None, False)
    assert (given.network, given.device, given.flags) == ("", "", [Flag.COMPANY_NETWORK])
    unnamed.refresh_from_db()
    assert unnamed.is_answered
    assert not unnamed.client.nps_cases.exists()


def test_anonymous_answer_is_mended_by_its_token_alone(unnamed: Invitation) -> None:
    token = token_for(unnamed)
    given = answers.record(unnamed, score=2, token=token)
    age(given, 24 * HOUR)
    mended = answers.record(unnamed, score=7, token=token)
    assert (mended.pk, mended.score, mended.edited_at) == (given.pk, 7, None)
    for stranger in ("", "0" * 32):
        with pytest.raises(answers.ClosedError):
            answers.record(unnamed, score=10, token=stranger)
    age(mended, 24 * HOUR)
    with pytest.raises(answers.ClosedError):
        answers.record(unnamed, score=10, token=token)


def test_anonymous_answer_on_the_phone_cannot_be_mended(cast: Cast, unnamed: Invitation) -> None:
    given = answers.record(unnamed, score=6, by=cast.sonia)
    assert (given.edit_key, given.by) == ("", cast.sonia)
    with pytest.raises(answers.ClosedError):
        answers.record(unnamed, score=7, by=cast.sonia)


def test_staff_mends_what_staff_wrote_down_and_never_the_client(cast: Cast, ana: Client, asked: Invitation) -> None:
    answers.record(asked, score=6, by=cast.sonia)
    assert answers.record(asked, score=7, by=cast.sonia).by == cast.sonia
    assert answers.record(asked, score=8).by is None
    with pytest.raises(answers.ClosedError):
        answers.record(asked, score=10, by=cast.sonia)


def test_same_answer_twice_is_no_edit(asked: Invitation) -> None:
    """A second tap on the button must not tell whoever settles the case that the client changed the answer."""
    for _tap in range(2):
        given = answers.record(asked, score=3, comment="Demorou")
    assert given.edited_at is None
    assert not given.case.notes.exists()


def test_anonymous_answers_tell_no_order(cast: Cast, unnamed: Invitation) -> None:
    """Counted ids would pair the answers of a day with its openings, and tell the day of an opening."""
    others = [make_invitation(make_client(owner=cast.julia), unnamed.survey) for _count in range(9)]
    given = [answers.record(one, score=9).pk for one in (unnamed, *others)]
    assert given != sorted(given)
    assert min(given) > make_answer(make_client(), make_survey(cast.mauro), 9).pk + 2**60


def test_suspicion_stays(asked: Invitation) -> None:
    answers.record(asked, score=10, origin=Origin(is_company=True))
    given = answers.record(asked, score=10, origin=Origin(is_company=True))
    assert given.flags == [Flag.COMPANY_NETWORK]
    assert answers.record(asked, score=9, origin=Origin()).flags == [Flag.COMPANY_NETWORK]


@pytest.mark.django_db(transaction=True)
def test_two_answers_at_once_leave_one(asked: Invitation) -> None:
    def give(score: int) -> None:
        answers.record(asked, score=score)
        connection.close()

    with ThreadPoolExecutor(2) as pool:
        list(pool.map(give, (3, 9)))
    assert len(all_answers()) == 1


def test_refusal_stops_surveys_on_every_channel(cast: Cast, ana: Client, asked: Invitation) -> None:
    refusals.stop(asked)
    refusals.stop(asked)
    wish = ana.opt_outs.get()
    assert (wish.channel, wish.purpose, wish.by) == ("any", "survey", None)
