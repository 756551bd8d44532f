"""The end of `make faults`: one table, the same as JSON, and an exit status that tells whether all criteria hold."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.faults.tally import PROPERTY

PATH = Path(__file__).parents[2] / "test-artifacts" / "faults.json"
SLOWDOWN_LIMIT = 2.0
HEADINGS = ("fault", "what", "tried", "jobs lost", "effects twice", "recoveries", "longest s", "limit s", "pages", "")

_rows: dict[tuple[str, str], dict[str, Any]] = {}


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    for name, value in report.user_properties:
        if name == PROPERTY and report.when == "teardown":
            add(value)  # type: ignore[arg-type]  # ours
    if report.failed:
        _failed.add(report.nodeid)


_failed: set[str] = set()


def add(told: dict[str, Any]) -> None:
    """Parts of one fault that ran as several tests are one row."""
    row = _rows.setdefault((told["fault"], told["what"]), {})
    for name in ("tried", "lost", "twice", "recoveries"):
        row[name] = row.get(name, 0) + told[name]
    for name in ("longest", "slowdown", "limit"):
        row[name] = max(row.get(name, 0), told[name])
    row["failed"] = row.get("failed", False) or told["failed"]


def holds(row: dict[str, Any]) -> bool:
    quick = row["longest"] <= row["limit"] and row["slowdown"] <= SLOWDOWN_LIMIT
    return quick and not row["lost"] and not row["twice"] and not row["failed"]


def pytest_terminal_summary(terminalreporter: Any) -> None:
    table = [HEADINGS, *(cells(*key, row) for key, row in sorted(_rows.items()))]
    widths = [max(len(line[column]) for line in table) for column in range(len(HEADINGS))]
    terminalreporter.section("faults")
    for line in table:
        terminalreporter.write_line("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)))
    terminalreporter.write_line(f"{sum(row['tried'] for row in _rows.values())} tried · {PATH}")


def cells(fault: str, what: str, row: dict[str, Any]) -> tuple[str, ...]:
    counts = (str(row[name]) for name in ("tried", "lost", "twice", "recoveries"))
    pages = f"{row['slowdown']:.1f}x" if row["slowdown"] else "-"
    longest = f"{row['longest']:.1f}" if row["recoveries"] else "-"
    return (fault, what, *counts, longest, f"{row['limit']:.0f}", pages, "ok" if holds(row) else "FAILED")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    if hasattr(session.config, "workerinput"):
        return
    rows = [{"fault": key[0], "what": key[1], **row, "passed": holds(row)} for key, row in sorted(_rows.items())]
    PATH.parent.mkdir(exist_ok=True)
    PATH.write_text(json.dumps({"faults": rows, "failed_tests": sorted(_failed)}, indent=2, ensure_ascii=False))
    if not all(row["passed"] for row in rows) and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
