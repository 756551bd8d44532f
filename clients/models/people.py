"""What belongs to a client: phones, e-mails, addresses and contact people."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models.client import Client
from core.scoping import GuardedModel, GuardedQuerySet
from people.models import User
from people.visibility import sight_of


class BelongsToClientQuerySet[M: models.Model](GuardedQuerySet[M]):
    """Base of every model that hangs on a client; `client_path` leads to it."""

    client_path = "client"

    def visible_to(self, user: User) -> Self:
        path = self.client_path
        seen = sight_of(user).filter(owner=f"{path}__owner", team=f"{path}__team")
        return self.filter(seen).scoped(f"user {user.pk}")


class Phone(GuardedModel):
    class Kind(models.TextChoices):
        MOBILE = "MOBILE", _("Celular")
        LANDLINE = "LANDLINE", _("Fixo")
        FOREIGN = "FOREIGN", _("Exterior")

    class Status(models.TextChoices):
        OK = "ok", _("Em uso")
        WRONG_NUMBER = "wrong_number", _("Número errado")
        UNREACHABLE = "unreachable", _("Não completa")
        OPTED_OUT = "opted_out", _("Não contatar")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="phones")
    e164 = models.CharField(_("telefone"), max_length=16)
    kind = models.CharField(_("tipo"), max_length=8, choices=Kind.choices)
    raw = models.CharField(max_length=80, blank=True, editable=False)
    extension = models.CharField(_("ramal"), max_length=10, blank=True)
    is_whatsapp = models.BooleanField(_("tem WhatsApp"), null=True, blank=True)
    status = models.CharField(_("situação"), max_length=12, choices=Status.choices, default=Status.OK)
    label = models.CharField(_("rótulo"), max_length=40, blank=True)
    is_primary = models.BooleanField(_("principal"), default=False)

    objects = BelongsToClientQuerySet["Phone"].as_manager()

    class Meta:
        verbose_name = _("telefone")
        verbose_name_plural = _("telefones")
        ordering: ClassVar = ["-is_primary", "id"]
        indexes: ClassVar = [models.Index(fields=["e164"], name="phone_e164")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "e164"], name="phone_once_per_client"),
            models.UniqueConstraint(fields=["client"], condition=Q(is_primary=True), name="phone_one_primary"),
            models.CheckConstraint(condition=Q(e164__regex=r"^\+[1-9][0-9]{6,14}$"), name="phone_e164_form"),
        ]

    def __str__(self) -> str:
        return self.e164

    @property
    def takes_whatsapp(self) -> bool:
        """Mobile and foreign numbers unless known otherwise; a landline only when said so (DOMAIN 1.4)."""
        if self.status != self.Status.OK or self.is_whatsapp is False:
            return False
        return self.kind != self.Kind.LANDLINE or self.is_whatsapp is True


class Email(GuardedModel):
    class Status(models.TextChoices):
        OK = "ok", _("Em uso")
        INVALID = "invalid", _("Voltou")
        OPTED_OUT = "opted_out", _("Não contatar")

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="emails")
    address = models.EmailField(_("e-mail"))
    label = models.CharField(_("rótulo"), max_length=40, blank=True)
    status = models.CharField(_("situação"), max_length=10, choices=Status.choices, default=Status.OK)
    is_primary = models.BooleanField(_("principal"), default=False)

    objects = BelongsToClientQuerySet["Email"].as_manager()

    class Meta:
        verbose_name = _("e-mail")
        verbose_name_plural = _("e-mails")
        ordering: ClassVar = ["-is_primary", "id"]
        indexes: ClassVar = [models.Index(fields=["address"], name="email_address")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client", "address"], name="email_once_per_client"),
            models.UniqueConstraint(fields=["client"], condition=Q(is_primary=True), name="email_one_primary"),
        ]

    def __str__(self) -> str:
        return self.address


class Address(GuardedModel):
    """The primary address gives the client's city and UF (kept on the client row for lists and territory)."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="addresses")
    label = models.CharField(_("rótulo"), max_length=40, blank=True)
    cep = models.CharField(_("CEP"), max_length=8, blank=True)
    street = models.CharField(_("rua"), max_length=160, blank=True)
    number = models.CharField(_("número"), max_length=20, blank=True)
    complement = models.CharField(_("complemento"), max_length=80, blank=True)
    district = models.CharField(_("bairro"), max_length=80, blank=True)
    city = models.CharField(_("cidade"), max_length=80, blank=True)
    uf = models.CharField(_("UF"), max_length=2, blank=True)
    is_primary = models.BooleanField(_("principal"), default=False)

    objects = BelongsToClientQuerySet["Address"].as_manager()

    class Meta:
        verbose_name = _("endereço")
        verbose_name_plural = _("endereços")
        ordering: ClassVar = ["-is_primary", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["client"], condition=Q(is_primary=True), name="address_one_primary"),
            models.CheckConstraint(condition=Q(cep="") | Q(cep__regex=r"^[0-9]{8}$"), name="address_cep_form"),
        ]

    def __str__(self) -> str:
        return f"{self.street} {self.number}, {self.city}/{self.uf}"


class ContactPerson(GuardedModel):
    """Someone to speak to at a company (or about a person)."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="people")
    name = models.CharField(_("nome"), max_length=150)
    position = models.CharField(_("cargo ou relação"), max_length=80, blank=True)
    phone = models.CharField(_("telefone"), max_length=16, blank=True)
    email = models.EmailField(_("e-mail"), blank=True)
    decides = models.BooleanField(_("decide a compra"), default=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = BelongsToClientQuerySet["ContactPerson"].as_manager()

    class Meta:
        verbose_name = _("pessoa de contato")
        verbose_name_plural = _("pessoas de contato")
        ordering: ClassVar = ["-decides", "name"]

    def __str__(self) -> str:
        return self.name
