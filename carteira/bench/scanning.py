"""The limit of work on a whole table: reading each of its rows once."""

from django.db import connection, models, transaction
from django.db.models import Count, Sum

from core.scoping import GuardedQuerySet


def scan[M: models.Model](table: GuardedQuerySet[M], column: str) -> None:
    """Counts the rows and adds up one column, in two processes. Nobody sees a row: a sum over all is the point."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL max_parallel_workers_per_gather = 1")
        table.unscoped(reason="bare reading of a whole table, the limit of a measurement").aggregate(
            Count("pk"), Sum(column)
        )
