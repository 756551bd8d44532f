"""Distribution of clients, and the day of a seller."""

from portfolio.models.agenda import AgendaDay, AgendaLine, CalendarFeed, Postponement, SegmentPlan
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
    "DistributionBatch",
    "DistributionMove",
    "DistributionPart",
    "DistributionRule",
    "Postponement",
    "SegmentPlan",
]
