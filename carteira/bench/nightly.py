"""The night, beside one bare reading of all purchases.

Each round is a night of its own, for the day after the last one that this base has seen: a generated company grows
older with every measurement. Nothing is faked, so a base with real clients is refused.
"""

import datetime
import io
from collections.abc import Iterator
from functools import partial
from statistics import median

from django.core.management import call_command
from django.utils import timezone

from carteira.bench.figures import BenchError, Figure, Options, median_seconds, seconds_of
from carteira.bench.scanning import scan
from carteira.generator.marks import is_generated
from contracts import nightly, sectors
from contracts.models import Purchase
from core import upkeep
from jobs.models import NIGHTLY, Job

RECOMPUTE_BUDGET, CLASSIFY_BUDGET, NIGHT_BUDGET = 6, 3, 120
ROUNDS = 3


def measure(options: Options) -> Iterator[Figure]:
    if not is_generated():
        raise BenchError("Esta medida avança a base de dia em dia: só em uma base criada por manage.py generate.")
    rounds = min(options.repeat, ROUNDS)
    # Each night finds the tables as the night before left them.
    upkeep.tidy_tables()
    bare = partial(scan, Purchase.objects.all(), "amount")
    limits = [median_seconds(bare, repeat=options.repeat)]
    classified, changed = zip(*(one_night(next_day()) for _ in range(rounds)), strict=True)
    limits.append(median_seconds(bare, repeat=options.repeat))
    day = next_day() - datetime.timedelta(days=1)
    again: list[int] = []
    repeated = median(
        seconds_of(lambda: again.append(nightly.classify_everybody(day)["written"])) for _ in range(rounds)
    )
    recomputed = median(
        seconds_of(lambda: again.append(nightly.classify_everybody(day, recompute=True)["written"]))
        for _ in range(rounds)
    )
    limits.append(median_seconds(bare, repeat=options.repeat))
    whole = median(seconds_of(whole_night) for _ in range(rounds))
    limit = median(limits)
    yield Figure("night: classification step", median(classified), "s", limit, CLASSIFY_BUDGET)
    yield Figure("night: rows of history of a step", median(changed), "rows")
    yield Figure("night: same date again", repeated, "s", limit)
    yield Figure("night: rows written by the same date again", sum(again), "rows", None, 0)
    yield Figure("night: full recompute from raw rows", recomputed, "s", limit, RECOMPUTE_BUDGET)
    yield Figure("night: all steps", whole, "s", limit, NIGHT_BUDGET)
    for name, seconds in steps_of_last_night():
        yield Figure(f"night: step {name}", seconds, "s", limit)


def next_day() -> datetime.date:
    """The day after the last night."""
    return (sectors.last_night() or timezone.localdate()) + datetime.timedelta(days=1)


def one_night(day: datetime.date) -> tuple[float, int]:
    """Seconds of the classification step, and how many changes of class or reason it wrote."""
    counts: list[dict[str, int]] = []
    seconds = seconds_of(lambda: counts.append(nightly.classify_everybody(day)))
    return seconds, counts[0]["changed"]


def whole_night() -> None:
    """Every step as a job, by the operators' command."""
    call_command("nightly", date=next_day().isoformat(), stdout=io.StringIO())


def steps_of_last_night() -> list[tuple[str, float]]:
    """What each step took, as its job wrote it down."""
    night = Job.objects.filter(kind=NIGHTLY).latest("pk")
    return [(step.name, step.elapsed.total_seconds()) for step in night.steps.all() if step.elapsed is not None]
