"""Rules of the gate and numbers of the day in Django's admin; every change is written to the activity log."""

from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.postgres.forms import SimpleArrayField
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from clients.admin import ForAdmins, may_administer
from contacts.models import ContactHours, ContactOutcome, ContactSettings, LocalHoliday, LogChannel
from people import activity
from people.models import User


class LoggedAdmin(ForAdmins):
    """Who changed what, from which value to which."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_administer(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_administer(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_administer(request)

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        ContactSettings.note_new_rules()
        self._log(request, obj, "changed" if change else "added", changed_values(form))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._log(request, obj, "removed", {"record": str(obj)})
        super().delete_model(request, obj)
        ContactSettings.note_new_rules()

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for obj in queryset:
            self.delete_model(request, obj)

    def _log(self, request: HttpRequest, obj: Any, act: str, changes: dict[str, Any]) -> None:
        by = request.user if isinstance(request.user, User) else None
        activity.record(f"{obj._meta.model_name}_{act}", obj, by=by, **changes)


def changed_values(form: Any) -> dict[str, list[str]]:
    return {name: [str(form.initial.get(name, "")), str(form.cleaned_data[name])] for name in form.changed_data}


@admin.register(ContactSettings)
class ContactSettingsAdmin(LoggedAdmin):
    """One row."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_administer(request) and not ContactSettings.objects.exists()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class OutcomeForm(forms.ModelForm[ContactOutcome]):
    channels = forms.MultipleChoiceField(
        label=_("Canais"),
        choices=LogChannel.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Nenhum marcado: vale para todos."),
    )
    details = SimpleArrayField(
        forms.CharField(max_length=60),
        label=_("Detalhes possíveis"),
        delimiter="\n",
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("Um por linha."),
    )


@admin.register(ContactOutcome)
class ContactOutcomeAdmin(LoggedAdmin):
    """The tabulação. What was used stays: an outcome is retired, never deleted, and keeps its code."""

    form = OutcomeForm
    list_display = ("label", "group", "consequence", "position", "is_active")
    list_filter = ("group", "is_active")
    fields = ("label", "code", "group", "consequence", "channels", "details", "position", "is_active")

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("code",) if obj else ()

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(ContactHours)
class ContactHoursAdmin(LoggedAdmin):
    list_display = ("__str__", "opens_at", "closes_at", "since", "source")
    list_filter = ("days", "uf")


@admin.register(LocalHoliday)
class LocalHolidayAdmin(LoggedAdmin):
    list_display = ("on", "name", "uf")
    list_filter = ("uf",)
    date_hierarchy = "on"
