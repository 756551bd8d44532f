"""Storing what a chunk did to its rows in one statement."""

import json
from collections.abc import Sequence

from django.db import connection

from imports.models import ImportRow

UPDATE = """
    UPDATE imports_importrow AS r
    SET outcome = u.outcome, reason = u.reason, plan = u.plan, effect = u.effect, note = u.note,
        record_id = u.record_id, written_version = u.written_version, before = u.before::jsonb,
        duplicate_of = u.duplicate_of, warnings = u.warnings::jsonb
    FROM unnest(
        %s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::text[], %s::bigint[], %s::integer[],
        %s::text[], %s::integer[], %s::text[]
    ) AS u (
        id, outcome, reason, plan, effect, note, record_id, written_version, before, duplicate_of, warnings
    )
    WHERE r.id = u.id
"""


def store(rows: Sequence[ImportRow]) -> None:
    if not rows:
        return
    cells = [
        (
            row.pk,
            row.outcome,
            row.reason,
            str(row.plan),
            str(row.effect),
            row.note,
            row.record_id,
            row.written_version,
            None if row.before is None else json.dumps(row.before),
            row.duplicate_of,
            json.dumps(row.warnings),
        )
        for row in rows
    ]
    with connection.cursor() as cursor:
        cursor.execute(UPDATE, [list(column) for column in zip(*cells, strict=True)])
