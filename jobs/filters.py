from typing import Any

import django_filters
from django import forms
from django.utils.translation import gettext_lazy as _

from jobs import outbox, registry
from jobs.models import Job, OutboxMessage


def _select(label: Any) -> forms.Select:
    return forms.Select(attrs={"class": "form-select form-select-sm", "aria-label": label})


class JobFilter(django_filters.FilterSet):  # type: ignore[misc]
    kind = django_filters.ChoiceFilter(
        choices=registry.choices, empty_label=_("Todos os tipos"), widget=_select(_("Tipo"))
    )
    state = django_filters.ChoiceFilter(
        choices=Job.State.choices, empty_label=_("Todas as situações"), widget=_select(_("Situação"))
    )

    class Meta:
        model = Job
        fields = ("kind", "state")


class MessageFilter(django_filters.FilterSet):  # type: ignore[misc]
    kind = django_filters.ChoiceFilter(
        choices=outbox.choices, empty_label=_("Todos os tipos"), widget=_select(_("Tipo"))
    )
    state = django_filters.ChoiceFilter(
        choices=OutboxMessage.State.choices, empty_label=_("Todas as situações"), widget=_select(_("Situação"))
    )

    class Meta:
        model = OutboxMessage
        fields = ("kind", "state")
