"""The night's classification: m of every sector for the day, then every client, in chunks."""

import datetime
import itertools
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any, Final, Protocol

from django.db import connection, transaction
from django.db.models import Max, Min
from django.utils import timezone

from clients.models import Client, PortfolioClass
from contracts import sectors
from contracts.classification import lock
from contracts.evaluation import (
    LAST_ID,
    Evaluation,
    Question,
    Tally,
    Written,
    compare,
    moved,
    read,
    stale,
    write,
)
from contracts.models import ClassChange, ClassificationSettings, RiskBand
from core import parallel
from people.models import User

# Rows looked at by one statement, and rows written in one transaction.
SPAN: Final = 100_000
CHUNK: Final = 10_000
COUNTED: Final = (*PortfolioClass.values, *(f"risk_{band}" for band in RiskBand.values if band))

# A night of the far future, a slip of the keyboard, would leave every day until then in the past.
FARTHEST: Final = datetime.timedelta(days=92)

# Somebody at work on a client must not hold up the night: that client is taken at the end.
FREE: Final = "SELECT id FROM clients_client WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE SKIP LOCKED"


class Chunks(Protocol):
    """What the night needs of jobs.running: one transaction per chunk. It resumes without a checkpoint: what is
    written no longer differs."""

    def chunk(self) -> AbstractContextManager[Any]: ...


class PlainChunks:
    """Chunks of a run that nobody records."""

    def chunk(self) -> AbstractContextManager[Any]:
        return transaction.atomic()


def classify_everybody(day: datetime.date, run: Chunks | None = None, *, recompute: bool = False) -> dict[str, int]:
    """Classifies every client for a date; a second run for the same date writes nothing.

    Dates come oldest first. For a date before the last night use `question_on`, which only looks.
    """
    return _classify(day, run or PlainChunks(), recompute=recompute, cause=ClassChange.Cause.NIGHT)


def reclassify_after_change(*, by: User | None, run: Chunks | None = None) -> dict[str, int]:
    """After a change of parameters, families or their windows: everybody anew from raw rows, once without the
    stickiness of rule 4; the history names the change of parameters and who made it."""
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


def is_too_far(day: datetime.date) -> bool:
    """A date that no night may be run for yet."""
    return day > timezone.localdate() + FARTHEST


def question_on(day: datetime.date) -> Question:
    """How a date is seen: m stored for it (after the last night: the last one), else m of the events up to it."""
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
    return replace(question, means=sectors.measure(question).means)


def everybody(question: Question) -> Iterator[Evaluation]:
    for after, until in spans():
        yield from read(question.between(after, until))


def counts_of(question: Question) -> dict[str, int]:
    counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
    for tally in compared(question):
        counts.update(tally.counts)
    return dict(counts)


def _each(look: Callable[[Question], list[int]], question: Question) -> list[int]:
    """The ids that a look at every span finds, two spans at a time."""
    found = parallel.results(lambda span: look(question.between(*span)), spans())
    return list(itertools.chain.from_iterable(found))


def compared(question: Question) -> Iterator[Tally]:
    """What would be written of each span, in order; outside any lock, two spans at a time."""
    return parallel.results(lambda span: compare(question.between(*span)), spans())


def spans() -> list[tuple[int, int]]:
    """The spans of ids, each of at most SPAN clients; the last one is open for who comes."""
    ids = Client.objects.unscoped(reason="the night").aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ids["first"] or 1, ids["last"] or 0
    return list(itertools.pairwise([first - 1, *range(first - 1 + SPAN, last, SPAN), LAST_ID]))


def _classify(
    day: datetime.date,
    run: Chunks,
    *,
    cause: ClassChange.Cause,
    by: int | None = None,
    recompute: bool = False,
    lift: bool = False,
) -> dict[str, int]:
    question = Question.without_means(day)
    night = Night(run, cause=cause, by=by)
    measured = sectors.measure(question, everybody=recompute)
    # A night for a day that others have left behind: what is stored speaks of later days.
    question = replace(question, is_late=measured.newest is not None and measured.newest > day)
    night.classify(replace(question, means=measured.means, recompute=recompute, lift=lift), measured)
    if night.written.cycles and recompute:
        # Raw rows differed from what was kept, so m did too: the others follow.
        measured = sectors.measure(question)
        night.classify(replace(question, means=measured.means), measured)
    counts = counts_of(replace(question, means=measured.means)) if question.is_late else night.counts
    return {
        **dict.fromkeys(COUNTED, 0),
        **counts,
        "changed": night.written.history,
        "written": night.written.rows + night.stored,
        "sectors": len(measured.rows) - 1,
    }


class Night:
    """One classification of everybody: what it wrote, who was busy and comes at the end, and how many clients are in
    each class and risk band."""

    def __init__(self, run: Chunks, *, cause: ClassChange.Cause, by: int | None) -> None:
        self.run = run
        self.cause = cause
        self.by = by
        self.written = Written()
        self.stored = 0
        self.busy: list[int] = []
        self.counts: Counter[str] = Counter()

    def classify(self, question: Question, measured: sectors.Measured) -> None:
        self.counts = Counter(measured.counts)
        with self.run.chunk():
            self.stored += sectors.store(measured.rows, on=question.on)
        if question.is_late:
            self.write_batches(question, (tally.differing for tally in compared(question)))
        else:
            self.pass_time(question, measured.raw)
        self.wait(question)

    def pass_time(self, question: Question, raw: list[int]) -> None:
        """Writes those of whom raw rows must be read. All the others only grew a day older: they are looked at
        meanwhile, outside any lock."""
        if question.recompute:
            raw = sorted({*raw, *_each(stale, question)})
        kept = replace(question, recompute=False, kept_only=True)
        with parallel.ahead(lambda span: moved(kept.between(*span)), spans()) as found:
            # That they are raw is known: told so, the planner expects all of them.
            self.write_batches(replace(question, recompute=True), [raw])
            # Few moved in each span: together they are written with one statement.
            self.write_batches(kept, [itertools.chain.from_iterable(found)])

    def write_batches(self, question: Question, found: Iterable[Iterable[int]]) -> None:
        for ids in found:
            for batch in itertools.batched(ids, CHUNK, strict=False):
                with self.run.chunk():
                    self.write_free(question, list(batch))

    def write_free(self, question: Question, ids: list[int]) -> None:
        """Writes those whom nobody holds; the others come at the end."""
        free = _free(ids)
        self.write(question, free)
        self.busy += sorted(set(ids) - set(free))

    def wait(self, question: Question) -> None:
        for batch in itertools.batched(self.busy, CHUNK, strict=False):
            with self.run.chunk():
                lock(list(batch))
                self.write(question, batch)
        self.busy = []

    def write(self, question: Question, ids: Sequence[int]) -> None:
        if ids:
            written = write(question.about(ids), cause=self.cause, by=self.by)
            self.written = self.written.plus(written)
            self.counts.update(written.counts)


def _free(ids: list[int]) -> list[int]:
    """Locks those of the clients that nobody is writing."""
    with connection.cursor() as cursor:
        cursor.execute(FREE, [ids])
        return [row[0] for row in cursor.fetchall()]
