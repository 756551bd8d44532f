"""The night of the surveys: cases that nobody took care of, answers that look odd, keys that have served."""

import datetime
from typing import Any, Final

from django.db.models import CharField, F, Func, Q, QuerySet, Value
from django.db.models.functions import Cast

from contracts.nightly import Chunks, PlainChunks
from nps import cases, gaming
from nps.models import Answer, Case, Flag

# Days that are looked at again: contacts are written down late.
LOOK_BACK: Final = 3
DAY: Final = datetime.timedelta(days=1)


def follow_up(day: datetime.date, run: Chunks | None = None) -> dict[str, int]:
    """A step of the night. A second run for the same date changes nothing."""
    run = run or PlainChunks()
    with run.chunk():
        dropped = _drop_edit_keys(day)
        flagged = sum(_flag(day - back * DAY) for back in range(1, LOOK_BACK + 1))
    escalated = sum(_look_after(case, day, run) for case in _running())
    return {"cases_escalated": escalated, "answers_flagged": flagged, "edit_keys_dropped": dropped}


# --- Cases ---------------------------------------------------------------------------------------------


def _running() -> list[Any]:
    running = Case.objects.unscoped(reason="the night of cases").filter(closed_at=None)
    return list(cases.with_talk(running).select_related("client").order_by("pk"))


def _look_after(case: Any, day: datetime.date, run: Chunks) -> bool:
    """Whether it was escalated."""
    with run.chunk():
        if case.client.deceased_on:
            cases.end_with_client(case)
            return False
        if case.talked_at:
            cases.contacted_at(case, case.talked_at)
        goes_up = not case.talked_at and case.due_on < day and cases.escalate(case)
        cases.resettle(case)
    return goes_up


# --- Answers -------------------------------------------------------------------------------------------


def _answers() -> QuerySet[Answer]:
    return Answer.objects.unscoped(reason="the night of surveys")


def _drop_edit_keys(day: datetime.date) -> int:
    """An anonymous answer has no hour: after a whole day nobody may mend it, and nothing leads to its author."""
    return _answers().filter(~Q(edit_key=""), answered_on__lt=day - DAY).update(edit_key="")


def _flag(day: datetime.date) -> int:
    late = gaming.near_contacts(_answers().filter(answered_on=day))
    return _add(Flag.NEAR_CONTACT, late) + _add(Flag.SUDDEN_TENS, gaming.sudden_tens(_answers(), day))


def _add(flag: Flag, answers: QuerySet[Answer]) -> int:
    """How many did not have it yet."""
    value = Cast(Value(flag.value), CharField(max_length=16))
    appended = Func(F("flags"), value, function="array_append")
    return answers.exclude(flags__contains=[flag]).update(flags=appended)
