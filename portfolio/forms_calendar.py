"""What the calendar is asked for: which days, whose; a client for a new task; what other programs may show."""

import datetime
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from core.forms import records_field
from people.models import User
from people.roles import Permission
from people.visibility import visible_people
from portfolio.models import CalendarFeed

WEEK, MONTH = "semana", "mes"
FIRST, LAST = datetime.date(2000, 1, 1), datetime.date(2100, 12, 31)


class CalendarForm(forms.Form):
    """Reads an address: what it does not understand is this week of one's own."""

    modo = forms.ChoiceField(choices=[(WEEK, _("Semana")), (MONTH, _("Mês"))], required=False)
    dia = forms.DateField(required=False)
    vendedor = forms.ModelChoiceField(
        User.objects.none(), required=False, label=_("Agenda de"), empty_label=_("Minha agenda")
    )

    def __init__(self, *args: Any, viewer: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.viewer = viewer
        if viewer.may(Permission.VIEW_PEOPLE):
            people = User.objects.filter(visible_people(viewer), is_active=True).exclude(pk=viewer.pk)
            records_field(self, "vendedor").queryset = people.order_by("name_key")

    @property
    def mode(self) -> str:
        return self._read("modo") or WEEK

    @property
    def day(self) -> datetime.date:
        day: datetime.date | None = self._read("dia")
        return day if day and FIRST <= day <= LAST else timezone.localdate()

    @property
    def person(self) -> User:
        return self._read("vendedor") or self.viewer

    def _read(self, name: str) -> Any:
        self.is_valid()
        return self.cleaned_data.get(name)


class ClientForTaskForm(forms.Form):
    q = forms.CharField(
        label=_("Cliente"),
        required=False,
        max_length=80,
        widget=forms.TextInput(attrs={"autocomplete": "off", "placeholder": _("Nome, documento ou telefone")}),
    )
    dia = forms.DateField(required=False, widget=forms.HiddenInput)


class FeedForm(forms.ModelForm[CalendarFeed]):
    class Meta:
        model = CalendarFeed
        fields: ClassVar = ["shows_names"]
