"""Inserting many new records by COPY: several times as fast as INSERT, under the same constraints."""

import json
from collections.abc import Sequence
from typing import Any

from django.db import connection, models
from psycopg import sql


def insert[M: models.Model](records: Sequence[M]) -> Sequence[M]:
    """Gives each record its id and writes it. Raises what an INSERT would raise."""
    if not records:
        return records
    meta = type(records[0])._meta
    fields = meta.concrete_fields
    take_ids(records, meta.db_table)
    columns = sql.SQL(", ").join([sql.Identifier(str(field.column)) for field in fields])
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(meta.db_table), columns)
    names = [field.attname for field in fields]
    json_names = {field.attname for field in fields if isinstance(field, models.JSONField)}
    with connection.cursor() as cursor, connection.wrap_database_errors, cursor.copy(statement) as copy:
        for record in records:
            copy.write_row([plain(getattr(record, name), is_json=name in json_names) for name in names])
    for record in records:
        record._state.adding = False
        record._state.db = connection.alias
    return records


def take_ids(records: Sequence[models.Model], table: str) -> None:
    take = "SELECT nextval(pg_get_serial_sequence(%s, 'id')) FROM generate_series(1, %s)"
    with connection.cursor() as cursor:
        cursor.execute(take, [table, len(records)])
        for record, (pk,) in zip(records, cursor.fetchall(), strict=True):
            record.pk = pk


def plain(value: Any, *, is_json: bool) -> Any:
    if is_json:
        return None if value is None else json.dumps(value, ensure_ascii=False)
    # An enumeration is a str that COPY knows no form for.
    return str(value) if isinstance(value, models.TextChoices) else value
