"""Products and institutions are kept here; purchases and contracts are read, with their history."""

from django.contrib import admin

from clients.admin import KeyedAdmin, RecordAdmin
from contracts.models import Contract, Institution, Product, ProductFamily, Purchase


@admin.register(ProductFamily)
class ProductFamilyAdmin(KeyedAdmin):
    list_display = ("name", "window_rule", "window_days", "inactive_after_days")
    list_filter = ("window_rule",)


@admin.register(Product)
class ProductAdmin(KeyedAdmin):
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
