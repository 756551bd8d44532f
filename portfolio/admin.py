"""Distribution rules in Django's admin; batches are read-only there."""

from django.contrib import admin

from people.admin import ReadOnlyAdmin
from portfolio.forms_distribution import DistributionRuleForm
from portfolio.models import DistributionBatch, DistributionRule


@admin.register(DistributionRule)
class DistributionRuleAdmin(admin.ModelAdmin[DistributionRule]):
    form = DistributionRuleForm
    list_display = ("position", "name", "criterion", "values", "is_active")
    list_display_links = ("name",)
    list_editable = ("position", "is_active")
    list_filter = ("criterion", "is_active")
    search_fields = ("name",)
    filter_horizontal = ("teams", "sellers")


@admin.register(DistributionBatch)
class DistributionBatchAdmin(ReadOnlyAdmin):
    list_display = ("pk", "state", "created_by", "created_at", "placed", "unplaced")
    list_filter = ("state",)
    search_fields = ("created_by__name_key",)
