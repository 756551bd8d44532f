"""Forms of a survey and of what holds for all of them."""

import ipaddress
from functools import cached_property
from typing import Any, ClassVar

from crispy_forms.layout import HTML, Column, Field, Layout, Row
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from clients.forms import StrictForm
from clients.models import PortfolioClass
from core.forms import OneTimeFormMixin, VersionField
from nps import pictures, surveys
from nps.models import Brand, NpsSettings, Survey, SurveyChannel

# Answers by phone are written down in every survey that is not anonymous.
CHANNELS = [(channel.value, channel.label) for channel in SurveyChannel if channel != SurveyChannel.PHONE]
PLACES = ("first_channel", "second_channel", "third_channel")
NO_CHANNEL = [("", _("Nenhum"))]
LOGO = '{% if form.brand %}{% include "nps/logo.html" with brand=form.brand only %}{% endif %}'
# Days after a sale, and after a service contact.
DELAYS = {Survey.Kind.SALE: 7, Survey.Kind.SERVICE: 1}


def _row(*names: str, width: int = 6) -> Row:
    return Row(*(Column(name, css_class=f"col-sm-{width}") for name in names))


def _channel_field(label: Any, *, required: bool = False) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=CHANNELS if required else NO_CHANNEL + CHANNELS, required=required)


