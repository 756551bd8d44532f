"""The stored half of the classification (SCIENCE 1.5 and 2); the rest is computed when read."""

from typing import Any, ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import BelongsToClientQuerySet, Client, PortfolioClass, Sector
from contracts.models.contract import Contract
from core.scoping import GuardedModel
from people.models import User


class ClassReason(models.TextChoices):
    """Why a client is in its class; the code is stored, `contracts.reasons` says it in a sentence."""

    NO_PURCHASE = "SEM_COMPRA", _("Sem compra")
    CONTRACT_ENDING = "CONTRATO_A_VENCER", _("Contrato a vencer")
    CONTRACT_IN_GRACE = "CONTRATO_VENCIDO_NA_CARENCIA", _("Contrato vencido, na carência")
    CONTRACT_IN_FORCE = "CONTRATO_VIGENTE", _("Contrato vigente")
    CANCELLATION_SCHEDULED = "CANCELAMENTO_AGENDADO", _("Cancelamento agendado")
    WITHOUT_RENEWAL = "VIGENTE_SEM_RENOVACAO", _("Vigente, sem renovação")
    CONTRACT_AHEAD = "CONTRATO_ASSINADO_FUTURO", _("Contrato assinado, ainda não começou")
    CONTRACT_OVER = "CONTRATO_ENCERRADO", _("Contrato encerrado")
    WITHIN_CYCLE = "DENTRO_DO_CICLO", _("Dentro do ciclo")
    BEYOND_CYCLE = "FORA_DO_CICLO", _("Fora do ciclo")
    NO_NEW_EVENT = "SEM_NOVO_EVENTO", _("Sem novo evento")


class RiskBand(models.TextChoices):
    """Chance of no purchase within the limit, only for the active class by cycle."""

    NONE = "", _("Sem risco calculado")
    LOW = "low", _("Baixo")
    MEDIUM = "medium", _("Médio")
    HIGH = "high", _("Alto")


class Tier(models.TextChoices):
    """Rank by the value of 12 months: first 20 %, next 30 %, next 30 %, last 20 % of the clients that have any."""

    NONE = "", _("Sem valor em 12 meses")
    A = "A", "A"
    B = "B", "B"
    C = "C", "C"
    D = "D", "D"


