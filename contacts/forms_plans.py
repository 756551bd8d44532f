"""Forms of contact plans: the plan, its steps, and a client entering or leaving one."""

from typing import Any, ClassVar

from crispy_forms.layout import Column, Field, Layout, Row
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from clients.forms import StrictForm
from clients.models import PortfolioClass, Purpose
from contacts.models import CallScript, ContactPlan, LogChannel, MessageTemplate, PlanStep
from core.forms import OneTimeFormMixin, VersionField, records_field

PURPOSES = [(purpose.value, purpose.label) for purpose in (Purpose.SERVICE, Purpose.OFFER)]
EARLIEST, LATEST = -365, 730


def _half(*names: str) -> Row:
    return Row(*(Column(name, css_class="col-sm-6") for name in names))


class PlanForm(StrictForm):
    name = forms.CharField(label=_("Nome"), max_length=80)
    trigger = forms.ChoiceField(label=_("Começa"), choices=ContactPlan.Trigger.choices)
    anchor = forms.ChoiceField(label=_("Dias contados de"), choices=ContactPlan.Anchor.choices)
    purpose = forms.ChoiceField(
        label=_("Finalidade"), choices=PURPOSES, help_text=_("Ofertas seguem os horários e os bloqueios de ofertas.")
    )
    portfolio_class = forms.ChoiceField(
        label=_("Só da carteira"),
        choices=[("", _("Qualquer carteira")), *PortfolioClass.choices],
        required=False,
        help_text=_("Quem muda de carteira sai do plano."),
    )
    stops_when_reached = forms.BooleanField(label=_("Termina quando fala com o cliente"), required=False)
    stops_on_purchase = forms.BooleanField(label=_("Termina quando o cliente compra"), required=False)
    max_attempts = forms.IntegerField(label=_("Tentativas por passo"), min_value=1, max_value=20)
    rest_days = forms.IntegerField(
        label=_("Descanso, em dias"),
        min_value=0,
        max_value=730,
        help_text=_("Depois do fim, até o cliente poder entrar de novo."),
    )
    priority = forms.IntegerField(
        label=_("Prioridade"),
        min_value=1,
        max_value=100,
        help_text=_("Com dois passos no mesmo dia, vale o do plano de número maior."),
    )
    written: ClassVar = (
        "name",
        "trigger",
        "anchor",
        "purpose",
        "portfolio_class",
        "stops_when_reached",
        "stops_on_purchase",
        "max_attempts",
        "rest_days",
        "priority",
    )

    def __init__(self, *args: Any, present: ContactPlan | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.present = present
        if present is None:
            self.initial = {**self.initial_of(ContactPlan()), **self.initial}
        hidden = next(name for name in ("form_key", "version") if name in self.fields)
        self.helper.layout = Layout(
            hidden,
            Field("name"),
            _half("trigger", "anchor"),
            _half("purpose", "portfolio_class"),
            Field("stops_when_reached"),
            Field("stops_on_purchase"),
            Row(*(Column(name, css_class="col-sm-4") for name in ("max_attempts", "rest_days", "priority"))),
        )

    @classmethod
    def initial_of(cls, plan: ContactPlan) -> dict[str, Any]:
        return {name: getattr(plan, name) for name in (*cls.written, "version")}

    def clean_name(self) -> str:
        name = " ".join(self.cleaned_data["name"].split())
        same = ContactPlan.objects.filter(name__iexact=name).values_list("pk", flat=True)
        if set(same) - {self.present.pk if self.present else None}:
            raise ValidationError(_("Já existe um plano com este nome. Escolha outro."))
        return name

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        trigger, from_end = data.get("trigger"), data.get("anchor") == ContactPlan.Anchor.END_OF_CONTRACT
        if trigger == ContactPlan.Trigger.RENEWAL and not from_end:
            self.add_error("anchor", _("Um plano de renovação conta os dias do fim do contrato."))
        elif from_end and trigger not in {ContactPlan.Trigger.RENEWAL, ContactPlan.Trigger.MANUAL}:
            self.add_error("anchor", _("Do fim do contrato contam só renovações e planos começados à mão."))
        elif not from_end and self.present and self.present.steps.filter(offset_days__lt=0).exists():
            self.add_error("anchor", _("Há passos antes do dia zero. Mude os dias deles primeiro."))
        return data

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.written}


