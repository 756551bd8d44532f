"""What passed its cap is remembered for some minutes, each query for itself."""

import pytest

from core import fullness
from core.fullness import Fullness, key_of


def test_what_passed_its_cap_is_known_for_five_minutes() -> None:
    now = [0.0]
    full = Fullness(clock=lambda: now[0])
    key = key_of("SELECT 1", [7], "active")
    assert not full.knows(key)
    full.remember(key)
    assert full.knows(key)
    assert not full.knows(key_of("SELECT 1", [8], "active"))
    now[0] = 300.0
    assert not full.knows(key)


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fullness, "MOST", 2)
    full = Fullness()
    keys = [key_of(number) for number in range(3)]
    for key in keys:
        full.remember(key)
    assert [full.knows(key) for key in keys] == [False, False, True]
    full.forget()
    assert not full.knows(keys[2])
