"""A file sent to be imported, what became of each of its rows, and the mappings remembered per source."""

from collections.abc import Collection
from pathlib import PurePath
from typing import Any, ClassVar, Self
from uuid import uuid4

from django.db import models
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brazil.names import folded
from clients.models import Client
from core.scoping import GuardedModel, GuardedQuerySet
from people.models import User
from people.roles import Role
from people.visibility import sight_of


class BatchKind(models.TextChoices):
    CLIENTS = "clients", _("Clientes")
    PURCHASES = "purchases", _("Compras")
    CONTRACTS = "contracts", _("Contratos")
    CONTACTS = "contacts", _("Contatos")


class Existing(models.TextChoices):
    """What happens to a client that is already in the base."""

    SKIP = "skip", _("Deixar como está")
    FILL = "fill", _("Preencher o que está vazio")
    UPDATE = "update", _("Atualizar com o que veio na planilha")


class State(models.TextChoices):
    UPLOADED = "uploaded", _("Falta ligar as colunas")
    MAPPED = "mapped", _("Em conferência")
    CHECKED = "checked", _("Pronta para importar")
    RUNNING = "running", _("Importando")
    INTERRUPTED = "interrupted", _("Interrompida")
    DONE = "done", _("Importada")
    FAILED = "failed", _("Não pôde ser lida")
    UNDONE = "undone", _("Desfeita")


class Plan(models.TextChoices):
    """What the check foresees for a row."""

    CREATE = "create", _("Novo")
    UPDATE = "update", _("Atualiza cadastro")
    REPEAT = "repeat", _("Repetido")
    REJECT = "reject", _("Com erro")
    IGNORE = "ignore", _("Ignorado")


class Effect(models.TextChoices):
    """What the run did with a row."""

    NONE = "", _("Ainda não importada")
    CREATED = "created", _("Criado")
    FILLED = "filled", _("Completado")
    UPDATED = "updated", _("Atualizado")
    UNCHANGED = "unchanged", _("Já estava igual")
    SKIPPED = "skipped", _("Deixado como estava")
    CHANGED_SINCE = "changed", _("Alterado depois da conferência")


def private_name(_batch: models.Model, _name: str) -> str:
    """Uploads never keep the sender's name on disk."""
    return f"imports/{uuid4().hex}"


class BatchQuerySet(GuardedQuerySet["ImportBatch"]):
    def visible_to(self, user: User) -> Self:
        """One's own; a manager's people's; everyone's for an admin."""
        found = self if user.is_active else self.none()
        if user.role == Role.MANAGER:
            found = found.filter(created_by__in=sight_of(user).owner_ids)
        elif user.role != Role.ADMIN:
            found = found.filter(created_by=user)
        return found.scoped(f"user {user.pk}")

    def of_state(self, batch: "ImportBatch", states: Collection[str]) -> Self:
        """The batch in hand, if it is still in one of these states and not mapped anew."""
        return self.standing(batch, state__in=states)

    def standing(self, batch: "ImportBatch", **expected: Any) -> Self:
        """The batch in hand, if nobody mapped it anew and it is as expected."""
        return self.filter(pk=batch.pk, round=batch.round, **expected).scoped("batch in hand")

    def kept(self) -> Self:
        """Batches whose work stands in the base, wholly or in part."""
        return self.filter(state__in=[State.DONE, State.RUNNING, State.INTERRUPTED])


