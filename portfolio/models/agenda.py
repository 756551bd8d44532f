"""A seller's day: the lines with their points and reasons, what was put off, and the secret address of the calendar."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import BelongsToClientQuerySet, Client, Purpose, Segment
from contacts.models import ContactLog, ContactPlan, LogChannel
from core.scoping import GuardedModel
from people.models import User


class AgendaDay(models.Model):
    """What was computed for one person and day. `minutes` is the time there is (hours, absences and cover
    considered), `open_minutes` what the open lines take of it."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="agenda_days", db_index=False)
    on = models.DateField()
    minutes = models.PositiveSmallIntegerField(default=0)
    open_minutes = models.PositiveSmallIntegerField(default=0)
    left_out = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)
    computed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("agenda de um dia")
        verbose_name_plural = _("agendas")
        ordering: ClassVar = ["-on", "user"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["user", "on"], name="agenda_day_once")]

    def __str__(self) -> str:
        return f"{self.user_id} · {self.on:%d/%m/%Y}"


class AgendaLine(GuardedModel):
    """One client on one day of one person, with why. `parts` are the chips: code, points, days and words.

    `points` rank it (SCIENCE 7); lines with a deadline stand before and outside the ranking. `carried` counts the
    working days it stood there undone. What did not fit stays with state `LEFT_OUT` and the rule in `why_out`.
    """

    class Section(models.TextChoices):
        DEADLINE = "deadline", _("Com prazo")
        PLAN = "plan", _("Plano de contato")
        SPARE = "spare", _("Se sobrar tempo")

    class State(models.TextChoices):
        OPEN = "open", _("A fazer")
        DONE = "done", _("Feito")
        LEFT_OUT = "left_out", _("Não coube")

    class Share(models.TextChoices):
        """Which part of the time a line takes: two of them are reserved."""

        DEADLINE = "deadline", _("Prazos")
        RELATIONSHIP = "relation", _("Relacionamento")
        REACTIVATION = "revival", _("Reativação")
        REST = "rest", _("Demais")

    day = models.ForeignKey(AgendaDay, on_delete=models.CASCADE, related_name="lines", db_index=False)
    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+", db_index=False)
    section = models.CharField(max_length=8, choices=Section.choices)
    share = models.CharField(max_length=8, choices=Share.choices, default=Share.REST)
    position = models.PositiveSmallIntegerField(default=0)
    state = models.CharField(max_length=8, choices=State.choices, default=State.OPEN)
    at = models.DateTimeField(_("hora combinada"), null=True, blank=True)
    channel = models.CharField(max_length=10, choices=LogChannel.choices, default=LogChannel.CALL)
    minutes = models.PositiveSmallIntegerField(default=8)
    points = models.DecimalField(max_digits=8, decimal_places=2, default=0)
    # What the sum of the parts was multiplied with: the client's value, and the days it stood there undone.
    factor = models.DecimalField(max_digits=6, decimal_places=4, default=1)
    parts = models.JSONField(default=list)
    words = models.CharField(_("o que dizer"), max_length=400, blank=True)
    carried = models.PositiveSmallIntegerField(default=0)
    why_out = models.CharField(max_length=200, blank=True)
    # What the gate said when the day was computed: the phones that may be used, and the hours of the client's day.
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.SERVICE)
    phone_id = models.BigIntegerField(null=True)
    whatsapp_id = models.BigIntegerField(null=True)
    opens_at = models.DateTimeField(null=True)
    closes_at = models.DateTimeField(null=True)
    task_id = models.BigIntegerField(null=True)
    membership_id = models.BigIntegerField(null=True)
    log = models.ForeignKey(ContactLog, null=True, on_delete=models.SET_NULL, related_name="+")

    objects = BelongsToClientQuerySet["AgendaLine"].as_manager()

    class Meta:
        verbose_name = _("linha da agenda")
        verbose_name_plural = _("linhas da agenda")
        ordering: ClassVar = ["position", "id"]
        indexes: ClassVar = [models.Index(fields=["client"], name="agenda_line_of_client")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["day", "client"], name="agenda_line_once"),
            models.CheckConstraint(condition=Q(minutes__gte=1), name="agenda_line_takes_time"),
        ]

    def __str__(self) -> str:
        return f"{self.day_id} · {self.client_id}"


class PaceScale(models.Model):
    """One row: the 99 borders that part the clients with any value into hundredths by monthly pace, measured at
    night. What a client's pace counts in the day's points is its place among them."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    on = models.DateField()
    borders = ArrayField(models.FloatField(), default=list)

    class Meta:
        verbose_name = _("escala de ritmo")
        verbose_name_plural = _("escalas de ritmo")
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="pace_scale_only_one")]

    def __str__(self) -> str:
        return f"{self.on:%d/%m/%Y}"


class Postponement(GuardedModel):
    """Somebody put a client off: it stays out of every agenda before `until_on`. The newest counts."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="postponements", db_index=False)
    until_on = models.DateField()
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(default=timezone.now)
    undone_at = models.DateTimeField(null=True)

    objects = BelongsToClientQuerySet["Postponement"].as_manager()

    class Meta:
        verbose_name = _("adiamento")
        verbose_name_plural = _("adiamentos")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["client", "-at"], name="postponement_of_client")]

    def __str__(self) -> str:
        return f"{self.client_id} · {self.until_on:%d/%m/%Y}"


class SegmentPlan(models.Model):
    """A plan that every client of a segment enters; the night brings in who joined."""

    segment = models.ForeignKey(Segment, verbose_name=_("segmento"), on_delete=models.CASCADE, related_name="+")
    plan = models.ForeignKey(ContactPlan, verbose_name=_("plano"), on_delete=models.CASCADE, related_name="+")
    keeps_filling = models.BooleanField(_("quem entrar no segmento depois também"), default=False)
    # Whose sight decides which clients the segment holds.
    by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("plano de um segmento")
        verbose_name_plural = _("planos dos segmentos")
        ordering: ClassVar = ["-at"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["segment", "plan", "by"], name="segment_plan_once"),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} → {self.plan_id}"


class CalendarFeed(models.Model):
    """The secret address of a person's calendar; only the hash of the secret is kept."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="calendar_feed")
    digest = models.CharField(max_length=64, unique=True)
    created_at = models.DateTimeField(default=timezone.now)
    shows_names = models.BooleanField(
        _("mostrar o nome dos clientes"),
        default=False,
        help_text=_("Desligado: só as iniciais. O calendário fica copiado no celular e em quem guarda os seus dados."),
    )

    class Meta:
        verbose_name = _("endereço do calendário")
        verbose_name_plural = _("endereços dos calendários")

    def __str__(self) -> str:
        return str(self.user_id)
