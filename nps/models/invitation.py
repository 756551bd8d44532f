"""Who was asked, when and how; what opens the page is known by its hash alone."""

import datetime
from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import BelongsToClientQuerySet, Client, PortfolioClass
from contacts.models import ContactLog
from contracts.models import Contract, Product
from core.scoping import GuardedModel
from nps.models.survey import Survey, SurveyChannel
from people.models import Team, User
from people.visibility import sight_of


class InvitationQuerySet(BelongsToClientQuerySet["Invitation"]):
    def told_of(self, user: User) -> Self:
        """Those that count for the people whom `user` sees, as of the day of asking. For totals alone."""
        return self.filter(sight_of(user).filter(owner="owner", team="team")).scoped(f"user {user.pk}")


class Invitation(GuardedModel):
    """One question to one client. Owner, team, product, UF and class are those of the day of asking (attribution).

    `address` is the e-mail or number (E.164) as it was: the throttle asks for it too. The token is worked out from
    `nonce` and the installation's secret when a letter leaves (nps.tokens); only `digest` finds it again.
    Of an anonymous survey nothing here says when or what was answered, only that it was.
    """

    class State(models.TextChoices):
        WAITING = "waiting", _("A caminho")
        ASKED = "asked", _("Perguntado")
        ANSWERED = "answered", _("Respondido")
        EXPIRED = "expired", _("Venceu")
        FAILED = "failed", _("Não chegou")

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="invitations")
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="nps_invitations", db_index=False)
    channel = models.CharField(_("canal"), max_length=8, choices=SurveyChannel.choices)
    address = models.CharField(_("para"), max_length=254, blank=True)
    state = models.CharField(_("situação"), max_length=8, choices=State.choices, default=State.WAITING)
    nonce = models.CharField(max_length=32, editable=False)
    digest = models.CharField(max_length=64, unique=True, editable=False)
    owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    uf = models.CharField(_("UF"), max_length=2, blank=True)
    portfolio_class = models.CharField(_("carteira"), max_length=8, choices=PortfolioClass.choices)
    # What a transactional survey asks about; each of them is asked about once.
    contract = models.ForeignKey(Contract, null=True, on_delete=models.SET_NULL, related_name="+")
    log = models.ForeignKey(ContactLog, null=True, on_delete=models.SET_NULL, related_name="+")
    asked_on = models.DateField(_("perguntado em"), default=timezone.localdate)
    expires_on = models.DateField(_("vale até"))
    reminded_on = models.DateField(_("lembrado em"), null=True, blank=True)
    delivered_at = models.DateTimeField(_("entregue em"), null=True, blank=True)
    # Who handed the link over or wrote the answer down.
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("convite")
        verbose_name_plural = _("convites")
        ordering: ClassVar = ["-asked_on", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["client", "-asked_on"], name="invitation_of_client"),
            models.Index(fields=["address", "-asked_on"], name="invitation_of_address", condition=~Q(address="")),
            models.Index(fields=["asked_on"], name="invitation_asked"),
            models.Index(fields=["expires_on"], name="invitation_open", condition=Q(state__in=["waiting", "asked"])),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["survey", "contract"], name="invitation_once_per_contract"),
            models.UniqueConstraint(fields=["survey", "log"], name="invitation_once_per_log"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "asked", "answered", "expired", "failed"]),
                name="invitation_state_known",
            ),
            models.CheckConstraint(
                condition=Q(expires_on__gte=models.F("asked_on")), name="invitation_ends_after_asking"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey} · {self.get_state_display()}"

    @property
    def is_answered(self) -> bool:
        return self.state == self.State.ANSWERED

    def has_expired(self, on: datetime.date) -> bool:
        return on > self.expires_on


class Opening(models.Model):
    """The page was opened; append-only, written after the response was made. Mail scanners open pages too."""

    invitation = models.ForeignKey(Invitation, on_delete=models.CASCADE, related_name="openings")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("página aberta")
        verbose_name_plural = _("páginas abertas")

    def __str__(self) -> str:
        return f"#{self.invitation_id}"
