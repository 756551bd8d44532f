"""The words of the company: message templates with an allow-list of variables, and call scripts in blocks."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from clients.models import Purpose
from people.models import User


class MessageChannel(models.TextChoices):
    WHATSAPP = "whatsapp", _("WhatsApp")
    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-mail")


class MessageTemplate(models.Model):
    """Plain text with `{{variables}}` of `contacts.wording`. Without `owner` it is the company's."""

    class Occasion(models.TextChoices):
        ANY = "", _("Qualquer ocasião")
        WELCOME = "welcome", _("Boas-vindas")
        CHECK = "check", _("Acompanhamento")
        BIRTHDAY = "birthday", _("Aniversário")
        RENEWAL = "renewal", _("Renovação")
        REACTIVATION = "reactivation", _("Reativação")
        CALLBACK = "callback", _("Retorno combinado")
        NEW_OWNER = "new_owner", _("Novo responsável")

    name = models.CharField(_("nome"), max_length=80)
    channel = models.CharField(_("canal"), max_length=8, choices=MessageChannel.choices)
    purpose = models.CharField(_("finalidade"), max_length=8, choices=Purpose.choices, default=Purpose.SERVICE)
    occasion = models.CharField(_("ocasião"), max_length=12, choices=Occasion.choices, blank=True)
    subject = models.CharField(_("assunto"), max_length=150, blank=True)
    body = models.TextField(_("texto"))
    owner = models.ForeignKey(
        User, verbose_name=_("só de"), null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    is_active = models.BooleanField(_("em uso"), default=True)
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("modelo de mensagem")
        verbose_name_plural = _("modelos de mensagem")
        ordering: ClassVar = ["channel", "name"]
        constraints: ClassVar = [
            models.UniqueConstraint("owner", "channel", Lower("name"), name="template_name_once", nulls_distinct=False),
            models.CheckConstraint(condition=~Q(channel="email") | ~Q(subject=""), name="template_mail_has_subject"),
        ]

    def __str__(self) -> str:
        return self.name


class CallScript(models.Model):
    """Ordered blocks that a seller reads along a call."""

    name = models.CharField(_("nome"), max_length=80, unique=True)
    purpose = models.CharField(_("finalidade"), max_length=8, choices=Purpose.choices, default=Purpose.OFFER)
    occasion = models.CharField(_("ocasião"), max_length=12, choices=MessageTemplate.Occasion.choices, blank=True)
    is_active = models.BooleanField(_("em uso"), default=True)
    # Grows with every change of the script or of one of its blocks.
    version = models.PositiveIntegerField(default=1, editable=False)

    class Meta:
        verbose_name = _("roteiro de ligação")
        verbose_name_plural = _("roteiros de ligação")
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class ScriptBlock(models.Model):
    """One block of a script; its text takes the variables of templates."""

    class Kind(models.TextChoices):
        GREETING = "greeting", _("Saudação")
        IDENTITY = "identity", _("Confirmar a pessoa")
        PURPOSE = "purpose", _("Motivo da ligação")
        QUESTIONS = "questions", _("Perguntas")
        OFFER = "offer", _("Oferta com CET")
        OBJECTIONS = "objections", _("Objeções")
        CLOSING = "closing", _("Encerramento e desistência")

    script = models.ForeignKey(CallScript, on_delete=models.CASCADE, related_name="blocks")
    kind = models.CharField(_("bloco"), max_length=10, choices=Kind.choices)
    text = models.TextField(_("texto"))
    position = models.PositiveSmallIntegerField(_("ordem"), default=1)

    class Meta:
        verbose_name = _("bloco do roteiro")
        verbose_name_plural = _("blocos do roteiro")
        ordering: ClassVar = ["position", "id"]

    def __str__(self) -> str:
        return f"{self.position}. {self.get_kind_display()}"
