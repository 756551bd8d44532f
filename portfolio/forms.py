"""Forms of the list: what is searched, which columns are shown, what is done with the selected clients."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from portfolio.state import SEARCH_LENGTH

COLUMNS = {
    "health": _("Saúde"),
    "reason": _("Motivo"),
    "last": _("Última compra"),
    "rhythm": _("Ritmo, 12 semanas"),
    "contact": _("Último contato"),
    "action": _("Próxima ação"),
    "since": _("Na carteira desde"),
    "value": _("Valor"),
    "owner": _("Responsável"),
}
LEADERS_COLUMNS = frozenset({"owner"})
# The others would push the acts of a row off a usual screen, and a deep page over its budget: one chooses them.
DEFAULT_COLUMNS = frozenset({"health", "reason", "last", "value", "owner"})
# One form carries at most as many ids as one act may touch.
BULK_LIMIT = 1_000
BIGGEST_ID = 2**63 - 1


class SearchForm(forms.Form):
    q = forms.CharField(required=False, max_length=SEARCH_LENGTH, strip=True)
    # The list one searches in: only its filters, never a whole address.
    query = forms.CharField(required=False, max_length=1000)


class PaletteForm(forms.Form):
    """What is typed in the command palette; `client` is the one of the page, `recent` ids with commas between."""

    q = forms.CharField(required=False, strip=True)
    client = forms.IntegerField(required=False, min_value=1, max_value=BIGGEST_ID)
    recent = forms.RegexField(r"^[0-9]{1,18}(,[0-9]{1,18}){0,9}$", required=False)

    def clean_recent(self) -> list[int]:
        return [int(value) for value in self.cleaned_data["recent"].split(",") if value]


class ColumnsForm(forms.Form):
    columns = forms.MultipleChoiceField(choices=list(COLUMNS.items()), required=False)
    query = forms.CharField(required=False, max_length=1000)


class ExportForm(forms.Form):
    format = forms.ChoiceField(choices=[("csv", "CSV"), ("xlsx", "Excel")])
    query = forms.CharField(required=False, max_length=1000)


class SelectionForm(forms.Form):
    """Ids of selected clients, as the list sends them."""

    ids = forms.TypedMultipleChoiceField(coerce=int, required=True)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        ids = self.data.getlist("ids") if hasattr(self.data, "getlist") else []
        chosen = [value for value in ids if value.isascii() and value.isdigit() and len(value) < 19]
        field = self.fields["ids"]
        assert isinstance(field, forms.TypedMultipleChoiceField)  # noqa: S101 - tells the type checker
        field.choices = [(int(value), value) for value in chosen[:BULK_LIMIT]]


class TagForm(forms.Form):
    name = forms.CharField(label=_("Etiqueta"), max_length=40, strip=True)
