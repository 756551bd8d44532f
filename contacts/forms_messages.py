"""The composer: channel, template and phone choose the words; the words are judged whenever they change."""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from brazil.phones import format_phone
from clients.forms import StrictForm
from clients.models import Purpose
from contacts import messages, sms
from contacts.correspondent import Correspondent
from contacts.forms_log import PURPOSES
from contacts.messages import About, Draft
from contacts.models import MessageChannel, MessageTemplate
from core.forms import OneTimeFormMixin
from people.models import User

SEND, CHANGE, CHECK, PLAIN = "send", "change", "check", "plain"
STEPS = [(step, step) for step in (SEND, CHANGE, CHECK, PLAIN)]


class ReadChoice(forms.ChoiceField):
    """One of the records that were read for the page; nothing is asked of the database again."""

    def offer(self, records: Iterable[Any], label: Callable[[Any], str] = str, *, empty: str = "") -> None:
        self.records = {str(record.pk): record for record in records}
        named = [(pk, label(record)) for pk, record in self.records.items()]
        self.choices = [("", empty), *named] if empty else named

    def clean(self, value: Any) -> Any:
        return self.records[pk] if (pk := super().clean(value)) else None


class MessageForm(OneTimeFormMixin, StrictForm):
    """`step` is the button: send, another channel or template, a check of the words, words without accents."""

    channel = forms.ChoiceField(label=_("Canal"), choices=MessageChannel.choices)
    template = ReadChoice(label=_("Modelo"), required=False)
    phone = ReadChoice(label=_("Telefone"), required=False)
    purpose = forms.ChoiceField(choices=PURPOSES, required=False, widget=forms.HiddenInput)
    subject = forms.CharField(label=_("Assunto"), max_length=150, required=False)
    body = forms.CharField(
        label=_("Mensagem"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 9})
    )
    task = ReadChoice(required=False, widget=forms.HiddenInput)
    membership = ReadChoice(required=False, widget=forms.HiddenInput)
    step = forms.ChoiceField(choices=STEPS, required=False)

    def __init__(self, *args: Any, to: Correspondent, user: User, templates: list[MessageTemplate], **kwargs: Any):
        super().__init__(*args, **kwargs)
        self.to, self.user, self.templates = to, user, templates
        self.offer("template", templates, empty=_("Sem modelo: escrever o texto"))
        self.offer("phone", to.phones, lambda phone: format_phone(phone.e164))
        self.offer("task", to.tasks)
        self.offer("membership", to.memberships)

    def offer(self, name: str, records: Iterable[Any], label: Callable[[Any], str] = str, *, empty: Any = "") -> None:
        cast(ReadChoice, self.fields[name]).offer(records, label, empty=empty)

    def clean_step(self) -> str:
        return self.cleaned_data["step"] or SEND

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        template, channel = data.get("template"), data.get("channel")
        if template and channel and template.channel != channel:
            if data.get("step") != CHANGE:
                raise ValidationError(_("Este modelo é de outro canal. Escolha outro modelo."), code="channel")
            data["template"] = None
        return data

    def about(self) -> About:
        """What was chosen, as far as it is there."""
        data = self.cleaned_data
        return {
            "template": data.get("template"),
            "purpose": data.get("purpose") or "",
            "phone": data.get("phone"),
            "membership": data.get("membership"),
            "task": data.get("task"),
        }

    def template_for(self, channel: str, purpose: str, occasion: str) -> MessageTemplate | None:
        """The first of the occasion whose purpose is the one that was named, or fits any."""
        fits = (purpose, Purpose.ANY) if purpose else tuple(Purpose)
        named = (one for one in self.templates if one.channel == channel and one.occasion == occasion)
        return next((one for one in named if one.purpose in fits), None)

    def draft(self) -> Draft:
        """The words that were typed, or those of what was chosen just now."""
        data = self.cleaned_data
        begun = messages.begin(self.to, self.user, channel=data["channel"], **self.about())
        if data["step"] == CHANGE:
            return begun
        body = sms.plain(data["body"]) if data["step"] == PLAIN else data["body"]
        return replace(begun, subject=data["subject"], body=body)

    def showing(self, draft: Draft) -> "MessageForm":
        """The form that says what the draft says; the choices narrowed to its channel."""
        initial = {name: getattr(draft, name) for name in ("channel", "subject", "body")}
        initial["purpose"] = draft.asked
        chosen = {name: getattr(draft, name) for name in ("template", "phone", "task", "membership")}
        initial |= {name: record.pk if record else None for name, record in chosen.items()}
        if self.data.get("step") != CHANGE and "form_key" in self.data:
            # The key that was not spent stays: two taps on the same words are one message.
            initial["form_key"] = self.data["form_key"]
        fitting = [template for template in self.templates if template.channel == draft.channel]
        form = MessageForm(to=self.to, user=self.user, templates=fitting, initial=initial)
        form.offer("phone", draft.phones, lambda phone: format_phone(phone.e164))
        return form
