"""Forms of a client, what hangs on it, its consents and its handing over."""

from collections.abc import Mapping
from typing import Any, ClassVar

from crispy_forms.helper import FormHelper
from crispy_forms.layout import HTML, Column, Div, Field, Layout, Row
from django import forms
from django.core.exceptions import SuspiciousOperation, ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from brazil.dates import parse_birth_date
from brazil.documents import mask_document
from brazil.messages import message
from brazil.names import is_real_name
from brazil.phones import format_phone
from clients.fields import (
    CepField,
    DateField,
    DocumentField,
    EmailField,
    KeptDocumentField,
    PhoneField,
    SuggestField,
    UfField,
)
from clients.models import Address, Channel, Client, ContactPerson, Email, Phone, Purpose, Sector, Tag
from clients.models.client import PersonType
from clients.registration import FirstContact, Profile
from clients.vocabulary import TAG_LENGTH
from core.forms import OneTimeFormMixin, VersionField
from people.models import User
from people.roles import Role
from people.visibility import visible_people

OWNER_ROLES = (Role.SELLER, Role.SUPERVISOR, Role.MANAGER)
_NOT_FIELDS = {"csrfmiddlewaretoken", "next"}


def owner_choices(user: User) -> QuerySet[User]:
    """Who may be given clients by `user`: people it sees, who can log in and keep a portfolio."""
    people = User.objects.filter(visible_people(user), is_active=True, role__in=OWNER_ROLES)
    return people.order_by("name_key")


