"""How much of each portfolio was contacted, as of a night."""

from typing import ClassVar

from django.db import models
from django.utils.translation import gettext_lazy as _

from contracts.models import Tier
from people.models import Team, User


class Coverage(models.Model):
    """The clients of one owner (or of a team's queue) and tier on a day of its month.

    `clients` are those whose tier has an interval; `contacted` and `reached` those of them contacted and spoken to
    in the month so far; `uncovered` those that become due by the end of the month and were not contacted in it.
    """

    on = models.DateField(_("dia"))
    owner = models.ForeignKey(User, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.CASCADE, related_name="+", db_index=False)
    tier = models.CharField(_("classe"), max_length=1, choices=Tier.choices)
    clients = models.PositiveIntegerField(_("clientes"))
    contacted = models.PositiveIntegerField(_("contatados"))
    reached = models.PositiveIntegerField(_("falaram"))
    uncovered = models.PositiveIntegerField(_("sem contato"))

    class Meta:
        verbose_name = _("cobertura de contatos")
        verbose_name_plural = _("coberturas de contatos")
        ordering: ClassVar = ["-on", "owner", "tier"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["on", "owner", "team", "tier"], name="coverage_once", nulls_distinct=False),
        ]

    def __str__(self) -> str:
        return f"{self.on:%d/%m/%Y} · {self.owner_id} · {self.tier}"
