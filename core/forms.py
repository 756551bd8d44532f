"""Form building blocks: one-time keys against double submits, versions against lost edits."""

from typing import Any

from django import forms
from django.db import IntegrityError, transaction

from core.models import FormKey, new_form_key


class RepeatedSubmitError(Exception):
    """The form was already accepted; `result_url` is where the first submit led."""

    def __init__(self, result_url: str) -> None:
        super().__init__(result_url)
        self.result_url = result_url


class OneTimeFormMixin(forms.Form):
    """Adds the hidden key; the view calls `use_key` inside the transaction of its write."""

    form_key = forms.CharField(widget=forms.HiddenInput, max_length=40, initial=new_form_key)


def use_key(key: str, *, user: Any, result_url: str = "") -> None:
    """Spends the key. Raises RepeatedSubmitError when it was spent before."""
    try:
        with transaction.atomic():
            FormKey.objects.create(key=key, user=user, result_url=result_url)
    except IntegrityError as error:
        spent = FormKey.objects.filter(key=key, user=user).values_list("result_url", flat=True).first()
        raise RepeatedSubmitError(spent or "") from error


class VersionField(forms.IntegerField):
    """Carries the version that was read; the rule compares it when it writes."""

    widget = forms.HiddenInput

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(min_value=1, **kwargs)


def records_field(form: forms.BaseForm, name: str) -> "forms.ModelChoiceField[Any]":
    """The field of this name, which chooses among records: a form narrows them when it is made."""
    field = form.fields[name]
    if not isinstance(field, forms.ModelChoiceField):
        raise TypeError(name)
    return field
