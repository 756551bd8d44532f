"""Jobs are read here and changed by nobody: the queue's screen starts them again."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from jobs.models import Job, JobStep
from people.admin import ReadOnlyAdmin


class JobStepInline(admin.TabularInline[JobStep, Job]):
    model = JobStep
    extra = 0

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(Job)
class JobAdmin(ReadOnlyAdmin):
    list_display = ("id", "kind", "local_date", "state", "attempt", "created_by", "created_at", "finished_at")
    list_filter = ("kind", "state")
    list_select_related = ("created_by",)
    date_hierarchy = "created_at"
    inlines = (JobStepInline,)
