"""The connection of the generator: statements, temporary lookup tables, and the patience of the session."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

from django.db import connection

# More memory than a page needs, and no hurry: sorts and indexes of millions of rows.
PATIENCE = {
    "lock_timeout": "10s",
    "statement_timeout": "0",
    "idle_in_transaction_session_timeout": "0",
    "synchronous_commit": "off",
    "work_mem": "256MB",
    "maintenance_work_mem": "1GB",
}
DRAWS = """
CREATE OR REPLACE FUNCTION pg_temp.draw(about bigint, what text) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT (hashint8extended(about, hashtextextended(what, {seed})) & 9007199254740991) / 9007199254740992::float8
$$;
CREATE OR REPLACE FUNCTION pg_temp.pick(about bigint, what text, choices integer) RETURNS integer
LANGUAGE sql IMMUTABLE AS $$
    SELECT floor(pg_temp.draw(about, what) * choices)::integer
$$;
CREATE OR REPLACE FUNCTION pg_temp.normal(about bigint, what text) RETURNS float8 LANGUAGE sql IMMUTABLE AS $$
    SELECT sqrt(-2 * ln(1 - pg_temp.draw(about, what))) * cos(2 * pi() * pg_temp.draw(about, what || '''s angle'))
$$;
"""


def execute(statement: str, parameters: Mapping[str, Any] | None = None) -> int:
    """Runs one statement and says how many rows it wrote."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return int(cursor.rowcount)


def rows_of(statement: str, parameters: Mapping[str, Any] | None = None) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return list(cursor.fetchall())


def prepare_draws(seed: int) -> None:
    """draw: a number in [0, 1); pick: one of so many choices, from 0; normal: of mean 0 and deviation 1."""
    execute(DRAWS.format(seed=int(seed)))


def write_lookup(name: str, columns: str, rows: Iterable[Sequence[Any]]) -> int:
    """A temporary table whose rows are numbered by `slot`, from 0; the number of its rows. A choice that comes
    more often has more slots."""
    # Complete before the COPY begins: rows may come from queries on the same connection.
    found = [(slot, *row) for slot, row in enumerate(rows)]
    execute(f"DROP TABLE IF EXISTS {name}; CREATE TEMP TABLE {name} (slot integer, {columns}) ON COMMIT DROP")
    with connection.cursor() as cursor, cursor.copy(f"COPY {name} FROM STDIN") as copy:
        for row in found:
            copy.write_row(row)
    execute(f"ANALYZE {name}")
    return len(found)


@contextmanager
def patience() -> Iterator[None]:
    for name, value in PATIENCE.items():
        rows_of("SELECT set_config(%(name)s, %(value)s, false)", {"name": name, "value": value})
    try:
        yield
    finally:
        if not connection.needs_rollback:
            for name in PATIENCE:
                execute(f"RESET {name}")


@contextmanager
def without_key_checks() -> Iterator[None]:
    """Leaves out the checks of foreign keys where the role may, else each statement checks its own rows at once:
    indexes cannot be made while checks wait. Inside a transaction only: a failure rolls the settings back."""
    execute("SET CONSTRAINTS ALL IMMEDIATE")
    [(is_superuser,)] = rows_of("SELECT current_setting('is_superuser')::boolean")
    if is_superuser:
        execute("SET LOCAL session_replication_role = replica")
    yield
    if is_superuser:
        execute("SET LOCAL session_replication_role = origin")
    execute("SET CONSTRAINTS ALL DEFERRED")