class ImportBatch(GuardedModel):
    kind = models.CharField(_("o que traz"), max_length=10, choices=BatchKind.choices)
    state = models.CharField(_("situação"), max_length=12, choices=State.choices, default=State.UPLOADED)
    file = models.FileField(_("arquivo"), upload_to=private_name, max_length=120)
    original_name = models.CharField(_("nome do arquivo"), max_length=200)
    sha256 = models.CharField(max_length=64, editable=False)
    size = models.PositiveBigIntegerField(_("tamanho"))
    source = models.CharField(_("de onde veio"), max_length=80, blank=True)
    # What reading found: format, encoding, delimiter, sheet, sheets, header_line, header.
    table = models.JSONField(default=dict, editable=False)
    sample = models.JSONField(default=list, editable=False)
    records = models.PositiveIntegerField(_("linhas"), default=0)
    mapping = models.JSONField(default=dict, editable=False)
    options = models.JSONField(default=dict, editable=False)
    totals = models.JSONField(default=dict, editable=False)
    checked_until = models.PositiveIntegerField(default=0, editable=False)
    written_until = models.PositiveIntegerField(default=0, editable=False)
    # Grows with every new mapping: a check that began before it writes nothing more.
    round = models.PositiveIntegerField(default=0, editable=False)
    stop_requested = models.BooleanField(default=False, editable=False)
    error = models.CharField(max_length=300, blank=True, editable=False)
    job_id = models.BigIntegerField(null=True, editable=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False)
    created_at = models.DateTimeField(_("enviado em"), default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, editable=False)
    undone_at = models.DateTimeField(null=True, editable=False)
    undone_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", editable=False)

    objects = BatchQuerySet.as_manager()

    class Meta:
        verbose_name = _("importação")
        verbose_name_plural = _("importações")
        ordering: ClassVar = ["-created_at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["created_by", "-created_at"], name="import_batch_of_person"),
            models.Index(fields=["sha256", "kind"], name="import_batch_same_file"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["sha256", "kind"], condition=Q(state="running"), name="import_one_run_per_file"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="import_batch_state_known"),
            models.CheckConstraint(condition=Q(kind__in=BatchKind.values), name="import_batch_kind_known"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="import_batch_hash_form"),
        ]

    def __str__(self) -> str:
        return self.original_name

    def get_absolute_url(self) -> str:
        """Where this batch is in its path."""
        step = {State.UPLOADED: "batch_mapping", State.MAPPED: "batch_check", State.CHECKED: "batch_check"}
        return reverse(f"imports:{step.get(State(self.state), 'batch_detail')}", args=[self.pk])

    @property
    def columns(self) -> dict[int, str]:
        """The field of each column, as the readers of records need it."""
        return {int(column): field for column, field in self.mapping.items() if field}

    @property
    def existing(self) -> Existing:
        return Existing(self.options.get("existing", Existing.SKIP))

    @property
    def may_be_undone(self) -> bool:
        return self.state in {State.DONE, State.INTERRUPTED}

    @property
    def to_write(self) -> int:
        plans = self.totals.get("plans", {})
        return int(plans.get(Plan.CREATE, 0)) + int(plans.get(Plan.UPDATE, 0))

    @property
    def to_skip(self) -> int:
        return self.records - self.to_write

    @property
    def extension(self) -> str:
        return PurePath(self.original_name).suffix.lower()


class RowQuerySet(GuardedQuerySet["ImportRow"]):
    def visible_to(self, user: User) -> Self:
        return self.filter(batch__in=ImportBatch.objects.visible_to(user)).scoped(f"user {user.pk}")

    def of(self, batch: ImportBatch) -> Self:
        """Rows of a batch in hand: whoever holds the batch may see them."""
        return self.filter(batch=batch).scoped("batch in hand")