class PlanCreateForm(PlanForm, OneTimeFormMixin):
    pass


class PlanEditForm(PlanForm):
    version = VersionField()


class TemplateField(forms.ModelChoiceField[MessageTemplate]):
    """Names are told apart by their channel."""

    def label_from_instance(self, obj: MessageTemplate) -> str:
        return f"{obj.get_channel_display()}: {obj.name}"


class StepForm(StrictForm):
    version = VersionField()
    offset_days = forms.IntegerField(label=_("Dia"), min_value=EARLIEST, max_value=LATEST)
    channel = forms.ChoiceField(label=_("Canal"), choices=LogChannel.choices)
    title = forms.CharField(label=_("O que fazer"), max_length=120)
    template = TemplateField(
        MessageTemplate.objects.none(),
        label=_("Modelo de mensagem"),
        required=False,
        empty_label=_("Sem modelo"),
        help_text=_("Do mesmo canal do passo."),
    )
    script = forms.ModelChoiceField(
        CallScript.objects.none(), label=_("Roteiro de ligação"), required=False, empty_label=_("Sem roteiro")
    )
    minutes = forms.IntegerField(label=_("Minutos"), min_value=1, max_value=480)
    written: ClassVar = ("offset_days", "channel", "title", "template", "script", "minutes")

    def __init__(self, *args: Any, plan: ContactPlan, present: PlanStep | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.plan = plan
        shown = present or PlanStep(plan=plan, offset_days=self._next_day(plan))
        self.initial = {**self.initial_of(shown), **self.initial}
        kept = Q(pk=present.template_id if present else None), Q(pk=present.script_id if present else None)
        words = MessageTemplate.objects.filter(Q(is_active=True, owner=None) | kept[0])
        records_field(self, "template").queryset = words
        records_field(self, "script").queryset = CallScript.objects.filter(Q(is_active=True) | kept[1])
        from_end = plan.anchor == ContactPlan.Anchor.END_OF_CONTRACT
        self.fields["offset_days"].help_text = (
            _("Antes do fim do contrato com sinal de menos: -30.") if from_end else _("0 é o dia da entrada.")
        )
        self.helper.layout = Layout(
            "version", Field("title"), _half("channel", "offset_days"), _half("template", "script"), Field("minutes")
        )

    @staticmethod
    def _next_day(plan: ContactPlan) -> int:
        last = plan.steps.order_by("-position").values_list("offset_days", flat=True).first()
        return 0 if last is None else last + 3

    @classmethod
    def initial_of(cls, step: PlanStep) -> dict[str, Any]:
        values = {name: getattr(step, name) for name in cls.written}
        return {**values, "version": step.plan.version}

    def clean_offset_days(self) -> int:
        day: int = self.cleaned_data["offset_days"]
        if day < 0 and self.plan.anchor == ContactPlan.Anchor.START:
            raise ValidationError(_("O dia conta da entrada no plano: use 0 ou mais."))
        return day

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        template, channel = data.get("template"), data.get("channel")
        if template and template.channel != channel:
            text = _("Este modelo é de %(channel)s. Escolha um do canal do passo.")
            self.add_error("template", text % {"channel": template.get_channel_display()})
        if data.get("script") and channel != LogChannel.CALL:
            self.add_error("script", _("Roteiros são de ligação. Escolha o canal Ligação ou deixe sem roteiro."))
        return data

    def values(self) -> dict[str, Any]:
        return {name: self.cleaned_data[name] for name in self.written}


class JoinForm(StrictForm, OneTimeFormMixin):
    plan = forms.ModelChoiceField(
        ContactPlan.objects.none(), label=_("Plano de contato"), empty_label=_("Escolha o plano")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        with_steps = Exists(PlanStep.objects.filter(plan=OuterRef("pk")))
        records_field(self, "plan").queryset = ContactPlan.objects.filter(with_steps, is_active=True)
        self.helper.layout = Layout("form_key", Field("plan"))


class LeaveForm(StrictForm):
    reason = forms.CharField(
        label=_("Motivo"), max_length=120, help_text=_("Fica no histórico do cliente, por exemplo: pediu uma pausa.")
    )
