"""In what the steps of an import do their writing: a job's fenced chunks, or plain transactions at once."""

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

from django.db import transaction

from jobs.running import Run


class Work(Protocol):
    def chunk(self, *, done: int, total: int, checkpoint: dict[str, Any]) -> AbstractContextManager[Any]:
        """One transaction."""

    def alive(self) -> None:
        """Called now and then while nothing is written, so that nobody takes the work over."""


class AtOnce:
    """For small files and commands: whoever waits sees it happen."""

    @contextmanager
    def chunk(self, *, done: int, total: int, checkpoint: dict[str, Any]) -> Iterator[None]:
        with transaction.atomic():
            yield

    def alive(self) -> None:
        return


class InJob:
    def __init__(self, run: Run) -> None:
        self.run = run

    def chunk(self, *, done: int, total: int, checkpoint: dict[str, Any]) -> AbstractContextManager[Any]:
        return self.run.chunk(done=done, total=total, checkpoint=checkpoint)

    def alive(self) -> None:
        with self.run.fenced():
            pass
