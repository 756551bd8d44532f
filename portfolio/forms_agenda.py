"""What one taps in Meu dia: how it went, and until when a client is put off."""

import datetime
from typing import Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from clients.fields import DateField
from clients.forms import StrictForm
from contacts.models import LogChannel
from portfolio.agenda import MESSAGES

LONGEST: Final = datetime.timedelta(days=366)


class ActForm(StrictForm):
    """The tap; what it says of the contact is read by `contacts.forms_log.QuickForm`."""

    DONE, NO_ANSWER = "done", "no_answer"

    act = forms.ChoiceField(choices=[(DONE, DONE), (NO_ANSWER, NO_ANSWER)])
    channel = forms.ChoiceField(choices=LogChannel.choices, required=False)
    purpose = forms.CharField(max_length=8, required=False)
    task = forms.CharField(max_length=20, required=False)
    membership = forms.CharField(max_length=20, required=False)

    @property
    def outcome(self) -> dict[str, str]:
        """Outcome and channel. A message that was written is no conversation yet."""
        channel = self.cleaned_data["channel"] or LogChannel.CALL
        if self.cleaned_data["act"] == self.NO_ANSWER:
            return {"outcome": "no_answer", "channel": LogChannel.CALL}
        return {"outcome": "sent" if channel in MESSAGES else "answered", "channel": channel}

    @property
    def reason(self) -> dict[str, str]:
        """What the contact was for: it finishes the task, and moves the plan on."""
        return {name: self.cleaned_data[name] for name in ("purpose", "task", "membership")}


class SnoozeForm(StrictForm):
    """`until` is the day of a button, `date` one that was picked."""

    until = DateField(required=False)
    date = DateField(label=_("Outro dia"), required=False)

    def clean(self) -> dict[str, datetime.date]:
        data = super().clean() or self.cleaned_data
        day = data.get("until") or data.get("date")
        today = timezone.localdate()
        if day is None and not self.errors:
            raise ValidationError(_("Escolha até quando adiar."))
        if day is not None and not today < day <= today + LONGEST:
            self.add_error("date", _("Escolha um dia depois de hoje, até um ano à frente."))
        return {**data, "day": day}
