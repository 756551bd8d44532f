"""Jobs as rows: what is to be done, who does it now and until when, how far it came (docs/jobs.md). And the outbox."""

import datetime
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from jobs import registry
from people.models import User
from people.roles import Permission, Reach

NIGHTLY = "nightly"
MAX_ATTEMPTS = 4


class JobQuerySet(models.QuerySet["Job"]):
    def visible_to(self, user: User) -> "JobQuerySet":
        """Everybody's for those who see everyone; else one's own and the runs of the night."""
        if not user.may(Permission.VIEW_JOBS):
            return self.none()
        if user.reach is Reach.EVERYONE:
            return self
        return self.filter(Q(created_by=user) | Q(local_date__isnull=False))

    def unfinished(self) -> "JobQuerySet":
        return self.filter(state__in=Job.UNFINISHED)

    def due(self, now: datetime.datetime) -> "JobQuerySet":
        return self.filter(state__in=Job.WAITING, due_at__lte=now)


class Measured(models.Model):
    """How far something came, how long it took and what it counted."""

    progress_done = models.PositiveBigIntegerField(_("feitos"), default=0)
    progress_total = models.PositiveBigIntegerField(_("total"), null=True, blank=True)
    counts = models.JSONField(_("contagens"), default=dict)
    # Never the text of a foreign exception, which may quote a row: see jobs.running.describe.
    error = models.TextField(_("erro"), blank=True)
    started_at = models.DateTimeField(_("iniciada em"), null=True, blank=True)
    finished_at = models.DateTimeField(_("terminada em"), null=True, blank=True)

    class Meta:
        abstract = True

    @property
    def percent(self) -> int | None:
        if not self.progress_total:
            return None
        return min(100, self.progress_done * 100 // self.progress_total)

    @property
    def elapsed(self) -> datetime.timedelta | None:
        if self.started_at is None:
            return None
        return (self.finished_at or timezone.now()) - self.started_at

    @property
    def counted(self) -> list[tuple[registry.Text, int]]:
        return registry.in_words(self.counts)


class Job(Measured):
    class State(models.TextChoices):
        QUEUED = "queued", _("Na fila")
        RUNNING = "running", _("Em andamento")
        DONE = "done", _("Concluída")
        FAILED = "failed", _("Falhou; tenta de novo")
        DEAD = "dead", _("Parada por erro")

    WAITING: ClassVar = (State.QUEUED, State.FAILED)
    UNFINISHED: ClassVar = (State.QUEUED, State.RUNNING, State.FAILED)
    ENDED: ClassVar = (State.DONE, State.DEAD)

    kind = models.CharField(_("tipo"), max_length=40)
    payload = models.JSONField(_("parâmetros"), default=dict)
    state = models.CharField(_("situação"), max_length=8, choices=State.choices, default=State.QUEUED)
    due_at = models.DateTimeField(_("a partir de"), default=timezone.now)
    priority = models.SmallIntegerField(_("prioridade"), default=0)
    local_date = models.DateField(_("data"), null=True, blank=True)
    dedupe_key = models.CharField(_("chave única"), max_length=80, blank=True)
    # Grows with every claim and is the fence: who holds an older number may write nothing.
    attempt = models.PositiveIntegerField(_("tentativa"), default=0)
    max_attempts = models.PositiveIntegerField(_("máximo de tentativas"), default=MAX_ATTEMPTS)
    lease_until = models.DateTimeField(_("reservada até"), null=True, blank=True)
    worker = models.CharField(_("processo"), max_length=80, blank=True)
    checkpoint = models.JSONField(_("ponto de retomada"), default=dict)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("quem pediu"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    created_at = models.DateTimeField(_("pedida em"), default=timezone.now)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("tarefa")
        verbose_name_plural = _("tarefas")
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(
                F("priority").desc(),
                "due_at",
                "id",
                name="job_claim_order",
                condition=Q(state__in=["queued", "failed"]),
            ),
            models.Index(fields=["lease_until"], name="job_running_lease", condition=Q(state="running")),
            models.Index(fields=["-created_at", "-id"], name="job_newest_first"),
            models.Index(fields=["created_by", "-created_at"], name="job_of_person"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["kind", "local_date"],
                name="job_once_per_local_date",
                condition=Q(local_date__isnull=False),
            ),
            models.UniqueConstraint(
                fields=["kind"],
                name="job_one_dated_run_at_once",
                condition=Q(state="running", local_date__isnull=False),
            ),
            models.UniqueConstraint(fields=["dedupe_key"], name="job_dedupe_key_once", condition=~Q(dedupe_key="")),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running", "done", "failed", "dead"]), name="job_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False), name="job_running_has_lease"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["done", "dead"], finished_at__isnull=False)
                | (~Q(state__in=["done", "dead"]) & Q(finished_at__isnull=True)),
                name="job_ended_has_time",
            ),
            models.CheckConstraint(
                condition=Q(attempt__lte=F("max_attempts"), max_attempts__gte=1),
                name="job_attempts_within_limit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def label(self) -> registry.Text:
        return registry.label_of(self.kind)

    @property
    def is_running(self) -> bool:
        return self.state == self.State.RUNNING

    @property
    def is_unfinished(self) -> bool:
        return self.state in self.UNFINISHED

    @property
    def is_moving(self) -> bool:
        """Worth watching: it runs, or will in a moment."""
        return self.is_running or (self.state in self.WAITING and self.due_at <= timezone.now())

    @property
    def tries(self) -> int:
        """Of the present series: starting a job again by hand opens a new one."""
        return self.attempt - self.max_attempts + MAX_ATTEMPTS

    @property
    def skipped(self) -> tuple[datetime.date, ...]:
        """First and last of the dates without a run that this one, the first after a long pause, replaces."""
        days = [self.payload.get(name) for name in ("skipped_from", "skipped_to")]
        return tuple(datetime.date.fromisoformat(day) for day in days if day)

    @property
    def may_retry(self) -> bool:
        """A person may start it again: it gave up, or waits for its next try."""
        return self.state in {self.State.DEAD, self.State.FAILED}

    @property
    def remaining(self) -> datetime.timedelta | None:
        """At the pace so far; unknown before the first chunk."""
        if not self.is_running or not self.progress_total or not self.progress_done or self.elapsed is None:
            return None
        return self.elapsed * max(self.progress_total - self.progress_done, 0) / self.progress_done


class JobStep(Measured):
    """One step of a job with several, such as the night."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Aguardando")
        RUNNING = "running", _("Em andamento")
        DONE = "done", _("Concluída")
        FAILED = "failed", _("Falhou")

    job = models.ForeignKey(Job, verbose_name=_("tarefa"), on_delete=models.CASCADE, related_name="steps")
    name = models.CharField(_("etapa"), max_length=60)
    position = models.PositiveIntegerField(_("posição"))
    state = models.CharField(_("situação"), max_length=7, choices=State.choices, default=State.WAITING)

    class Meta:
        verbose_name = _("etapa")
        verbose_name_plural = _("etapas")
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["job", "name"], name="job_step_once"),
            models.CheckConstraint(
                condition=Q(state__in=["waiting", "running", "done", "failed"]), name="job_step_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name} ({self.job_id})"

    @property
    def label(self) -> registry.Text:
        return registry.step_label(self.job.kind, self.name)


class OutboxQuerySet(models.QuerySet["OutboxMessage"]):
    def visible_to(self, user: User) -> "OutboxQuerySet":
        """Everybody's for those who see everyone; else what one caused oneself."""
        if not user.may(Permission.VIEW_JOBS):
            return self.none()
        return self if user.reach is Reach.EVERYONE else self.filter(created_by=user)

    def undecided(self) -> "OutboxQuerySet":
        """What a person must look at: it may have left, or did not."""
        return self.filter(state__in=(OutboxMessage.State.UNKNOWN, OutboxMessage.State.FAILED))


class OutboxMessage(models.Model):
    """A message that is to be sent, written in the transaction of what caused it, and what became of it.

    It is claimed before it is sent: a sender that dies leaves `SENDING`, which ages into `UNKNOWN` and is listed for
    a person, never resent by itself (RELIABILITY 1.5). `dedupe_key` makes asking twice harmless.
    """

    class State(models.TextChoices):
        QUEUED = "queued", _("Na fila")
        SENDING = "sending", _("Saindo")
        SENT = "sent", _("Enviado")
        FAILED = "failed", _("Não enviado")
        UNKNOWN = "unknown", _("Incerto: pode ter saído")
        CANCELLED = "cancelled", _("Cancelado")

    class Receipt(models.TextChoices):
        """What a provider tells of a message it took; mail servers only tell of boxes that do not exist."""

        NONE = "", _("Sem recibo")
        DELIVERED = "delivered", _("Entregue")
        READ = "read", _("Lida")
        ANSWERED = "answered", _("Respondida")
        BOUNCED = "bounced", _("Voltou")

    kind = models.CharField(_("tipo"), max_length=20)
    dedupe_key = models.CharField(max_length=80, unique=True)
    # An e-mail address, or the number of a message that a provider sends.
    recipient = models.CharField(_("para"), max_length=254)
    subject = models.CharField(_("assunto"), max_length=200)
    body = models.TextField(_("texto"))
    html = models.TextField(blank=True)
    reply_to = models.EmailField(blank=True)
    headers = models.JSONField(default=dict)
    state = models.CharField(_("situação"), max_length=9, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("tentativas"), default=0)
    due_at = models.DateTimeField(_("a partir de"), default=timezone.now)
    claimed_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(_("terminou em"), null=True, blank=True)
    error = models.CharField(_("erro"), max_length=200, blank=True)
    # By which the provider will tell what became of it.
    reference = models.CharField(max_length=120, blank=True)
    receipt = models.CharField(_("recibo"), max_length=9, choices=Receipt.choices, blank=True)
    # The record it tells of, for the rule that must hear how it ended; apps above name their own kinds.
    subject_id = models.BigIntegerField(null=True, blank=True)
    created_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(_("pedido em"), default=timezone.now)

    objects = OutboxQuerySet.as_manager()

    class Meta:
        verbose_name = _("mensagem de saída")
        verbose_name_plural = _("mensagens de saída")
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["due_at", "id"], name="outbox_due", condition=Q(state="queued")),
            # What left in the last hour, and whose sender died.
            models.Index(fields=["claimed_at"], name="outbox_claimed", condition=Q(claimed_at__isnull=False)),
            models.Index(fields=["-created_at", "-id"], name="outbox_newest_first"),
            models.Index(fields=["-created_at"], name="outbox_undecided", condition=Q(state__in=["unknown", "failed"])),
            models.Index(fields=["kind", "subject_id"], name="outbox_of_record"),
            models.Index(fields=["reference"], name="outbox_reference", condition=~Q(reference="")),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(state__in=["queued", "sending", "sent", "failed", "unknown", "cancelled"]),
                name="outbox_state_known",
            ),
            models.CheckConstraint(
                condition=~Q(state="sending") | Q(claimed_at__isnull=False), name="outbox_sending_is_claimed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} #{self.pk}"

    @property
    def is_uncertain(self) -> bool:
        return self.state == self.State.UNKNOWN

    @property
    def masked_recipient(self) -> str:
        """j•••@exemplo.com.br, •••4321: enough to recognise, too little to copy."""
        local, at, domain = self.recipient.partition("@")
        if not at:
            return f"•••{local[-4:]}"
        return f"{local[:1]}•••@{domain}"
