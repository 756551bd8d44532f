"""Product families (with their renewal window) and products with tiers."""

from typing import ClassVar

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class ProductFamily(models.Model):
    class WindowRule(models.TextChoices):
        DAYS = "days", _("Dias antes do fim")
        CONSIGNADO = "consignado", _("Consignado: 20 % e 12 parcelas pagas")
        NEVER = "never", _("Não renova")

    name = models.CharField(_("nome"), max_length=80)
    key = models.CharField(max_length=80, unique=True, editable=False)
    window_rule = models.CharField(_("renovação"), max_length=10, choices=WindowRule.choices, default=WindowRule.DAYS)
    window_days = models.PositiveSmallIntegerField(_("janela de renovação em dias"), null=True, blank=True)
    inactive_after_days = models.PositiveSmallIntegerField(
        _("dias fixos até inativar"),
        null=True,
        blank=True,
        help_text=_("Vazio: o ciclo de cada cliente decide (recomendado)."),
    )

    class Meta:
        verbose_name = _("família de produtos")
        verbose_name_plural = _("famílias de produtos")
        ordering: ClassVar = ["key"]

    def __str__(self) -> str:
        return self.name


class Product(models.Model):
    family = models.ForeignKey(ProductFamily, verbose_name=_("família"), on_delete=models.PROTECT)
    name = models.CharField(_("nome"), max_length=120)
    key = models.CharField(max_length=120, unique=True, editable=False)
    code = models.CharField(_("código"), max_length=40, blank=True)
    tier = models.PositiveSmallIntegerField(_("nível"), default=1, help_text=_("1 é o mais simples da família."))
    price = models.DecimalField(_("preço"), max_digits=14, decimal_places=2, null=True, blank=True)
    is_active = models.BooleanField(_("à venda"), default=True)

    class Meta:
        verbose_name = _("produto")
        verbose_name_plural = _("produtos")
        ordering: ClassVar = ["key"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["code"], condition=~Q(code=""), name="product_code_once"),
            models.CheckConstraint(
                condition=Q(price__isnull=True) | Q(price__gte=0), name="product_price_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.name
