"""Contact plans: cadences of steps, who is in them, and how often each tier is contacted (DOMAIN 3)."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import BelongsToClientQuerySet, Client, PortfolioClass, Purpose
from contacts.models.log import LogChannel
from contacts.models.message import CallScript, MessageTemplate
from core.scoping import GuardedModel
from people.models import User


class ContactPlan(models.Model):
    """A cadence. `trigger` says what puts a client into it by itself; `MANUAL` waits for a person."""

    class Trigger(models.TextChoices):
        MANUAL = "manual", _("À mão")
        SALE = "sale", _("Depois de uma venda")
        BIRTHDAY = "birthday", _("Aniversário")
        RENEWAL = "renewal", _("Entrou em renovação")
        INACTIVE = "inactive", _("Ficou inativo")
        INTERVAL = "interval", _("Sempre, pela faixa A, B ou C")

    class Anchor(models.TextChoices):
        """The day step offsets count from."""

        START = "start", _("Entrada no plano")
        END_OF_CONTRACT = "end", _("Fim do contrato (antes: negativo)")

    name = models.CharField(_("nome"), max_length=80, unique=True)
    trigger = models.CharField(_("começa"), max_length=8, choices=Trigger.choices, default=Trigger.MANUAL)
    anchor = models.CharField(_("dias contados de"), max_length=5, choices=Anchor.choices, default=Anchor.START)
    purpose = models.CharField(_("finalidade"), max_length=8, choices=Purpose.choices, default=Purpose.SERVICE)
    portfolio_class = models.CharField(_("só da carteira"), max_length=8, choices=PortfolioClass.choices, blank=True)
    stops_when_reached = models.BooleanField(_("termina quando fala com o cliente"), default=True)
    stops_on_purchase = models.BooleanField(_("termina quando o cliente compra"), default=False)
    max_attempts = models.PositiveSmallIntegerField(_("tentativas por passo"), default=5)
    rest_days = models.PositiveSmallIntegerField(_("descanso depois do fim, em dias"), default=0)
    priority = models.PositiveSmallIntegerField(_("prioridade"), default=50)
    is_active = models.BooleanField(_("em uso"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("plano de contato")
        verbose_name_plural = _("planos de contato")
        ordering: ClassVar = ["-priority", "name"]

    def __str__(self) -> str:
        return self.name


class PlanStep(models.Model):
    plan = models.ForeignKey(ContactPlan, on_delete=models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField(_("ordem"), default=1)
    offset_days = models.SmallIntegerField(_("dia"), default=0)
    channel = models.CharField(_("canal"), max_length=10, choices=LogChannel.choices, default=LogChannel.CALL)
    title = models.CharField(_("o que fazer"), max_length=120)
    template = models.ForeignKey(
        MessageTemplate, verbose_name=_("modelo"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    script = models.ForeignKey(
        CallScript, verbose_name=_("roteiro"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    minutes = models.PositiveSmallIntegerField(_("minutos"), default=8)

    class Meta:
        verbose_name = _("passo do plano")
        verbose_name_plural = _("passos do plano")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "position"], name="step_position_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=480), name="step_minutes_of_a_day"),
        ]

    def __str__(self) -> str:
        return self.title


class PlanMembership(GuardedModel):
    """A client in a plan: the step that is due next and on which day. Ended memberships stay as history."""

    class State(models.TextChoices):
        RUNNING = "running", _("Em andamento")
        FINISHED = "finished", _("Concluído")
        STOPPED = "stopped", _("Interrompido")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="plan_memberships", db_index=False)
    plan = models.ForeignKey(ContactPlan, on_delete=models.PROTECT, related_name="memberships", db_index=False)
    state = models.CharField(_("situação"), max_length=8, choices=State.choices, default=State.RUNNING)
    step = models.ForeignKey(
        PlanStep, verbose_name=_("próximo passo"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    anchored_on = models.DateField(_("dia zero"))
    due_on = models.DateField(_("próximo contato em"), null=True, blank=True)
    # Which half of the day was tried: the next attempt takes the other one.
    turn = models.CharField(_("turno"), max_length=9, blank=True)
    attempts = models.PositiveSmallIntegerField(_("tentativas do passo"), default=0)
    started_at = models.DateTimeField(_("entrou em"), default=timezone.now, editable=False)
    started_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    ended_at = models.DateTimeField(_("saiu em"), null=True, blank=True, editable=False)
    end_reason = models.CharField(_("motivo da saída"), max_length=120, blank=True)

    objects = BelongsToClientQuerySet["PlanMembership"].as_manager()

    class Meta:
        verbose_name = _("cliente no plano")
        verbose_name_plural = _("clientes nos planos")
        ordering: ClassVar = ["due_on", "id"]
        indexes: ClassVar = [
            models.Index(fields=["client", "due_on"], name="membership_of_client"),
            models.Index(fields=["due_on", "client"], name="membership_due", condition=Q(state="running")),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["plan", "client"], name="membership_running_once", condition=Q(state="running")
            ),
            models.CheckConstraint(
                condition=(Q(state="running") & Q(ended_at__isnull=True))
                | (~Q(state="running") & Q(ended_at__isnull=False)),
                name="membership_ended_has_time",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.plan} · {self.get_state_display()}"