class StrictForm(forms.Form):
    """Refuses the whole request when it carries a field the form does not declare (RELIABILITY T3)."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = FormHelper()
        self.helper.form_tag = False
        self.helper.disable_csrf = True
        self.helper.render_hidden_fields = True

    def full_clean(self) -> None:
        if self.is_bound and (unknown := set(self.data) - set(self.fields) - _NOT_FIELDS):
            raise SuspiciousOperation(f"unknown fields: {', '.join(sorted(unknown))}")
        super().full_clean()

    def datalists(self) -> list[tuple[str, list[str]]]:
        suggesting = (field for field in self.fields.values() if isinstance(field, SuggestField))
        return [(field.list_id, field.options) for field in suggesting]


class TagListField(SuggestField):
    """Names between commas."""

    def clean(self, value: Any) -> str:
        text: str = super().clean(value)
        if long := next((name for name in text.split(",") if len(" ".join(name.split())) > TAG_LENGTH), ""):
            raise ValidationError(
                _("A etiqueta “%(tag)s…” passa de %(length)s letras. Encurte, ou separe por vírgulas."),
                params={"tag": " ".join(long.split())[:20], "length": TAG_LENGTH},
                code="long",
            )
        return text


class PartForm(StrictForm):
    """A form about one thing of a client in hand: a dialog. `values()` is what its rule takes."""

    def values(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name not in {"form_key", "version"}}


class ProfileForm(StrictForm):
    person_type = forms.ChoiceField(
        label=_("Tipo"), choices=PersonType.choices, initial=PersonType.PERSON, widget=forms.RadioSelect
    )
    document = DocumentField(label=_("CPF ou CNPJ"), required=False)
    name = forms.CharField(label=_("Nome ou razão social"), max_length=200)
    social_name = forms.CharField(
        label=_("Nome social"), max_length=200, required=False, help_text=_("Aparece no lugar do nome civil.")
    )
    trade_name = forms.CharField(label=_("Nome fantasia"), max_length=200, required=False)
    birth_date = DateField(label=_("Nascimento ou fundação"), required=False)
    sector = SuggestField(
        label=_("Setor"),
        list_id="setores",
        max_length=80,
        required=False,
        help_text=_("Escolha ou escreva um novo."),
    )
    source = forms.CharField(label=_("Origem"), max_length=80, required=False, help_text=_("Como chegou até nós."))
    tags = TagListField(
        label=_("Etiquetas"),
        list_id="etiquetas",
        max_length=400,
        required=False,
        help_text=_("Separe por vírgulas."),
    )
    notes = forms.CharField(
        label=_("Observações"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    identity_rows: ClassVar = (
        Field("person_type"),
        Row(Column("document", css_class="col-sm-6"), Column("birth_date", css_class="col-sm-6")),
        Field("name"),
        Row(Column("social_name", css_class="col-sm-6"), Column("trade_name", css_class="col-sm-6")),
    )
    other_rows: ClassVar = (
        Row(Column("sector", css_class="col-sm-6"), Column("source", css_class="col-sm-6")),
        Field("tags"),
        Field("notes"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["sector"].options = list(Sector.objects.values_list("name", flat=True))  # type: ignore[attr-defined]
        self.fields["tags"].options = list(Tag.objects.values_list("name", flat=True))  # type: ignore[attr-defined]

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        if not is_real_name(name):
            raise ValidationError(_("O nome precisa de ao menos duas letras. Escreva o nome do cliente."))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        document = data.get("document")
        if document is not None and document.normalized and document.person_type != data.get("person_type"):
            kind = _("um CPF") if document.person_type == PersonType.PERSON else _("um CNPJ")
            marked = PersonType(document.person_type).label
            text = _now("Este documento é %(kind)s. Marque “%(type)s” ou confira o número.")
            self.add_error("document", text % {"kind": kind, "type": marked})
        self._check_birth(data)
        return data

    def _check_birth(self, data: dict[str, Any]) -> None:
        birth = data.get("birth_date")
        if birth is None:
            return
        today = timezone.localdate()
        if data.get("person_type") == PersonType.COMPANY:
            if birth > today:
                self.add_error("birth_date", _("A data de fundação está no futuro."))
        elif error := parse_birth_date(birth.isoformat(), today=today).error:
            self.add_error("birth_date", message(error))

    def profile(self) -> Profile:
        data = self.cleaned_data
        same = ("name", "person_type", "social_name", "trade_name", "birth_date", "sector", "source", "notes")
        return Profile(
            document=data["document"].normalized,
            tags=tuple(data["tags"].split(",")),
            **{name: data[name] for name in same},
        )


class ClientCreateForm(ProfileForm, OneTimeFormMixin):
    phone = PhoneField(label=_("Telefone"), required=False)
    email = EmailField(label=_("E-mail"), required=False)
    cep = CepField(label=_("CEP"), required=False)
    street = forms.CharField(label=_("Rua"), max_length=160, required=False)
    number = forms.CharField(label=_("Número"), max_length=20, required=False)
    complement = forms.CharField(label=_("Complemento"), max_length=80, required=False)
    district = forms.CharField(label=_("Bairro"), max_length=80, required=False)
    city = forms.CharField(label=_("Cidade"), max_length=80, required=False)
    uf = UfField(label=_("UF"), required=False)
    owner = forms.ModelChoiceField(
        User.objects.none(),
        label=_("Responsável"),
        required=False,
        empty_label=_("Sem responsável: vai para a fila"),
    )
    confirmed = forms.BooleanField(required=False, widget=forms.HiddenInput)

    address_fields = ("cep", "street", "number", "complement", "district", "city", "uf")

    def __init__(self, *args: Any, user: User, may_assign: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if may_assign:
            choices = owner_choices(user)
            self.fields["owner"].queryset = choices  # type: ignore[attr-defined]
            self.fields["owner"].initial = user.pk if user.role in OWNER_ROLES else None
        else:
            del self.fields["owner"]
        self.helper.layout = Layout(
            "form_key",
            *self.identity_rows,
            Row(Column("phone", css_class="col-sm-6"), Column("email", css_class="col-sm-6")),
            _part(_("Endereço"), *_address_rows()),
            _part(_("Na carteira"), *self.other_rows, *([Field("owner")] if may_assign else [])),
        )
        self.helper.render_hidden_fields = False

    def first_contact(self) -> FirstContact:
        data = self.cleaned_data
        return FirstContact(
            phones=(data["phone"],) if data["phone"] else (),
            email=data["email"],
            address={name: data[name] for name in self.address_fields},
        )


class ClientEditForm(ProfileForm):
    """The stored document shows masked: leaving the mask keeps it; reading it whole is a logged act."""

    version = VersionField()
    document = KeptDocumentField(label=_("CPF ou CNPJ"), required=False)

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, initial=self.initial_of(client), **kwargs)
        self.fields["document"].kept = client.document  # type: ignore[attr-defined]
        self.helper.layout = Layout("version", *self.identity_rows, *self.other_rows)

    @staticmethod
    def initial_of(client: Client) -> dict[str, Any]:
        same = (
            "name",
            "person_type",
            "social_name",
            "trade_name",
            "birth_date",
            "source",
            "notes",
            "version",
        )
        return {
            **{name: getattr(client, name) for name in same},
            "person_type": client.person_type or PersonType.PERSON,
            "document": mask_document(client.document),
            "sector": client.sector.name if client.sector else "",
            "tags": ", ".join(tag.name for tag in client.tags.all()),
        }


class PhoneForm(PartForm, OneTimeFormMixin):
    number = PhoneField(label=_("Telefone"), help_text=_("Com DDD; ramal assim: (11) 3456-7890 ramal 12."))
    label = forms.CharField(label=_("Rótulo"), max_length=40, required=False, help_text=_("Casa, trabalho, filho…"))
    is_whatsapp = forms.NullBooleanField(label=_("Tem WhatsApp?"), required=False)
    status = forms.ChoiceField(label=_("Situação"), choices=Phone.Status.choices, initial=Phone.Status.OK)
    is_primary = forms.BooleanField(label=_("É o telefone principal"), required=False)

    def values(self) -> dict[str, Any]:
        values = super().values()
        number = values.pop("number")
        return {**values, "e164": number.e164, "kind": number.type, "extension": number.extension}


class EmailForm(PartForm, OneTimeFormMixin):
    address = EmailField(label=_("E-mail"))
    label = forms.CharField(label=_("Rótulo"), max_length=40, required=False)
    status = forms.ChoiceField(label=_("Situação"), choices=Email.Status.choices, initial=Email.Status.OK)
    is_primary = forms.BooleanField(label=_("É o e-mail principal"), required=False)


class AddressForm(PartForm, OneTimeFormMixin):
    label = forms.CharField(label=_("Rótulo"), max_length=40, required=False, help_text=_("Casa, matriz, obra…"))
    cep = CepField(label=_("CEP"), required=False)
    street = forms.CharField(label=_("Rua"), max_length=160, required=False)
    number = forms.CharField(label=_("Número"), max_length=20, required=False)
    complement = forms.CharField(label=_("Complemento"), max_length=80, required=False)
    district = forms.CharField(label=_("Bairro"), max_length=80, required=False)
    city = forms.CharField(label=_("Cidade"), max_length=80)
    uf = UfField(label=_("UF"))
    is_primary = forms.BooleanField(label=_("É o endereço principal"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout("form_key", Field("label"), *_address_rows(), Field("is_primary"))


class PersonForm(PartForm, OneTimeFormMixin):
    name = forms.CharField(label=_("Nome"), max_length=150)
    position = forms.CharField(label=_("Cargo ou relação"), max_length=80, required=False)
    phone = PhoneField(label=_("Telefone"), required=False)
    email = EmailField(label=_("E-mail"), required=False)
    decides = forms.BooleanField(label=_("Decide a compra"), required=False)

    def values(self) -> dict[str, Any]:
        values = super().values()
        return {**values, "phone": values["phone"].e164 if values["phone"] else ""}


class TagsForm(PartForm):
    tags = TagListField(
        label=_("Etiquetas"),
        list_id="etiquetas",
        max_length=400,
        required=False,
        help_text=_("Separe por vírgulas."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["tags"].options = list(Tag.objects.values_list("name", flat=True))  # type: ignore[attr-defined]

    def names(self) -> tuple[str, ...]:
        return tuple(self.cleaned_data["tags"].split(","))


class ConsentForm(PartForm, OneTimeFormMixin):
    granted = forms.TypedChoiceField(
        label=_("O cliente"),
        choices=[("1", _("autorizou")), ("0", _("retirou a autorização"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
        initial="1",
    )
    channel = forms.ChoiceField(label=_("Canal"), choices=Channel.choices)
    purpose = forms.ChoiceField(label=_("Finalidade"), choices=Purpose.choices)
    source = forms.CharField(label=_("Como foi dado"), max_length=120, help_text=_("Ligação, WhatsApp, contrato…"))
    text_version = forms.CharField(label=_("Versão do texto"), max_length=40, required=False)


class OptOutForm(PartForm, OneTimeFormMixin):
    channel = forms.ChoiceField(label=_("Canal"), choices=Channel.choices)
    purpose = forms.ChoiceField(label=_("Finalidade"), choices=Purpose.choices)
    reason = forms.CharField(label=_("Motivo"), max_length=200, required=False)


class TransferForm(PartForm):
    """`ids` travels with the bulk form; a single transfer has the client in its address."""

    owner = forms.ModelChoiceField(User.objects.none(), label=_("Novo responsável"))
    note = forms.CharField(label=_("Explicação"), max_length=300, required=False)
    ids = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["owner"].queryset = owner_choices(user)  # type: ignore[attr-defined]
        self.helper.layout = Layout("owner", "note")
        self.helper.render_hidden_fields = False


def _part(title: Any, *fields: Any) -> Div:
    return Div(HTML(f"<h2>{title}</h2>"), *fields, css_class="form-part")


def _address_rows() -> tuple[Row, ...]:
    return (
        Row(Column("cep", css_class="col-sm-4"), Column("street", css_class="col-sm-8")),
        Row(Column("number", css_class="col-sm-4"), Column("complement", css_class="col-sm-8")),
        Row(
            Column("district", css_class="col-sm-4"),
            Column("city", css_class="col-sm-5"),
            Column("uf", css_class="col-sm-3"),
        ),
    )


def initial_of(record: Phone | Email | Address | ContactPerson) -> Mapping[str, Any]:
    """What the form of a record in hand starts with."""
    names = {
        Phone: ("label", "is_whatsapp", "status", "is_primary"),
        Email: ("address", "label", "status", "is_primary"),
        Address: ("label", *ClientCreateForm.address_fields, "is_primary"),
        ContactPerson: ("name", "position", "phone", "email", "decides"),
    }[type(record)]
    initial = {name: getattr(record, name) for name in names}
    if isinstance(record, Phone):
        ramal = f" ramal {record.extension}" if record.extension else ""
        initial["number"] = f"{format_phone(record.e164)}{ramal}"
    return initial
