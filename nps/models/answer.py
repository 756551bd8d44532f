"""What a client said."""

from typing import ClassVar, Self

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Client, PortfolioClass
from contracts.models import Product
from core.scoping import GuardedModel, GuardedQuerySet
from nps.models.invitation import Invitation
from nps.models.survey import Survey, SurveyChannel
from people.models import Team, User
from people.visibility import sight_of


class Group(models.TextChoices):
    PROMOTER = "promoter", _("Promotor")
    PASSIVE = "passive", _("Neutro")
    DETRACTOR = "detractor", _("Detrator")

    @classmethod
    def of(cls, score: int) -> "Group":
        return next(group for group in cls if score in group.scores)

    @property
    def scores(self) -> range:
        """Promoters 9-10, passives 7-8, detractors 0-6."""
        return {Group.PROMOTER: range(9, 11), Group.PASSIVE: range(7, 9), Group.DETRACTOR: range(7)}[self]


class Flag(models.TextChoices):
    """Why an answer should be looked at (DOMAIN 4, anti-gaming)."""

    SAME_DEVICE = "same_device", _("Várias respostas do mesmo aparelho")
    COMPANY_NETWORK = "company_network", _("Respondida na rede da empresa")
    NEAR_CONTACT = "near_contact", _("Menos de um minuto depois de um contato do vendedor")
    SUDDEN_TENS = "sudden_tens", _("Muitas notas 10 em pouco tempo")


class AnswerQuerySet(GuardedQuerySet["Answer"]):
    def visible_to(self, user: User) -> Self:
        """Where the client is known, whoever sees the client; else whoever leads those whom it tells of."""
        sight = sight_of(user)
        known = Q(client__isnull=False) & sight.filter(owner="client__owner", team="client__team")
        return self.filter(known).scoped(f"user {user.pk}")

    def told_of(self, user: User) -> Self:
        """Those that count for the people whom `user` sees: of the day of asking, also when nobody knows the client.

        For totals alone; what is listed goes through `visible_to`."""
        return self.filter(sight_of(user).filter(owner="owner", team="team")).scoped(f"user {user.pk}")


class Answer(GuardedModel):
    """The first answer counts, its last edit within a day wins. One of an anonymous survey names neither client nor
    invitation and no hour; `edit_key`, a hash of the token, lets its author mend it and goes after a day."""

    survey = models.ForeignKey(Survey, on_delete=models.PROTECT, related_name="answers", db_index=False)
    invitation = models.OneToOneField(
        Invitation, null=True, blank=True, on_delete=models.CASCADE, related_name="answer", editable=False
    )
    client = models.ForeignKey(
        Client, null=True, blank=True, on_delete=models.CASCADE, related_name="nps_answers", db_index=False
    )
    score = models.PositiveSmallIntegerField(_("nota"))
    comment = models.TextField(_("comentário"), blank=True)
    may_call = models.BooleanField(_("pode ligar"), default=False)
    channel = models.CharField(_("canal"), max_length=8, choices=SurveyChannel.choices)
    owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    team = models.ForeignKey(Team, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    product = models.ForeignKey(Product, null=True, on_delete=models.SET_NULL, related_name="+", db_index=False)
    uf = models.CharField(_("UF"), max_length=2, blank=True)
    portfolio_class = models.CharField(_("carteira"), max_length=8, choices=PortfolioClass.choices)
    # The day in the company's zone is what is counted; the hour is kept for who is known.
    answered_on = models.DateField(_("respondida em"), default=timezone.localdate)
    answered_at = models.DateTimeField(null=True, default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True, editable=False)
    edit_key = models.CharField(max_length=64, blank=True, editable=False)
    # Written down by staff on the phone.
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # Keyed hashes of the network address and the browser: enough to see the same one twice.
    network = models.CharField(max_length=32, blank=True, editable=False)
    device = models.CharField(max_length=32, blank=True, editable=False)
    flags = ArrayField(
        models.CharField(max_length=16, choices=Flag.choices), verbose_name=_("avisos"), default=list, blank=True
    )
    # Left out of the score by a leader, with the reason.
    left_out_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    left_out_why = models.CharField(_("por que não conta"), max_length=200, blank=True)

    objects = AnswerQuerySet.as_manager()

    class Meta:
        verbose_name = _("resposta")
        verbose_name_plural = _("respostas")
        ordering: ClassVar = ["-answered_on", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["survey", "answered_on"], name="answer_of_survey", include=["score", "owner", "team"]),
            models.Index(fields=["client", "-answered_on"], name="answer_of_client"),
            models.Index(fields=["device", "answered_on"], name="answer_of_device", condition=~Q(device="")),
            models.Index(fields=["edit_key"], name="answer_editable", condition=~Q(edit_key="")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=10), name="answer_score_0_to_10"),
            models.CheckConstraint(
                condition=Q(invitation__isnull=True) | Q(client__isnull=False), name="answer_known_both_ways"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.score} · {self.get_group_display()}"

    @property
    def group(self) -> Group:
        return Group.of(self.score)

    def get_group_display(self) -> str:
        return str(self.group.label)

    @property
    def flag_labels(self) -> list[str]:
        return [str(Flag(flag).label) for flag in self.flags]

    @property
    def is_by_staff(self) -> bool:
        return self.by_id is not None
