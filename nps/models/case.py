"""What follows from a low score: a case with somebody who settles it; and where each client stands."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import BelongsToClientQuerySet, Client
from contacts.models import Task
from core.scoping import GuardedModel
from nps.models.answer import Answer
from people.models import User


class RootCause(models.Model):
    """Why clients are unhappy; the defaults come with the installation."""

    name = models.CharField(_("causa"), max_length=60, unique=True)
    position = models.PositiveSmallIntegerField(_("ordem"), default=100)
    is_active = models.BooleanField(_("em uso"), default=True)

    class Meta:
        verbose_name = _("causa raiz")
        verbose_name_plural = _("causas raiz")
        ordering: ClassVar = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Case(GuardedModel):
    """An unhappy client, with whoever settles it: the owner's supervisor, by `due_on` (working days).

    How it ends is never a new answer (DOMAIN 4).
    """

    class State(models.TextChoices):
        OPEN = "open", _("Aberto")
        CONTACTED = "contacted", _("Em conversa")
        RESOLVED = "resolved", _("Resolvido")
        UNRESOLVED = "unresolved", _("Encerrado sem solução")

    RUNNING: ClassVar = (State.OPEN, State.CONTACTED)

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="nps_cases", db_index=False)
    answer = models.OneToOneField(Answer, null=True, on_delete=models.CASCADE, related_name="case")
    # Who settles it, and whose client it was on the day of asking.
    assignee = models.ForeignKey(
        User, verbose_name=_("quem resolve"), null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    owner = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    state = models.CharField(_("situação"), max_length=10, choices=State.choices, default=State.OPEN)
    opened_at = models.DateTimeField(_("aberto em"), default=timezone.now)
    due_on = models.DateField(_("falar até"))
    contacted_at = models.DateTimeField(_("primeira conversa"), null=True, blank=True)
    escalated_at = models.DateTimeField(_("escalado em"), null=True, blank=True)
    cause = models.ForeignKey(
        RootCause, verbose_name=_("causa raiz"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    action = models.TextField(_("o que foi feito"), blank=True)
    closed_at = models.DateTimeField(_("encerrado em"), null=True, blank=True)
    closed_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    # The deadline in the day of whoever settles it.
    task = models.ForeignKey(Task, null=True, on_delete=models.SET_NULL, related_name="+")
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = BelongsToClientQuerySet["Case"].as_manager()

    class Meta:
        verbose_name = _("caso")
        verbose_name_plural = _("casos")
        ordering: ClassVar = ["due_on", "id"]
        indexes: ClassVar = [
            models.Index(fields=["client", "-opened_at"], name="case_of_client"),
            models.Index(fields=["due_on"], name="case_running", condition=Q(closed_at__isnull=True)),
            models.Index(fields=["assignee", "due_on"], name="case_of_person", condition=Q(closed_at__isnull=True)),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["open", "contacted"], closed_at__isnull=True)
                | Q(state__in=["resolved", "unresolved"], closed_at__isnull=False),
                name="case_closed_has_time",
            ),
            models.UniqueConstraint(fields=["client"], condition=Q(closed_at__isnull=True), name="case_one_runs"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk} · {self.get_state_display()}"

    @property
    def is_running(self) -> bool:
        return self.closed_at is None


class CaseNote(GuardedModel):
    """What was said of a case; `by` is empty where nobody wrote: the client answered again, the deadline passed."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="notes")
    by = models.ForeignKey(
        User, verbose_name=_("quem"), null=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    text = models.TextField(_("anotação"))
    at = models.DateTimeField(_("quando"), default=timezone.now, editable=False)

    class NoteQuerySet(BelongsToClientQuerySet["CaseNote"]):
        client_path = "case__client"

    objects = NoteQuerySet.as_manager()

    class Meta:
        verbose_name = _("anotação do caso")
        verbose_name_plural = _("anotações do caso")
        ordering: ClassVar = ["at", "id"]

    def __str__(self) -> str:
        return self.text[:60]


class Standing(GuardedModel):
    """The last known answer of a client, and whether a case runs. Written by `nps.standing` alone.

    `detractor_until` is the last day on which the client counts as a detractor (no offers, more risk); None: it does
    not. With a case running it has no end (`datetime.date.max`).
    """

    client = models.OneToOneField(Client, primary_key=True, on_delete=models.CASCADE, related_name="nps_standing")
    answer = models.ForeignKey(Answer, null=True, on_delete=models.CASCADE, related_name="+")
    detractor_until = models.DateField(null=True, blank=True)

    objects = BelongsToClientQuerySet["Standing"].as_manager()

    class Meta:
        verbose_name = _("situação na pesquisa")
        verbose_name_plural = _("situações na pesquisa")
        indexes: ClassVar = [
            models.Index(
                fields=["detractor_until"], name="standing_detractors", condition=Q(detractor_until__isnull=False)
            )
        ]

    def __str__(self) -> str:
        return f"#{self.client_id}"
