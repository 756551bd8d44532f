"""Forms of those who hand a link over, or write down what a client says on the phone."""

from typing import Any

from crispy_forms.layout import Field, Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from clients.forms import StrictForm
from clients.models import Client
from core.forms import OneTimeFormMixin, records_field
from nps.eligibility import hand_channels
from nps.models import Survey, SurveyChannel
from people.models import User

SCORES = [("", _("Escolha a nota")), *((score, str(score)) for score in range(11))]
LONGEST_COMMENT = 2_000


def others_clients(user: User) -> Any:
    """Whom the person sees, but for one's own: nobody asks for a score of oneself."""
    return Client.objects.visible_to(user).exclude(owner=user)


def running_by_hand() -> list[Survey]:
    return [survey for survey in Survey.objects.filter(is_active=True).order_by("name") if hand_channels(survey)]


class HandOverForm(StrictForm):
    survey = forms.ModelChoiceField(Survey.objects.filter(is_active=True))
    client = forms.ModelChoiceField(Client.objects.none())
    channel = forms.ChoiceField(choices=SurveyChannel.choices)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        records_field(self, "client").queryset = others_clients(user)


class PhoneAnswerForm(OneTimeFormMixin, StrictForm):
    survey = forms.ModelChoiceField(
        Survey.objects.filter(is_active=True, is_anonymous=False).order_by("name"),
        label=_("Pesquisa"),
        empty_label=None,
    )
    score = forms.TypedChoiceField(label=_("Nota"), choices=SCORES, coerce=int)
    comment = forms.CharField(
        label=_("Motivo, nas palavras do cliente"),
        max_length=LONGEST_COMMENT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper.layout = Layout("form_key", Field("survey"), Field("score"), Field("comment"))
