"""The numbers and tables of the legal gate and of the seller's day. Rules of law keep value, date and source."""

import secrets
from typing import ClassVar, Self
from uuid import uuid4

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import Channel, Purpose
from people.models import User


class ContactSettings(models.Model):
    """One row; the defaults of DOMAIN 3 and SCIENCE 7."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    edit_hours = models.PositiveSmallIntegerField(_("horas para corrigir um registro"), default=24)
    offers_per_day = models.PositiveSmallIntegerField(_("ofertas por dia e cliente"), default=2)
    offers_per_week = models.PositiveSmallIntegerField(_("ofertas em 7 dias por cliente"), default=6)
    hours_between = models.PositiveSmallIntegerField(_("horas entre ofertas"), default=4)
    rest_after_refusal = models.PositiveSmallIntegerField(_("dias sem oferta depois de recusa"), default=90)
    call_warning = models.PositiveIntegerField(_("avisar a partir de ligações no mês"), default=400_000)
    call_limit = models.PositiveIntegerField(_("ligações por mês sem autenticação"), default=500_000)
    day_minutes = models.PositiveSmallIntegerField(
        _("minutos de contato por dia"), default=360, validators=[MaxValueValidator(720)]
    )
    day_contacts = models.PositiveSmallIntegerField(
        _("contatos por dia"), default=40, validators=[MinValueValidator(1)]
    )
    reactivation_share = models.PositiveSmallIntegerField(
        _("% do tempo para reativação"), default=15, validators=[MaxValueValidator(50)]
    )
    relationship_share = models.PositiveSmallIntegerField(
        _("% do tempo para relacionamento"), default=15, validators=[MaxValueValidator(50)]
    )
    quiet_days = models.PositiveSmallIntegerField(_("dias de descanso depois de um contato"), default=3)
    carry_percent = models.PositiveSmallIntegerField(_("% a mais por dia não feito"), default=10)
    carry_cap = models.PositiveSmallIntegerField(_("teto do % por dias não feitos"), default=50)
    call_minutes = models.PositiveSmallIntegerField(_("minutos de uma ligação"), default=8)
    message_minutes = models.PositiveSmallIntegerField(_("minutos de uma mensagem"), default=3)
    visit_minutes = models.PositiveSmallIntegerField(_("minutos de uma visita"), default=45)
    interval_a = models.PositiveSmallIntegerField(_("dias entre contatos, faixa A"), default=30)
    interval_b = models.PositiveSmallIntegerField(_("dias entre contatos, faixa B"), default=60)
    interval_c = models.PositiveSmallIntegerField(_("dias entre contatos, faixa C"), default=90)
    interval_d = models.PositiveSmallIntegerField(_("dias entre contatos, faixa D"), default=0)
    # Hours, holidays, block lists or these numbers: what was worked out before this moment is worked out again.
    rules_changed_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("parâmetros de contato")
        verbose_name_plural = _("parâmetros de contato")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="contact_settings_only_one"),
            models.CheckConstraint(
                condition=Q(reactivation_share__lte=50, relationship_share__lte=50), name="contact_reserves_fit"
            ),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> Self:
        """The row, or its defaults: reading never writes."""
        return cls.objects.filter(pk=cls.ONLY).first() or cls()

    @classmethod
    def note_new_rules(cls) -> None:
        cls.objects.update_or_create(pk=cls.ONLY, defaults={"rules_changed_at": timezone.now()})


class ContactHours(models.Model):
    """When offers may be made, per UF in the client's zone; the stricter of the company's and the UF's wins.

    Without `uf` it is the company's own; without `closes_at` that day is closed. `source` names the law.
    """

    class Days(models.TextChoices):
        WEEKDAY = "weekday", _("Segunda a sexta")
        SATURDAY = "saturday", _("Sábado")

    uf = models.CharField(_("UF"), max_length=2, blank=True)
    days = models.CharField(_("dias"), max_length=8, choices=Days.choices, default=Days.WEEKDAY)
    opens_at = models.TimeField(_("das"), null=True, blank=True)
    closes_at = models.TimeField(_("até"), null=True, blank=True)
    since = models.DateField(_("vale desde"))
    source = models.CharField(_("fonte"), max_length=160)

    class Meta:
        verbose_name = _("horário para ofertas")
        verbose_name_plural = _("horários para ofertas")
        ordering: ClassVar = ["uf", "days", "-since"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["uf", "days", "since"], name="contact_hours_once"),
            models.CheckConstraint(
                condition=Q(opens_at__isnull=True, closes_at__isnull=True) | Q(closes_at__gt=F("opens_at")),
                name="contact_hours_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.uf or 'BR'} · {self.get_days_display()}"


class LocalHoliday(models.Model):
    """A day of a town, state or the company beyond the public calendar: no offers, no working day."""

    on = models.DateField(_("dia"))
    name = models.CharField(_("nome"), max_length=80)
    uf = models.CharField(_("UF"), max_length=2, blank=True)

    class Meta:
        verbose_name = _("feriado local")
        verbose_name_plural = _("feriados locais")
        ordering: ClassVar = ["-on"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["on", "uf"], name="local_holiday_once")]

    def __str__(self) -> str:
        return f"{self.on:%d/%m/%Y} {self.name}"


class BlockList(models.Model):
    """An imported list of numbers that want no offers (Não me Perturbe, Não Me Ligue)."""

    name = models.CharField(_("lista"), max_length=80, unique=True)
    source = models.CharField(_("fonte"), max_length=160, blank=True)
    covers_service = models.BooleanField(_("vale também para atendimento"), default=False)
    since = models.DateField(_("vale desde"), default=timezone.localdate)
    loaded_at = models.DateTimeField(_("carregada em"), null=True, blank=True, editable=False)
    loaded_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", editable=False)
    numbers = models.PositiveIntegerField(_("números"), default=0, editable=False)

    class Meta:
        verbose_name = _("lista de bloqueio")
        verbose_name_plural = _("listas de bloqueio")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class BlockedNumber(models.Model):
    """A number of a list, E.164. The index leads with the number: numbers are asked for, lists are replaced whole.

    The list is locked whenever its numbers change; a key that asks about each of a million would double their loading.
    """

    block_list = models.ForeignKey(
        BlockList, on_delete=models.CASCADE, related_name="+", db_index=False, db_constraint=False
    )
    e164 = models.CharField(max_length=16)
    since = models.DateField()

    class Meta:
        verbose_name = _("número bloqueado")
        verbose_name_plural = _("números bloqueados")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["e164", "block_list"], name="blocked_number_once_per_list"),
        ]

    def __str__(self) -> str:
        return f"#{self.pk}"


def private_name(_load: models.Model, _name: str) -> str:
    """Uploads never keep the sender's name on disk."""
    return f"block-lists/{uuid4().hex}"


