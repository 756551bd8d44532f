"""The forms of the import pages."""

from typing import Any

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from brazil.phones import DDDS_BY_UF
from imports.decoding import ENCODINGS
from imports.headings import FIELDS
from imports.models import BatchKind, Existing, ImportBatch
from people.models import User
from people.visibility import visible_people

REQUIRED = {
    BatchKind.CLIENTS: ("nome",),
    BatchKind.PURCHASES: ("cliente", "data"),
    BatchKind.CONTRACTS: ("cliente",),
    BatchKind.CONTACTS: ("cliente", "data", "canal", "resultado"),
}
ENCODING_NAMES = {
    "utf-8": "UTF-8", "utf-8-sig": "UTF-8", "utf-16": "UTF-16", "cp1252": _("Windows (1252)"),
    "cp850": _("DOS (850)"),
}  # fmt: skip


class UploadForm(forms.Form):
    kind = forms.ChoiceField(label=_("O que a planilha traz"), choices=BatchKind.choices)
    file = forms.FileField(
        label=_("Planilha"),
        help_text=_("XLSX ou CSV, até 100 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xlsm,.csv,.txt"}),
    )
    source = forms.CharField(
        label=_("De onde ela veio"),
        max_length=80,
        required=False,
        help_text=_("Um nome para lembrar a ligação das colunas, como “Sistema antigo”."),
    )


class RereadForm(forms.Form):
    """Another encoding or another sheet than the one found."""

    encoding = forms.ChoiceField(label=_("Codificação"), required=False)
    sheet = forms.ChoiceField(label=_("Aba"), required=False)

    def __init__(self, *args: Any, batch: ImportBatch, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        table = batch.table
        sheets = table.get("sheets", [])
        if table.get("format") == "csv":
            self.choose("encoding", [(name, ENCODING_NAMES[name]) for name in ENCODINGS], table["encoding"])
        else:
            del self.fields["encoding"]
        if len(sheets) > 1:
            self.choose("sheet", [(name, name) for name in sheets], table["sheet"])
        else:
            del self.fields["sheet"]

    def choose(self, name: str, choices: list[tuple[str, Any]], initial: str) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - tells the type checker, nothing else
        field.choices = choices
        field.initial = initial


class MappingForm(forms.Form):
    """One select per column, then what to do with what the base has already."""

    source = forms.CharField(label=_("De onde a planilha veio"), max_length=80, required=False)
    remember = forms.BooleanField(label=_("Lembrar esta ligação"), required=False, initial=True)

    def __init__(self, *args: Any, batch: ImportBatch, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.batch = batch
        self.headings: list[str] = batch.table["header"]
        self.fields["source"].initial = batch.source
        known = [(name, field.label) for name, field in FIELDS[batch.kind].items()]  # type: ignore[index]
        for column, heading in enumerate(self.headings):
            self.fields[f"column_{column}"] = forms.ChoiceField(
                label=heading or gettext("Coluna %(number)s") % {"number": column + 1},
                choices=[("", _("Não importar")), *known],
                initial=batch.mapping.get(str(column), ""),
                required=False,
            )
        self.add_options(user)

    def add_options(self, user: User) -> None:
        options = self.batch.options
        if self.batch.kind == BatchKind.CONTACTS:
            return
        if self.batch.kind != BatchKind.CLIENTS:
            self.fields["create_products"] = forms.BooleanField(
                label=_("Criar os produtos que ainda não existem"), required=False,
                initial=options.get("create_products", False),
            )  # fmt: skip
            return
        ddds = sorted(ddd for ddds in DDDS_BY_UF.values() for ddd in ddds.split())
        self.fields["existing"] = forms.ChoiceField(
            label=_("Clientes que já existem"), choices=Existing.choices,
            initial=options.get("existing", Existing.SKIP),
            help_text=_("Célula vazia nunca apaga. Responsável e pedidos de não contatar nunca mudam."),
        )  # fmt: skip
        self.fields["default_ddd"] = forms.ChoiceField(
            label=_("DDD dos telefones sem DDD"), required=False,
            choices=[("", _("Deixar em branco")), *[(ddd, ddd) for ddd in ddds]],
            initial=options.get("default_ddd", ""),
        )  # fmt: skip
        people = User.objects.filter(visible_people(user), is_active=True).order_by("name_key")
        self.fields["owner"] = forms.ModelChoiceField(
            label=_("Responsável pelos clientes sem vendedor"), queryset=people, required=False,
            empty_label=_("Sem responsável"), initial=options.get("owner"),
        )  # fmt: skip

    @property
    def option_fields(self) -> list[forms.BoundField]:
        return [self[name] for name in ("existing", "create_products", "default_ddd", "owner") if name in self.fields]

    @property
    def mapping(self) -> dict[int, str]:
        return {column: self.cleaned_data[f"column_{column}"] for column in range(len(self.headings))}

    @property
    def options(self) -> dict[str, Any]:
        owner = self.cleaned_data.get("owner")
        chosen = {name: self.cleaned_data.get(name) for name in ("existing", "create_products", "default_ddd")}
        return {name: value for name, value in chosen.items() if value} | ({"owner": owner.pk} if owner else {})

    def clean(self) -> None:
        fields = FIELDS[self.batch.kind]  # type: ignore[index]
        chosen: dict[str, list[int]] = {}
        for column in range(len(self.headings)):
            if name := self.cleaned_data.get(f"column_{column}"):
                chosen.setdefault(name, []).append(column)
        for name in REQUIRED[BatchKind(self.batch.kind)]:
            if name not in chosen:
                self.add_error(None, _("Escolha a coluna de %(field)s.") % {"field": fields[name].label})
        for name, columns in chosen.items():
            if len(columns) > 1 and not fields[name].several:
                text = _("%(field)s só pode vir de uma coluna.") % {"field": fields[name].label}
                self.add_error(f"column_{columns[1]}", text)
