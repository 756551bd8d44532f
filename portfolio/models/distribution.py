"""Distribution: the rules of territory and skill, and each batch with its moves."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import BelongsToClientQuerySet, Client
from core.scoping import GuardedModel
from people.models import Team, User


class DistributionRule(models.Model):
    """Who may receive which clients. Rules are tried in order; the first that fits decides (DOMAIN 5)."""

    class Criterion(models.TextChoices):
        ANY = "any", _("Qualquer cliente")
        UF = "uf", _("UF do cliente")
        DDD = "ddd", _("DDD do telefone principal")
        CEP = "cep", _("Faixa de CEP (de-até)")
        CITY = "city", _("Cidade")
        SECTOR = "sector", _("Setor")
        PERSON_TYPE = "person_type", _("Tipo: PF ou PJ")
        FAMILY = "family", _("Família de produto que já tem")

    position = models.PositiveSmallIntegerField(_("ordem"), default=1)
    name = models.CharField(_("nome"), max_length=80)
    criterion = models.CharField(_("critério"), max_length=12, choices=Criterion.choices)
    values = ArrayField(
        models.CharField(max_length=80),
        verbose_name=_("valores"),
        default=list,
        blank=True,
        help_text=_("Separados por vírgula, por exemplo SP, RJ. Faixas de CEP: 01000000-19999999."),
    )
    teams = models.ManyToManyField(Team, verbose_name=_("equipes"), blank=True)
    sellers = models.ManyToManyField(User, verbose_name=_("vendedores"), blank=True, related_name="+")
    is_active = models.BooleanField(_("em uso"), default=True)

    class Meta:
        verbose_name = _("regra de distribuição")
        verbose_name_plural = _("regras de distribuição")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(criterion="any") | ~Q(values=[]), name="distribution_rule_has_values"),
        ]

    def __str__(self) -> str:
        return self.name


class DistributionBatch(models.Model):
    """A preview and what became of it. Large ones pass through the moving states, in which a job works on them."""

    class State(models.TextChoices):
        COMPUTING = "computing", _("Calculando")
        PREVIEW = "preview", _("Prévia")
        APPLYING = "applying", _("Aplicando")
        APPLIED = "applied", _("Aplicada")
        UNDOING = "undoing", _("Desfazendo")
        UNDONE = "undone", _("Desfeita")
        DISCARDED = "discarded", _("Descartada")

    MOVING: ClassVar = (State.COMPUTING, State.APPLYING, State.UNDOING)

    state = models.CharField(_("situação"), max_length=10, choices=State.choices, default=State.PREVIEW)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField(_("criada em"), default=timezone.now)
    applied_at = models.DateTimeField(_("aplicada em"), null=True)
    undone_at = models.DateTimeField(_("desfeita em"), null=True)
    sellers = models.JSONField(_("vendedores"), default=list)
    skipped = models.JSONField(_("fora da divisão"), default=list)
    fairness = models.JSONField(_("equilíbrio"), default=dict)
    placed = models.PositiveIntegerField(_("distribuídos"), default=0)
    unplaced = models.PositiveIntegerField(_("sem vendedor possível"), default=0)

    class Meta:
        verbose_name = _("distribuição")
        verbose_name_plural = _("distribuições")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(state="applied") | Q(applied_at__isnull=False),
                name="distribution_applied_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} {self.get_state_display()}"

    @property
    def is_moving(self) -> bool:
        return self.state in self.MOVING


class DistributionMove(GuardedModel):
    """One client of a batch: whom it goes to and why, or why nobody can take it.

    A hundred thousand are written at once, and checking three keys of each would take longer than all the rest. A
    move is a calculation, written with its batch: `moves.hand_over` looks at client and seller again under lock, and
    the ownership that comes of it has its keys checked. The unique constraint is the index of the batch.
    """

    batch = models.ForeignKey(
        DistributionBatch, on_delete=models.CASCADE, related_name="moves", db_index=False, db_constraint=False
    )
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+", db_constraint=False)
    seller = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False, db_constraint=False
    )
    reason = models.CharField(_("motivo"), max_length=300)
    client_version = models.PositiveIntegerField()
    value = models.FloatField(_("valor esperado"), default=0)
    minutes = models.FloatField(_("minutos por mês"), default=0)
    refused = models.CharField(_("não aplicado porque"), max_length=200, blank=True)

    objects = BelongsToClientQuerySet["DistributionMove"].as_manager()

    class Meta:
        verbose_name = _("mudança de responsável")
        verbose_name_plural = _("mudanças de responsável")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "client"], name="distribution_client_once_a_batch"),
        ]

    def __str__(self) -> str:
        return f"#{self.client_id} → {self.seller_id or '—'}"


class DistributionPart(models.Model):
    """Moves of a large batch that one transaction hands over: those of the clients after one and up to another.

    `done` counts them, written in that same transaction.
    """

    batch = models.ForeignKey(DistributionBatch, on_delete=models.CASCADE, related_name="parts", db_index=False)
    after = models.BigIntegerField()
    last = models.BigIntegerField()
    done = models.PositiveIntegerField(null=True)

    class Meta:
        verbose_name = _("parte de uma distribuição")
        verbose_name_plural = _("partes de distribuições")
        ordering: ClassVar = ["id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "after"], name="distribution_part_once"),
        ]

    def __str__(self) -> str:
        return f"#{self.batch_id} {self.after}-{self.last}"
