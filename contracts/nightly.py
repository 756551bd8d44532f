"""The night's classification: m of every sector for the day, then every client, in chunks."""

import datetime
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
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
    Means,
    Question,
    Tally,
    Written,
    compare,
    moved,
    read,
    stored,
    write,
)
from contracts.models import ClassChange, ClassificationSettings, RiskBand
from core import parallel
from people.models import User

CHUNK: Final = 10_000
CHUNKS_AT_A_LOOK: Final = 10
COUNTED: Final = (*PortfolioClass.values, *(f"risk_{band}" for band in RiskBand.values if band))

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

    checkpoint: dict[str, Any] = {}

    def chunk(self, **_progress: object) -> AbstractContextManager[Any]:
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
    for after, until in chunks():
        yield from read(question.between(after, until))


def counts_of(question: Question) -> dict[str, int]:
    counts: Counter[str] = Counter(dict.fromkeys(COUNTED, 0))
    for tally in compared(question, chunks()):
        counts.update(tally.counts)
    return dict(counts)


def compared(question: Question, spans: list[tuple[int, int]]) -> Iterator[Tally]:
    """What would be written of each span, in order; outside any lock, two spans at a time."""
    return parallel.results(lambda span: compare(question.between(*span)), spans)


def chunks(after: int = 0, *, size: int | None = None) -> list[tuple[int, int]]:
    """The spans of ids, each of at most CHUNK (or `size`) clients, beyond `after`; the last one is open for who
    comes."""
    size = size or CHUNK
    ids = Client.objects.unscoped(reason="the night").filter(pk__gt=after).aggregate(first=Min("pk"), last=Max("pk"))
    first, last = ids["first"] or after + 1, ids["last"] or after
    return list(itertools.pairwise([first - 1, *range(first - 1 + size, last, size), LAST_ID]))


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
    )
    night = Night(run, cause=cause, by=by)
    measured = sectors.measure(question)
    night.classify(replace(question, means=measured.means, recompute=recompute, lift=lift), measured)
    if night.written.cycles and recompute:
        # Raw rows differed from what was kept, so m did too: the others follow.
        measured = sectors.measure(question)
        night.classify(replace(question, means=measured.means), measured)
    return _counts(replace(question, means=measured.means)) | {
        "changed": night.written.history,
        "written": sum(night.written) + night.stored,
        "sectors": len(measured.rows) - 1,
    }


def _counts(question: Question) -> dict[str, int]:
    if _is_late(question):
        return counts_of(question)
    return dict.fromkeys(COUNTED, 0) | stored().counts


def _is_late(question: Question) -> bool:
    """A night for a day that others have left behind: what is stored speaks of later days."""
    return question.on < max(timezone.localdate(), sectors.last_night() or question.on)


class Night:
    """One classification of everybody: what it wrote, and who was busy and comes at the end."""

    def __init__(self, run: Chunks, *, cause: ClassChange.Cause, by: int | None) -> None:
        self.run = run
        self.cause = cause
        self.by = by
        self.written = Written()
        self.stored = 0
        self.busy: list[int] = run.checkpoint.get("busy", [])

    def classify(self, question: Question, measured: sectors.Measured) -> None:
        with self.run.chunk():
            self.stored += sectors.store(measured.rows, on=question.on)
        if question.recompute or _is_late(question):
            self.look_first(question)
        else:
            self.pass_time(question, measured.raw)
        self.wait(question)

    def look_first(self, question: Question) -> None:
        """Raw rows are read for all or most, of whom few differ: only those are locked."""
        spans = chunks(self.run.checkpoint.get("after", 0))
        for place, tally in enumerate(compared(question, spans), 1):
            done = {"after": spans[place - 1][1], "busy": self.busy}
            with self.run.chunk(done=place, total=len(spans), checkpoint=done):
                self.write_free(question, tally.differing)

    def pass_time(self, question: Question, raw: list[int]) -> None:
        """Most clients only grow a day older: one look at all of them, outside any lock. Of the others raw rows
        are read, and as a rule they differ."""
        older = list(
            itertools.chain.from_iterable(
                parallel.results(lambda span: moved(question.between(*span)), chunks(size=CHUNKS_AT_A_LOOK * CHUNK))
            )
        )
        work = [*itertools.batched(older, CHUNK, strict=False), *itertools.batched(raw, CHUNK, strict=False)]
        for place, batch in enumerate(work, 1):
            with self.run.chunk(done=place, total=len(work)):
                self.write_free(question, list(batch))

    def write_free(self, question: Question, ids: list[int]) -> None:
        """Writes those whom nobody holds; the others come at the end."""
        free = _free(ids)
        self.write(question, free)
        self.busy += sorted(set(ids) - set(free))

    def wait(self, question: Question) -> None:
        for batch in itertools.batched(self.busy, CHUNK, strict=False):
            with self.run.chunk(checkpoint={"after": LAST_ID, "busy": self.busy}):
                lock(list(batch))
                self.write(question, batch)
        self.busy = []

    def write(self, question: Question, ids: Sequence[int]) -> None:
        if ids:
            self.written = self.written.plus(write(question.about(ids), cause=self.cause, by=self.by))


def _free(ids: list[int]) -> list[int]:
    """Locks those of the clients that nobody is writing."""
    with connection.cursor() as cursor:
        cursor.execute(FREE, [ids])
        return [row[0] for row in cursor.fetchall()]
