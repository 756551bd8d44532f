"""Forms of the account page, users, teams and absences."""

from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from brazil.phones import parse_phone
from people.models import Absence, Team, User
from people.teams import would_loop
from people.visibility import visible_people


class DateInput(forms.DateInput):
    input_type = "date"

    def __init__(self) -> None:
        super().__init__(format="%Y-%m-%d")


class AccountForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields: ClassVar = ["name", "phone", "theme", "single_key_shortcuts", "wants_digest"]
        help_texts: ClassVar = {
            "single_key_shortcuts": _("J, K, X e outras teclas sozinhas. Ctrl + letra continua valendo."),
            "wants_digest": _("Às 7h30, quando há avisos não lidos ou contatos para o dia. Sem nomes de clientes."),
        }

    def clean_phone(self) -> str:
        raw = self.cleaned_data["phone"]
        if not raw:
            return ""
        phone = parse_phone(raw)
        if not phone.e164:
            raise ValidationError(_("Telefone com DDD e 8 ou 9 dígitos, por exemplo (11) 98765-4321."))
        return str(phone.e164)


class UserForm(forms.ModelForm[User]):
    reason = forms.CharField(
        label=_("Motivo da mudança"),
        max_length=200,
        required=False,
        help_text=_("Obrigatório ao mudar papel, equipe, e-mail ou acesso de quem já existe."),
    )

    class Meta:
        model = User
        fields: ClassVar = [
            "name",
            "email",
            "role",
            "team",
            "hours_per_day",
            "client_limit",
            "joined_on",
            "is_active",
        ]
        widgets: ClassVar = {"joined_on": DateInput}
        help_texts: ClassVar = {
            "hours_per_day": _("Pesa na distribuição: quem trabalha metade do dia recebe metade da carteira."),
            "client_limit": _("Vazio: sem limite."),
        }

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email__iexact=email).exclude(pk=self.instance.pk).exists():
            raise ValidationError(_("Já existe alguém com este e-mail. Confira a lista de pessoas."))
        return email

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        rights = {"role", "team", "email", "is_active"} & set(self.changed_data)
        if self.instance.pk and rights and not data.get("reason", "").strip():
            self.add_error("reason", _("Diga por que os direitos desta pessoa mudam."))
        return data


class TeamForm(forms.ModelForm[Team]):
    class Meta:
        model = Team
        fields: ClassVar = ["name", "parent", "uf", "opened_on", "closed_on"]
        widgets: ClassVar = {"opened_on": DateInput, "closed_on": DateInput}

    def clean_parent(self) -> Team | None:
        parent: Team | None = self.cleaned_data["parent"]
        if self.instance.pk and would_loop(self.instance, parent):
            raise ValidationError(_("Esta equipe fica acima da escolhida; escolha outra que não esteja abaixo dela."))
        return parent

    def clean_uf(self) -> str:
        uf: str = self.cleaned_data["uf"].strip().upper()
        return uf


class AbsenceForm(forms.ModelForm[Absence]):
    """`leader` chooses among the people it sees; the cover only among those who can log in."""

    def __init__(self, *args: Any, leader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        people = User.objects.filter(visible_people(leader), is_active=True).order_by("name_key")
        self.fields["user"].empty_label = _("Escolha a pessoa")  # type: ignore[attr-defined]
        self.fields["cover"].empty_label = _("Ninguém cobre")  # type: ignore[attr-defined]
        self.fields["user"].queryset = people  # type: ignore[attr-defined]
        self.fields["cover"].queryset = people  # type: ignore[attr-defined]

    class Meta:
        model = Absence
        fields: ClassVar = ["user", "cover", "kind", "starts_on", "ends_on"]
        widgets: ClassVar = {"starts_on": DateInput, "ends_on": DateInput}

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        starts, ends = data.get("starts_on"), data.get("ends_on")
        if starts and ends and ends < starts:
            self.add_error("ends_on", _("O último dia vem antes do primeiro. Troque as datas."))
        if data.get("user") and data.get("user") == data.get("cover"):
            self.add_error("cover", _("Quem cobre precisa ser outra pessoa."))
        return data