class ClassificationSettings(models.Model):
    """The numbers of the rule, one row. Saving another number changes no class by itself:
    `contracts.nightly.reclassify_after_change` applies it to everybody on purpose."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    shrinkage = models.FloatField(_("peso do setor no ciclo (k)"), default=2, validators=[MinValueValidator(0)])
    factor = models.FloatField(_("ciclos sem comprar até inativar"), default=2, validators=[MinValueValidator(0.5)])
    floor_days = models.PositiveSmallIntegerField(_("limite mínimo em dias"), default=30)
    cap_days = models.PositiveSmallIntegerField(_("limite máximo em dias"), default=730)
    default_mean_days = models.PositiveSmallIntegerField(
        _("ciclo em dias enquanto há poucas compras"), default=90, validators=[MinValueValidator(1)]
    )
    min_gaps = models.PositiveSmallIntegerField(_("intervalos de compra necessários por setor"), default=30)
    window_days = models.PositiveSmallIntegerField(_("janela de renovação em dias"), default=60)
    grace_days = models.PositiveSmallIntegerField(_("carência depois do fim em dias"), default=30)
    high_risk_below = models.FloatField(_("risco alto abaixo da chance"), default=0.35)
    low_risk_from = models.FloatField(_("risco baixo a partir da chance"), default=0.60)
    consignado_paid_percent = models.PositiveSmallIntegerField(
        _("consignado: % de parcelas pagas"), default=20, validators=[MaxValueValidator(100)]
    )
    consignado_paid_count = models.PositiveSmallIntegerField(_("consignado: parcelas pagas"), default=12)
    consignado_last_days = models.PositiveSmallIntegerField(_("consignado: dias antes da última parcela"), default=90)

    class Meta:
        verbose_name = _("parâmetros da classificação")
        verbose_name_plural = _("parâmetros da classificação")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="classification_settings_only_one"),
            models.CheckConstraint(
                condition=Q(floor_days__lte=F("cap_days"), cap_days__gte=1),
                name="classification_floor_below_cap",
            ),
            models.CheckConstraint(
                condition=Q(shrinkage__gte=0, factor__gt=0, default_mean_days__gte=1),
                name="classification_cycle_positive",
            ),
            models.CheckConstraint(
                condition=Q(high_risk_below__gte=0, low_risk_from__lte=1) & Q(high_risk_below__lte=F("low_risk_from")),
                name="classification_bands_in_order",
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> Self:
        """The row, or its defaults: reading never writes."""
        return cls.objects.filter(pk=cls.ONLY).first() or cls()

    def numbers(self) -> dict[str, Any]:
        """Every number by its name, as parameters of the rule."""
        return {field.attname: getattr(self, field.attname) for field in self._meta.concrete_fields}


class ClientCycle(GuardedModel):
    """Sufficient statistics of one client's purchase days, lean and without further indexes so that nightly
    updates stay in place.

    `gaps` is x = purchase days - 1 (-1 when there is none); `first_on`, `last_on` the first and last purchase day;
    `purchase_total` the sum and `purchase_count` the number of completed purchases. `contract` decided the class when
    a contract did, and `anchor_on` is the day its reason speaks of (end, start or cancellation of that contract, or
    the last purchase day). `value_12m` is what was bought in 12 months plus 12 months of the contracts in force; on
    `value_due_on` a sale leaves the 12 months.

    `reason` and `sector` repeat the client's own (a database trigger follows the sector), so that the night reads this
    table alone; `is_held` says that a contract gives the reason.

    `evaluated_for` is the day the row speaks of: a night for an earlier date leaves it alone. Until `due_on` time
    alone changes nothing here but R; from that day on the raw rows must be read again. `contract_change_on` is the day
    on which a contract may next change the class.
    """

    client = models.OneToOneField(Client, primary_key=True, on_delete=models.CASCADE, related_name="cycle")
    sector = models.ForeignKey(
        Sector, null=True, on_delete=models.DO_NOTHING, related_name="+", db_index=False, db_constraint=False
    )
    reason = models.CharField(max_length=32, default=ClassReason.NO_PURCHASE)
    is_held = models.BooleanField(default=False)
    gaps = models.IntegerField(default=-1)
    first_on = models.DateField(null=True)
    last_on = models.DateField(null=True)
    purchase_count = models.PositiveIntegerField(default=0)
    purchase_total = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    value_12m = models.DecimalField(max_digits=16, decimal_places=2, default=0)
    value_due_on = models.DateField(null=True)
    tier = models.CharField(max_length=1, choices=Tier.choices, default=Tier.NONE, blank=True)
    fixed_limit_days = models.PositiveSmallIntegerField(null=True)
    risk_band = models.CharField(max_length=6, choices=RiskBand.choices, default=RiskBand.NONE, blank=True)
    contract = models.ForeignKey(Contract, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    anchor_on = models.DateField(null=True)
    contract_change_on = models.DateField(null=True)
    due_on = models.DateField(null=True)
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
            models.CheckConstraint(condition=Q(risk_band__in=RiskBand.values), name="cycle_risk_known"),
            models.CheckConstraint(condition=Q(tier__in=Tier.values), name="cycle_tier_known"),
        ]

    def __str__(self) -> str:
        return f"#{self.client_id}"


class SectorCycle(models.Model):
    """m, the mean of closed gaps in days, per sector and night; `sector` empty is the whole company.

    `mean_days` is what was measured (empty without gaps), `used_days` what counts after the fall back to the company
    and to the default. A night is known by its row of the company.
    """

    sector = models.ForeignKey(Sector, null=True, on_delete=models.CASCADE, related_name="cycles")
    on = models.DateField()
    mean_days = models.FloatField(null=True)
    gaps = models.PositiveBigIntegerField()
    used_days = models.FloatField()

    class Meta:
        verbose_name = _("ciclo do setor")
        verbose_name_plural = _("ciclos dos setores")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["on", "sector"], nulls_distinct=False, name="sector_cycle_once_a_day"),
            models.CheckConstraint(condition=Q(used_days__gt=0), name="sector_cycle_positive"),
        ]

    def __str__(self) -> str:
        return f"{self.sector or '—'} {self.on}: {self.used_days:.1f}"


class ClassChange(GuardedModel):
    """One change of class or reason, with the numbers behind it at that moment.

    An inactive client whose last purchase day moves without leaving the class gets a line too: rule 4 compares with
    the last purchase day of the evaluation before, and a date in the past knows it only from here.
    """

    class Cause(models.TextChoices):
        WRITE = "write", _("Lançamento")
        NIGHT = "night", _("Rotina da noite")
        SETTINGS = "settings", _("Mudança de parâmetros")

    # Its index is class_change_of_client.
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="class_changes", db_index=False)
    on = models.DateField(_("em"))
    at = models.DateTimeField(default=timezone.now)
    cause = models.CharField(max_length=8, choices=Cause.choices, default=Cause.WRITE)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    from_class = models.CharField(_("de"), max_length=8, choices=PortfolioClass.choices, blank=True)
    to_class = models.CharField(_("para"), max_length=8, choices=PortfolioClass.choices)
    reason = models.CharField(_("motivo"), max_length=32, choices=ClassReason.choices)
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
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(to_class__in=PortfolioClass.values), name="class_change_known"),
            models.CheckConstraint(condition=Q(reason__in=ClassReason.values), name="class_change_reason_known"),
        ]

    def __str__(self) -> str:
        return f"#{self.client_id} {self.on}: {self.from_class} → {self.to_class}"
