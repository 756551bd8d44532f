"""Which contracts run on a day: what lists, calendars, words and the purpose of a contact agree on."""

import datetime

from django.db.models import Expression, Q

from contracts.models import Contract


def in_force_on(day: datetime.date | Expression) -> Q:
    """Begun, not ended and not cancelled by then."""
    status = Q(status__in=Contract.BINDING)
    running = Q(start_on__lte=day) & (Q(end_on__isnull=True) | Q(end_on__gte=day))
    return status & running & (Q(cancelled_on__isnull=True) | Q(cancelled_on__gt=day))
