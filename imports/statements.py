"""Statements of SQL for whole chunks of rows."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import connection, models

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


def insert(
    default: models.Model, values: Mapping[str, str], source: str, parameters: Mapping[str, Any] | None = None
) -> None:
    """Inserts a record for each row of a source: columns without a value are as in `default`."""
    meta = default._meta
    columns = [field for field in meta.concrete_fields if not field.primary_key or field.column in values]
    given = {f"default_{field.column}": plain(getattr(default, field.attname)) for field in columns}
    chosen = ", ".join(values.get(str(field.column), f"%(default_{field.column})s") for field in columns)
    names = ", ".join(str(field.column) for field in columns)
    statement = f"INSERT INTO {meta.db_table} ({names}) SELECT {chosen} FROM {source}"  # noqa: S608  (constants)
    execute(statement, {**given, **(parameters or {})})


def plain(value: Any) -> Any:
    return str(value) if isinstance(value, models.TextChoices) else value
