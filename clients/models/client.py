"""The client record, its tags and its search text."""

from typing import ClassVar, Self

from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.addresses import address
from core.scoping import GuardedModel, GuardedQuerySet
from people.models import Team, User
from people.visibility import sight_of


class PortfolioClass(models.TextChoices):
    """The three portfolios, and prospects outside them (SCIENCE 2). Computed, never typed."""

    ACTIVE = "active", _("Ativa")
    RENEWAL = "renewal", _("Renovação")
    INACTIVE = "inactive", _("Inativa")
    PROSPECT = "prospect", _("Prospect")


class PersonType(models.TextChoices):
    PERSON = "PF", _("Pessoa física")
    COMPANY = "PJ", _("Pessoa jurídica")


class Tag(models.Model):
    name = models.CharField(_("nome"), max_length=40)
    key = models.CharField(max_length=40, unique=True, editable=False)

    class Meta:
        verbose_name = _("etiqueta")
        verbose_name_plural = _("etiquetas")
        ordering: ClassVar = ["key"]

    def __str__(self) -> str:
        return self.name


class Sector(models.Model):
    """The client's line of business; the purchase cycle is learned per sector. `key` is the folded name."""

    name = models.CharField(_("nome"), max_length=80)
    key = models.CharField(max_length=80, unique=True, editable=False)

    class Meta:
        verbose_name = _("setor")
        verbose_name_plural = _("setores")
        ordering: ClassVar = ["key"]

    def __str__(self) -> str:
        return self.name


# The scope under which contacts.erasure deletes: whoever goes another way would forget what was refused.
ERASURE = "erased with what it refused kept"


class ErasureError(RuntimeError):
    def __init__(self) -> None:
        super().__init__("Clients leave through contacts.erasure.erase: it keeps what they refused.")


class ClientQuerySet(GuardedQuerySet["Client"]):
    def delete(self) -> tuple[int, dict[str, int]]:
        self._require_scope()
        raise ErasureError

    def _raw_delete(self, using: str | None) -> int:
        self._require_scope()
        if getattr(self.query, "scope", None) != ERASURE:
            raise ErasureError
        return super()._raw_delete(using)

    def visible_to(self, user: User) -> Self:
        """The clients `user` may see; every screen, export, total and choice starts here."""
        return self.filter(sight_of(user).filter(owner="owner", team="team")).scoped(f"user {user.pk}")

    def ownerless(self) -> Self:
        return self.filter(owner__isnull=True)

    def never_owned(self) -> Self:
        """Clients no one has owned yet: the only ones the night places by itself."""
        return self.ownerless().filter(ownerships__isnull=True)


