"""Forms of templates and call scripts, and the preview of a template for one client."""

from typing import Any, ClassVar

from crispy_forms.layout import HTML, Column, Div, Field, Layout, Row
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from brazil.names import folded
from clients.forms import StrictForm
from clients.models import Client
from contacts import wording
from contacts.forms_log import PURPOSES
from contacts.models import CallScript, MessageChannel, MessageTemplate, ScriptBlock
from core.forms import OneTimeFormMixin, VersionField
from people.models import User
from people.roles import Permission

ALLOWED = ", ".join(f"{{{{{name}}}}}" for name in wording.VARIABLES)
PREVIEW = '{% include "contacts/template_preview.html" with client=None %}'


class PreviewForm(forms.Form):
    """What is typed so far; `client` are the first letters of a name."""

    channel = forms.ChoiceField(choices=MessageChannel.choices)
    purpose = forms.ChoiceField(choices=PURPOSES)
    subject = forms.CharField(required=False, max_length=150)
    body = forms.CharField(required=False, max_length=4000)
    client = forms.CharField(required=False, max_length=120)

    def chosen_client(self, user: User) -> Client | None:
        visible = Client.objects.visible_to(user).order_by("name_key", "pk")
        return visible.filter(name_key__startswith=folded(self.cleaned_data["client"])).first()


class TemplateForm(StrictForm):
    name = forms.CharField(label=_("Nome"), max_length=80)
    channel = forms.ChoiceField(label=_("Canal"), choices=MessageChannel.choices)
    purpose = forms.ChoiceField(
        label=_("Finalidade"), choices=PURPOSES, help_text=_("Ofertas seguem os horários e os bloqueios de ofertas.")
    )
    occasion = forms.ChoiceField(label=_("Ocasião"), choices=MessageTemplate.Occasion.choices, required=False)
    subject = forms.CharField(label=_("Assunto"), max_length=150, required=False, help_text=_("Só para e-mail."))
    body = forms.CharField(
        label=_("Texto"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Variáveis: %(allowed)s.") % {"allowed": ALLOWED},
    )
    client = forms.CharField(
        label=_("Ver como fica para"), max_length=120, required=False, help_text=_("Primeiras letras do nome.")
    )
    written: ClassVar = ("name", "channel", "purpose", "occasion", "subject", "body")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        hidden = next(name for name in ("form_key", "version") if name in self.fields)
        shared = [Field("for_company")] if "for_company" in self.fields else []
        self.helper.layout = Layout(
            hidden,
            Row(Column("name", css_class="col-sm-6"), Column("channel", css_class="col-sm-6")),
            Row(Column("purpose", css_class="col-sm-6"), Column("occasion", css_class="col-sm-6")),
            *shared,
            Field("subject"),
            Field("body"),
            Div(Field("client"), HTML(PREVIEW), css_class="form-part"),
        )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        channel, purpose = data.get("channel", ""), data.get("purpose", "")
        if channel == MessageChannel.EMAIL and not data.get("subject") and "subject" not in self.errors:
            self.add_error("subject", _("Escreva o assunto do e-mail."))
        if channel != MessageChannel.EMAIL:
            data["subject"] = ""
        for fault in wording.unknown_in(data.get("subject", "")):
            self.add_error("subject", fault)
        for fault in wording.faults_of(data.get("body", ""), channel=channel, purpose=purpose):
            self.add_error("body", fault)
        return data

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.written}


class TemplateCreateForm(OneTimeFormMixin, TemplateForm):
    for_company = forms.BooleanField(
        label=_("Modelo da empresa"), required=False, help_text=_("Desmarcado, só você usa.")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not user.may(Permission.PLAN_CONTACTS):
            del self.fields["for_company"]
            self.helper.layout.fields = [
                part for part in self.helper.layout.fields if getattr(part, "fields", None) != ["for_company"]
            ]


class TemplateEditForm(TemplateForm):
    version = VersionField()

    @classmethod
    def initial_of(cls, template: MessageTemplate) -> dict[str, Any]:
        return {name: getattr(template, name) for name in (*cls.written, "version")}


class ScriptForm(StrictForm):
    name = forms.CharField(label=_("Nome"), max_length=80)
    purpose = forms.ChoiceField(label=_("Finalidade"), choices=PURPOSES)
    occasion = forms.ChoiceField(label=_("Ocasião"), choices=MessageTemplate.Occasion.choices, required=False)
    written: ClassVar = ("name", "purpose", "occasion")

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.written}


class ScriptCreateForm(OneTimeFormMixin, ScriptForm):
    pass


class ScriptEditForm(ScriptForm):
    version = VersionField()

    @classmethod
    def initial_of(cls, script: CallScript) -> dict[str, Any]:
        return {name: getattr(script, name) for name in (*cls.written, "version")}


class BlockForm(StrictForm):
    """`version` is that of the script."""

    version = VersionField()
    kind = forms.ChoiceField(label=_("Bloco"), choices=ScriptBlock.Kind.choices)
    text = forms.CharField(
        label=_("Texto"),
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("Variáveis: %(allowed)s.") % {"allowed": ALLOWED},
    )

    def clean_text(self) -> str:
        text: str = self.cleaned_data["text"]
        if faults := wording.unknown_in(text):
            raise ValidationError(faults)
        return text

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in ("kind", "text")}
