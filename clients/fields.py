"""Form fields that read what Brazilians type: documents, phones, e-mails, CEP, dates and money.

Each cleans to the normalised value; its error says what is wrong and the way out (brazil.messages).
"""

import datetime
from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from brazil.dates import parse_date
from brazil.documents import ParsedDocument, format_document, mask_document, parse_document, person_type_of
from brazil.emails import parse_email
from brazil.messages import message
from brazil.money import format_number, parse_money
from brazil.phones import PhoneNumber, parse_phone
from brazil.postal import UF_NAMES, format_cep, parse_cep


class DateInput(forms.DateInput):
    """The browser's own date field; text that is no date falls back to a text field and stays visible."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")

    def format_value(self, value: Any) -> str | None:
        if isinstance(value, str):
            value = parse_date(value).value or value
        return super().format_value(value)

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        if isinstance(value, str) and value and parse_date(value).value is None:
            context["widget"]["type"] = "text"
        return context


class DateField(forms.DateField):
    """`31/12/2026` and what date fields of browsers send."""

    widget = DateInput

    def to_python(self, value: Any) -> datetime.date | None:
        if value in self.empty_values or isinstance(value, datetime.date):
            return super().to_python(value)
        parsed = parse_date(str(value))
        if parsed.value is None:
            raise ValidationError(message(parsed.error or "date_invalid"), code="invalid")
        return parsed.value


class PastDateField(DateField):
    """A day that has come: sales and cancellations are written down, not planned."""

    future_text = _("A data é depois de hoje. Use o dia em que aconteceu.")

    def clean(self, value: Any) -> datetime.date | None:
        day: datetime.date | None = super().clean(value)
        if day is not None and day > timezone.localdate():
            raise ValidationError(self.future_text, code="future")
        return day


class MoneyInput(forms.TextInput):
    def __init__(self) -> None:
        super().__init__(attrs={"inputmode": "decimal", "autocomplete": "off", "placeholder": "0,00"})

    def format_value(self, value: Any) -> str | None:
        return format_number(value, 2) if isinstance(value, Decimal) else super().format_value(value)


class MoneyField(forms.CharField):
    """`1.234,56`, `R$ 1.234,56`, `1234.56`; never negative."""

    widget = MoneyInput

    def clean(self, value: Any) -> Decimal | None:
        text = super().clean(value)
        if not text:
            return None
        parsed = parse_money(text)
        if parsed.value is None:
            raise ValidationError(message(parsed.error or "amount_invalid"), code="invalid")
        if parsed.value < 0:
            raise ValidationError(_("O valor não pode ser negativo. Para devolver, use Devolver."), code="negative")
        return parsed.value


class DocumentField(forms.CharField):
    """Cleans to a `ParsedDocument`; blank gives one without a document."""

    def __init__(self, **kwargs: Any) -> None:
        # inputmode text: since 2026 a CNPJ may have letters.
        attrs = {"autocomplete": "off", "autocapitalize": "characters", "inputmode": "text"}
        super().__init__(widget=forms.TextInput(attrs=attrs), max_length=40, **kwargs)

    def clean(self, value: Any) -> ParsedDocument:
        parsed = parse_document(super().clean(value) or "")
        if parsed.status == "invalid":
            raise ValidationError(message(parsed.error), code=parsed.error)
        return parsed


class KeptDocumentField(DocumentField):
    """Shows the stored document masked; the mask sent back means: keep it."""

    kept = ""

    def clean(self, value: Any) -> ParsedDocument:
        if self.kept and str(value or "").strip() == mask_document(self.kept):
            return ParsedDocument("valid", person_type_of(self.kept), self.kept, format_document(self.kept))
        return super().clean(value)


def _require(field: forms.Field, found: Any) -> None:
    """What stands for "none" (`-`, `N/A`) is no answer to a required field."""
    if field.required and not found:
        raise ValidationError(field.error_messages["required"], code="required")


class PhoneField(forms.CharField):
    """Cleans to one `PhoneNumber`, or None."""

    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "tel", "autocomplete": "off", "placeholder": "(11) 98765-4321"}
        super().__init__(widget=forms.TextInput(attrs=attrs), max_length=80, **kwargs)

    def clean(self, value: Any) -> PhoneNumber | None:
        parsed = parse_phone(super().clean(value) or "")
        if parsed.status == "invalid":
            raise ValidationError(message(parsed.error), code=parsed.error)
        if len(parsed.numbers) > 1:
            raise ValidationError(_("Há mais de um telefone aqui. Cadastre um de cada vez."), code="many")
        _require(self, parsed.numbers)
        return parsed.numbers[0] if parsed.numbers else None


class EmailField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        attrs = {"type": "email", "autocomplete": "off", "placeholder": "nome@empresa.com.br"}
        super().__init__(widget=forms.TextInput(attrs=attrs), max_length=254, **kwargs)

    def clean(self, value: Any) -> str:
        parsed = parse_email(super().clean(value) or "")
        if parsed.status == "invalid":
            raise ValidationError(message(parsed.error), code=parsed.error)
        _require(self, parsed.normalized)
        return parsed.normalized


class CepField(forms.CharField):
    def __init__(self, **kwargs: Any) -> None:
        attrs = {"inputmode": "numeric", "autocomplete": "off", "placeholder": "00000-000"}
        super().__init__(widget=forms.TextInput(attrs=attrs), max_length=20, **kwargs)

    def prepare_value(self, value: Any) -> Any:
        return format_cep(value) if isinstance(value, str) else value

    def clean(self, value: Any) -> str:
        parsed = parse_cep(super().clean(value) or "")
        if parsed.status == "invalid":
            raise ValidationError(message(parsed.error), code=parsed.error)
        return parsed.normalized


class UfField(forms.ChoiceField):
    def __init__(self, **kwargs: Any) -> None:
        states = sorted(UF_NAMES.items(), key=lambda state: state[1])
        super().__init__(choices=[("", "—"), *((uf, f"{uf} · {name}") for uf, name in states)], **kwargs)


class SuggestField(forms.CharField):
    """Free text with a list of what others typed; `options` fills the datalist that the template writes."""

    def __init__(self, *, list_id: str, **kwargs: Any) -> None:
        self.list_id = list_id
        self.options: list[str] = []
        widget = forms.TextInput(attrs={"list": list_id, "autocomplete": "off"})
        super().__init__(widget=widget, **kwargs)
