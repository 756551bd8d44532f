import datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class NightForm(forms.Form):
    day = forms.DateField(
        label=_("Data"),
        help_text=_("As etapas valem para este dia. Repetir uma data não muda o que já está certo."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["day"].initial = timezone.localdate

    def clean_day(self) -> datetime.date:
        day: datetime.date = self.cleaned_data["day"]
        # Tomorrow's night may be run ahead, to see what will change; later days would skip nights.
        if day > timezone.localdate() + datetime.timedelta(days=1):
            raise ValidationError(_("Escolha um dia que já passou, hoje ou amanhã."))
        return day
