"""Statements of SQL for whole chunks of rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection

type Parameters = Mapping[str, Any] | Sequence[Any] | None


def execute(statement: str, parameters: Parameters = None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def rows_of(statement: str, parameters: Parameters = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def column_of(statement: str, parameters: Parameters = None) -> list[Any]:
    return [value for (value,) in rows_of(statement, parameters)]


def copy_in(statement: str, lines: Sequence[bytes]) -> None:
    """Lines in the text format of COPY."""
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        copy.write(b"\n".join(lines))
