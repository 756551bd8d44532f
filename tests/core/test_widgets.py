"""Widgets written by hand say what Django's templates say."""

import datetime
import re

import pytest
from django import forms
from django.forms.renderers import TemplatesSetting

from core.widgets import PlainWidgets


class EveryKind(forms.Form):
    text = forms.CharField(initial="<b> & 'x'", max_length=5, widget=forms.TextInput(attrs={"autofocus": True}))
    empty = forms.CharField(required=False)
    notes = forms.CharField(widget=forms.Textarea, initial="uma\n<outra>")
    no_notes = forms.CharField(widget=forms.Textarea, required=False)
    day = forms.DateField(initial=datetime.date(2026, 1, 2), localize=True)
    number = forms.IntegerField(initial=12345)
    amount = forms.DecimalField(initial="1234.5", localize=True)
    key = forms.CharField(widget=forms.HiddenInput, initial="chave")
    secret = forms.CharField(widget=forms.PasswordInput)
    ticked = forms.BooleanField(initial=True)
    open = forms.BooleanField(widget=forms.CheckboxInput(attrs={"data-off": False}))
    choice = forms.ChoiceField(choices=[("", "—"), ("A & B", [(1, "um <b>"), (2, "dois")]), (3, "três")], initial=2)
    several = forms.MultipleChoiceField(choices=[(1, "um"), (2, "dois")], initial=[1, 2])
    radio = forms.ChoiceField(choices=[(1, "um")], widget=forms.RadioSelect)


@pytest.mark.parametrize("name", EveryKind.base_fields)
def test_plain_widgets_are_those_of_django(name: str) -> None:
    ours, theirs = (str(EveryKind(renderer=renderer)[name]) for renderer in (PlainWidgets(), TemplatesSetting()))

    assert ours == re.sub(r"\s*\n\s*(?=</?(select|option|optgroup))", "", theirs)
