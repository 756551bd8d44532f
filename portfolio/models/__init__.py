"""Distribution of clients, and the day of a seller."""

from portfolio.models.agenda import AgendaDay, AgendaLine, CalendarFeed, PaceScale, Postponement, SegmentPlan
from portfolio.models.coverage import Coverage
from portfolio.models.distribution import (
    DistributionBatch,
    DistributionMove,
    DistributionPart,
    DistributionRule,
)

__all__ = [
    "AgendaDay",
    "AgendaLine",
    "CalendarFeed",
    "Coverage",
    "DistributionBatch",
    "DistributionMove",
    "DistributionPart",
    "DistributionRule",
    "PaceScale",
    "Postponement",
    "SegmentPlan",
]
