"""The night's classification: m of every sector for the day, then every client, in chunks that may be resumed."""

import datetime
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final, Protocol

from django.db import connection, transaction
from django.utils import timezone

from clients.models import PortfolioClass
from contracts import sectors, tiers
from contracts.classification import lock
from contracts.evaluation import LAST_ID, Evaluation, Means, Question, Tally, Written, compare, read, write
from contracts.models import ClassChange, ClassificationSettings, RiskBand
from people.models import User

CHUNK: Final = 10_000
COUNTED: Final = (*PortfolioClass.values, *(f"risk_{band}" for band in RiskBand.values if band))

FENCES: Final = """
SELECT id FROM (SELECT id, row_number() OVER (ORDER BY id) AS place FROM clients_client) numbered
WHERE place %% %s = 0 AND id > %s ORDER BY id
"""
# Somebody at work on a client must not hold up the night: that client is taken at the end.
FREE: Final = "SELECT id FROM clients_client WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"


class Chunks(Protocol):
    """What the night needs of jobs.running: one transaction per chunk, with a checkpoint to resume from."""

    @property
    def checkpoint(self) -> dict[str, Any]: ...

    def chunk(
        self, *, done: int | None = None, total: int | None = None, checkpoint: dict[str, Any] | None = None
    ) -> AbstractContextManager[Any]: ...


class PlainChunks:
    """Chunks of a run that nobody records."""

    checkpoint: dict[str, Any] = {}  # noqa: RUF012

    def chunk(self, **_progress: object) -> AbstractContextManager[Any]:
        return transaction.atomic()


def classify_everybody(
    day: datetime.date, run: Chunks | None = None, *, recompute: bool = False
) -> dict[str, int]:
    """Classifies every client for a date; a second run for the same date writes nothing.

    Dates come oldest first. For a date before the last night use `question_on`, which only looks.
    """
    return _classify(day, run or PlainChunks(), recompute=recompute, cause=ClassChange.Cause.NIGHT)


def reclassify_after_change(*, by: User | None, run: Chunks | None = None) -> dict[str, int]:
    """After a change of parameters, families or their windows: everybody anew from raw rows, without the stickiness
    of rule 4, once; the history names the change of parameters and who made it."""
    today = timezone.localdate()
    day = max(sectors.last_night() or today, today)
    return _classify(
        day,
        run or PlainChunks(),
        recompute=True,
        cause=ClassChange.Cause.SETTINGS,
        by=by.pk if by else None,
        lift=True,
    )


# --- Looking, for any date -----------------------------------------------------------------------------


def is_past(day: datetime.date) -> bool:
    """A date before the last night: it may be looked at, and changes nothing."""
    night = sectors.last_night()
    return night is not None and day < night


def question_on(day: datetime.date) -> Question:
    """How a date is seen: m stored for it (after the last night: the last one), else m from the events up to it."""
    numbers = ClassificationSettings.current()
    night = sectors.last_night()
    question = Question(
        on=day,
        known=max(day, timezone.localdate(), night or day),
        means=sectors.stored_means(numbers, until=day),
        numbers=numbers,
    )
    if night is not None and (day > night or sectors.last_night(until=day) == day):
        return question
    return replace(question, means=sectors.means_of(sectors.measured_means(question)))


def everybody(question: Question) -> Iterator[Evaluation]:
    for after, until in chunks():
        yield from read(question.between(after, until))


def counts_of(question: Question) -> dict[str, int]:
    counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
    for after, until in chunks():
        counts.update(_counts(compare(question.between(after, until))))
    return dict(counts)


def chunks(after: int = 0) -> list[tuple[int, int]]:
    """The spans of ids, each of about CHUNK clients, beyond `after`."""
    with connection.cursor() as cursor:
        cursor.execute(FENCES, [CHUNK, after])
        ends = [row[0] for row in cursor.fetchall()]
    return list(itertools.pairwise([after, *ends, LAST_ID]))


def _classify(
    day: datetime.date,
    run: Chunks,
    *,
    cause: ClassChange.Cause,
    by: int | None = None,
    recompute: bool = False,
    lift: bool = False,
) -> dict[str, int]:
    numbers = ClassificationSettings.current()
    question = Question(
        on=day,
        known=max(day, timezone.localdate()),
        means=Means(company=numbers.default_mean_days),
        numbers=numbers,
        recompute=recompute,
        lift=lift,
    )
    rows = sectors.measured_means(question)
    with run.chunk():
        stored = sectors.store(rows, on=day)
    counts, written = _chunked(replace(question, means=sectors.means_of(rows)), run, cause=cause, by=by)
    with run.chunk():
        ranked = tiers.rank_everybody()
    total = sum(written) + stored + ranked
    return counts | {"changed": written.history, "written": total, "sectors": len(rows) - 1}


def _chunked(
    question: Question, run: Chunks, *, cause: ClassChange.Cause, by: int | None
) -> tuple[dict[str, int], Written]:
    left: list[int] = run.checkpoint.get("left", [])
    spans = chunks(run.checkpoint.get("after", 0))
    counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
    written = Written()
    for place, (after, until) in enumerate(spans, 1):
        with run.chunk(done=place, total=len(spans), checkpoint={"after": until, "left": left}):
            tallies = compare(question.between(after, until))
            counts.update(_counts(tallies))
            differing = [pk for tally in tallies for pk in tally.differing]
            free = _free(differing)
            written = written.plus(_write(question, free, cause=cause, by=by))
            left += set(differing) - set(free)
    for batch in itertools.batched(left, CHUNK):
        with run.chunk(checkpoint={"after": LAST_ID, "left": left}):
            lock(list(batch))
            written = written.plus(_write(question, batch, cause=cause, by=by))
    return dict(counts), written


def _write(question: Question, ids: Sequence[int], *, cause: ClassChange.Cause, by: int | None) -> Written:
    return write(question.about(ids), cause=cause, by=by) if ids else Written()


def _free(ids: list[int]) -> list[int]:
    """Locks those of the clients that nobody is writing."""
    with connection.cursor() as cursor:
        cursor.execute(FREE, [ids])
        return [row[0] for row in cursor.fetchall()]


def _counts(tallies: list[Tally]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for tally in tallies:
        counts[tally.class_code] += tally.clients
        if tally.risk_band:
            counts[f"risk_{tally.risk_band}"] += tally.clients
    return counts
