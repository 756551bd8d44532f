"""Saved filters of the list: a group of clients by rule, own or shared (evaluated in portfolio)."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.statements import Later
from people.models import User


class SegmentQuerySet(models.QuerySet["Segment"]):
    def visible_to(self, user: User | Later) -> Self:
        """One's own and the shared ones; whose clients they show is the viewer's sight, not the author's."""
        return self.filter(Q(owner=user) | Q(is_shared=True))


class Segment(models.Model):
    """`query` is the query string of the list's filters, without search text, order and page."""

    name = models.CharField(_("nome"), max_length=60)
    owner = models.ForeignKey(User, verbose_name=_("criado por"), on_delete=models.PROTECT, related_name="segments")
    query = models.CharField(_("filtros"), max_length=1000, blank=True)
    is_shared = models.BooleanField(_("todos podem usar"), default=False)
    is_pinned = models.BooleanField(_("fixar no topo da lista"), default=True)
    created_at = models.DateTimeField(_("criado em"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = SegmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("segmento")
        verbose_name_plural = _("segmentos")
        ordering: ClassVar = [Lower("name"), "id"]
        constraints: ClassVar = [
            models.UniqueConstraint("owner", Lower("name"), name="segment_name_once_per_person"),
        ]

    def __str__(self) -> str:
        return self.name
