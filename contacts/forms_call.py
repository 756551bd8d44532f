"""Which number the telephone system is to call, and what for."""

from typing import Any

from django import forms

from clients.forms import StrictForm
from clients.models import Client
from contacts.forms_log import PURPOSES, PhoneChoice
from core.forms import OneTimeFormMixin, records_field


class CallForm(OneTimeFormMixin, StrictForm):
    phone = PhoneChoice(None)
    purpose = forms.ChoiceField(choices=PURPOSES)

    def __init__(self, *args: Any, client: Client, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        records_field(self, "phone").queryset = client.phones.all()
