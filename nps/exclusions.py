"""Answers that a leader leaves out of the score, each with its reason, and takes back in."""

from django.db import transaction
from django.utils import timezone

from nps import cases, standing
from nps.models import Answer, Group
from nps.models.answer import AnswerQuerySet
from people import activity
from people.models import User


def decidable(user: User) -> AnswerQuerySet:
    """Nobody decides about the answers that count for themselves; whose an anonymous one is must not show here."""
    return Answer.objects.visible_to(user).exclude(owner=user)


def leave_out(answer: Answer, *, why: str, by: User) -> None:
    """It stays on the list, with who left it out and why."""
    _decide(answer, "answer_left_out", out_by=by, why=why, by=by)


@transaction.atomic
def put_back(answer: Answer, *, by: User) -> None:
    """Whose score fell while it was left out has somebody who settles it from now on."""
    if answer.left_out_by_id is None:
        return
    client = answer.client
    if client and not client.deceased_on and answer.group == Group.DETRACTOR:
        cases.open_for(answer, at=timezone.now())
    _decide(answer, "answer_put_back", out_by=None, why="", by=by)


@transaction.atomic
def _decide(answer: Answer, verb: str, *, out_by: User | None, why: str, by: User) -> None:
    answer.left_out_by, answer.left_out_why = out_by, why
    answer.save(update_fields=["left_out_by", "left_out_why"])
    standing.refresh(filter(None, [answer.client_id]))
    activity.record(verb, answer, by=by, why=why)
