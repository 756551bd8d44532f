"""Who owned a client, from when to when, why and by whose hand."""

from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.client import Client
from clients.models.people import BelongsToClientQuerySet
from core.scoping import GuardedModel
from people.models import User


class DistributionReason(models.TextChoices):
    CREATED = "created", _("Cadastrou o cliente")
    IMPORTED = "imported", _("Veio na planilha")
    MANUAL = "manual", _("Transferência")
    DISTRIBUTED = "distributed", _("Distribuição")
    UNDONE = "undone", _("Distribuição desfeita")
    LEFT = "left", _("Vendedor saiu")
    RELEASED = "released", _("Devolvido à fila")


class Ownership(GuardedModel):
    """One spell of ownership; the open one (`until` empty) is the present owner.

    Its people are not looked up again for every spell: the owner's key is checked on the client, written with it
    (`clients.ownership`), and a trigger of the migration `lighter_spells` keeps people who stand in the history.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="ownerships")
    # Nobody looks for spells by person: an index less for each client that changes hands.
    owner = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="ownerships", db_index=False, db_constraint=False
    )
    since = models.DateTimeField(_("desde"), default=timezone.now)
    until = models.DateTimeField(_("até"), null=True, blank=True)
    reason = models.CharField(_("motivo"), max_length=12, choices=DistributionReason.choices)
    note = models.CharField(_("explicação"), max_length=300, blank=True)
    by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    batch = models.BigIntegerField(_("lote"), null=True, editable=False)

    objects = BelongsToClientQuerySet["Ownership"].as_manager()

    class Meta:
        verbose_name = _("responsável anterior")
        verbose_name_plural = _("histórico de responsáveis")
        ordering: ClassVar = ["-since", "-id"]
        indexes: ClassVar = [models.Index(fields=["batch"], name="ownership_batch", condition=Q(batch__isnull=False))]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client"], condition=Q(until__isnull=True), name="ownership_one_open"),
            models.CheckConstraint(
                condition=Q(until__isnull=True) | Q(until__gte=F("since")), name="ownership_ends_after_start"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.owner} ({self.since:%d/%m/%Y})"