class SurveyForm(StrictForm):
    name = forms.CharField(label=_("Nome"), max_length=80, help_text=_("Só a equipe vê."))
    kind = forms.ChoiceField(label=_("Tipo"), choices=Survey.Kind.choices)
    is_anonymous = forms.BooleanField(
        label=_("Anônima"),
        required=False,
        help_text=_("A resposta não diz de quem é: sem caso, sem indicação, só totais."),
    )
    company = forms.CharField(
        label=_("Nome da empresa na pesquisa"), max_length=80, required=False, help_text=_("Vazio: o da instalação.")
    )
    question = forms.CharField(
        label=_("Pergunta de 0 a 10"),
        max_length=300,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("{{empresa}} vira o nome da empresa."),
    )
    reason_question = forms.CharField(label=_("Pergunta aberta"), max_length=200)
    intro = forms.CharField(label=_("Abertura"), max_length=200, required=False)
    thanks = forms.CharField(
        label=_("Agradecimento"), max_length=300, required=False, help_text=_("Vazio: um texto para cada nota.")
    )
    first_channel = _channel_field(_("Primeiro canal"), required=True)
    second_channel = _channel_field(_("Se não der, por"))
    third_channel = _channel_field(_("E depois, por"))
    classes = forms.MultipleChoiceField(
        label=_("Carteiras perguntadas"),
        choices=PortfolioClass.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Só na relacional."),
    )
    pick = forms.ChoiceField(
        label=_("Quem é perguntado"),
        choices=Survey.Pick.choices,
        help_text=_("Vendedores nunca escolhem quem é perguntado."),
    )
    sample_per_day = forms.IntegerField(label=_("Sorteados por dia"), min_value=1, max_value=100_000)
    interval_days = forms.IntegerField(
        label=_("Dias até perguntar de novo"), min_value=1, max_value=1_825, help_text=_("Só na relacional.")
    )
    delay_days = forms.IntegerField(
        label=_("Dias depois do fato"),
        min_value=0,
        max_value=365,
        required=False,
        help_text=_("Só na transacional. Vazio: 7 depois de uma venda, 1 depois de um atendimento."),
    )
    reminder_days = forms.IntegerField(
        label=_("Lembrete depois de dias"), min_value=0, max_value=89, help_text=_("0: sem lembrete.")
    )
    valid_days = forms.IntegerField(label=_("Validade do link em dias"), min_value=1, max_value=90)
    plain: ClassVar = (
        "name",
        "kind",
        "is_anonymous",
        "company",
        "question",
        "reason_question",
        "intro",
        "thanks",
        "classes",
        "pick",
        "sample_per_day",
        "interval_days",
        "delay_days",
        "reminder_days",
        "valid_days",
    )

    def __init__(self, *args: Any, present: Survey | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.present = present
        # The delay is left to the kind that is chosen.
        shown = self.initial_of(present) if present else {**self.initial_of(Survey()), "delay_days": None}
        self.initial = {**shown, **self.initial}
        for held in surveys.held(present) if present else ():
            self.fields[held].disabled = True
            self.fields[held].help_text = HELD_TEXT
        hidden = next(name for name in ("form_key", "version") if name in self.fields)
        self.helper.layout = Layout(
            hidden,
            _row("name", "company"),
            _row("kind", "pick"),
            Field("is_anonymous"),
            Field("question"),
            _row("reason_question", "intro"),
            Field("thanks"),
            _row(*PLACES, width=4),
            Field("classes"),
            _row("sample_per_day", "interval_days", "delay_days", width=4),
            _row("reminder_days", "valid_days"),
        )

    @classmethod
    def initial_of(cls, survey: Survey) -> dict[str, Any]:
        values = {name: getattr(survey, name) for name in (*cls.plain, "version")}
        return {**values, **dict(zip(PLACES, [*survey.channels, "", ""], strict=False))}

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        same = Survey.objects.filter(name__iexact=name).values_list("pk", flat=True)
        if set(same) - {self.present.pk if self.present else None}:
            raise ValidationError(_("Já existe uma pesquisa com este nome. Escolha outro."))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("kind") == Survey.Kind.RELATIONAL and not data.get("classes") and "classes" not in self.errors:
            self.add_error("classes", _("Escolha ao menos uma carteira para perguntar."))
        reminder, valid = data.get("reminder_days"), data.get("valid_days")
        if reminder and valid and reminder >= valid:
            self.add_error("reminder_days", _("O lembrete precisa sair antes de o link vencer."))
        if "delay_days" not in self.errors and data.get("delay_days") is None:
            data["delay_days"] = DELAYS.get(data.get("kind", ""), DELAYS[Survey.Kind.SALE])
        return data

    def values(self) -> dict[str, Any]:
        """Channels in their order, each once."""
        said = filter(None, (self.cleaned_data[place] for place in PLACES))
        return {**{name: self.cleaned_data[name] for name in self.plain}, "channels": list(dict.fromkeys(said))}


HELD_TEXT = _("Já foi perguntado assim: não muda mais. Para perguntar outra coisa, crie outra pesquisa.")


class SurveyCreateForm(OneTimeFormMixin, SurveyForm):
    pass


class SurveyEditForm(SurveyForm):
    version = VersionField()


class SettingsForm(StrictForm):
    version = VersionField()
    throttle_days = forms.IntegerField(
        label=_("Dias entre perguntas ao mesmo cliente"),
        min_value=0,
        max_value=730,
        help_text=_("Somando todas as pesquisas, canais e vendedores."),
    )
    per_day = forms.IntegerField(label=_("Perguntas por dia, no máximo"), min_value=0, max_value=1_000_000)
    per_hour = forms.IntegerField(label=_("Perguntas por hora, no máximo"), min_value=1, max_value=100_000)
    first_day = forms.IntegerField(
        label=_("No primeiro dia de envio"),
        min_value=1,
        max_value=1_000_000,
        help_text=_("Dobra a cada dia de envio até o máximo do dia."),
    )
    case_days = forms.IntegerField(label=_("Dias úteis para falar com um detrator"), min_value=1, max_value=30)
    detractor_days = forms.IntegerField(
        label=_("Dias sem ofertas depois de uma nota baixa"), min_value=0, max_value=730
    )
    hidden_below = forms.IntegerField(label=_("Não mostrar com menos respostas"), min_value=1, max_value=100)
    warned_below = forms.IntegerField(label=_("Avisar com menos respostas"), min_value=1, max_value=1_000)
    networks = forms.CharField(
        label=_("Redes da empresa"),
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Uma por linha, como 200.10.20.0/24. Respostas que vêm delas são marcadas."),
    )
    logo = forms.FileField(
        label=_("Logotipo"),
        required=False,
        widget=forms.FileInput(attrs={"accept": pictures.ACCEPTED}),
        help_text=_("PNG, JPEG ou WebP, até 2 MB. Aparece sobre fundo branco na página e no e-mail."),
        error_messages={"empty": _("O logotipo está vazio. Escolha outro arquivo.")},
    )
    remove_logo = forms.BooleanField(label=_("Remover o logotipo"), required=False)
    picture: pictures.Picture | None = None
    beside: ClassVar = ("version", "logo", "remove_logo")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout(
            "version",
            _row("throttle_days", "per_day"),
            _row("per_hour", "first_day"),
            _row("case_days", "detractor_days"),
            _row("hidden_below", "warned_below"),
            Field("networks"),
            Field("logo"),
            HTML(LOGO),
            *([Field("remove_logo")] if self.brand else []),
        )

    @cached_property
    def brand(self) -> Brand | None:
        """The logo as it stands."""
        return Brand.current("webp")

    @classmethod
    def initial_of(cls, settings: NpsSettings) -> dict[str, Any]:
        values = {name: getattr(settings, name) for name in cls.base_fields if name not in cls.beside}
        return {**values, "version": settings.version, "networks": "\n".join(settings.networks)}

    def clean_networks(self) -> str:
        lines = self.cleaned_data["networks"].split()
        try:
            return "\n".join(str(ipaddress.ip_network(line, strict=False)) for line in lines)
        except ValueError as error:
            raise ValidationError(_("Uma rede não foi entendida. Escreva como 200.10.20.0/24.")) from error

    def clean_logo(self) -> Any:
        upload = self.cleaned_data["logo"]
        try:
            self.picture = pictures.drawn(upload) if upload else None
        except pictures.RefusedPictureError as refusal:
            raise ValidationError(pictures.WHY_NOT[refusal.code]) from refusal
        return upload

    def values(self) -> dict[str, Any]:
        data = {name: value for name, value in self.cleaned_data.items() if name not in self.beside}
        return {**data, "networks": self.cleaned_data["networks"].split()}
