"""What was said and done with a client: one row per contact, with its outcome (DOMAIN 3)."""

import datetime
from typing import Any, ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import BelongsToClientQuerySet, Client, ContactPerson, Phone, Purpose
from contracts.models import Contract
from core.scoping import GuardedModel
from people.models import User


class LogChannel(models.TextChoices):
    """How a contact took place; wider than the channels a client may refuse."""

    CALL = "call", _("Ligação")
    WHATSAPP = "whatsapp", _("WhatsApp")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-mail")
    VISIT = "visit", _("Visita")
    MEETING = "meeting", _("Reunião")
    IN_PERSON = "in_person", _("Balcão")


class Direction(models.TextChoices):
    OUT = "out", _("Feito por nós")
    IN = "in", _("Recebido do cliente")


class OutcomeGroup(models.TextChoices):
    """What the contact plan asks: was the client spoken to?"""

    REACHED = "reached", _("Falou com o cliente")
    NOT_REACHED = "not_reached", _("Não falou")
    WRONG = "wrong", _("Contato errado")
    BLOCKED = "blocked", _("Não contatar")


class Consequence(models.TextChoices):
    """What an outcome changes besides the log; `contacts.consequences` carries it out."""

    NONE = "", _("Nenhuma")
    CALLBACK = "callback", _("Marca um retorno")
    REFUSED = "refused", _("Descansa ofertas por 90 dias")
    REFUSED_FOR_GOOD = "refused_for_good", _("Não recebe mais ofertas")
    WRONG_NUMBER = "wrong_number", _("Telefone passa a número errado")
    UNREACHABLE = "unreachable", _("Telefone passa a não completa")
    BOUNCED = "bounced", _("E-mail passa a voltou")
    OPT_OUT = "opt_out", _("Registra o pedido de não contatar")
    DECEASED = "deceased", _("Cliente falecido: para tudo")
    SHIELDED = "shielded", _("Para ofertas e avisa o supervisor")


class ContactOutcome(models.Model):
    """A tabulação. The defaults come with the installation; an administrator adds, renames and retires them."""

    code = models.SlugField(_("código"), max_length=40, unique=True)
    label = models.CharField(_("resultado"), max_length=60)
    group = models.CharField(_("grupo"), max_length=11, choices=OutcomeGroup.choices)
    consequence = models.CharField(
        _("consequência"), max_length=16, choices=Consequence.choices, default=Consequence.NONE, blank=True
    )
    channels = ArrayField(
        models.CharField(max_length=10, choices=LogChannel.choices),
        verbose_name=_("canais"),
        default=list,
        blank=True,
        help_text=_("Vazio: vale para todos os canais."),
    )
    details = ArrayField(
        models.CharField(max_length=60), verbose_name=_("detalhes possíveis"), default=list, blank=True
    )
    position = models.PositiveSmallIntegerField(_("ordem"), default=100)
    is_active = models.BooleanField(_("em uso"), default=True)

    class Meta:
        verbose_name = _("resultado de contato")
        verbose_name_plural = _("resultados de contato")
        ordering: ClassVar = ["position", "label"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(group__in=OutcomeGroup.values), name="outcome_group_known"),
            models.CheckConstraint(condition=Q(consequence__in=Consequence.values), name="outcome_consequence_known"),
        ]

    def __str__(self) -> str:
        return self.label


