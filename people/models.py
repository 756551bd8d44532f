"""Users, teams as a tree with dates, covers, and the append-only activity log."""

import datetime
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brazil.names import folded
from people.roles import PERMISSIONS, REACH, SECOND_FACTOR_ROLES, Permission, Reach, Role


class Team(models.Model):
    """A node of the tree of teams. `opened_on`/`closed_on` are inclusive and exclusive days."""

    name = models.CharField(_("nome"), max_length=120)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("equipe acima"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="children",
    )
    uf = models.CharField(_("UF"), max_length=2, blank=True)
    opened_on = models.DateField(_("aberta em"), default=timezone.localdate)
    closed_on = models.DateField(_("encerrada em"), null=True, blank=True)

    class Meta:
        verbose_name = _("equipe")
        verbose_name_plural = _("equipes")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.UniqueConstraint("parent", Lower("name"), name="team_name_once_under_parent", nulls_distinct=False),
            models.CheckConstraint(
                condition=Q(parent__isnull=True) | ~Q(parent=F("id")), name="team_is_not_its_own_parent"
            ),
            models.CheckConstraint(
                condition=Q(closed_on__isnull=True) | Q(closed_on__gt=F("opened_on")),
                name="team_closes_after_opening",
            ),
        ]

    def __str__(self) -> str:
        return self.name


class TeamReach(models.Model):
    """Closure of the tree: one row per (team, team at or below it), so that visibility is one indexed join.

    Rewritten whole by `people.teams.rebuild_reach` whenever the tree changes.
    """

    above = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="reaches_down")
    below = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="reached_from")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint("above", "below", name="team_reach_once")]

    def __str__(self) -> str:
        return f"{self.above_id} → {self.below_id}"


class UserManager(BaseUserManager["User"]):
    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        fields.setdefault("name", email)
        return self.create_user(email, password, role=Role.ADMIN, is_superuser=True, **fields)


class User(AbstractBaseUser, PermissionsMixin):
    """A person who logs in by e-mail. Never deleted: leaving sets `is_active` to False."""

    class Theme(models.TextChoices):
        SYSTEM = "", _("Igual ao aparelho")
        LIGHT = "light", _("Claro")
        DARK = "dark", _("Escuro")

    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("nome"), max_length=150)
    name_key = models.CharField(max_length=150, editable=False, db_index=True)
    role = models.CharField(_("papel"), max_length=12, choices=Role.choices, default=Role.SELLER)
    team = models.ForeignKey(
        Team,
        verbose_name=_("equipe"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="members",
    )
    phone = models.CharField(_("telefone"), max_length=20, blank=True)
    is_active = models.BooleanField(_("pode entrar"), default=True)
    joined_on = models.DateField(_("entrou em"), default=timezone.localdate)
    left_on = models.DateField(_("saiu em"), null=True, blank=True)
    theme = models.CharField(_("tema"), max_length=5, choices=Theme.choices, default=Theme.SYSTEM, blank=True)
    single_key_shortcuts = models.BooleanField(_("atalhos de uma tecla"), default=True)
    wants_digest = models.BooleanField(_("receber um resumo por dia no e-mail"), default=True)
    hours_per_day = models.DecimalField(_("horas por dia"), max_digits=4, decimal_places=2, default=8)
    client_limit = models.PositiveIntegerField(_("limite de clientes"), null=True, blank=True)
    session_epoch = models.PositiveIntegerField(default=0, editable=False)

    objects: ClassVar[UserManager] = UserManager()
    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar = ["name"]

    class Meta:
        verbose_name = _("usuário")
        verbose_name_plural = _("usuários")
        ordering: ClassVar = ["name_key"]
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("email"), name="user_email_once"),
            models.CheckConstraint(condition=Q(role__in=Role.values), name="user_role_known"),
            models.CheckConstraint(condition=Q(hours_per_day__gte=0, hours_per_day__lte=24), name="user_hours_in_day"),
        ]

    def __str__(self) -> str:
        return self.name

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.name_key = folded(self.name)
        super().save(*args, **kwargs)

    @property
    def is_staff(self) -> bool:
        """What Django's admin asks: only admins enter it."""
        return self.may(Permission.USE_ADMIN)

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Django's admin asks per model; rights hang on the role alone, and each admin class narrows what it offers."""
        return self.is_staff

    def has_module_perms(self, app_label: str) -> bool:
        return self.is_staff

    @property
    def permissions(self) -> frozenset[Permission]:
        return PERMISSIONS[self.role]

    @property
    def reach(self) -> Reach:
        return REACH[self.role]

    @property
    def first_name(self) -> str:
        return self.name.split(" ", 1)[0]

    @property
    def needs_second_factor(self) -> bool:
        return self.role in SECOND_FACTOR_ROLES

    def may(self, permission: Permission) -> bool:
        return self.is_active and permission in self.permissions

    def get_full_name(self) -> str:
        return self.name

    def get_short_name(self) -> str:
        return self.first_name


