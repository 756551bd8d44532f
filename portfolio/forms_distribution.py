"""Forms around the distribution: a person's departure, and the rules (used by the admin)."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from portfolio.models import DistributionRule
from portfolio.territory import cep_range


class DepartureForm(forms.Form):
    understood = forms.BooleanField(label=_("Entendi: a entrada é bloqueada agora e a carteira vai para a fila."))


class DistributionRuleForm(forms.ModelForm[DistributionRule]):
    class Meta:
        model = DistributionRule
        fields: ClassVar = ["position", "name", "criterion", "values", "teams", "sellers", "is_active"]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        criterion, values = data.get("criterion"), data.get("values") or []
        if criterion and criterion != DistributionRule.Criterion.ANY and not values:
            self.add_error("values", _("Diga ao menos um valor para este critério."))
        if criterion == DistributionRule.Criterion.CEP:
            for value in values:
                self._check_range(value)
        return data

    def _check_range(self, value: str) -> None:
        try:
            cep_range(value)
        except ValueError:
            message = _("“%(value)s” não é faixa de CEP. Use, por exemplo, 01000000-19999999.") % {"value": value}
            self.add_error("values", ValidationError(message))
