"""What the numbers of every client are computed with, in one question instead of one per table."""

import datetime
from typing import Any

from django.db.models import F, Subquery

from contracts import classification
from contracts.models import ClassificationSettings, SectorCycle
from core.statements import Statement


def _numbers() -> Any:
    nights = SectorCycle.objects.filter(sector=None).order_by("-on")
    return ClassificationSettings.objects.filter(pk=ClassificationSettings.ONLY).values(
        "shrinkage",
        "factor",
        "default_mean_days",
        floor=F("floor_days"),
        cap=F("cap_days"),
        night_on=Subquery(nights.values("on")[:1]),
        company_mean=Subquery(nights.values("used_days")[:1]),
    )


NUMBERS = Statement(_numbers)


def given(on: datetime.date) -> dict[str, Any]:
    """The same as `classification.given`."""
    found = NUMBERS.ask()
    if not found or found[0]["night_on"] is None:
        return classification.given(on)
    return {name: found[0].get(name, on) for name in classification.GIVEN}
