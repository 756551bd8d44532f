"""Products, institutions and the numbers of the classification are kept here; purchases and contracts are read,
with their history."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from clients.admin import ForAdmins, KeyedAdmin, RecordAdmin, may_administer
from contracts.models import ClassificationSettings, Contract, Institution, Product, ProductFamily, Purchase
from contracts.tasks import RECLASSIFY
from jobs.queue import enqueue

# Fields of families and products that the rule of the class reads.
DECIDING = {"family", "window_rule", "window_days", "inactive_after_days"}


class DecidingAdmin(KeyedAdmin):
    """A change of what decides classes reclassifies everybody, in the background."""

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and DECIDING.intersection(form.changed_data):
            enqueue(RECLASSIFY, {}, by=request.user)  # type: ignore[arg-type]


@admin.register(ClassificationSettings)
class ClassificationSettingsAdmin(ForAdmins):
    """One row. Saving other numbers reclassifies everybody, in the background."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return may_administer(request) and not ClassificationSettings.objects.exists()

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return may_administer(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if form.changed_data:
            enqueue(RECLASSIFY, {}, by=request.user)  # type: ignore[arg-type]


@admin.register(ProductFamily)
class ProductFamilyAdmin(DecidingAdmin):
    list_display = ("name", "window_rule", "window_days", "inactive_after_days")
    list_filter = ("window_rule",)


@admin.register(Product)
class ProductAdmin(DecidingAdmin):
    list_display = ("name", "family", "tier", "price", "code", "is_active")
    list_filter = ("family", "is_active")
    list_select_related = ("family",)
    search_fields = ("key", "code")


@admin.register(Purchase)
class PurchaseAdmin(RecordAdmin):
    list_display = ("client", "sold_on", "product", "amount", "status", "number", "seller")
    list_filter = ("status", "product__family")
    search_fields = ("number", "client__name_key")
    list_select_related = ("client", "product", "seller")
    date_hierarchy = "sold_on"
    readonly_fields = ("history",)


@admin.register(Contract)
class ContractAdmin(RecordAdmin):
    list_display = ("client", "product", "institution", "number", "status", "start_on", "end_on", "seller")
    list_filter = ("status", "will_not_renew", "product__family", "institution")
    search_fields = ("number", "client__name_key")
    list_select_related = ("client", "product", "institution", "seller")
    date_hierarchy = "end_on"
    readonly_fields = ("history",)


admin.site.register(Institution, KeyedAdmin)
