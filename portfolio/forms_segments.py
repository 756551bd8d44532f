"""Forms of segments and of the plan that a segment enters."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from clients.forms import PartForm
from clients.models import Segment
from contacts.models import ContactPlan
from core.forms import OneTimeFormMixin, VersionField, records_field
from people.models import User
from portfolio import segments


class SegmentForm(PartForm):
    name = forms.CharField(label=_("Nome"), max_length=60, help_text=_("Como “Classe A sem contato”."))
    is_pinned = forms.BooleanField(label=_("Fixar acima da lista"), required=False, initial=True)
    is_shared = forms.BooleanField(
        label=_("Todos podem usar"),
        required=False,
        help_text=_("Cada um vê nele só os clientes que já enxerga."),
    )
    query = forms.CharField(required=False, max_length=1000, widget=forms.HiddenInput)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not segments.may_share(user):
            del self.fields["is_shared"]


class NewSegmentForm(SegmentForm, OneTimeFormMixin):
    pass


class SegmentEditForm(SegmentForm):
    version = VersionField()
    takes_filters = forms.BooleanField(
        label=_("Trocar pelos filtros que estão na lista agora"), required=False, initial=False
    )

    def __init__(self, *args: Any, segment: Segment, query: str, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        if query == segment.query:
            del self.fields["takes_filters"]


def plans_to_choose() -> QuerySet[ContactPlan]:
    return ContactPlan.objects.filter(is_active=True)


class SegmentPlanForm(PartForm, OneTimeFormMixin):
    plan = forms.ModelChoiceField(label=_("Plano de contato"), queryset=ContactPlan.objects.none(), empty_label=None)
    keeps_filling = forms.BooleanField(
        label=_("Quem entrar no segmento depois também"),
        required=False,
        help_text=_("A rotina da noite confere todos os dias."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        records_field(self, "plan").queryset = plans_to_choose()
