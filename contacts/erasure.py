"""The one way in which clients leave the base: what they refused outlives them (contacts.kept)."""

from collections.abc import Collection, Sequence

from django.db import models, transaction

from clients.models import Client
from clients.models.client import ERASURE
from contacts import kept


@transaction.atomic
def erase(ids: Sequence[int], *, with_records: Collection[type[models.Model]]) -> None:
    """Clients and their rows in these tables, a statement for each; an IntegrityError while others point at them."""
    kept.keep(ids)
    for relation in Client._meta.get_fields(include_hidden=True):
        if isinstance(relation, models.ForeignObjectRel) and relation.related_model in with_records:
            _rows(relation.related_model, **{f"{relation.field.name}__in": ids})
    _rows(Client, pk__in=ids)


def _rows(model: type[models.Model], **which: object) -> None:
    manager = model._default_manager
    rows = manager.unscoped(reason=ERASURE) if hasattr(manager, "unscoped") else manager.all()
    found = rows.filter(**which)
    found._raw_delete(found.db)
