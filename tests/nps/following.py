"""Answers that something followed from, and the cases they opened."""

import datetime
from typing import Any

from django.utils import timezone

from clients.models import Client
from nps import cases, loop
from nps.models import Answer, Case, RootCause, Survey
from people.models import User
from tests.nps.surveying import make_answer

# A Tuesday; the next holiday of all is far.
TUESDAY = datetime.date(2026, 3, 10)


def noon(day: datetime.date) -> datetime.datetime:
    return timezone.make_aware(datetime.datetime.combine(day, datetime.time(12)))


def follow(client: Client, survey: Survey, score: int, *, on: datetime.date | None = None, **fields: Any) -> Answer:
    """Answered on that day (now), and followed."""
    at = noon(on) if on else timezone.now()
    answer = make_answer(client, survey, score, answered_at=at, **fields)
    loop.follow(answer)
    return answer


def change(answer: Answer, score: int) -> Answer:
    """The client mends the answer, as its page does."""
    answer.score, answer.edited_at = score, timezone.now()
    answer.save()
    loop.follow(answer)
    return answer


def case_of(client: Client) -> Case:
    return client.nps_cases.get()


def make_cause(name: str = "Demora") -> RootCause:
    return RootCause.objects.get_or_create(name=name)[0]


def close(case: Case, *, by: User, solved: bool = True) -> None:
    cases.resolve(case, cause=make_cause(), action="Entregamos hoje.", solved=solved, by=by)