class ImportRow(GuardedModel):
    """One record of the file. `record_id` is the client, purchase, contract or contact (by the batch's kind) made
    or matched; empty when the match is hidden from the importer. `before` is what undoing puts back."""

    # Rows are found by (batch, position), and written while their batch is locked: see decision 7.
    batch = models.ForeignKey(
        ImportBatch, on_delete=models.CASCADE, related_name="rows", db_index=False, db_constraint=False
    )
    position = models.PositiveIntegerField()
    line = models.PositiveIntegerField(_("linha"))
    outcome = models.CharField(max_length=9)
    reason = models.CharField(max_length=32, blank=True)
    actions = models.JSONField(default=list)
    warnings = models.JSONField(default=list)
    raw = models.JSONField(default=list)
    values = models.JSONField(default=dict)
    plan = models.CharField(max_length=6, choices=Plan.choices)
    effect = models.CharField(max_length=9, choices=Effect.choices, default=Effect.NONE, blank=True)
    note = models.CharField(max_length=200, blank=True)
    record_id = models.BigIntegerField(null=True)
    lookalike_id = models.BigIntegerField(null=True)
    seen_version = models.PositiveIntegerField(null=True)
    written_version = models.PositiveIntegerField(null=True)
    before = models.JSONField(null=True)
    duplicate_of = models.PositiveIntegerField(null=True)
    possible_duplicate_of = models.PositiveIntegerField(null=True)

    objects = RowQuerySet.as_manager()

    class Meta:
        verbose_name = _("linha importada")
        verbose_name_plural = _("linhas importadas")
        ordering: ClassVar = ["position"]
        indexes: ClassVar = [
            models.Index(fields=["batch", "plan", "position"], name="import_row_by_plan"),
            models.Index(fields=["record_id"], name="import_row_of_record", condition=Q(record_id__isnull=False)),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["batch", "position"], name="import_row_once"),
            models.CheckConstraint(
                condition=Q(outcome__in=["valid", "repaired", "duplicate", "rejected", "ignored"]),
                name="import_row_outcome_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id}:{self.line}"


class SavedMapping(models.Model):
    """How the columns of one source are read, remembered for the next file from there."""

    kind = models.CharField(max_length=10, choices=BatchKind.choices)
    source = models.CharField(_("de onde veio"), max_length=80)
    source_key = models.CharField(max_length=80, editable=False)
    mapping = models.JSONField()
    saved_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        verbose_name = _("ligação de colunas")
        verbose_name_plural = _("ligações de colunas")
        ordering: ClassVar = ["source_key"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["kind", "source_key"], name="saved_mapping_once_per_source"),
        ]

    def __str__(self) -> str:
        return self.source

    @classmethod
    def remember(cls, kind: str, source: str, mapping: dict[str, Any], *, by: User) -> None:
        changes = {"source": source, "mapping": mapping, "saved_by": by, "saved_at": timezone.now()}
        cls.objects.update_or_create(kind=kind, source_key=folded(source)[:80], defaults=changes)


class DuplicateQuerySet(GuardedQuerySet["PossibleDuplicate"]):
    def visible_to(self, user: User) -> Self:
        """Only when both clients may be seen: one of them alone would tell about the other."""
        sight = sight_of(user)
        both = sight.filter(owner="first__owner", team="first__team") & sight.filter(
            owner="second__owner", team="second__team"
        )
        return self.filter(both).scoped(f"user {user.pk}")


class PossibleDuplicate(GuardedModel):
    """Two clients that may be the same person, waiting for somebody to look."""

    class Verdict(models.TextChoices):
        OPEN = "", _("A conferir")
        SAME = "same", _("É a mesma pessoa")
        DIFFERENT = "different", _("São pessoas diferentes")

    first = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="+")
    batch = models.ForeignKey(ImportBatch, null=True, on_delete=models.SET_NULL, related_name="possible_duplicates")
    found_at = models.DateTimeField(default=timezone.now)
    verdict = models.CharField(max_length=9, choices=Verdict.choices, default=Verdict.OPEN, blank=True)
    decided_by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+")

    objects = DuplicateQuerySet.as_manager()

    class Meta:
        verbose_name = _("possível repetido")
        verbose_name_plural = _("possíveis repetidos")
        ordering: ClassVar = ["-found_at", "-id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["first", "second"], name="possible_duplicate_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="possible_duplicate_in_order"),
        ]

    def __str__(self) -> str:
        return f"#{self.first_id} ≈ #{self.second_id}"
