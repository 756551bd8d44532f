"""How often a client is spoken to, by tier (DOMAIN 3): A every 30 days, B 60, C 90, D never by itself.

An interval needs no plan: a client in none still becomes due. It counts from the last time somebody of the company
spoke to the client, and from the day the client was made while nobody ever did.
"""

import datetime
from typing import Any

from django.db.models import Case, DateField, ExpressionWrapper, F, Func, IntegerField, QuerySet, Value, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce, NullIf
from django.utils import timezone

from clients.models import Client
from contacts.models import ContactSettings
from contracts.models import Tier

# When a client was last spoken to, or last tried: written once, by the path from the client.
LAST_REACHED = F("pulse__reached_at")
LAST_TRIED = F("pulse__last_at")


def days_by_tier(settings: ContactSettings | None = None) -> dict[str, int]:
    """Days between contacts; 0 for none."""
    settings = settings or ContactSettings.current()
    return {
        Tier.A: settings.interval_a,
        Tier.B: settings.interval_b,
        Tier.C: settings.interval_c,
        Tier.D: settings.interval_d,
    }


def due_on(last_contact: datetime.date, tier: str, days: dict[str, int] | None = None) -> datetime.date | None:
    """The day the next contact is due; None for a tier without an interval."""
    interval = (days_by_tier() if days is None else days).get(tier, 0)
    return last_contact + datetime.timedelta(days=interval) if interval else None


def with_intervals(clients: QuerySet[Client], day: datetime.date) -> QuerySet[Any]:
    """The clients with `interval_days`, `last_contact_on`, `interval_due_on` and `overdue_days` as of that day
    (0 on the day it is due, negative before). All but the second are empty for tiers without an interval."""
    tiers = [When(cycle__tier=tier, then=Value(days)) for tier, days in days_by_tier().items()]
    interval = NullIf(Case(*tiers, default=Value(0), output_field=IntegerField()), Value(0))
    last = day_of(Coalesce(LAST_REACHED, F("created_at")))
    return clients.annotate(
        interval_days=interval,
        last_contact_on=last,
        interval_due_on=ExpressionWrapper(F("last_contact_on") + F("interval_days"), output_field=DateField()),
        overdue_days=_DaysBetween(Value(day, DateField()), F("interval_due_on")),
    )


def day_of(moment: Combinable) -> Func:
    """The day of a moment as clocks here show it: what TruncDate gives, without reading each value again in Python."""
    zone = Value(timezone.get_default_timezone_name())
    return Func(moment, zone, template="(%(expressions)s)::date", arg_joiner=" AT TIME ZONE ", output_field=DateField())


class _DaysBetween(Func):
    """Whole days from the second date to the first: Django's own difference is an interval."""

    template = "(%(expressions)s)"
    arg_joiner = " - "
    output_field = IntegerField()
