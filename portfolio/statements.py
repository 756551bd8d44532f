"""Queries that are written once per process: building the same expressions costs more than the database's answer."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import BooleanField, Expression, Func, QuerySet


class Later(Expression):
    """A value that is named when the query is written and given when it is asked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.name = name

    def as_sql(self, _compiler: Any, _connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


class Among(Func):
    """Whether a column is one of a list of values: one parameter, however many they are."""

    template = "(%(expressions)s))"
    arg_joiner = " = ANY("
    output_field = BooleanField()


@dataclass(frozen=True)
class Text:
    sql: str
    params: tuple[Any, ...]
    converters: Mapping[int, tuple[list[Callable[..., Any]], Any]]


class Statement:
    """A query of plain values, `values(...)`; what it asks for is the same each time but for its `Later` values."""

    def __init__(self, query: Callable[[], QuerySet[Any, Any]]) -> None:
        self._query = query

    @cached_property
    def _text(self) -> Text:
        compiler: Any = self._query().query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        return Text(sql, params, compiler.get_converters([column for column, *_rest in compiler.select]))

    def ask(self, **values: Any) -> list[dict[str, Any]]:
        text = self._text
        params = [values[param.name] if isinstance(param, Later) else param for param in text.params]
        with connection.cursor() as cursor:
            cursor.execute(text.sql, params)
            names = [column.name for column in cursor.description]
            return [dict(zip(names, _converted(row, text), strict=True)) for row in cursor.fetchall()]


def _converted(row: tuple[Any, ...], text: Text) -> list[Any]:
    """As the query itself would hand them over: JSON read, and so on."""
    values = list(row)
    for place, (converters, expression) in text.converters.items():
        for convert in converters:
            values[place] = convert(values[place], expression, connection)
    return values
