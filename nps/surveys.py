"""Surveys as managers write them: created, edited, started and stopped; and what holds for all of them."""

from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Model

from clients.versions import StaleRecordError
from nps import standing
from nps.models import Answer, Invitation, NpsSettings, Survey
from people import activity
from people.models import User

# What answers were given to: changed, they would tell of something else. Whoever reads that a survey is anonymous
# must not have answered another one.
HELD: Final = ("kind", "question", "is_anonymous")
HELD_ONCE_ASKED: Final = ("is_anonymous",)


class HeldError(Exception):
    """Somebody was asked or has answered; `field` may not change any more."""

    def __init__(self, field: str) -> None:
        super().__init__(field)
        self.field = field


def has_answers(survey: Survey) -> bool:
    return Answer.objects.unscoped(reason="whether there is any, of whomever").filter(survey=survey).exists()


def held(survey: Survey) -> tuple[str, ...]:
    """What may not change any more."""
    if has_answers(survey):
        return HELD
    asked = Invitation.objects.unscoped(reason="whether anybody was asked, whoever").filter(survey=survey)
    return HELD_ONCE_ASKED if asked.exists() else ()


@transaction.atomic
def create(values: Mapping[str, Any], *, by: User) -> Survey:
    """It waits until somebody starts it."""
    survey = Survey.objects.create(**values, created_by=by)
    activity.record("survey_created", survey, by=by, name=survey.name)
    return survey


@transaction.atomic
def edit(survey: Survey, values: Mapping[str, Any], *, version: int, by: User) -> None:
    """Raises StaleRecordError when somebody saved since `version`, HeldError for what answers hold fast."""
    _claim(survey, version)
    changed = {name: value for name, value in values.items() if getattr(survey, name) != value}
    if fixed := next((name for name in held(survey) if name in changed), None):
        raise HeldError(fixed)
    _write(survey, changed)
    activity.record("survey_edited", survey, by=by, name=survey.name, fields=sorted(changed))


@transaction.atomic
def toggle(survey: Survey, *, by: User) -> bool:
    """Starts or stops it; whether it runs now. Letters that wait when it stops do not leave."""
    survey = Survey.objects.select_for_update().get(pk=survey.pk)
    survey.is_active, survey.version = not survey.is_active, survey.version + 1
    survey.save(update_fields=["is_active", "version"])
    activity.record("survey_started" if survey.is_active else "survey_stopped", survey, by=by, name=survey.name)
    return survey.is_active


@transaction.atomic
def edit_settings(values: Mapping[str, Any], *, version: int, by: User) -> None:
    """Raises StaleRecordError."""
    present, _is_new = NpsSettings.objects.get_or_create(pk=NpsSettings.ONLY)
    _claim(present, version)
    changed = {name: value for name, value in values.items() if getattr(present, name) != value}
    before = {name: str(getattr(present, name)) for name in changed}
    _write(present, changed)
    if "detractor_days" in changed:
        standing.refresh(standing.unhappy())
    activity.record("survey_settings_edited", present, by=by, before=before)


def _claim(record: Survey | NpsSettings, version: int) -> None:
    same: Any = type(record).objects.filter(pk=record.pk)
    if not same.filter(version=version).update(version=F("version") + 1):
        raise StaleRecordError(same.get())
    record.version = version + 1


def _write(record: Model, changed: Mapping[str, Any]) -> None:
    for name, value in changed.items():
        setattr(record, name, value)
    record.save(update_fields=[*changed])