class Client(GuardedModel):
    """A person or company served. `portfolio_class` and its companions are written by contracts.classification only."""

    code = models.CharField(_("código externo"), max_length=40, blank=True)
    person_type = models.CharField(_("tipo"), max_length=2, choices=PersonType.choices, blank=True)
    name = models.CharField(_("nome ou razão social"), max_length=200)
    name_key = models.CharField(max_length=200, editable=False)
    social_name = models.CharField(_("nome social"), max_length=200, blank=True)
    trade_name = models.CharField(_("nome fantasia"), max_length=200, blank=True)
    document = models.CharField(_("CPF ou CNPJ"), max_length=14, blank=True)
    birth_date = models.DateField(_("nascimento ou fundação"), null=True, blank=True)
    # `client_filters` finds the clients of a sector.
    sector = models.ForeignKey(
        Sector, verbose_name=_("setor"), null=True, blank=True, on_delete=models.PROTECT, db_index=False
    )
    source = models.CharField(_("origem"), max_length=80, blank=True)
    city = models.CharField(_("cidade"), max_length=80, blank=True)
    uf = models.CharField(_("UF"), max_length=2, blank=True)
    owner = models.ForeignKey(
        User,
        verbose_name=_("responsável"),
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="clients",
        # Its indexes are those below that begin with the owner.
        db_index=False,
    )
    team = models.ForeignKey(Team, verbose_name=_("equipe"), null=True, blank=True, on_delete=models.PROTECT)
    portfolio_class = models.CharField(
        _("carteira"),
        max_length=8,
        choices=PortfolioClass.choices,
        default=PortfolioClass.PROSPECT,
        editable=False,
    )
    class_since = models.DateField(_("na carteira desde"), default=timezone.localdate, editable=False)
    class_reason = models.CharField(_("motivo da carteira"), max_length=32, default="SEM_COMPRA", editable=False)
    declared_amount = models.DecimalField(_("valor informado"), max_digits=14, decimal_places=2, null=True, blank=True)
    declared_product = models.CharField(_("produto informado"), max_length=120, blank=True)
    legal_basis = models.CharField(_("base legal"), max_length=40, default="contract", editable=False)
    notes = models.TextField(_("observações"), blank=True)
    deceased_on = models.DateField(_("falecimento informado em"), null=True, blank=True, editable=False)
    # No offers until then, and why: a rule of an app above (an unhappy client) says so, the legal gate reads it.
    offers_paused_until = models.DateField(_("sem ofertas até"), null=True, blank=True, editable=False)
    offers_paused_why = models.CharField(_("motivo"), max_length=120, default="", db_default="", editable=False)
    tags = models.ManyToManyField(Tag, verbose_name=_("etiquetas"), blank=True, related_name="clients")
    created_at = models.DateTimeField(_("criado em"), default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", editable=False, db_index=False
    )
    version = models.PositiveIntegerField(default=1, editable=False)

    objects = ClientQuerySet.as_manager()

    class Meta:
        verbose_name = _("cliente")
        verbose_name_plural = _("clientes")
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["document"], condition=~Q(document=""), name="client_document_once"),
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="client_code_once"),
            models.CheckConstraint(condition=~Q(name=""), name="client_has_name"),
            models.CheckConstraint(
                condition=Q(person_type="", document="")
                | Q(person_type="PF", document__regex=r"^([0-9]{11})?$")
                | Q(person_type="PJ", document__regex=r"^([0-9A-Z]{12}[0-9]{2})?$"),
                name="client_document_fits_type",
            ),
            models.CheckConstraint(condition=Q(portfolio_class__in=PortfolioClass.values), name="client_class_known"),
            models.CheckConstraint(condition=Q(uf="") | Q(uf__regex=r"^[A-Z]{2}$"), name="client_uf_two_letters"),
        ]
        indexes: ClassVar = [
            models.Index(fields=["name_key", "id"], name="client_by_name"),
            # One seller's clients of all classes are few enough to sort: each further index is written anew with every
            # client that changes hands.
            models.Index(fields=["owner", "portfolio_class", "name_key", "id"], name="client_owner_class_name"),
            models.Index(fields=["portfolio_class", "name_key", "id"], name="client_class_name"),
            models.Index(fields=["team"], name="client_team_ownerless", condition=Q(owner__isnull=True)),
            # The filters of the list and whose the client is: tabs are counted without reading a row.
            models.Index(
                fields=["portfolio_class", "uf", "sector", "person_type"],
                include=["owner", "team"],
                name="client_filters",
            ),
            models.Index(fields=["portfolio_class", "class_since"], name="client_class_since"),
        ]

    def __str__(self) -> str:
        return self.display_name

    def delete(self, *_args: object, **_kwargs: object) -> tuple[int, dict[str, int]]:
        raise ErasureError

    def get_absolute_url(self) -> str:
        return address("portfolio:client_detail", self.pk)

    @property
    def display_name(self) -> str:
        """Nome social wins on screen and in messages."""
        return self.social_name or self.name


class ClientSearch(models.Model):
    """Folded name, digits of document and phones, and e-mails of one client, apart from the client row so that
    nightly writes never touch the trigram index. Written by `clients.search.refresh`."""

    client = models.OneToOneField(Client, primary_key=True, on_delete=models.CASCADE, related_name="search")
    text = models.TextField()

    class Meta:
        indexes: ClassVar = [GinIndex(fields=["text"], name="client_search_trigrams", opclasses=["gin_trgm_ops"])]

    def __str__(self) -> str:
        return f"#{self.client_id}"
