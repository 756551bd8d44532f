"""Answers that a leader leaves out of the score, each with its reason, and takes back in."""

from django.db import transaction

from nps import standing
from nps.models import Answer
from nps.models.answer import AnswerQuerySet
from people import activity
from people.models import User


def decidable(user: User) -> AnswerQuerySet:
    """Nobody decides about the answers that count for themselves; whose an anonymous one is must not show here."""
    return Answer.objects.visible_to(user).exclude(owner=user)


def leave_out(answer: Answer, *, why: str, by: User) -> None:
    """It stays on the list, with who left it out and why."""
    _decide(answer, "answer_left_out", out_by=by, why=why, by=by)


def put_back(answer: Answer, *, by: User) -> None:
    if answer.left_out_by_id is not None:
        _decide(answer, "answer_put_back", out_by=None, why="", by=by)


@transaction.atomic
def _decide(answer: Answer, verb: str, *, out_by: User | None, why: str, by: User) -> None:
    answer.left_out_by, answer.left_out_why = out_by, why
    answer.save(update_fields=["left_out_by", "left_out_why"])
    standing.refresh(filter(None, [answer.client_id]))
    activity.record(verb, answer, by=by, why=why)
