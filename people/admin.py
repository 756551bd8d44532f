"""People in Django's admin: search, filters, history; rights only with a reason."""

from typing import Any, ClassVar

from django.contrib import admin
from django.http import HttpRequest

from people import directory
from people.forms import TeamForm, UserForm
from people.models import Absence, Activity, Team, User
from people.teams import rebuild_reach


class ReadOnlyAdmin(admin.ModelAdmin[Any]):
    """Lists and shows; changes happen on Carteira's own screens, where the rules are."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(User)
class UserAdmin(admin.ModelAdmin[User]):
    form = UserForm
    list_display = ("name", "email", "role", "team", "is_active", "last_login")
    list_filter = ("role", "is_active", "team")
    search_fields = ("name_key", "email")
    list_select_related = ("team",)
    readonly_fields: ClassVar[tuple[str, ...]] = ("last_login",)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        directory.save_user(obj, by=request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]


@admin.register(Team)
class TeamAdmin(admin.ModelAdmin[Team]):
    form = TeamForm
    list_display = ("name", "parent", "uf", "opened_on", "closed_on")
    search_fields = ("name",)
    list_select_related = ("parent",)

    def save_model(self, request: HttpRequest, obj: Team, form: Any, change: bool) -> None:
        directory.save_team(obj, by=request.user)  # type: ignore[arg-type]

    def delete_model(self, request: HttpRequest, obj: Team) -> None:
        super().delete_model(request, obj)
        rebuild_reach()


@admin.register(Absence)
class AbsenceAdmin(ReadOnlyAdmin):
    list_display = ("user", "cover", "kind", "starts_on", "ends_on", "ended_early_at")
    list_filter = ("kind",)
    search_fields = ("user__name_key", "cover__name_key")
    list_select_related = ("user", "cover")
    date_hierarchy = "starts_on"


@admin.register(Activity)
class ActivityAdmin(ReadOnlyAdmin):
    list_display = ("at", "by", "verb", "content_type", "object_id")
    list_filter = ("verb",)
    search_fields = ("verb", "by__name_key")
    list_select_related = ("by", "content_type")
    date_hierarchy = "at"
