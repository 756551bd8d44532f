"""Queries that are written once per process: building the same expressions costs more than the database's answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Self

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import BigAutoField, Expression, ForeignKey, Lookup, QuerySet
from psycopg import Cursor


class Later(Expression):
    """A value that is named when the query is written and given when it is asked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


@BigAutoField.register_lookup
@ForeignKey.register_lookup
class Among(Lookup[Any]):
    """`owner__among=ids`: one parameter however many ids, where `in` would write and read one for each."""

    lookup_name = "among"
    prepare_rhs = False

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        column, params = self.process_lhs(compiler, connection)
        return f"{column} = ANY(%s::bigint[])", (*params, self.rhs)


@dataclass(frozen=True)
class Text:
    """`given` are the values that stay the same each time; the others are named in `sql`."""

    sql: str
    given: Mapping[str, Any]
    converters: Mapping[int, tuple[list[Callable[..., Any]], Any]]


class Statement:
    """A query of plain values, `values(...)`; what it asks for is the same each time but for its `Later` values.

    The server keeps its plan with the connection: for small questions planning costs more than answering.
    """

    def __init__(self, query: Callable[[], QuerySet[Any, Any]]) -> None:
        self._query = query

    @cached_property
    def _text(self) -> Text:
        compiler: Any = self._query().query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        names = [param.name if isinstance(param, Later) else f"given_{n}" for n, param in enumerate(params)]
        given = {name: value for name, value in zip(names, params, strict=True) if not isinstance(value, Later)}
        # A value named twice is sent once.
        named = sql.replace("%%", "%%%%") % tuple(f"%({name})s" for name in names)
        return Text(named, given, compiler.get_converters([column for column, *_rest in compiler.select]))

    def ask(self, **values: Any) -> list[dict[str, Any]]:
        text = self._text
        with connection.cursor() as cursor:
            cursor.cursor = Prepared(connection.connection)
            cursor.execute(text.sql, {**text.given, **values})
            names = [column.name for column in cursor.description]
            return [dict(zip(names, _converted(row, text), strict=True)) for row in cursor.fetchall()]


class Prepared(Cursor[Any]):
    """Binds and plans at the server, where Django's cursor sends finished text."""

    def execute(self, query: Any, params: Any = None, *, prepare: bool | None = True, binary: Any = None) -> Self:
        return super().execute(query, params, prepare=prepare, binary=binary)


def _converted(row: tuple[Any, ...], text: Text) -> tuple[Any, ...] | list[Any]:
    """As the query itself would hand them over: JSON read, and so on."""
    if not text.converters:
        return row
    values = list(row)
    for place, (converters, expression) in text.converters.items():
        for convert in converters:
            values[place] = convert(values[place], expression, connection)
    return values
