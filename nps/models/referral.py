"""Whom a promoter introduced."""

from typing import ClassVar

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import BelongsToClientQuerySet, Client
from core.scoping import GuardedModel
from nps.models.answer import Answer


class Referral(GuardedModel):
    """An introduction by a client. `prospect` is the client made of it; without one it was known already, and whoever
    owns the referring client hears of it."""

    client = models.ForeignKey(
        Client, verbose_name=_("quem indicou"), on_delete=models.CASCADE, related_name="referrals", db_index=False
    )
    answer = models.ForeignKey(Answer, null=True, on_delete=models.SET_NULL, related_name="referrals")
    prospect = models.OneToOneField(
        Client, verbose_name=_("indicado"), null=True, on_delete=models.SET_NULL, related_name="referred_by"
    )
    name = models.CharField(_("nome"), max_length=200)
    phone = models.CharField(_("telefone"), max_length=16, blank=True)
    email = models.CharField(_("e-mail"), max_length=254, blank=True)
    at = models.DateTimeField(_("quando"), default=timezone.now, editable=False)

    objects = BelongsToClientQuerySet["Referral"].as_manager()

    class Meta:
        verbose_name = _("indicação")
        verbose_name_plural = _("indicações")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["client", "-at"], name="referral_of_client")]

    def __str__(self) -> str:
        return self.name
