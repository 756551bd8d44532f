"""Contracts: a term with a start and, mostly, an end."""

import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import BelongsToClientQuerySet, Client
from contracts.models.product import Product
from core.scoping import GuardedModel
from people.models import Team, User


class Institution(models.Model):
    """The bank, insurer or supplier whose contract it is."""

    name = models.CharField(_("nome"), max_length=120)
    key = models.CharField(max_length=120, unique=True, editable=False)

    class Meta:
        verbose_name = _("instituição")
        verbose_name_plural = _("instituições")
        ordering: ClassVar = ["key"]

    def __str__(self) -> str:
        return self.name


class Contract(GuardedModel):
    """`start_on` and `end_on` are inclusive; an empty end is an open-ended contract. `cancelled_on` = X makes X-1
    the last day. Statuses are those of SCIENCE 2."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("Rascunho")
        PROPOSAL = "proposal", _("Proposta")
        DECLINED = "declined", _("Recusado")
        SIGNED = "signed", _("Assinado")
        IN_FORCE = "in_force", _("Vigente")
        CANCELLED = "cancelled", _("Cancelado")

    BINDING = (Status.SIGNED, Status.IN_FORCE, Status.CANCELLED)

    # Its index is contract_client_end.
    client = models.ForeignKey(Client, on_delete=models.PROTECT, related_name="contracts", db_index=False)
    product = models.ForeignKey(Product, verbose_name=_("produto"), null=True, blank=True, on_delete=models.PROTECT)
    institution = models.ForeignKey(
        Institution, verbose_name=_("instituição"), null=True, blank=True, on_delete=models.PROTECT
    )
    number = models.CharField(_("número"), max_length=40, blank=True)
    source_key = models.CharField(max_length=80, blank=True, editable=False)
    status = models.CharField(_("situação"), max_length=10, choices=Status.choices, default=Status.IN_FORCE)
    signed_on = models.DateField(_("assinado em"), null=True, blank=True)
    start_on = models.DateField(_("início"), null=True, blank=True)
    end_on = models.DateField(_("fim"), null=True, blank=True)
    renews = models.ForeignKey(
        "self",
        verbose_name=_("renova"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="renewed_by",
    )
    cancelled_on = models.DateField(_("cancelado em"), null=True, blank=True)
    cancel_reason = models.CharField(_("motivo do cancelamento"), max_length=200, blank=True)
    will_not_renew = models.BooleanField(_("não renova"), default=False)
    window_days = models.PositiveSmallIntegerField(_("janela de renovação em dias"), null=True, blank=True)
    amount = models.DecimalField(_("valor por mês"), max_digits=14, decimal_places=2, null=True, blank=True)
    term_months = models.PositiveSmallIntegerField(_("parcelas"), null=True, blank=True)
    first_due_on = models.DateField(_("primeira parcela"), null=True, blank=True)
    seller = models.ForeignKey(
        User, verbose_name=_("vendedor"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    team = models.ForeignKey(Team, null=True, blank=True, on_delete=models.PROTECT, editable=False)
    notes = models.CharField(_("observação"), max_length=300, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = BelongsToClientQuerySet["Contract"].as_manager()

    class Meta:
        verbose_name = _("contrato")
        verbose_name_plural = _("contratos")
        ordering: ClassVar = ["-start_on", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["client", "end_on"], name="contract_client_end"),
            # The filter of the list by what ends soon.
            models.Index(fields=["end_on", "client"], name="contract_end_client"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["institution", "number"],
                condition=~Q(number=""),
                nulls_distinct=False,
                name="contract_number_once_per_institution",
            ),
            models.UniqueConstraint(fields=["source_key"], condition=~Q(source_key=""), name="contract_source_once"),
            models.CheckConstraint(
                condition=Q(end_on__isnull=True) | Q(start_on__isnull=True) | Q(end_on__gte=F("start_on")),
                name="contract_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["signed", "in_force"]) | Q(start_on__isnull=False),
                name="contract_in_force_has_start",
            ),
            models.CheckConstraint(
                condition=~Q(status="cancelled") | Q(cancelled_on__isnull=False),
                name="contract_cancelled_has_day",
            ),
            models.CheckConstraint(
                condition=Q(renews__isnull=True) | ~Q(renews=F("id")), name="contract_does_not_renew_itself"
            ),
            models.CheckConstraint(
                condition=Q(amount__isnull=True) | Q(amount__gte=0), name="contract_amount_positive"
            ),
        ]

    def __str__(self) -> str:
        return self.number or f"#{self.pk}"

    @property
    def last_day(self) -> datetime.date | None:
        """The last day of validity, cancellation included; None while open-ended."""
        ends = [day for day in (self.end_on, self._day_before_cancellation()) if day]
        return min(ends) if ends else None

    def _day_before_cancellation(self) -> datetime.date | None:
        return self.cancelled_on - datetime.timedelta(days=1) if self.cancelled_on else None
