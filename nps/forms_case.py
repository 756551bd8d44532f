"""Forms of a case: what is noted, who settles it, how it ends."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms import PartForm
from core.forms import OneTimeFormMixin, VersionField, records_field
from nps import leaders
from nps.models import Case, RootCause
from people.models import User


class NoteForm(PartForm, OneTimeFormMixin):
    text = forms.CharField(label=_("Anotação"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))


class HandOverForm(PartForm):
    person = forms.ModelChoiceField(User.objects.none(), label=_("Quem resolve"))
    version = VersionField()

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = leaders.settlers(case.client, besides=case.owner_id)
        records_field(self, "person").queryset = others.exclude(pk=case.assignee_id or 0)


class ResolveForm(PartForm):
    solved = forms.TypedChoiceField(
        label=_("Como terminou"),
        choices=[("1", _("Resolvido")), ("0", _("Encerrado sem solução"))],
        coerce=lambda value: value == "1",
        widget=forms.RadioSelect,
    )
    cause = forms.ModelChoiceField(RootCause.objects.filter(is_active=True), label=_("Causa raiz"))
    action = forms.CharField(label=_("O que foi feito"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    version = VersionField()
