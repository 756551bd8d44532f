"""Consents and opt-outs per channel and purpose; both are append-only."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.client import Client
from clients.models.people import BelongsToClientQuerySet
from core.scoping import GuardedModel
from people.models import User


class Channel(models.TextChoices):
    ANY = "any", _("Todos os canais")
    CALL = "call", _("Ligação")
    WHATSAPP = "whatsapp", _("WhatsApp")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-mail")
    VISIT = "visit", _("Visita")


class Purpose(models.TextChoices):
    ANY = "any", _("Qualquer finalidade")
    OFFER = "offer", _("Ofertas")
    SERVICE = "service", _("Atendimento")
    SURVEY = "survey", _("Pesquisas")


class Consent(GuardedModel):
    """One decision of the client; the newest per channel and purpose counts."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(_("canal"), max_length=8, choices=Channel.choices)
    purpose = models.CharField(_("finalidade"), max_length=8, choices=Purpose.choices)
    granted = models.BooleanField(_("autorizado"))
    text_version = models.CharField(_("versão do texto"), max_length=40, blank=True)
    source = models.CharField(_("como foi dado"), max_length=120)
    at = models.DateTimeField(_("quando"), default=timezone.now)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = BelongsToClientQuerySet["Consent"].as_manager()

    class Meta:
        verbose_name = _("consentimento")
        verbose_name_plural = _("consentimentos")
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_purpose_display()}"


class OptOut(GuardedModel):
    """The client asked not to be contacted. Never deleted, beats imports and merges."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="opt_outs")
    channel = models.CharField(_("canal"), max_length=8, choices=Channel.choices, default=Channel.ANY)
    purpose = models.CharField(_("finalidade"), max_length=8, choices=Purpose.choices, default=Purpose.ANY)
    reason = models.CharField(_("motivo"), max_length=200, blank=True)
    at = models.DateTimeField(_("quando"), default=timezone.now)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = BelongsToClientQuerySet["OptOut"].as_manager()

    class Meta:
        verbose_name = _("não contatar")
        verbose_name_plural = _("não contatar")
        ordering: ClassVar = ["-at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "channel", "purpose"], name="opt_out_once"),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.get_purpose_display()}"
