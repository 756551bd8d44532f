"""One-off purchases."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import BelongsToClientQuerySet, Client
from contracts.models.product import Product
from core.scoping import GuardedModel
from people.models import Team, User


class Purchase(GuardedModel):
    """A sale to a client. `number` is the company's own; `source_key` makes rows of a file without numbers unique."""

    class Status(models.TextChoices):
        COMPLETED = "completed", _("Concluída")
        CANCELLED = "cancelled", _("Cancelada")
        RETURNED = "returned", _("Devolvida")

    # Its index is purchase_client_day.
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="purchases", db_index=False)
    # Its index is purchase_product_client.
    product = models.ForeignKey(
        Product, verbose_name=_("produto"), null=True, blank=True, on_delete=models.PROTECT, db_index=False
    )
    number = models.CharField(_("número"), max_length=40, blank=True)
    source_key = models.CharField(max_length=80, blank=True, editable=False)
    sold_on = models.DateField(_("data"))
    amount = models.DecimalField(_("valor"), max_digits=14, decimal_places=2, null=True, blank=True)
    status = models.CharField(_("situação"), max_length=10, choices=Status.choices, default=Status.COMPLETED)
    seller = models.ForeignKey(
        User, verbose_name=_("vendedor"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, editable=False)
    notes = models.CharField(_("observação"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = BelongsToClientQuerySet["Purchase"].as_manager()

    class Meta:
        verbose_name = _("compra")
        verbose_name_plural = _("compras")
        ordering: ClassVar = ["-sold_on", "-id"]
        indexes: ClassVar = [
            # Covers the aggregate of the nightly recompute: no table access.
            models.Index(fields=["client", "sold_on"], include=["status", "amount"], name="purchase_client_day"),
            # The filter of the list by product.
            models.Index(fields=["product", "client"], name="purchase_product_client"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["number"], condition=~Q(number=""), name="purchase_number_once"),
            models.UniqueConstraint(fields=["source_key"], condition=~Q(source_key=""), name="purchase_source_once"),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="purchase_amount_positive"
            ),
            models.CheckConstraint(
                condition=Q(status__in=["completed", "cancelled", "returned"]), name="purchase_status_known"
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"
