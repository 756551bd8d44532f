"""Rules of the gate and numbers of the day in Django's admin; every change is written to the activity log."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from clients.admin import ForAdmins, may_administer
from contacts.models import ContactHours, ContactSettings, LocalHoliday
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
        self._log(request, obj, "changed" if change else "added", changed_values(form))

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self._log(request, obj, "removed", {"record": str(obj)})
        super().delete_model(request, obj)

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


@admin.register(ContactHours)
class ContactHoursAdmin(LoggedAdmin):
    list_display = ("__str__", "opens_at", "closes_at", "since", "source")
    list_filter = ("days", "uf")


@admin.register(LocalHoliday)
class LocalHolidayAdmin(LoggedAdmin):
    list_display = ("on", "name", "uf")
    list_filter = ("uf",)
    date_hierarchy = "on"
