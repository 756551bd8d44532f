"""Answers that a leader leaves out of the score, each with its reason, and takes back in."""

from django.db import transaction
from django.utils import timezone

from clients import versions
from clients.models import Client
from nps import cases, loop, standing
from nps.models import Answer, Group
from nps.models.answer import AnswerQuerySet
from people import activity
from people.models import User


def decidable(user: User) -> AnswerQuerySet:
    """Nobody decides about the answers that count for themselves; whose an anonymous one is must not show here."""
    return Answer.objects.visible_to(user).exclude(owner=user)


@transaction.atomic
def leave_out(answer: Answer, *, why: str, by: User) -> None:
    """It stays on the list, with who left it out and why."""
    _hold(answer)
    _decide(answer, "answer_left_out", out_by=by, why=why, by=by)


@transaction.atomic
def put_back(answer: Answer, *, by: User) -> None:
    """Whose score fell while it was left out has somebody who settles it from now on."""
    client = _hold(answer)
    if answer.left_out_by_id is None:
        return
    _decide(answer, "answer_put_back", out_by=None, why="", by=by)
    if client and not client.deceased_on and answer.group == Group.DETRACTOR and not _was_settled(client, answer):
        cases.open_for(answer, at=timezone.now())
        loop.follow(answer)


def _hold(answer: Answer) -> Client | None:
    """The client's row first, as everywhere; and the answer as it is by now."""
    client = versions.lock(answer.client_id) if answer.client_id else None
    answer.refresh_from_db()
    return client


def _was_settled(client: Client, answer: Answer) -> bool:
    """Whether a case ran when it was said, and is over: what is said meanwhile belongs to that one."""
    said_at = answer.edited_at or answer.answered_at
    return client.nps_cases.filter(opened_at__lte=said_at, closed_at__gte=said_at).exists()


def _decide(answer: Answer, verb: str, *, out_by: User | None, why: str, by: User) -> None:
    answer.left_out_by, answer.left_out_why = out_by, why
    answer.save(update_fields=["left_out_by", "left_out_why"])
    standing.refresh(filter(None, [answer.client_id]))
    activity.record(verb, answer, by=by, why=why)
