"""Which SQL statements write, for the wrappers around a connection."""

import re
from typing import Any

_WRITES = re.compile(
    r"\s*(INSERT|UPDATE|DELETE|MERGE|TRUNCATE|COPY|CREATE|ALTER|DROP|LOCK"
    r"|WITH\b.*\b(INSERT|UPDATE|DELETE)\b|SELECT\b.*\bFOR UPDATE)",
    re.IGNORECASE | re.DOTALL,
)
# What every request may write: its session and the rate counters.
_FREE = re.compile(r'"?(django_session|cache_entries)"?')


def written(sql: Any, context: dict[str, Any]) -> str:
    """The beginning of a statement that writes; empty for one that reads or only keeps the session."""
    text = sql if isinstance(sql, str) else sql.as_string(context["connection"].connection)
    if not _WRITES.match(text) or _FREE.search(text.split("WHERE")[0]):
        return ""
    return str(text[:100])
