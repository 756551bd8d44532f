"""What was promised or planned for a day: callbacks and other tasks of a seller about a client."""

import datetime
from typing import ClassVar

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import BelongsToClientQuerySet, Client
from contacts.models.log import ContactLog, LogChannel
from core.scoping import GuardedModel
from people.models import User


class Task(GuardedModel):
    """`due_at` is the agreed moment, when there is one; `due_on` always its day. Done tasks stay.

    `assignee` empty means whoever owns the client: the task then moves with the client and reaches who covers.
    """

    class Kind(models.TextChoices):
        CALLBACK = "callback", _("Retorno combinado")
        TASK = "task", _("Tarefa")
        DEADLINE = "deadline", _("Prazo")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="tasks", db_index=False)
    kind = models.CharField(_("tipo"), max_length=8, choices=Kind.choices, default=Kind.TASK)
    title = models.CharField(_("o que fazer"), max_length=160)
    note = models.TextField(_("detalhes"), blank=True)
    channel = models.CharField(_("canal"), max_length=10, choices=LogChannel.choices, blank=True)
    due_on = models.DateField(_("dia"))
    due_at = models.DateTimeField(_("hora"), null=True, blank=True)
    minutes = models.PositiveSmallIntegerField(_("minutos"), default=10)
    assignee = models.ForeignKey(
        User,
        verbose_name=_("de quem"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        help_text=_("Vazio: de quem cuida do cliente."),
    )
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    from_log = models.ForeignKey(
        ContactLog, null=True, blank=True, on_delete=models.SET_NULL, related_name="tasks", editable=False
    )
    done_at = models.DateTimeField(_("feita em"), null=True, blank=True, editable=False)
    done_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    done_log = models.ForeignKey(
        ContactLog, null=True, blank=True, on_delete=models.SET_NULL, related_name="finished_tasks", editable=False
    )
    is_cancelled = models.BooleanField(_("cancelada"), default=False, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # When it last came to another day or another person, or back from being done.
    moved_at = models.DateTimeField(null=True, blank=True, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = BelongsToClientQuerySet["Task"].as_manager()

    class Meta:
        verbose_name = _("tarefa")
        verbose_name_plural = _("tarefas")
        ordering: ClassVar = ["due_on", F("due_at").asc(nulls_last=True), "id"]
        indexes: ClassVar = [
            models.Index(fields=["client", "due_on"], name="task_of_client"),
            models.Index(
                fields=["due_on", "client"],
                name="task_open_by_day",
                condition=Q(done_at__isnull=True, is_cancelled=False),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(minutes__gte=1, minutes__lte=480), name="task_minutes_of_a_day"),
            models.CheckConstraint(
                condition=Q(done_at__isnull=True) | Q(is_cancelled=False), name="task_done_or_cancelled"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_open(self) -> bool:
        return self.done_at is None and not self.is_cancelled

    def is_overdue(self, now: datetime.datetime) -> bool:
        moment_passed = self.due_at is not None and self.due_at < now
        return self.is_open and (moment_passed or self.due_on < timezone.localtime(now).date())
