"""How the company looks where clients read its surveys."""

from base64 import b64encode
from typing import ClassVar, Final, Self

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _


class Brand(models.Model):
    """The company's logo: one row, or none. Apart from NpsSettings, which every night and page reads."""

    ONLY = 1
    # In pixels of a page: what is larger is drawn finer, not larger.
    BOX: Final = (200, 48)

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY, editable=False)
    webp = models.BinaryField(_("imagem da página"))
    png = models.BinaryField(_("imagem do e-mail"))
    width = models.PositiveSmallIntegerField(_("largura"))
    height = models.PositiveSmallIntegerField(_("altura"))
    digest = models.CharField(_("resumo"), max_length=16)

    class Meta:
        verbose_name = _("logotipo da empresa")
        verbose_name_plural = _("logotipo da empresa")
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(id=1), name="brand_only_one"),
            models.CheckConstraint(condition=Q(width__gte=1, height__gte=1), name="brand_has_sides"),
        ]

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def current(cls, picture: str = "") -> Self | None:
        """With one of its pictures, "webp" or "png", or with neither."""
        return cls.objects.defer(*{"webp", "png"} - {picture}).first()

    @property
    def address(self) -> str:
        """Of the picture in letters: the same for everybody, so that it tells nothing of who reads them."""
        return f"{settings.SITE_URL}{reverse('nps:brand')}?v={self.digest}"

    @property
    def data(self) -> str:
        """The picture of a page, in the page itself."""
        return f"data:image/webp;base64,{b64encode(self.webp).decode()}"

    @property
    def shown_width(self) -> int:
        return round(self.width * self._scale)

    @property
    def shown_height(self) -> int:
        return round(self.height * self._scale)

    @property
    def _scale(self) -> float:
        return min(1, self.BOX[0] / self.width, self.BOX[1] / self.height)
