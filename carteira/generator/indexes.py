"""Indexes of the tables that grow by millions of rows: made again afterwards, from their own definitions."""

from collections.abc import Sequence

from carteira.generator.database import execute, rows_of

# Those of a constraint stay: foreign keys hang on primary keys, and rows come almost in their order.
FREE_INDEXES = """
SELECT index.indexrelid::regclass::text, pg_get_indexdef(index.indexrelid)
FROM pg_index index
WHERE index.indrelid = ANY(%(tables)s::regclass[])
    AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = index.indexrelid)
ORDER BY index.indexrelid
"""


def drop_indexes(tables: Sequence[str]) -> list[str]:
    """Their definitions. Inside a transaction only: a failure rolls the dropping back."""
    indexes = rows_of(FREE_INDEXES, {"tables": list(tables)})
    for name, _ in indexes:
        execute(f"DROP INDEX {name}")
    return [definition for _, definition in indexes]


def make_indexes(definitions: Sequence[str]) -> None:
    for definition in definitions:
        execute(definition)
