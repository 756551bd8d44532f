"""Where a client's monthly pace stands among those of the company, from 0 to 0.99 (SCIENCE 7)."""

import datetime
from bisect import bisect_left
from collections.abc import Sequence
from typing import Final

from django.db import connection

from portfolio.models import PaceScale

HUNDREDTHS: Final = [place / 100 for place in range(1, 100)]
# A cent more or less moves nobody: as floats, values sort three times as fast.
BORDERS: Final = """
SELECT percentile_disc(%s::float8[]) WITHIN GROUP (ORDER BY value_12m::float8 / 12)
FROM contracts_clientcycle WHERE value_12m > 0
"""


def measure(on: datetime.date) -> list[float]:
    """Of every client with any value in 12 months; the night does this."""
    with connection.cursor() as cursor:
        cursor.execute(BORDERS, [HUNDREDTHS])
        borders: list[float] = cursor.fetchone()[0] or []
    PaceScale.objects.update_or_create(pk=PaceScale.ONLY, defaults={"on": on, "borders": borders})
    return borders


def borders() -> list[float]:
    """As the last night measured them; before the first there are none, and everybody stands in the middle."""
    return next(iter(PaceScale.objects.values_list("borders", flat=True)), [])


def place(monthly: float, borders: Sequence[float]) -> float:
    """The share of the clients with a smaller pace."""
    if not borders:
        return 0.5
    return bisect_left(borders, monthly) / 100
