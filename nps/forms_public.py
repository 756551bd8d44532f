"""What clients type on the pages of a survey."""

import unicodedata
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from brazil.names import is_real_name
from clients.fields import EmailField, PhoneField
from clients.forms import StrictForm

LONGEST: Final = 4_000
NO_SCORE: Final = _("Escolha uma nota de 0 a 10.")


class PlainTextField(forms.CharField):
    """Text as it can be kept: browsers' line ends as one character, without characters that steer machines."""

    def to_python(self, value: Any) -> str:
        text = (super().to_python(value) or "").replace("\r\n", "\n")
        return "".join(letter for letter in text if letter in "\n\t" or unicodedata.category(letter) != "Cc")


class AnswerForm(StrictForm):
    score = forms.IntegerField(
        min_value=0,
        max_value=10,
        error_messages=dict.fromkeys(("required", "invalid", "min_value", "max_value"), NO_SCORE),
    )
    comment = PlainTextField(
        required=False,
        max_length=LONGEST,
        error_messages={
            "max_length": _("O comentário tem %(show_value)s letras e cabem %(limit_value)s. Encurte e envie de novo.")
        },
    )
    may_call = forms.BooleanField(required=False)


class ReferralForm(StrictForm):
    name = PlainTextField(
        label=_("Nome do seu amigo"),
        max_length=200,
        error_messages={"required": _("Escreva o nome de quem você indica.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    phone = PhoneField(label=_("Telefone com DDD"), error_messages={"required": _("Escreva o telefone com DDD.")})
    email = EmailField(label=_("E-mail (opcional)"), required=False)

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not is_real_name(name):
            raise ValidationError(_("Escreva o nome de quem você indica."))
        return name
