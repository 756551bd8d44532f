"""Constraints that people can break: the database alone knows when two of them write at the same moment."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import IntegrityError, transaction
from psycopg import errors


@contextmanager
def once(constraint: str, error: type[Exception]) -> Iterator[None]:
    """A savepoint in which `error` is raised where this unique constraint is broken; others pass as they are."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError as broken:
        cause = broken.__cause__
        if isinstance(cause, errors.UniqueViolation) and cause.diag.constraint_name == constraint:
            raise error from broken
        raise
