"""The composer: channel, template and phone choose the words; the words are judged whenever they change."""

from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from brazil.phones import format_phone
from clients.forms import StrictForm
from clients.models import Client
from contacts import messages, sms
from contacts.forms_log import PURPOSES, PhoneChoice
from contacts.messages import About, Draft
from contacts.models import MessageChannel, MessageTemplate
from core.forms import OneTimeFormMixin
from people.models import User

SEND, CHANGE, CHECK, PLAIN = "send", "change", "check", "plain"
STEPS = [(step, step) for step in (SEND, CHANGE, CHECK, PLAIN)]


class MessageForm(OneTimeFormMixin, StrictForm):
    """`step` is the button: send, another channel or template, a check of the words, words without accents."""

    channel = forms.ChoiceField(label=_("Canal"), choices=MessageChannel.choices)
    template: Any = forms.ModelChoiceField(
        None, label=_("Modelo"), required=False, empty_label=_("Sem modelo: escrever o texto")
    )
    phone: Any = PhoneChoice(None, label=_("Telefone"), required=False, empty_label=None)
    purpose = forms.ChoiceField(choices=PURPOSES, required=False, widget=forms.HiddenInput)
    subject = forms.CharField(label=_("Assunto"), max_length=150, required=False)
    body = forms.CharField(
        label=_("Mensagem"), max_length=4000, required=False, widget=forms.Textarea(attrs={"rows": 9})
    )
    task: Any = forms.ModelChoiceField(None, required=False, widget=forms.HiddenInput)
    membership: Any = forms.ModelChoiceField(None, required=False, widget=forms.HiddenInput)
    step = forms.ChoiceField(choices=STEPS, required=False)

    def __init__(self, *args: Any, client: Client, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.client, self.user = client, user
        mine = MessageTemplate.objects.filter(is_active=True)
        self.offer("template", mine.filter(owner=None) | mine.filter(owner=user))
        self.offer("phone", client.phones.all())
        self.offer("task", client.tasks.filter(done_at=None, is_cancelled=False))
        self.offer("membership", client.plan_memberships.filter(state="running").select_related("plan"))

    def offer(self, name: str, choices: QuerySet[Any]) -> None:
        cast(Any, self.fields[name]).queryset = choices

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

    def draft(self) -> Draft:
        """The words that were typed, or those of what was chosen just now."""
        data = self.cleaned_data
        begun = messages.begin(self.client, self.user, channel=data["channel"], **self.about())
        if data["step"] == CHANGE:
            return begun
        body = sms.plain(data["body"]) if data["step"] == PLAIN else data["body"]
        typed = {"subject": data["subject"], "body": body}
        return Draft(**{**vars(begun), **typed})


def shown(draft: Draft, *, data: Any = None) -> MessageForm:
    """The form that says what the draft says; the choices narrowed to its channel and purpose."""
    initial = {
        "channel": draft.channel,
        "template": draft.template,
        "phone": draft.phone.pk if draft.phone else None,
        "purpose": draft.purpose,
        "subject": draft.subject,
        "body": draft.body,
        "task": draft.task,
        "membership": draft.membership,
    }
    form = MessageForm(client=draft.client, user=draft.by, initial=initial)
    if data is not None:
        # The key that was not spent stays: two taps on the same words are one message.
        form.initial["form_key"] = data.get("form_key")
    form.offer("template", messages.templates_for(draft.by, draft.channel))
    cast(Any, form.fields["phone"]).choices = [(phone.pk, format_phone(phone.e164)) for phone in draft.phones]
    return form
