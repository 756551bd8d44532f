"""The stored half of the classification (SCIENCE 1.5 and 2); the rest is computed when read."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import BelongsToClientQuerySet, Client, PortfolioClass, Sector
from contracts.models.contract import Contract
from core.scoping import GuardedModel


class RiskBand(models.TextChoices):
    """Chance of no purchase within the limit, only for the active class by cycle."""

    NONE = "", _("Sem risco calculado")
    LOW = "low", _("Baixo")
    MEDIUM = "medium", _("Médio")
    HIGH = "high", _("Alto")


class ClientCycle(GuardedModel):
    """Sufficient statistics of one client's purchase days, lean so that nightly updates stay in place.

    `gaps` is x = purchase days - 1 (-1 when there is none); `first_on`, `last_on` the first and last purchase day;
    `purchase_total` the sum and `purchase_count` the number of completed purchases. `contract` decided the class when
    a contract did, and `anchor_on` is the day its reason speaks of (end of that contract, or last purchase day).
    """

    client = models.OneToOneField(Client, primary_key=True, on_delete=models.CASCADE, related_name="cycle")
    gaps = models.IntegerField(default=-1)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    purchase_count = models.PositiveIntegerField(default=0)
    purchase_total = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    fixed_limit_days = models.PositiveSmallIntegerField(null=True)
    risk_band = models.CharField(max_length=6, choices=RiskBand.choices, default=RiskBand.NONE, blank=True)
    contract = models.ForeignKey(Contract, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    anchor_on = models.DateField(null=True)
    evaluated_for = models.DateField(null=True)

    objects = BelongsToClientQuerySet["ClientCycle"].as_manager()

    class Meta:
        verbose_name = _("ciclo do cliente")
        verbose_name_plural = _("ciclos dos clientes")
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(gaps=-1, first_on__isnull=True, last_on__isnull=True)
                | Q(gaps__gte=0, first_on__isnull=False, last_on__gte=models.F("first_on")),
                name="cycle_dates_fit_gaps",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.client_id}"


class SectorCycle(models.Model):
    """m, the mean of closed gaps in days, per sector and reference date; `sector` empty is the whole company."""

    sector = models.ForeignKey(Sector, null=True, on_delete=models.CASCADE, related_name="cycles")
    on = models.DateField()
    mean_days = models.FloatField()
    gaps = models.PositiveIntegerField()

    class Meta:
        verbose_name = _("ciclo do setor")
        verbose_name_plural = _("ciclos dos setores")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["on", "sector"], nulls_distinct=False, name="sector_cycle_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.sector or '—'} {self.on}: {self.mean_days:.1f}"


class ClassChange(GuardedModel):
    """One change of class or reason, with the numbers behind it at that moment."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="class_changes")
    on = models.DateField(_("em"))
    at = models.DateTimeField(default=timezone.now)
    from_class = models.CharField(_("de"), max_length=8, choices=PortfolioClass.choices, blank=True)
    to_class = models.CharField(_("para"), max_length=8, choices=PortfolioClass.choices)
    reason = models.CharField(_("motivo"), max_length=32)
    gaps = models.IntegerField()
    span_days = models.IntegerField(null=True)
    recency_days = models.IntegerField(null=True)
    last_on = models.DateField(null=True)
    mean_days = models.FloatField(null=True)
    cycle_days = models.FloatField(null=True)
    limit_days = models.FloatField(null=True)
    p_buys = models.FloatField(null=True)
    risk_band = models.CharField(max_length=6, choices=RiskBand.choices, blank=True)
    contract = models.ForeignKey(Contract, null=True, on_delete=models.SET_NULL, related_name="+")
    anchor_on = models.DateField(null=True)

    objects = BelongsToClientQuerySet["ClassChange"].as_manager()

    class Meta:
        verbose_name = _("mudança de carteira")
        verbose_name_plural = _("mudanças de carteira")
        ordering: ClassVar = ["-on", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["client", "-on", "-id"], name="class_change_of_client"),
            models.Index(fields=["on", "to_class"], name="class_change_by_day"),
        ]

    def __str__(self) -> str:
        return f"#{self.client_id} {self.on}: {self.from_class} → {self.to_class}"
