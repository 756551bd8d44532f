"""A query that refuses to run until someone says whose records it may return.

Models that hold personal data use `GuardedQuerySet`. Their queries compile only after `visible_to(user)` (in the app
that knows the rule), after `unscoped(reason=...)`, or when they start from a record already in hand
(`client.phones.all()`). Forgetting the filter is then an error in the first test, not a leak in production.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Self

from django.db import models
from django.db.models import sql

_trusted: ContextVar[str] = ContextVar("trusted", default="")


class UnscopedQueryError(RuntimeError):
    """A guarded model was queried without saying on whose behalf."""


@contextmanager
def trusted(reason: str) -> Iterator[None]:
    """Lets framework code that builds its own queries (unique checks of a form) through the guard."""
    token = _trusted.set(reason)
    try:
        yield
    finally:
        _trusted.reset(token)


class GuardedQuery(sql.Query):
    """`scope` tells why this query may run; None means nobody said."""

    scope: str | None = None

    def get_compiler(self, *args: Any, **kwargs: Any) -> Any:
        self.require_scope()
        return super().get_compiler(*args, **kwargs)

    def combine(self, rhs: sql.Query, connector: str) -> None:
        # `scoped | everything` would widen the scoped half: both sides must carry a scope.
        if getattr(rhs, "scope", None) is None:
            self.scope = None
        super().combine(rhs, connector)

    def require_scope(self) -> None:
        if self.scope is None and not _trusted.get():
            name = self.model.__name__ if self.model else "?"
            raise UnscopedQueryError(f"{name}: use visible_to(user) or unscoped(reason=...) before reading or writing.")


class GuardedQuerySet[M: models.Model](models.QuerySet[M]):
    def __init__(self, model: type[M] | None = None, query: Any = None, using: str | None = None, hints: Any = None):
        super().__init__(model, query or (GuardedQuery(model) if model is not None else None), using, hints)

    def scoped(self, reason: str) -> Self:
        """Marks the query as filtered to what its actor may see. Only rules of visibility call this."""
        found: Self = self._chain()  # type: ignore[attr-defined]
        found.query.scope = reason  # type: ignore[attr-defined]
        return found

    def unscoped(self, *, reason: str) -> Self:
        """All records, for code that acts for nobody in particular (the night, constraints, tests)."""
        return self.scoped(reason)

    def none(self) -> Self:
        return super().none().scoped("none")

    def update(self, **kwargs: Any) -> int:
        self._require_scope()
        return super().update(**kwargs)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._require_scope()
        return super().delete()

    def _raw_delete(self, using: str | None) -> int:
        self._require_scope()
        return super()._raw_delete(using)

    def _add_hints(self, **hints: Any) -> None:
        super()._add_hints(**hints)  # type: ignore[misc]
        # A related manager of a guarded record in hand: whoever holds it may see what belongs to it. Who holds a
        # colleague, a sector or a product may not see all of its clients.
        if isinstance(hints.get("instance"), GuardedModel) and isinstance(self.query, GuardedQuery):
            self.query.scope = self.query.scope or "related"

    def _require_scope(self) -> None:
        if isinstance(self.query, GuardedQuery):
            self.query.require_scope()


class GuardedModel(models.Model):
    """Base of guarded models: lets Django's own uniqueness checks look past the guard."""

    class Meta:
        abstract = True

    def _perform_unique_checks(self, unique_checks: Any) -> Any:
        with trusted("unique check"):
            return super()._perform_unique_checks(unique_checks)  # type: ignore[misc]

    def validate_constraints(self, exclude: Any = None) -> None:
        with trusted("constraint check"):
            super().validate_constraints(exclude)
