"""Root causes in Django's admin; every change is written to the activity log."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from clients.admin import ForAdmins, may_administer
from contacts.admin import changed_values
from nps.models import RootCause
from people import activity
from people.models import User


@admin.register(RootCause)
class RootCauseAdmin(ForAdmins):
    """A cause that was used stays: it is retired, never deleted."""

    list_display = ("name", "position", "is_active")
    list_filter = ("is_active",)
    fields = ("name", "position", "is_active")

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_administer(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_administer(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        by = request.user if isinstance(request.user, User) else None
        activity.record("rootcause_changed" if change else "rootcause_added", obj, by=by, **changed_values(form))
