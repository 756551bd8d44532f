"""Remembering which counts passed their cap: "10.000+" stays true for minutes and need not be counted again."""

import hashlib
import time
from collections.abc import Callable
from typing import Any, Final

SECONDS: Final = 300.0
MOST: Final = 10_000


class Fullness:
    """What passed its cap lately, in this process. It knows queries by their text and values, so that nobody is told
    of rows that somebody else sees."""

    def __init__(self, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._until: dict[bytes, float] = {}
        self._clock = clock

    def knows(self, key: bytes) -> bool:
        return self._until.get(key, 0.0) > self._clock()

    def remember(self, key: bytes) -> None:
        if len(self._until) >= MOST:
            self._until.clear()
        self._until[key] = self._clock() + SECONDS

    def forget(self) -> None:
        self._until.clear()


def key_of(*parts: Any) -> bytes:
    """A short key of a query's text and values."""
    return hashlib.blake2b(repr(parts).encode(), digest_size=16).digest()


FULL: Final = Fullness()
