"""Queries that are written once per process: building the same expressions costs more than the database's answer."""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, ClassVar, Final, Self

from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import BigAutoField, Expression, ForeignKey, Lookup, Model, QuerySet
from django.db.models.fetch_modes import FETCH_ONE
from django.db.models.query import get_related_populators
from psycopg import RawCursor

NAMED: Final = re.compile(r"%\((\w+)\)s|%%")


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

    compiler: Any
    sql: str
    given: Mapping[str, Any]
    converters: Mapping[int, tuple[list[Callable[..., Any]], Any]]

    def converted(self, row: tuple[Any, ...]) -> Sequence[Any]:
        if not self.converters:
            return row
        values = list(row)
        for place, (converters, expression) in self.converters.items():
            for convert in converters:
                values[place] = convert(values[place], expression, connection)
        return values


class Kept:
    """A query written once; it asks the same each time but for its `Later` values.

    The server keeps its plan with the connection: for small questions planning costs more than answering. A large one
    is planned for its values each time (`cursor=Replanned`): a plan for any values may take minutes.

    `within` is SQL round the `{query}`; it may name further values, and add columns after those of the query.
    """

    def __init__(
        self, query: Callable[[], QuerySet[Any, Any]], *, cursor: "type[Prepared] | None" = None, within: str = ""
    ) -> None:
        self._query = query
        self._cursor = cursor or Prepared
        self._within = within

    @cached_property
    def written(self) -> Text:
        """Every value is named, so that one that stands twice is sent once."""
        compiler: Any = self._query().query.get_compiler(DEFAULT_DB_ALIAS)
        sql, params = compiler.as_sql()
        names = [param.name if isinstance(param, Later) else f"given_{n}" for n, param in enumerate(params)]
        given = {name: value for name, value in zip(names, params, strict=True) if not isinstance(value, Later)}
        named = sql.replace("%%", "%%%%") % tuple(f"%({name})s" for name in names)
        if self._within:
            named = self._within.replace("{query}", named)
        return Text(compiler, named, given, compiler.get_converters([column for column, *_rest in compiler.select]))

    def rows(self, **values: Any) -> tuple[list[str], list[Sequence[Any]]]:
        """Names of the columns, and the rows as the query itself would hand them over: JSON read, and so on."""
        text = self.written
        with connection.cursor() as cursor:
            cursor.cursor = self._cursor(connection.connection)
            cursor.execute(text.sql, {**text.given, **values})
            found = cursor.fetchall()
            return [column.name for column in cursor.description], [text.converted(row) for row in found]


class Statement(Kept):
    """Of plain values, `values(...)`."""

    def ask(self, **values: Any) -> list[dict[str, Any]]:
        names, rows = self.rows(**values)
        return [dict(zip(names, row, strict=True)) for row in rows]


class Records[M: Model](Kept):
    """Of instances, with what `select_related`, `only` and `annotate` name."""

    def __init__(self, query: Callable[[], QuerySet[M, M]]) -> None:
        super().__init__(query)

    def ask(self, **values: Any) -> list[M]:
        _names, rows = self.rows(**values)
        return [self._record(row) for row in rows]

    def _record(self, row: Sequence[Any]) -> M:
        model, start, names, populators = self._making
        record: M = model.from_db(DEFAULT_DB_ALIAS, names, row[start : start + len(names)], fetch_mode=FETCH_ONE)
        for populator in populators:
            populator.populate(row, record)
        for name, place in self.written.compiler.annotation_col_map.items():
            setattr(record, name, row[place])
        return record

    @cached_property
    def _making(self) -> tuple[Any, int, list[str], list[Any]]:
        """What Django's own iterator works out for each query."""
        select, info = self.written.compiler.select, self.written.compiler.klass_info
        start, end = info["select_fields"][0], info["select_fields"][-1] + 1
        names = [column.target.attname for column, *_rest in select[start:end]]
        return info["model"], start, names, get_related_populators(info, select, DEFAULT_DB_ALIAS, FETCH_ONE)


class Prepared(RawCursor[Any]):
    """Binds and plans at the server, where Django's cursor sends finished text."""

    is_kept: ClassVar = True

    def execute(self, query: Any, params: Any = None, *, prepare: bool | None = None, binary: Any = None) -> Self:
        sql, names = _numbered(query)
        return super().execute(sql, [params[name] for name in names], prepare=self.is_kept, binary=binary)


class Replanned(Prepared):
    is_kept = False


@lru_cache(maxsize=1_000)
def _numbered(query: str) -> tuple[str, list[str]]:
    """The query as the server reads it, and what its numbers stand for: psycopg would work that out anew for each
    long query."""
    names: dict[str, int] = {}

    def number(found: re.Match[str]) -> str:
        return "%" if found[0] == "%%" else f"${names.setdefault(found[1], len(names) + 1)}"

    return NAMED.sub(number, query), list(names)