class BlockListLoad(models.Model):
    """One file sent for a list: it replaces the list whole, in the background. Every line is in one of the counts;
    those that hold no number are in `problems`, with their place and why."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Carregando")
        DONE = "done", _("Carregada")
        REFUSED = "refused", _("Recusada")

    block_list = models.ForeignKey(BlockList, on_delete=models.CASCADE, related_name="loads")
    state = models.CharField(_("situação"), max_length=7, choices=State.choices, default=State.WAITING)
    file = models.FileField(upload_to=private_name, max_length=120)
    original_name = models.CharField(_("arquivo"), max_length=200)
    size = models.PositiveBigIntegerField(_("tamanho"))
    lines = models.PositiveIntegerField(_("linhas"), default=0)
    empty = models.PositiveIntegerField(_("vazias e cabeçalho"), default=0)
    bad = models.PositiveIntegerField(_("sem número válido"), default=0)
    repeated = models.PositiveIntegerField(_("repetidos"), default=0)
    numbers = models.PositiveIntegerField(_("números"), default=0)
    added = models.PositiveIntegerField(_("novos"), default=0)
    removed = models.PositiveIntegerField(_("retirados"), default=0)
    problems = models.FileField(upload_to=private_name, max_length=120, blank=True)
    error = models.CharField(_("erro"), max_length=200, blank=True)
    job_id = models.BigIntegerField(null=True, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(_("enviado em"), default=timezone.now)
    finished_at = models.DateTimeField(_("terminado em"), null=True, blank=True)

    class Meta:
        verbose_name = _("carga de lista")
        verbose_name_plural = _("cargas de listas")
        ordering: ClassVar = ["-created_at", "-id"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=["waiting", "done", "refused"]), name="list_load_state_known"),
            models.UniqueConstraint(
                fields=["block_list"], condition=Q(state="waiting"), name="list_load_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return self.original_name


class KeptSalt(models.Model):
    """One row: what is mixed into every kept hash. It lives with the hashes, so that a new SECRET_KEY leaves them
    readable; it keeps them from being looked up in ready-made tables, not from who holds the whole database."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    value = models.CharField(max_length=64, default=secrets.token_hex)

    class Meta:
        constraints: ClassVar = [models.CheckConstraint(condition=Q(id=1), name="kept_salt_only_one")]

    def __str__(self) -> str:
        return f"#{self.pk}"


class KeptOptOut(models.Model):
    """A refusal that outlives its client: the hash of a number, address or document (DOMAIN 3, gate 1)."""

    digest = models.CharField(max_length=64)
    channel = models.CharField(max_length=8, choices=Channel.choices, default=Channel.ANY)
    purpose = models.CharField(max_length=8, choices=Purpose.choices, default=Purpose.ANY)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("pedido guardado")
        verbose_name_plural = _("pedidos guardados")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["digest", "channel", "purpose"], name="kept_opt_out_once")
        ]

    def __str__(self) -> str:
        return self.digest[:12]
