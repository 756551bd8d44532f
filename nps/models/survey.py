"""What is asked, of whom and how often."""

from typing import ClassVar, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.models import PortfolioClass
from people.models import User


class SurveyChannel(models.TextChoices):
    """How a client is asked. By hand means that somebody hands the link over; by phone staff writes the answer down."""

    EMAIL = "email", _("E-mail")
    WHATSAPP = "whatsapp", _("WhatsApp")
    SMS = "sms", _("SMS")
    LINK = "link", _("Link à mão")
    PHONE = "phone", _("Por telefone")


def default_channels() -> list[str]:
    return [SurveyChannel.EMAIL.value]


def default_classes() -> list[str]:
    return [PortfolioClass.ACTIVE.value, PortfolioClass.RENEWAL.value]


class Survey(models.Model):
    """One series of answers; relational and transactional ones are never mixed (DOMAIN 4).

    `channels` are tried in their order. `{{empresa}}` in a text is the company's name.
    """

    class Kind(models.TextChoices):
        RELATIONAL = "relational", _("Relacional: a carteira, de tempos em tempos")
        SALE = "sale", _("Transacional: depois de uma venda ou contrato")
        SERVICE = "service", _("Transacional: depois de um atendimento")

    class Pick(models.TextChoices):
        EVERYBODY = "everybody", _("Todos os elegíveis, por rodízio")
        RANDOM = "random", _("Sorteio por dia")

    name = models.CharField(_("nome"), max_length=80, unique=True)
    kind = models.CharField(_("tipo"), max_length=10, choices=Kind.choices, default=Kind.RELATIONAL)
    question = models.CharField(
        _("pergunta"),
        max_length=300,
        default="Em uma escala de 0 a 10, quanto você recomendaria a {{empresa}} a um amigo ou colega?",
    )
    reason_question = models.CharField(
        _("pergunta aberta"), max_length=200, default="Qual o principal motivo da sua nota?"
    )
    intro = models.CharField(_("abertura"), max_length=200, blank=True, default="Uma pergunta, menos de um minuto.")
    thanks = models.CharField(_("agradecimento"), max_length=300, blank=True)
    company = models.CharField(
        _("nome da empresa na pesquisa"), max_length=80, blank=True, help_text=_("Vazio: o da instalação.")
    )
    channels = ArrayField(
        models.CharField(max_length=8, choices=SurveyChannel.choices),
        verbose_name=_("canais"),
        default=default_channels,
    )
    classes = ArrayField(
        models.CharField(max_length=8, choices=PortfolioClass.choices),
        verbose_name=_("carteiras perguntadas"),
        default=default_classes,
        blank=True,
    )
    pick = models.CharField(_("quem é perguntado"), max_length=9, choices=Pick.choices, default=Pick.EVERYBODY)
    sample_per_day = models.PositiveIntegerField(_("sorteados por dia"), default=50, validators=[MinValueValidator(1)])
    delay_days = models.PositiveSmallIntegerField(_("dias depois do fato"), default=7)
    interval_days = models.PositiveSmallIntegerField(_("dias entre perguntas ao mesmo cliente"), default=180)
    reminder_days = models.PositiveSmallIntegerField(
        _("lembrete depois de dias"), default=4, help_text=_("0: sem lembrete.")
    )
    valid_days = models.PositiveSmallIntegerField(
        _("validade do link em dias"), default=30, validators=[MinValueValidator(1), MaxValueValidator(90)]
    )
    is_anonymous = models.BooleanField(_("anônima"), default=False)
    is_active = models.BooleanField(_("em andamento"), default=False)
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+", editable=False, db_index=False)
    created_at = models.DateTimeField(_("criada em"), default=timezone.now, editable=False)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("pesquisa")
        verbose_name_plural = _("pesquisas")
        ordering: ClassVar = ["-is_active", "name"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(valid_days__gte=1, valid_days__lte=90), name="survey_link_ends"),
            models.CheckConstraint(
                condition=Q(reminder_days=0) | Q(reminder_days__lt=models.F("valid_days")),
                name="survey_reminds_in_time",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def company_name(self) -> str:
        return self.company or settings.COMPANY_NAME

    @property
    def is_relational(self) -> bool:
        return self.kind == self.Kind.RELATIONAL

    def filled(self, text: str) -> str:
        """The text with the company's name in it."""
        return text.replace("{{empresa}}", self.company_name)


class NpsSettings(models.Model):
    """One row; the defaults of DOMAIN 4."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    throttle_days = models.PositiveSmallIntegerField(_("dias sem nova pergunta ao mesmo cliente"), default=90)
    per_day = models.PositiveIntegerField(_("perguntas por dia, no máximo"), default=500)
    per_hour = models.PositiveIntegerField(
        _("perguntas por hora, no máximo"), default=100, validators=[MinValueValidator(1)]
    )
    first_day = models.PositiveIntegerField(
        _("no primeiro dia de envio"), default=50, help_text=_("Dobra a cada dia de envio até o máximo do dia.")
    )
    case_days = models.PositiveSmallIntegerField(
        _("dias úteis para falar com um detrator"), default=2, validators=[MinValueValidator(1)]
    )
    detractor_days = models.PositiveSmallIntegerField(_("dias sem ofertas depois de uma nota baixa"), default=180)
    hidden_below = models.PositiveSmallIntegerField(_("não mostrar com menos respostas"), default=5)
    warned_below = models.PositiveSmallIntegerField(_("avisar com menos respostas"), default=30)
    networks = ArrayField(models.CharField(max_length=49), verbose_name=_("redes da empresa"), default=list, blank=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("parâmetros das pesquisas")
        verbose_name_plural = _("parâmetros das pesquisas")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="nps_settings_only_one"),
            models.CheckConstraint(condition=Q(per_hour__gte=1, case_days__gte=1), name="nps_settings_positive"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls) -> Self:
        """The row, or its defaults: reading never writes."""
        return cls.objects.filter(pk=cls.ONLY).first() or cls()
