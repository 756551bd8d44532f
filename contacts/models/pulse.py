"""When a client was last spoken to, kept so that lists and days need not look through the logs."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from clients.models import BelongsToClientQuerySet, Client
from contacts.models.log import ContactLog
from core.scoping import GuardedModel


class ContactPulse(GuardedModel):
    """Lean and one-to-one, written by `contacts.pulse.refresh` alone. Nobody ever contacted has no row.

    `last_at` is the last contact of any outcome, `reached_at` the last in which somebody was spoken to.
    """

    client = models.OneToOneField(Client, primary_key=True, on_delete=models.CASCADE, related_name="pulse")
    last_log = models.ForeignKey(
        ContactLog, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    last_at = models.DateTimeField(_("último contato"))
    reached_at = models.DateTimeField(_("falou pela última vez"), null=True)

    objects = BelongsToClientQuerySet["ContactPulse"].as_manager()

    class Meta:
        verbose_name = _("último contato")
        verbose_name_plural = _("últimos contatos")

    def __str__(self) -> str:
        return f"{self.client_id} · {self.last_at:%d/%m/%Y}"