class Absence(models.Model):
    """Days on which a person takes no new clients; `cover` sees and works their clients meanwhile (férias)."""

    class Kind(models.TextChoices):
        VACATION = "vacation", _("Férias")
        LEAVE = "leave", _("Licença")
        OTHER = "other", _("Outro")

    user = models.ForeignKey(User, verbose_name=_("quem se ausenta"), on_delete=models.PROTECT, related_name="absences")
    cover = models.ForeignKey(
        User,
        verbose_name=_("quem cobre"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="covering",
    )
    kind = models.CharField(_("motivo"), max_length=10, choices=Kind.choices, default=Kind.VACATION)
    starts_on = models.DateField(_("de"))
    ends_on = models.DateField(_("até"))
    ended_early_at = models.DateTimeField(_("encerrada em"), null=True, blank=True, editable=False)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("ausência e cobertura")
        verbose_name_plural = _("ausências e coberturas")
        ordering: ClassVar = ["-starts_on"]
        indexes: ClassVar = [models.Index(fields=["cover", "starts_on", "ends_on"], name="absence_cover_dates")]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="absence_ends_after_start"),
            models.CheckConstraint(
                condition=Q(cover__isnull=True) | ~Q(cover=F("user")), name="absence_covered_by_another"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.starts_on:%d/%m/%Y} a {self.ends_on:%d/%m/%Y}"

    def covers(self, day: datetime.date) -> bool:
        return self.starts_on <= day <= self.ends_on and self.ended_early_at is None


class Notification(models.Model):
    """Something a person should see; `url` leads to it. The text names no personal data beyond a client's name."""

    class Kind(models.TextChoices):
        MENTION = "mention", _("Menção")
        TASK = "task", _("Tarefa")
        OWNERSHIP = "ownership", _("Carteira")
        CASE = "case", _("Tratativa")
        SYSTEM = "system", _("Sistema")

    recipient = models.ForeignKey(User, on_delete=models.CASCADE, related_name="notifications", db_index=False)
    kind = models.CharField(_("tipo"), max_length=9, choices=Kind.choices)
    text = models.CharField(_("aviso"), max_length=300)
    url = models.CharField(max_length=300, blank=True)
    by = models.ForeignKey(User, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    at = models.DateTimeField(_("quando"), default=timezone.now)
    read_at = models.DateTimeField(_("lido em"), null=True, blank=True)
    digested_on = models.DateField(null=True, blank=True, editable=False)

    class Meta:
        verbose_name = _("aviso")
        verbose_name_plural = _("avisos")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["recipient", "-at", "-id"], name="notification_of_person"),
            models.Index(fields=["recipient"], name="notification_unread", condition=Q(read_at__isnull=True)),
        ]

    def __str__(self) -> str:
        return self.text

    @property
    def icon(self) -> str:
        icons = {"mention": "at", "task": "calendar", "ownership": "users", "case": "alert-triangle"}
        return icons.get(self.kind, "bell")


class Activity(models.Model):
    """Append-only: who did what to which record, with the values before and after. No personal data in `changes`
    beyond field names where the field itself is personal (LGPD)."""

    at = models.DateTimeField(_("quando"), default=timezone.now, editable=False)
    by = models.ForeignKey(User, verbose_name=_("quem"), null=True, on_delete=models.PROTECT, related_name="+")
    verb = models.CharField(_("ação"), max_length=40)
    content_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, null=True)
    object_id = models.BigIntegerField(null=True)
    changes = models.JSONField(_("mudanças"), default=dict)

    class Meta:
        verbose_name = _("atividade")
        verbose_name_plural = _("atividades")
        ordering: ClassVar = ["-at", "-id"]
        indexes: ClassVar = [
            models.Index(fields=["content_type", "object_id", "-at"], name="activity_of_record"),
            models.Index(fields=["by", "-at"], name="activity_of_person"),
        ]

    def __str__(self) -> str:
        return f"{self.verb} #{self.object_id}"