class ContactLog(GuardedModel):
    """One contact. Its author may mend it inside the edit window; after that it stands, and what was wrong is
    said by another row that `corrects` it. An undone log stays as `undone_at` and counts nowhere.

    `used` is the number (E.164) or address as it was then; `group` repeats the outcome's, for counting without a join.
    `next_at` is the moment promised, `next_on` its day when no hour was said.
    """

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="contact_logs", db_index=False)
    by = models.ForeignKey(User, verbose_name=_("quem"), on_delete=models.PROTECT, related_name="+", db_index=False)
    channel = models.CharField(_("canal"), max_length=10, choices=LogChannel.choices, default=LogChannel.CALL)
    direction = models.CharField(_("sentido"), max_length=3, choices=Direction.choices, default=Direction.OUT)
    purpose = models.CharField(_("finalidade"), max_length=8, choices=Purpose.choices, default=Purpose.SERVICE)
    started_at = models.DateTimeField(_("quando"), default=timezone.now)
    seconds = models.PositiveIntegerField(_("duração em segundos"), null=True, blank=True)
    person = models.ForeignKey(
        ContactPerson,
        verbose_name=_("com quem"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    phone = models.ForeignKey(
        Phone, verbose_name=_("telefone"), null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    used = models.CharField(_("número ou e-mail"), max_length=254, blank=True)
    outcome = models.ForeignKey(
        ContactOutcome, verbose_name=_("resultado"), on_delete=models.PROTECT, related_name="+", db_index=False
    )
    group = models.CharField(_("grupo"), max_length=11, choices=OutcomeGroup.choices, editable=False)
    detail = models.CharField(_("detalhe"), max_length=60, blank=True)
    note = models.TextField(_("anotação"), blank=True)
    is_highlight = models.BooleanField(_("destacar"), default=False)
    next_on = models.DateField(_("próximo contato em"), null=True, blank=True)
    next_at = models.DateTimeField(_("próximo contato às"), null=True, blank=True)
    next_channel = models.CharField(
        _("canal do próximo contato"), max_length=10, choices=LogChannel.choices, blank=True
    )
    contract = models.ForeignKey(
        Contract,
        verbose_name=_("contrato"),
        null=True,
        blank=True,
        on_delete=models.SET_NULL,
        related_name="+",
        db_index=False,
    )
    # Steps of plans come and go; the history keeps the number it knew.
    plan_step = models.BigIntegerField(_("passo do plano"), null=True, editable=False)
    corrects = models.ForeignKey(
        "self", verbose_name=_("corrige"), null=True, blank=True, on_delete=models.PROTECT, related_name="corrections"
    )
    undone_at = models.DateTimeField(_("desfeito em"), null=True, blank=True, editable=False)
    # What it changed besides this row, so that an undo puts back exactly that (contacts.effects).
    effects = models.JSONField(default=dict, db_default={}, editable=False)
    created_at = models.DateTimeField(_("registrado em"), default=timezone.now, editable=False)

    objects = BelongsToClientQuerySet["ContactLog"].as_manager()

    class Meta:
        verbose_name = _("contato")
        verbose_name_plural = _("contatos")
        ordering: ClassVar = ["-started_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["client", "-started_at", "-id"], name="log_of_client"),
            models.Index(fields=["by", "-started_at"], name="log_of_person"),
            # The monthly count of calls (DOMAIN 3, gate 6) reads this alone.
            models.Index(
                fields=["started_at"],
                name="log_calls_made",
                condition=Q(channel="call", direction="out", undone_at__isnull=True),
            ),
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(group__in=OutcomeGroup.values), name="log_group_known"),
            models.CheckConstraint(condition=Q(channel__in=LogChannel.values), name="log_channel_known"),
            models.CheckConstraint(
                condition=Q(corrects__isnull=True) | ~Q(corrects=F("id")), name="log_corrects_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_channel_display()} · {self.outcome}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.group = self.outcome.group
        super().save(*args, **kwargs)

    @property
    def was_reached(self) -> bool:
        return self.group == OutcomeGroup.REACHED

    def is_open(self, *, window: datetime.timedelta, now: datetime.datetime) -> bool:
        """Whether its author may still mend it."""
        return self.undone_at is None and now < self.created_at + window


def attachment_path(instance: "Attachment", filename: str) -> str:
    """A folder per month and a random name: what was uploaded never names a file on disk."""
    return f"attachments/{timezone.localdate():%Y/%m}/{instance.key}"


class Attachment(GuardedModel):
    """A file kept with a client, often with one contact."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="attachments")
    log = models.ForeignKey(
        ContactLog, null=True, blank=True, on_delete=models.CASCADE, related_name="attachments", editable=False
    )
    key = models.CharField(max_length=40, unique=True, editable=False)
    file = models.FileField(_("arquivo"), upload_to=attachment_path, max_length=200)
    name = models.CharField(_("nome"), max_length=160)
    media_type = models.CharField(max_length=80, editable=False)
    size = models.PositiveBigIntegerField(_("tamanho"), editable=False)
    by = models.ForeignKey(User, verbose_name=_("quem"), on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("quando"), default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = BelongsToClientQuerySet["Attachment"].as_manager()

    class Meta:
        verbose_name = _("arquivo")
        verbose_name_plural = _("arquivos")
        ordering: ClassVar = ["-at", "-id"]

    def __str__(self) -> str:
        return self.name


class ClientNote(GuardedModel):
    """A note that is no contact. `mentions` are the colleagues it calls by @name."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="client_notes", db_index=False)
    by = models.ForeignKey(User, verbose_name=_("quem"), on_delete=models.PROTECT, related_name="+", db_index=False)
    text = models.TextField(_("anotação"))
    is_highlight = models.BooleanField(_("destacar"), default=False)
    mentions = models.ManyToManyField(User, verbose_name=_("menções"), blank=True, related_name="+")
    at = models.DateTimeField(_("quando"), default=timezone.now, editable=False)

    objects = BelongsToClientQuerySet["ClientNote"].as_manager()

    class Meta:
        verbose_name = _("anotação")
        verbose_name_plural = _("anotações")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [models.Index(fields=["client", "-at", "-id"], name="note_of_client")]

    def __str__(self) -> str:
        return self.text[:60]
